import { chmodSync, closeSync, existsSync, openSync, rmSync } from 'node:fs'
import { backup } from 'node:sqlite'
import { OzgctlError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { moveIntoPlace } from '../output/disk.ts'
import { StoreDatabase, whenFree } from './database.ts'

/** "OZGC": tells our file from another application's. SQLite file format §1.3.14. */
const APPLICATION_ID = 0x4f5a4743

/**
 * Runs the steps that a store has not seen, all in one transaction, after a backup beside the file. Of several
 * processes that try at once the first does it, and the others find the work done.
 * @param path undefined for a store in memory
 */
export async function upgrade(
  db: StoreDatabase,
  path: string | undefined,
  steps: readonly string[],
): Promise<void> {
  if (schemaOf(db, steps.length) === steps.length) return
  await whenFree(
    db,
    () => db.exec('BEGIN IMMEDIATE'),
    () => upgradeAlone(db, path, steps),
  )
}

/** Inside of a transaction, which it ends. */
async function upgradeAlone(
  db: StoreDatabase,
  path: string | undefined,
  steps: readonly string[],
): Promise<void> {
  let copy: string | undefined
  try {
    const found = schemaOf(db, steps.length)
    if (path !== undefined && found > 0 && found < steps.length) copy = await backUp(path, found)
    for (const sql of steps.slice(found)) db.exec(sql)
    db.exec(`PRAGMA user_version = ${steps.length}; PRAGMA application_id = ${APPLICATION_ID}; COMMIT`)
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    // The store is still what the copy is.
    if (copy !== undefined) rmSync(copy, { force: true })
    throw error
  }
}

/**
 * Copies a store while nobody else can write to it. A backup of a former time is never touched: the new one then has a
 * number. @returns path of the copy, which only this user may read
 */
async function backUp(path: string, schema: number): Promise<string> {
  const half = `${path}.schema-${schema}.bak.new`
  // Of a process that was killed: whoever holds the lock is alone.
  rmSync(half, { force: true })
  closeSync(openSync(half, 'wx', 0o600))
  // A connection of its own, which sees what the store was before this transaction.
  const reader = new StoreDatabase(path, { readOnly: true })
  try {
    await backup(reader, half)
  } catch (error) {
    rmSync(half, { force: true })
    throw error
  } finally {
    reader.close()
  }
  chmodSync(half, 0o600)
  const copy = freeName(`${path}.schema-${schema}`)
  moveIntoPlace(half, copy)
  return copy
}

function freeName(stem: string): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? `${stem}.bak` : `${stem}.${number}.bak`
    if (!existsSync(name)) return name
  }
}

/** Version of the schema, 0 for a new store. @throws OzgctlError for another application's file or a newer schema */
export function schemaOf(db: StoreDatabase, known: number): number {
  const id = pragma(db, 'application_id')
  const tables = db.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.n
  if (id !== APPLICATION_ID && !(id === 0 && tables === 0))
    throw new OzgctlError('STORE_FOREIGN', `${db.location()} is a database of another application`, {
      exit: EXIT.usage,
      suggestions: ['Name another file with --store.'],
    })
  const found = pragma(db, 'user_version')
  if (found > known)
    throw new OzgctlError(
      'STORE_NEWER',
      `the store was written by a newer ozgctl (schema ${found}, this one knows ${known})`,
      { exit: EXIT.unavailable, suggestions: ['Update ozgctl, or name another store with --store.'] },
    )
  return found
}

function pragma(db: StoreDatabase, name: string): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0)
}
