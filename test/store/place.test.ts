import { copyFileSync, readdirSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { refuseShared } from '../../src/lib/store/place.ts'
import { openStore, type Store, transaction } from '../../src/lib/store/sqlite.ts'
import { failure } from '../support/failure.ts'
import { temporaryFolder } from '../support/folder.ts'

describe('a file system that other machines may write to', () => {
  test.each([
    [0x6969, 'NFS'],
    [0xff534d42, 'CIFS'],
    [0xfe534d42, 'SMB'],
    [0x65735546, 'FUSE'],
    [0x01021997, '9p'],
  ])('is refused: %i is %s', async (type, name) => {
    expect(await failure(async () => refuseShared('/mnt/ozgctl.db', () => type))).toMatchObject({
      code: 'STORE_SHARED',
      exit: 64,
      message: `the store /mnt/ozgctl.db is on a file system that other machines may write to (${name}); there it can be damaged`,
      suggestions: [
        'Name a file on a disk of this machine with --store or OZGCTL_STORE.',
        expect.any(String),
      ],
    })
  })

  // ext4, xfs, btrfs, tmpfs, overlayfs, zfs: statfs(2)
  test.each([0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0x2fc12fc1])(
    'is none of: %i',
    (type) => {
      expect(refuseShared('/var/ozgctl.db', () => type)).toBeUndefined()
    },
  )
})

describe('a store that is taken away while it is open', () => {
  async function opened(): Promise<{ store: Store; path: string }> {
    const path = join(temporaryFolder(), 'ozgctl.db')
    return { store: await openStore(path), path }
  }

  const write = (store: Store) =>
    transaction(store.db, () => {
      store.db.prepare("INSERT INTO network VALUES ('local', 'a', '{}', 'k', 't', 'me')").run()
    })

  const REMOVED = {
    code: 'STORE_REPLACED',
    exit: 74,
    message: expect.stringMatching(/^the store .*ozgctl\.db was removed or replaced while/),
  }

  test.each<readonly [string, (path: string) => void]>([
    ['removed', (path) => rmSync(path)],
    ['moved', (path) => renameSync(path, `${path}.away`)],
    [
      'replaced by a copy of itself',
      (path) => {
        copyFileSync(path, `${path}.copy`)
        renameSync(`${path}.copy`, path)
      },
    ],
    ['without its log of writes', (path) => rmSync(`${path}-wal`)],
    ['with its folder', (path) => renameSync(join(path, '..'), join(path, '..', '..', 'moved'))],
  ])('%s: the next write says so', async (_, take) => {
    const path = join(temporaryFolder(), 'state', 'ozgctl.db')
    const store = await openStore(path)
    await write(store)
    take(path)
    expect(await failure(() => transaction(store.db, () => 1))).toMatchObject(REMOVED)
    store.close()
  })

  test('by a link to another file: the next write says so, and until then the link is as good as the file', async () => {
    const folder = temporaryFolder()
    const [path, one, other] = ['link.db', 'one.db', 'other.db'].map((name) => join(folder, name))
    if (path === undefined || one === undefined || other === undefined) throw new Error('no names')
    ;(await openStore(one)).close()
    ;(await openStore(other)).close()
    symlinkSync(one, path)
    const store = await openStore(path)
    await write(store)
    rmSync(path)
    symlinkSync(other, path)
    expect(await failure(() => transaction(store.db, () => 1))).toMatchObject({ code: 'STORE_REPLACED' })
    store.close()
    // The log of writes lies beside the file and not beside the link.
    symlinkSync(one, `${path}.again`)
    const again = await openStore(`${path}.again`)
    await transaction(again.db, () => 1)
    rmSync(`${one}-wal`)
    expect(await failure(() => transaction(again.db, () => 1))).toMatchObject({ code: 'STORE_REPLACED' })
    again.close()
  })

  test('what is meant to follow the write does not', async () => {
    const { store, path } = await opened()
    rmSync(path)
    const heard: string[] = []
    await failure(() => transaction(store.db, () => store.db.afterCommit(() => heard.push('followed'))))
    expect(heard).toEqual([])
    store.close()
  })

  test('other connections that come and go take nothing away', async () => {
    const { store, path } = await opened()
    const log = statSync(`${path}-wal`).ino
    for (let time = 0; time < 3; time++) {
      const other = await openStore(path)
      await transaction(other.db, () => other.db.exec('PRAGMA wal_checkpoint(TRUNCATE)')).catch(
        () => undefined,
      )
      other.db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      other.close()
    }
    await write(store)
    expect(statSync(`${path}-wal`).ino).toBe(log)
    store.close()
    expect(readdirSync(join(path, '..'))).toEqual(['ozgctl.db'])
  })
})
