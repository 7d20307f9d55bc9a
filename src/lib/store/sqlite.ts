import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { OzgctlError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { MIGRATIONS } from './migrations.ts'

/** "OZGC": tells our file from another application's. SQLite file format §1.3.14. */
const APPLICATION_ID = 0x4f5a4743
const BUSY_MS = 60_000
const SHORT_WAIT_MS = 100
const SQLITE_BUSY = 5

/** An open store. Its functions live beside it, one file a subject; they are asynchronous because a server may stand behind. */
export interface Store {
  readonly db: DatabaseSync
  close(): void
}

/**
 * Opens or creates the store, and brings an older schema up to date after a backup beside the file.
 * @param path file; its folder is created with mode 0700, the file with 0600
 * @throws OzgctlError STORE_NEWER, STORE_FOREIGN, STORE_DAMAGED, STORE_UNWRITABLE
 */
export async function openStore(path: string): Promise<Store> {
  createPrivately(path)
  return guardStore(path, async () => {
    const db = new DatabaseSync(path)
    try {
      db.exec(`PRAGMA busy_timeout = ${BUSY_MS}; PRAGMA trusted_schema = OFF`)
      // Before the first write: another application's file stays as it is, byte by byte.
      schemaOf(db, path)
      db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
      await upgrade(db, path, MIGRATIONS)
    } catch (error) {
      db.close()
      throw error
    }
    return { db, close: () => db.close() }
  })
}

/**
 * Opens the store for a command that only reads. A store that does not exist yet is an empty one in memory; one that
 * this user may not write is read as it is.
 */
export async function openStoreForReading(path: string): Promise<Store> {
  if (existsSync(path)) return isWritable(path) ? openStore(path) : openReadOnly(path)
  const db = new DatabaseSync(':memory:')
  await upgrade(db, ':memory:', MIGRATIONS)
  return { db, close: () => db.close() }
}

async function openReadOnly(path: string): Promise<Store> {
  return guardStore(path, async () => {
    // Without a log of writes nobody writes, and SQLite need not lock what it may not touch. SQLite, wal.html §5.
    const mode = existsSync(`${path}-wal`) ? '' : '?immutable=1'
    const db = new DatabaseSync(`${pathToFileURL(path)}${mode}`, { readOnly: true })
    if (schemaOf(db, path) === MIGRATIONS.length) return { db, close: () => db.close() }
    db.close()
    throw new OzgctlError('STORE_OLDER', `the store ${path} must be brought up to date first`, {
      exit: EXIT.unavailable,
      suggestions: ['Have someone who may write it run any command.'],
    })
  })
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    accessSync(dirname(path), constants.W_OK)
    return true
  } catch {
    return false
  }
}

function createPrivately(path: string): void {
  if (existsSync(path)) return
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    closeSync(openSync(path, 'a', 0o600))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new OzgctlError(
      'STORE_UNWRITABLE',
      `the store ${path} cannot be created: ${CAUSES[code] ?? code}`,
      {
        exit: EXIT.output,
        suggestions: ['Name a file in a folder you may write to with --store.'],
      },
    )
  }
}

const CAUSES: Readonly<Record<string, string>> = {
  EEXIST: 'its folder is a file',
  ENOTDIR: 'its folder is a file',
  EACCES: 'this user may not write there',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
}

/** Rows that were written through this connection so far. */
export function changesOf(store: Store): number {
  return Number(store.db.prepare('SELECT total_changes() AS n').get()?.n)
}

/**
 * Runs the migrations that a store has not seen, all in one transaction. Two processes may try at once: the second
 * finds the work done.
 */
export async function upgrade(db: DatabaseSync, path: string, migrations: readonly string[]): Promise<void> {
  const found = schemaOf(db, path, migrations.length)
  if (found === migrations.length) return
  if (found > 0 && path !== ':memory:') {
    const copy = `${path}.schema-${found}.bak`
    rmSync(copy, { force: true })
    await backup(db, copy)
  }
  await transaction(db, () => {
    for (const sql of migrations.slice(pragma(db, 'user_version'))) db.exec(sql)
    db.exec(`PRAGMA user_version = ${migrations.length}; PRAGMA application_id = ${APPLICATION_ID}`)
  })
}

/** Version of the schema, 0 for a new store. @throws OzgctlError for another application's file or a newer schema */
function schemaOf(db: DatabaseSync, path: string, known = MIGRATIONS.length): number {
  const id = pragma(db, 'application_id')
  const tables = db.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.n
  if (id !== APPLICATION_ID && !(id === 0 && tables === 0))
    throw new OzgctlError('STORE_FOREIGN', `${path} is a database of another application`, {
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

function pragma(db: DatabaseSync, name: string): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0)
}

/**
 * Runs `work` in one write transaction: all of it or nothing, whatever happens to the process. Waits while another
 * process writes, in many short waits: in a long one inside SQLite no signal would be heard.
 * @param patience how long to wait, in milliseconds
 * @throws what `work` throws, and SQLITE_BUSY
 */
export async function transaction<T>(db: DatabaseSync, work: () => T, patience = BUSY_MS): Promise<T> {
  for (let waited = 0; !beginWriting(db); waited += SHORT_WAIT_MS) {
    if (waited >= patience) throw Object.assign(new Error('database is locked'), { errcode: SQLITE_BUSY })
    await setImmediate()
  }
  // From here on without a pause: two transactions on one connection would get in each other's way.
  try {
    const result = work()
    db.exec('COMMIT')
    return result
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

function beginWriting(db: DatabaseSync): boolean {
  db.exec(`PRAGMA busy_timeout = ${SHORT_WAIT_MS}`)
  try {
    db.exec('BEGIN IMMEDIATE')
    return true
  } catch (error) {
    if (resultCode(error) === SQLITE_BUSY) return false
    throw error
  } finally {
    db.exec(`PRAGMA busy_timeout = ${BUSY_MS}`)
  }
}

/** Gives SQLite's failures a name and a way out. */
export async function guardStore<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw storeError(error, path)
  }
}

/** SQLite's result code without its extension. sqlite.org/rescode.html */
function resultCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : undefined
}

function storeError(error: unknown, path: string): unknown {
  if (error instanceof OzgctlError || !(error instanceof Error)) return error
  switch (resultCode(error)) {
    case SQLITE_BUSY:
      return new OzgctlError(
        'STORE_LOCKED',
        `another ozgctl has been writing to ${path} for more than ${BUSY_MS / 1000} s`,
        {
          exit: EXIT.locked,
          suggestions: [`See who holds it: fuser ${path}`, 'Run the command again when it is done.'],
        },
      )
    case 8:
    case 14:
      return new OzgctlError('STORE_UNWRITABLE', `the store ${path} cannot be opened for writing`, {
        exit: EXIT.output,
        suggestions: ['Check the rights of the file and its folder, or name another with --store.'],
      })
    case 10:
    case 13:
      return new OzgctlError(
        'STORE_FULL',
        `the store ${path} cannot be written (${error.message}); nothing was changed`,
        { exit: EXIT.output, suggestions: ['Make room on the disk and run the command again.'] },
      )
    case 11:
    case 26:
      return new OzgctlError('STORE_DAMAGED', `${path} is no readable store (${error.message})`, {
        exit: EXIT.failed,
        suggestions: ['Put back a backup, or name another file with --store.'],
      })
    default:
      return error
  }
}
