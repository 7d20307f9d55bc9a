import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { StoreDatabase } from '../../src/lib/store/database.ts'
import { MIGRATIONS } from '../../src/lib/store/migrations.ts'
import { openStore } from '../../src/lib/store/sqlite.ts'
import { upgrade } from '../../src/lib/store/upgrade.ts'
import { temporaryFolder } from '../support/folder.ts'

const one = (db: DatabaseSync, sql: string) => Object.values(db.prepare(sql).get() ?? {})[0]

/** A value of a store that nobody has open. */
function look(path: string, sql: string) {
  const db = new DatabaseSync(path)
  try {
    return one(db, sql)
  } finally {
    db.close()
  }
}

const OLD = ['CREATE TABLE a (x TEXT)']
const NEW = [...OLD, "ALTER TABLE a ADD COLUMN y TEXT DEFAULT 'new'"]

async function oldStore(): Promise<string> {
  const path = join(temporaryFolder(), 'ozgctl.db')
  const db = new StoreDatabase(path)
  await upgrade(db, path, OLD)
  db.exec("INSERT INTO a VALUES ('kept')")
  db.close()
  return path
}

test('an older schema is brought up to date after a backup, and the data stay', async () => {
  const path = await oldStore()
  const db = new StoreDatabase(path)
  await upgrade(db, path, NEW)
  await upgrade(db, path, NEW)
  expect(db.prepare('SELECT * FROM a').all()).toEqual([{ x: 'kept', y: 'new' }])
  expect(one(db, 'PRAGMA user_version')).toBe(2)
  db.close()
  expect(readdirSync(join(path, '..'))).toEqual(['ozgctl.db', 'ozgctl.db.schema-1.bak'])
  expect(look(`${path}.schema-1.bak`, 'SELECT x FROM a')).toBe('kept')
  expect(statSync(`${path}.schema-1.bak`).mode & 0o777).toBe(0o600)
})

test('a step that fails leaves the store as it was, and no copy of it', async () => {
  const path = await oldStore()
  const db = new StoreDatabase(path)
  await expect(upgrade(db, path, [...NEW, 'CREATE TABLE broken (']).then(() => 'done')).rejects.toThrow()
  expect(db.prepare('SELECT * FROM a').all()).toEqual([{ x: 'kept' }])
  expect(one(db, 'PRAGMA user_version')).toBe(1)
  db.close()
  expect(readdirSync(join(path, '..'))).toEqual(['ozgctl.db'])
})

test('a backup that is there is never touched; what a killed process left of one is', async () => {
  const path = await oldStore()
  writeFileSync(`${path}.schema-1.bak`, 'of a former time')
  writeFileSync(`${path}.schema-1.2.bak`, 'another')
  writeFileSync(`${path}.schema-1.bak.new`, 'half', { mode: 0o644 })
  const db = new StoreDatabase(path)
  await upgrade(db, path, NEW)
  db.close()
  expect(readFileSync(`${path}.schema-1.bak`, 'utf8')).toBe('of a former time')
  expect(readFileSync(`${path}.schema-1.2.bak`, 'utf8')).toBe('another')
  expect(look(`${path}.schema-1.3.bak`, 'SELECT x FROM a')).toBe('kept')
  expect(readdirSync(join(path, '..')).toSorted()).toEqual([
    'ozgctl.db',
    'ozgctl.db.schema-1.2.bak',
    'ozgctl.db.schema-1.3.bak',
    'ozgctl.db.schema-1.bak',
  ])
})

test('a backup has what is only in the log of writes so far', async () => {
  const path = await oldStore()
  const db = new StoreDatabase(path)
  db.exec("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; INSERT INTO a VALUES ('late')")
  await upgrade(db, path, NEW)
  db.close()
  expect(look(`${path}.schema-1.bak`, 'SELECT group_concat(x) FROM a')).toBe('kept,late')
})

describe('many processes that open one store at the same time', () => {
  /** Opens the store and says what it saw, as soon as it is told to. */
  const SCRIPT = `
    const { openStore } = await import('${new URL('../../src/lib/store/sqlite.ts', import.meta.url)}')
    process.stdout.write('ready\\n')
    for await (const path of process.stdin.setEncoding('utf8')) {
      try {
        const store = await openStore(path.trim())
        const { user_version } = store.db.prepare('PRAGMA user_version').get()
        store.close()
        process.stdout.write(String(user_version))
      } catch (error) {
        process.stdout.write(error.code + ': ' + error.message)
      }
      process.exit()
    }`

  async function openBy(processes: number, path: string): Promise<readonly string[]> {
    const children = await Promise.all(
      Array.from({ length: processes }, async () => {
        const child = spawn(process.execPath, ['--input-type=module', '-e', SCRIPT])
        await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
        return child
      }),
    )
    return Promise.all(
      children.map(async (child) => {
        child.stdin.end(`${path}\n`)
        return text(child.stdout)
      }),
    )
  }

  const latest = MIGRATIONS.length
  const PROCESSES = 6
  const all = Array.from({ length: PROCESSES }, () => String(latest))

  test.each(Array.from({ length: latest }, (_, schema) => schema))(
    'of schema %i: all of them get it, and the backup is what it was',
    async (schema) => {
      const path = join(temporaryFolder(), 'ozgctl.db')
      const db = new StoreDatabase(path)
      await upgrade(db, path, MIGRATIONS.slice(0, schema))
      db.close()
      expect(await openBy(PROCESSES, path)).toEqual(all)
      const files = readdirSync(join(path, '..'))
      if (schema === 0) return expect(files).toEqual(['ozgctl.db'])
      const copy = `${path}.schema-${schema}.bak`
      expect(files).toEqual(['ozgctl.db', `ozgctl.db.schema-${schema}.bak`])
      expect(look(copy, 'PRAGMA user_version')).toBe(schema)
      expect(look(copy, 'PRAGMA integrity_check')).toBe('ok')
      expect(statSync(copy).mode & 0o777).toBe(0o600)
    },
  )

  test('that is up to date: nothing is copied', async () => {
    const path = join(temporaryFolder(), 'ozgctl.db')
    ;(await openStore(path)).close()
    expect(await openBy(PROCESSES, path)).toEqual(all)
    expect(readdirSync(join(path, '..'))).toEqual(['ozgctl.db'])
  })
})
