import { closeSync, existsSync, mkdirSync, openSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { OzgctlError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { MIGRATIONS } from './migrations.ts'

/** "OZGC": tells our file from another application's. SQLite file format §1.3.14. */
const APPLICATION_ID = 0x4f5a4743
const BUSY_MS = 60_000

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
  return guardStore(path, async () => {
    createPrivately(path)
    const db = new DatabaseSync(path)
    try {
      db.exec(
        `PRAGMA busy_timeout = ${BUSY_MS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF`,
      )
      await upgrade(db, path, MIGRATIONS)
    } catch (error) {
      db.close()
      throw error
    }
    return { db, close: () => db.close() }
  })
}

/** Opens the store for a command that only reads; a store that does not exist yet is an empty one in memory. */
export async function openStoreForReading(path: string): Promise<Store> {
  if (existsSync(path)) return openStore(path)
  const db = new DatabaseSync(':memory:')
  await upgrade(db, ':memory:', MIGRATIONS)
  return { db, close: () => db.close() }
}

function createPrivately(path: string): void {
  if (existsSync(path)) return
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  closeSync(openSync(path, 'a', 0o600))
}

/**
 * Runs the migrations that a store has not seen, all in one transaction. Two processes may try at once: the second
 * finds the work done.
 */
export async function upgrade(db: DatabaseSync, path: string, migrations: readonly string[]): Promise<void> {
  checkOwner(db, path)
  const found = version(db)
  if (found > migrations.length) {
    throw new OzgctlError(
      'STORE_NEWER',
      `the store was written by a newer ozgctl (schema ${found}, this one knows ${migrations.length})`,
      { exit: EXIT.unavailable, suggestions: ['Update ozgctl, or name another store with --store.'] },
    )
  }
  if (found === migrations.length) return
  if (found > 0 && path !== ':memory:') {
    const copy = `${path}.schema-${found}.bak`
    rmSync(copy, { force: true })
    await backup(db, copy)
  }
  transaction(db, () => {
    for (const sql of migrations.slice(version(db))) db.exec(sql)
    db.exec(`PRAGMA user_version = ${migrations.length}; PRAGMA application_id = ${APPLICATION_ID}`)
  })
}

function checkOwner(db: DatabaseSync, path: string): void {
  const id = pragma(db, 'application_id')
  const tables = db.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.n
  if (id === APPLICATION_ID || (id === 0 && tables === 0)) return
  throw new OzgctlError('STORE_FOREIGN', `${path} is a database of another application`, {
    exit: EXIT.usage,
    suggestions: ['Name another file with --store.'],
  })
}

function version(db: DatabaseSync): number {
  return pragma(db, 'user_version')
}

function pragma(db: DatabaseSync, name: string): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0)
}

/** Runs `work` in one write transaction: all of it or nothing, whatever happens to the process. */
export function transaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    db.exec('COMMIT')
    return result
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
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

function storeError(error: unknown, path: string): unknown {
  if (error instanceof OzgctlError || !(error instanceof Error)) return error
  const code = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined
  const system = 'code' in error ? error.code : undefined
  switch (code) {
    case 5:
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
  }
  if (
    system === 'EACCES' ||
    system === 'EROFS' ||
    system === 'ENOTDIR' ||
    system === 'ENOENT' ||
    system === 'ENOSPC' ||
    system === 'EISDIR'
  ) {
    return new OzgctlError('STORE_UNWRITABLE', `the store ${path} cannot be created (${system})`, {
      exit: EXIT.output,
      suggestions: ['Name a file in a folder you may write to with --store.'],
    })
  }
  return error
}
