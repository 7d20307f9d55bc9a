import { DatabaseSync, type DatabaseSyncOptions, type StatementSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { isBusy, storeLocked, storeReplaced } from './failures.ts'

/** How long a command waits while another process writes, in milliseconds, where nobody says otherwise. */
const PATIENCE_MS = 60_000
const LONGEST_PAUSE_MS = 100

/** What a connection needs to know beside its file. */
export interface ConnectionOptions extends DatabaseSyncOptions {
  /** How long it waits while another process writes, in milliseconds. */
  readonly busyMs?: number | undefined
}

/** A connection to a store. */
export class StoreDatabase extends DatabaseSync {
  readonly busyMs: number
  /** Whether what is written reaches the file that others find at its path. */
  isInPlace: () => boolean = () => true
  /** Rows that transactions have written so far; those that were rolled back do not count. */
  rowsWritten = 0
  #afterCommit: (() => void)[] = []
  #touched: StatementSync | undefined

  constructor(path: string, { busyMs = PATIENCE_MS, ...options }: ConnectionOptions = {}) {
    super(path, options)
    this.busyMs = busyMs
    this.exec(`PRAGMA busy_timeout = ${busyMs}; PRAGMA trusted_schema = OFF`)
  }

  /** Rows that were written through this connection, those that were rolled back among them: so SQLite counts. */
  rowsTouched(): number {
    this.#touched ??= this.prepare('SELECT total_changes() AS n')
    return Number(this.#touched.get()?.n)
  }

  /** @throws OzgctlError 74 STORE_REPLACED when others do not find what is written any more */
  requireInPlace(): void {
    if (!this.isInPlace()) throw storeReplaced(this.location() ?? 'in memory')
  }

  /** Has something done as soon as the present transaction is on disk, and not at all when it does not get there. */
  afterCommit(work: () => void): void {
    this.#afterCommit.push(work)
  }

  /** Hands out what waits for the present transaction. */
  takeAfterCommit(): readonly (() => void)[] {
    const waiting = this.#afterCommit
    this.#afterCommit = []
    return waiting
  }
}

/**
 * Runs `work` in one write transaction: all of it or nothing, whatever happens to the process. Waits while another
 * process writes.
 * @param patience how long to wait, in milliseconds
 * @throws what `work` throws; OzgctlError STORE_LOCKED, and STORE_REPLACED when the file was taken away from under it
 */
export async function transaction<T>(db: StoreDatabase, work: () => T, patience = db.busyMs): Promise<T> {
  return whenFree(
    db,
    () => db.exec('BEGIN IMMEDIATE'),
    () => commit(db, work),
    patience,
  )
}

/** Without a pause: two transactions on one connection would get in each other's way. */
function commit<T>(db: StoreDatabase, work: () => T): T {
  try {
    const before = db.rowsTouched()
    const result = work()
    const touched = db.rowsTouched() - before
    db.exec('COMMIT')
    db.rowsWritten += touched
    // Afterwards: what was written before the file was taken away is lost as well.
    db.requireInPlace()
    for (const follow of db.takeAfterCommit()) follow()
    return result
  } catch (error) {
    db.takeAfterCommit()
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

/**
 * Begins what another process may be in the way of, and goes on in the same moment. Waits beside SQLite and not inside
 * of it: there no signal would be heard, and some of its statements do not wait.
 * @throws what both throw; OzgctlError STORE_LOCKED
 */
export async function whenFree<T>(
  db: StoreDatabase,
  begin: () => void,
  goOn: () => T | Promise<T>,
  patience: number = db.busyMs,
): Promise<T> {
  let pause = 1
  for (let waited = 0; !isDone(db, begin); waited += pause) {
    if (waited >= patience) throw storeLocked(db.location() ?? 'the store', patience)
    pause = Math.min(2 * pause, LONGEST_PAUSE_MS, Math.max(1, patience - waited))
    await setTimeout(pause)
  }
  return goOn()
}

function isDone(db: StoreDatabase, begin: () => void): boolean {
  db.exec('PRAGMA busy_timeout = 0')
  try {
    begin()
    return true
  } catch (error) {
    if (isBusy(error)) return false
    throw error
  } finally {
    db.exec(`PRAGMA busy_timeout = ${db.busyMs}`)
  }
}
