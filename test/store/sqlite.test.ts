import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { MIGRATIONS } from '../../src/lib/store/migrations.ts'
import {
  changesOf,
  guardStore,
  openStore,
  openStoreForReading,
  transaction,
} from '../../src/lib/store/sqlite.ts'
import { failure } from '../support/failure.ts'
import { temporaryFile, temporaryFolder } from '../support/folder.ts'
import { temporaryStore } from '../support/store.ts'

const one = (db: DatabaseSync, sql: string) => Object.values(db.prepare(sql).get() ?? {})[0]
const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

describe('a new store', () => {
  test('is private, durable and ours', async () => {
    const path = join(temporaryFolder(), 'deep', 'er', 'ozgctl.db')
    const store = await openStore(path)
    try {
      expect(statSync(path).mode & 0o777).toBe(0o600)
      expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700)
      expect(one(store.db, 'PRAGMA journal_mode')).toBe('wal')
      expect(one(store.db, 'PRAGMA synchronous')).toBe(2)
      expect(one(store.db, 'PRAGMA foreign_keys')).toBe(1)
      expect(one(store.db, 'PRAGMA trusted_schema')).toBe(0)
      expect(one(store.db, 'PRAGMA user_version')).toBe(MIGRATIONS.length)
      expect(one(store.db, 'PRAGMA application_id')).toBe(0x4f5a4743)
    } finally {
      store.close()
    }
  })

  test('that is only read is not created', async () => {
    const path = join(temporaryFolder(), 'deep', 'ozgctl.db')
    const store = await openStoreForReading(path)
    expect(one(store.db, 'SELECT count(*) FROM snapshot')).toBe(0)
    store.close()
    expect(existsSync(join(path, '..'))).toBe(false)
  })
})

test('a store opens again with what was written', async () => {
  const path = join(temporaryFolder(), 'ozgctl.db')
  const first = await openStore(path)
  first.db.exec("INSERT INTO network VALUES ('local', 'a', '{}', 'k', 't', 'me')")
  first.close()
  const second = await openStoreForReading(path)
  expect(one(second.db, 'SELECT account FROM network')).toBe('a')
  second.close()
})

test('what transactions have changed is counted; opening, reading and what is rolled back change nothing', async () => {
  const store = await temporaryStore()
  const add = () => store.db.exec("INSERT INTO network VALUES ('local', 'a', '{}', 'k', 't', 'me')")
  expect(changesOf(store)).toBe(0)
  const broken = transaction(store.db, () => {
    add()
    throw new Error('stop')
  })
  await expect(broken).rejects.toThrow('stop')
  expect(changesOf(store)).toBe(0)
  await transaction(store.db, add)
  expect(changesOf(store)).toBe(1)
})

describe('a transaction', () => {
  test('is all or nothing', async () => {
    const { db } = await temporaryStore()
    const add = (account: string) =>
      db.prepare("INSERT INTO network VALUES ('local', ?, '{}', 'k', 't', 'me')").run(account)
    expect(await transaction(db, () => add('a').changes)).toBe(1)
    const broken = transaction(db, () => {
      add('b')
      throw new Error('stop')
    })
    await expect(broken).rejects.toThrow('stop')
    expect(one(db, 'SELECT count(*) FROM network')).toBe(1)
    expect(db.isTransaction).toBe(false)
  })

  test('is whole, however many are begun at the same time on one connection', async () => {
    const { db } = await temporaryStore()
    const log: string[] = []
    await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        transaction(db, () => {
          log.push(name)
          db.exec(`INSERT INTO network VALUES ('local', '${name}', '{}', 'k', 't', 'me')`)
          log.push(name)
        }),
      ),
    )
    expect(log).toEqual(['a', 'a', 'b', 'b', 'c', 'c'])
  })

  test('waits for another process and then does its work; many at once do not mix', async () => {
    const path = join(temporaryFolder(), 'ozgctl.db')
    const store = await openStore(path)
    const other = new DatabaseSync(path)
    other.exec('BEGIN IMMEDIATE')
    const add = (account: string) =>
      transaction(store.db, () =>
        store.db.prepare("INSERT INTO network VALUES ('local', ?, '{}', 'k', 't', 'me')").run(account),
      )
    const both = Promise.all([add('a'), add('b')])
    await new Promise(setImmediate)
    other.exec('COMMIT')
    await both
    expect(one(store.db, 'SELECT count(*) FROM network')).toBe(2)
    other.close()
    store.close()
  })
})

describe('a file that is no store of ours is told and left alone, byte by byte', () => {
  async function refused(path: string) {
    const before = sha256(path)
    const folder = readdirSync(join(path, '..'))
    const errors = [await failure(() => openStore(path)), await failure(() => openStoreForReading(path))]
    expect(sha256(path)).toBe(before)
    expect(readdirSync(join(path, '..'))).toEqual(folder)
    expect(errors[1]?.code).toBe(errors[0]?.code)
    expect(errors[0]?.suggestions.length).toBeGreaterThan(0)
    return errors[0]
  }

  test('another application', async () => {
    const path = join(temporaryFolder(), 'other.db')
    const db = new DatabaseSync(path)
    db.exec('CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)')
    db.close()
    expect(await refused(path)).toMatchObject({
      code: 'STORE_FOREIGN',
      exit: 64,
      message: `${path} is a database of another application`,
    })
  })

  test('a newer schema', async () => {
    const path = join(temporaryFolder(), 'newer.db')
    const store = await openStore(path)
    store.db.exec('PRAGMA user_version = 99')
    store.close()
    expect(await refused(path)).toMatchObject({
      code: 'STORE_NEWER',
      exit: 69,
      message: `the store was written by a newer ozgctl (schema 99, this one knows ${MIGRATIONS.length})`,
    })
  })

  test('no database at all', async () => {
    const path = temporaryFile('garbage.db', 'Gemeinde;Name\n'.repeat(200))
    expect(await refused(path)).toMatchObject({ code: 'STORE_DAMAGED', exit: 1 })
  })

  test('a store that is cut off', async () => {
    const path = join(temporaryFolder(), 'ozgctl.db')
    ;(await openStore(path)).close()
    const cut = temporaryFile('cut.db', readFileSync(path).subarray(0, 5000))
    expect(await refused(cut)).toMatchObject({ code: 'STORE_DAMAGED', exit: 1 })
  })
})

describe('a store that cannot be written is told with the way out', () => {
  test('no folder can be made', async () => {
    const path = join(temporaryFile('file', ''), 'ozgctl.db')
    expect(await failure(() => openStore(path))).toMatchObject({
      code: 'STORE_UNWRITABLE',
      exit: 74,
      message: `the store ${path} cannot be created: its folder is a file`,
      suggestions: ['Name a file in a folder you may write to with --store.'],
    })
  })

  test('a folder of that name', async () => {
    const path = join(temporaryFolder(), 'ozgctl.db')
    mkdirSync(path)
    expect(await failure(() => openStore(path))).toMatchObject({ code: 'STORE_UNWRITABLE', exit: 74 })
  })

  test('errors of the work itself are not taken for those of the store', async () => {
    const missing = () => readFileSync('/nowhere')
    await expect(guardStore('x.db', async () => missing())).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

// The rights of files do not bind root, so an unprivileged process looks.
describe.skipIf(process.getuid?.() !== 0)('for a user who may only read (needs root to become one)', () => {
  const script = (path: string) => `
    const { openStoreForReading, openStore } = await import('${new URL('../../src/lib/store/sqlite.ts', import.meta.url)}')
    const outcome = {}
    for (const [name, open] of Object.entries({ openStoreForReading, openStore })) {
      try {
        const store = await open('${path}')
        outcome[name] = Object.values(store.db.prepare('SELECT account FROM network').get())[0]
        store.close()
      } catch (error) {
        outcome[name] = [error.code, error.exit]
      }
    }
    console.log(JSON.stringify(outcome))`

  function asNobody(path: string): unknown {
    const result = execFileSync(process.execPath, ['--input-type=module', '-e', script(path)], {
      uid: 65534,
      gid: 65534,
      encoding: 'utf8',
    })
    return JSON.parse(result)
  }

  test('a store is read and not written', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'ozgctl.db')
    const store = await openStore(path)
    store.db.exec("INSERT INTO network VALUES ('local', 'a', '{}', 'k', 't', 'me')")
    store.close()
    chmodSync(folder, 0o755)
    chmodSync(path, 0o644)
    expect(asNobody(path)).toEqual({ openStoreForReading: 'a', openStore: ['STORE_UNWRITABLE', 74] })
    expect(readdirSync(folder)).toEqual(['ozgctl.db'])
  })

  test('a store of an older schema asks for someone who may write', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'ozgctl.db')
    ;(await openStore(path)).close()
    const db = new DatabaseSync(path)
    db.exec('PRAGMA user_version = 0; PRAGMA journal_mode = DELETE')
    db.close()
    chmodSync(folder, 0o755)
    chmodSync(path, 0o644)
    expect(asNobody(path)).toMatchObject({ openStoreForReading: ['STORE_OLDER', 69] })
  })
})

test('another process that writes for too long is told as a lock, after as long as the caller waits', async () => {
  const path = join(temporaryFolder(), 'ozgctl.db')
  const store = await openStore(path, { busyMs: 3 })
  const other = new DatabaseSync(path)
  other.exec('BEGIN IMMEDIATE')
  const error = await failure(() => transaction(store.db, () => 1))
  expect(error).toMatchObject({
    code: 'STORE_LOCKED',
    exit: 5,
    message: `another ozgctl has been writing to ${path} for more than 0.003 s`,
    suggestions: [`See who holds it: fuser ${path}`, expect.any(String)],
  })
  expect(await failure(() => transaction(store.db, () => 1, 1))).toMatchObject({
    message: `another ozgctl has been writing to ${path} for more than 0.001 s`,
  })
  // So does an older store that has to be brought up to date first.
  other.exec('PRAGMA user_version = 1; COMMIT; BEGIN IMMEDIATE')
  expect(await failure(() => openStore(path, { busyMs: 3 }))).toMatchObject({ code: 'STORE_LOCKED' })
  other.close()
  store.close()
})

test('while another process writes, signals and timers are heard', async () => {
  const path = join(temporaryFolder(), 'ozgctl.db')
  const store = await openStore(path)
  const other = new DatabaseSync(path)
  other.exec('BEGIN IMMEDIATE')
  setTimeout(() => other.exec('COMMIT'), 0)
  expect(await transaction(store.db, () => 'written')).toBe('written')
  other.close()
  store.close()
})

describe('what is to follow a transaction', () => {
  test('happens once it is on disk, and not at all when it does not get there', async () => {
    const { db } = await temporaryStore()
    const heard: string[] = []
    const say = (word: string) => () => heard.push(`${word} ${db.isTransaction}`)
    await transaction(db, () => db.afterCommit(say('one')))
    const broken = transaction(db, () => {
      db.afterCommit(say('two'))
      throw new Error('stop')
    })
    await expect(broken).rejects.toThrow('stop')
    await transaction(db, () => db.afterCommit(say('three')))
    expect(heard).toEqual(['one false', 'three false'])
  })
})

test('the clock of the store is that of this machine where the store is a file', async () => {
  const store = await temporaryStore()
  const before = Date.now()
  const now = store.now()
  expect(now).toBeGreaterThanOrEqual(before)
  expect(now).toBeLessThanOrEqual(Date.now())
})

test('a full disk is told, and nothing is half written', async () => {
  const path = join(temporaryFolder(), 'ozgctl.db')
  const store = await openStore(path)
  const pages = Number(one(store.db, 'PRAGMA page_count'))
  store.db.exec(`PRAGMA max_page_count = ${pages + 2}`)
  const fill = () =>
    transaction(store.db, () => {
      for (let at = 0; at < 1000; at++)
        store.db
          .prepare("INSERT INTO network VALUES ('local', ?, ?, 'k', 't', 'me')")
          .run(String(at), 'x'.repeat(1000))
    })
  expect(await failure(() => guardStore(path, fill))).toMatchObject({
    code: 'STORE_FULL',
    exit: 74,
    message: `the store ${path} cannot be written (database or disk is full)`,
  })
  expect(one(store.db, 'SELECT count(*) FROM network')).toBe(0)
  store.close()
})
