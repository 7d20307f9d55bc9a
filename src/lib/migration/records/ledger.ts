import { redacted, redactedJson } from '../../config/secret.ts'
import { type Store, transaction } from '../../store/sqlite.ts'

export const RECORD_STATES = ['created', 'replaced', 'written', 'same', 'quarantined', 'removed'] as const
/**
 * `written`: the target did not say whether it was there before. `same`: it was there, just so. `quarantined`: set aside.
 */
export type RecordState = (typeof RECORD_STATES)[number]
export type Phase = 'copy' | 'compare' | 'verify' | 'done'

/** A record that was dealt with. */
export interface LedgerEntry {
  readonly key: string
  readonly hash: Uint8Array
  /** SHA-256 of its file; null for plain records, and where nobody has read it. */
  readonly contentHash: Uint8Array | null
  readonly state: RecordState
  readonly reason: string | null
}

/** What a transfer counts besides its records. */
export interface TransferCounts {
  /** Records read from the source in the first pass. */
  readonly read: number
  /** Pages of it. */
  readonly pages: number
  /** Sent again because nobody knew whether they had been; a target that cannot tell may have them twice. */
  readonly repeated: number
  /** New or changed at the source after the first pass. */
  readonly changed: number
  /** Names of all fields that were written. */
  readonly names: readonly string[]
}

export interface TransferRow {
  readonly phase: Phase
  readonly pass: number
  readonly cursor: string | null
  readonly mark: string | null
  readonly counts: TransferCounts
  /** As JSON. */
  readonly report: unknown
}

/** Rows of one statement. */
const AT_ONCE = 50
const ADD_MANY = `INSERT INTO transfer_record (run, ordinal, pass, record_key, hash, content_hash, state, reason)
  VALUES ${Array.from({ length: AT_ONCE }, () => '(?, ?, ?, ?, ?, ?, ?, ?)').join(', ')} ON CONFLICT DO NOTHING`

const NO_COUNTS: TransferCounts = { read: 0, pages: 0, repeated: 0, changed: 0, names: [] }
const TWICE = 'the source has this key twice, with different contents; the last one counts'

type Statement = ReturnType<Store['db']['prepare']>

/** The record of one transfer in the store: what was done is written in the same transaction as how far it is. */
export class Ledger {
  readonly #store: Store
  readonly #run: number
  readonly #ordinal: number
  /** Prepared once: a million records pass through a few statements. */
  readonly #statements = new Map<string, Statement>()

  constructor(store: Store, run: number, ordinal: number) {
    this.#store = store
    this.#run = run
    this.#ordinal = ordinal
  }

  /** undefined when nothing has been begun. */
  read(): TransferRow | undefined {
    const row = this.#sql('SELECT * FROM transfer WHERE run = ? AND ordinal = ?').get(
      this.#run,
      this.#ordinal,
    )
    if (row === undefined) return undefined
    return {
      phase: row.phase as Phase,
      pass: Number(row.pass),
      cursor: row.cursor === null ? null : String(row.cursor),
      mark: row.mark === null ? null : String(row.mark),
      counts: JSON.parse(String(row.counts)) as TransferCounts,
      report: row.report === null ? null : (JSON.parse(String(row.report)) as unknown),
    }
  }

  /** From here on something may have been written to the target. */
  async begin(): Promise<TransferRow> {
    await transaction(this.#store.db, () =>
      this.#sql(
        "INSERT INTO transfer (run, ordinal, phase, pass, counts) VALUES (?, ?, 'copy', 1, ?) ON CONFLICT DO NOTHING",
      ).run(this.#run, this.#ordinal, JSON.stringify(NO_COUNTS)),
    )
    return (
      this.read() ?? { phase: 'copy', pass: 1, cursor: null, mark: null, counts: NO_COUNTS, report: null }
    )
  }

  /** Writes what became of records and how far the transfer is, at once. @returns how far it is */
  async commit(
    row: TransferRow,
    entries: readonly LedgerEntry[],
    next: Partial<TransferRow>,
  ): Promise<TransferRow> {
    const now = { ...row, ...next, report: redactedJson(next.report ?? row.report) }
    const kept = entries.map(withoutSecrets)
    await transaction(this.#store.db, () => {
      if (row.pass > 1 || !this.#addAll(kept, row.pass)) for (const entry of kept) this.#keep(entry, row.pass)
      this.#sql(
        'UPDATE transfer SET phase = ?, pass = ?, cursor = ?, mark = ?, counts = ?, report = ? WHERE run = ? AND ordinal = ?',
      ).run(
        now.phase,
        now.pass,
        now.cursor,
        now.mark,
        JSON.stringify(now.counts),
        now.report === null ? null : JSON.stringify(now.report),
        this.#run,
        this.#ordinal,
      )
    })
    return now
  }

  /** Forgets the records: the target was put back to its beginning. */
  async restart(row: TransferRow): Promise<TransferRow> {
    await transaction(this.#store.db, () =>
      this.#sql('DELETE FROM transfer_record WHERE run = ? AND ordinal = ?').run(this.#run, this.#ordinal),
    )
    return this.commit(row, [], {
      phase: 'copy',
      cursor: null,
      mark: null,
      counts: { ...row.counts, read: 0, pages: 0 },
    })
  }

  /** What became of a record; undefined for one that is new. */
  find(key: string): (LedgerEntry & { readonly pass: number }) | undefined {
    const row = this.#sql(
      'SELECT hash, content_hash, state, reason, pass FROM transfer_record WHERE run = ? AND ordinal = ? AND record_key = ?',
    ).get(this.#run, this.#ordinal, key)
    return row === undefined ? undefined : { ...entryIn(row, key), pass: Number(row.pass) }
  }

  /** Records that a pass saw and that count, one after another. */
  *seen(pass: number): Generator<LedgerEntry> {
    for (const row of this.#store.db
      .prepare(
        `SELECT * FROM transfer_record WHERE run = ? AND ordinal = ? AND pass = ? AND state NOT IN ('quarantined', 'removed')`,
      )
      .iterate(this.#run, this.#ordinal, pass))
      yield entryIn(row, String(row.record_key))
  }

  /** How many records are in each state. */
  counts(): Readonly<Record<RecordState, number>> {
    const counts = { created: 0, replaced: 0, written: 0, same: 0, quarantined: 0, removed: 0 }
    for (const { state, n } of this.#sql(
      'SELECT state, count(*) AS n FROM transfer_record WHERE run = ? AND ordinal = ? GROUP BY state',
    ).all(this.#run, this.#ordinal))
      counts[state as RecordState] = Number(n)
    return counts
  }

  /** Records in some states, the last one first, so many at a time. */
  last(states: readonly RecordState[], limit: number) {
    return this.#sql(
      `SELECT id, record_key, reason FROM transfer_record WHERE run = ? AND ordinal = ? AND state IN (${states.map((state) => `'${state}'`).join(', ')})
       ORDER BY id DESC LIMIT ?`,
    )
      .all(this.#run, this.#ordinal, limit)
      .map((row) => ({
        id: Number(row.id),
        key: String(row.record_key),
        reason: row.reason === null ? '' : String(row.reason),
      }))
  }

  /** How many of the records that count were not seen in a pass: they are gone from the source. */
  unseen(pass: number): number {
    const row = this.#sql(
      "SELECT count(*) AS n FROM transfer_record WHERE run = ? AND ordinal = ? AND pass < ? AND state NOT IN ('quarantined', 'removed')",
    ).get(this.#run, this.#ordinal, pass)
    return Number(row?.n)
  }

  /** Marks records as taken away again. */
  async removed(ids: readonly number[]): Promise<void> {
    await transaction(this.#store.db, () => {
      for (const id of ids) this.#sql("UPDATE transfer_record SET state = 'removed' WHERE id = ?").run(id)
    })
  }

  /**
   * Adds records that are all new, many with one statement.
   * @returns false where a key is there already; then nothing was added
   */
  #addAll(entries: readonly LedgerEntry[], pass: number): boolean {
    const whole = entries.length - (entries.length % AT_ONCE)
    this.#store.db.exec('SAVEPOINT records')
    for (let from = 0; from < whole; from += AT_ONCE) {
      const values: (string | number | Uint8Array | null)[] = []
      for (const { key, hash, contentHash, state, reason } of entries.slice(from, from + AT_ONCE))
        values.push(this.#run, this.#ordinal, pass, key, hash, contentHash, state, reason)
      const { changes } = this.#sql(ADD_MANY).run(...values)
      if (Number(changes) === AT_ONCE) continue
      this.#store.db.exec('ROLLBACK TO records')
      this.#store.db.exec('RELEASE records')
      return false
    }
    this.#store.db.exec('RELEASE records')
    for (const entry of entries.slice(whole)) this.#keep(entry, pass)
    return true
  }

  /** In the first pass a key that is there already is one that the source has twice. */
  #keep(entry: LedgerEntry, pass: number): void {
    if (pass > 1 && this.#change(entry, pass)) return
    if (this.#add(entry, pass)) return
    const former = this.find(entry.key)
    this.#change(entry, pass)
    if (former !== undefined && Buffer.compare(former.hash, entry.hash) !== 0)
      this.#add({ ...entry, key: `${entry.key}#twice`, state: 'quarantined', reason: TWICE }, pass)
  }

  #add({ key, hash, contentHash, state, reason }: LedgerEntry, pass: number): boolean {
    const { changes } = this.#sql(
      `INSERT INTO transfer_record (run, ordinal, record_key, hash, content_hash, state, pass, reason)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    ).run(this.#run, this.#ordinal, key, hash, contentHash, state, pass, reason)
    return Number(changes) > 0
  }

  /** What was created stays created, however often it is written again. */
  #change({ key, hash, contentHash, state, reason }: LedgerEntry, pass: number): boolean {
    const { changes } = this.#sql(
      `UPDATE transfer_record SET hash = ?, content_hash = coalesce(?, content_hash), reason = ?, pass = ?,
       state = CASE WHEN state = 'created' AND ? IN ('replaced', 'written', 'same') THEN state ELSE ? END
       WHERE run = ? AND ordinal = ? AND record_key = ?`,
    ).run(hash, contentHash, reason, pass, state, state, this.#run, this.#ordinal, key)
    return Number(changes) > 0
  }

  #sql(sql: string): Statement {
    const known = this.#statements.get(sql) ?? this.#store.db.prepare(sql)
    this.#statements.set(sql, known)
    return known
  }
}

/** Reasons are words of the target. */
const withoutSecrets = (entry: LedgerEntry): LedgerEntry =>
  entry.reason === null ? entry : { ...entry, reason: redacted(entry.reason) }

const entryIn = (row: Readonly<Record<string, unknown>>, key: string): LedgerEntry => ({
  key,
  hash: row.hash as Uint8Array,
  contentHash: row.content_hash as Uint8Array | null,
  state: row.state as RecordState,
  reason: row.reason === null ? null : String(row.reason),
})
