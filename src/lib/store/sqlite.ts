import { accessSync, constants, existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { OzgctlError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { StoreDatabase, whenFree } from './database.ts'
import { guardStore } from './failures.ts'
import { MIGRATIONS } from './migrations.ts'
import { createPrivately, fileAt, refuseShared, watch } from './place.ts'
import { schemaOf, upgrade } from './upgrade.ts'

export { transaction } from './database.ts'
export { guardStore } from './failures.ts'
export { requireStore } from './place.ts'

/** An open store. Its functions live beside it, one file a subject; they are asynchronous because a server may stand behind. */
export interface Store {
  readonly db: StoreDatabase
  /** File that it is in, or would be in if there were one. */
  readonly path: string
  /** Milliseconds since 1970 on the clock of the store, which all who work with it share. It may be set. */
  now(): number
  close(): void
}

/** How to open a store. */
export interface OpenOptions {
  /** How long to wait while another process writes, in milliseconds: for each write, and a minute where it is not said. */
  readonly busyMs?: number | undefined
}

/**
 * Opens or creates the store, and brings an older schema up to date after a backup beside the file.
 * @param path file; its folder is created with mode 0700, the file with 0600
 * @throws OzgctlError STORE_NEWER, STORE_FOREIGN, STORE_DAMAGED, STORE_UNWRITABLE, STORE_LOCKED, STORE_SHARED
 */
export async function openStore(path: string, { busyMs }: OpenOptions = {}): Promise<Store> {
  createPrivately(path)
  refuseShared(path)
  return guardStore(path, async () => {
    const file = fileAt(path)
    const db = new StoreDatabase(path, { busyMs })
    try {
      // Before the first write: another application's file stays as it is, byte by byte.
      schemaOf(db, MIGRATIONS.length)
      const log = (): void => db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
      await whenFree(db, log, () => upgrade(db, path, MIGRATIONS))
      db.isInPlace = watch(path, file)
      db.requireInPlace()
    } catch (error) {
      db.close()
      throw error
    }
    return storeOn(db, path)
  })
}

/**
 * Opens the store for a command that only reads. A store that does not exist yet is an empty one in memory; one that
 * this user may not write is read as it is.
 */
export async function openStoreForReading(path: string, options: OpenOptions = {}): Promise<Store> {
  if (existsSync(path)) return isWritable(path) ? openStore(path, options) : openReadOnly(path, options)
  return emptyStore(path)
}

/** A store in memory, which is gone when it is closed. @param path of the one in whose place it is */
export async function emptyStore(path: string): Promise<Store> {
  const db = new StoreDatabase(':memory:')
  await upgrade(db, undefined, MIGRATIONS)
  return storeOn(db, path)
}

async function openReadOnly(path: string, { busyMs }: OpenOptions): Promise<Store> {
  return guardStore(path, async () => {
    // Without a log of writes nobody writes, and SQLite need not lock what it may not touch. SQLite, wal.html §5.
    const isStill = !existsSync(`${path}-wal`)
    if (!isStill) refuseShared(path)
    const mode = isStill ? '?immutable=1' : ''
    const db = new StoreDatabase(`${pathToFileURL(path)}${mode}`, { busyMs, readOnly: true })
    if (schemaOf(db, MIGRATIONS.length) === MIGRATIONS.length) return storeOn(db, path)
    db.close()
    throw new OzgctlError('STORE_OLDER', `the store ${path} must be brought up to date first`, {
      exit: EXIT.unavailable,
      suggestions: ['Have someone who may write it run any command.'],
    })
  })
}

function storeOn(db: StoreDatabase, path: string): Store {
  const clock = db.prepare("SELECT CAST(round(unixepoch('subsec') * 1000) AS INTEGER) AS now")
  return { db, path, now: () => Number(clock.get()?.now), close: () => db.close() }
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

/** Rows that were written through this connection so far; what was rolled back does not count. */
export const changesOf = ({ db }: Store): number => db.rowsWritten
