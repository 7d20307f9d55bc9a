import { redacted, redactedJson } from '../../config/secret.ts'
import { type Store, transaction } from '../../store/sqlite.ts'
import { shownKey } from './aside.ts'
import { countsIn, NO_COUNTS, type TransferCounts } from './counts.ts'

export const RECORD_STATES = ['created', 'replaced', 'written', 'same', 'quarantined', 'removed'] as const
/**
 * `written`: the target did not say whether it was there before. `same`: it was there, just so. `quarantined`: set aside.
 */
export type RecordState = (typeof RECORD_STATES)[number]
export type Phase = 'copy' | 'compare' | 'verify' | 'done'

/** A record that was dealt with. */
export interface LedgerEntry {
  readonly key: string
  /** Of what was written; empty where that is not what the target has, so that it is written again. */
  readonly hash: Uint8Array
  /** SHA-256 of its file; null for plain records, and where nobody has read it. */
  readonly contentHash: Uint8Array | null
  readonly state: RecordState
  readonly reason: string | null
}

/** An entry as it is kept. */
export interface KeptEntry extends LedgerEntry {
  readonly id: number
  /** The pass over the source that saw it last. */
  readonly pass: number
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
      counts: countsIn(String(row.counts)),
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

  /**
   * Writes what became of records and how far the transfer is, at once.
   * @param again ids of entries that the target does not have as they were written
   * @returns how far it is
   */
  async commit(
    row: TransferRow,
    entries: readonly LedgerEntry[],
    next: Partial<TransferRow>,
    again: Iterable<number> = [],
  ): Promise<TransferRow> {
    const now = { ...row, ...next, report: redactedJson(next.report ?? row.report) }
    const kept = entries.map(withoutSecrets)
    await transaction(this.#store.db, () => {
      for (const id of again) this.#sql("UPDATE transfer_record SET hash = x'' WHERE id = ?").run(id)
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
  find(key: string): KeptEntry | undefined {
    const row = this.#sql(
      'SELECT id, hash, content_hash, state, pass, reason FROM transfer_record WHERE run = ? AND ordinal = ? AND record_key = ?',
    ).get(this.#run, this.#ordinal, key)
    return row === undefined ? undefined : entryIn(row, key)
  }

  /** The lowest and the highest id of an entry; undefined where there is none. */
  span(): { readonly first: number; readonly last: number } | undefined {
    const row = this.#sql(
      'SELECT min(id) AS first, max(id) AS last FROM transfer_record WHERE run = ? AND ordinal = ?',
    ).get(this.#run, this.#ordinal)
    return row === undefined || row.first === null
      ? undefined
      : { first: Number(row.first), last: Number(row.last) }
  }

  /** Records that a pass saw, or with null any pass, and that count, one after another. */
  *seen(pass: number | null): Generator<KeptEntry> {
    for (const row of this.#store.db
      .prepare(
        `SELECT * FROM transfer_record WHERE run = ?1 AND ordinal = ?2 AND (?3 IS NULL OR pass = ?3) AND state NOT IN ('quarantined', 'removed')`,
      )
      .iterate(this.#run, this.#ordinal, pass))
      yield entryIn(row, String(row.record_key))
  }

  /** How many records are in each state; of those that were set aside only what the last pass set aside. */
  counts(): Readonly<Record<RecordState, number>> {
    const counts = { created: 0, replaced: 0, written: 0, same: 0, quarantined: 0, removed: 0 }
    const row = this.#sql(
      `SELECT ${RECORD_STATES.map((state) => `sum(state = '${state}' ${state === 'quarantined' ? `AND pass = ${LAST_PASS}` : ''}) AS ${state}`).join(', ')}
       FROM transfer_record WHERE run = ?1 AND ordinal = ?2`,
    ).get(this.#run, this.#ordinal)
    for (const state of RECORD_STATES) counts[state] = Number(row?.[state] ?? 0)
    return counts
  }

  /** The first few that the last pass set aside, the last one first. */
  setAside(limit: number): readonly KeptEntry[] {
    return this.#sql(
      `SELECT * FROM transfer_record WHERE run = ?1 AND ordinal = ?2 AND state = 'quarantined' AND pass = ${LAST_PASS}
       ORDER BY id DESC LIMIT ?3`,
    )
      .all(this.#run, this.#ordinal, limit)
      .map((row) => entryIn(row, shownKey(String(row.record_key))))
  }

  /**
   * Records in some states from the last one backwards, so many at a time. By id, and not by the index of keys, which
   * would sort all of them for each page.
   * @param before only those with lower ids
   */
  backwards(states: readonly RecordState[], before: number, limit: number): readonly KeptEntry[] {
    return this.#sql(
      `SELECT * FROM transfer_record WHERE +run = ? AND +ordinal = ? AND id < ? AND state IN (${states.map((state) => `'${state}'`).join(', ')})
       ORDER BY id DESC LIMIT ?`,
    )
      .all(this.#run, this.#ordinal, before, limit)
      .map((row) => entryIn(row, String(row.record_key)))
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

  /**
   * In the first pass a key that is there already is one that the source has twice. Which of two different ones the target
   * has now nobody knows: it is written again in the next pass, for which the first one counts.
   */
  #keep(entry: LedgerEntry, pass: number): void {
    if (pass > 1 && this.#change(entry, pass)) return
    if (this.#add(entry, pass)) return
    this.#sql(
      "UPDATE transfer_record SET hash = x'' WHERE run = ? AND ordinal = ? AND record_key = ? AND hash <> ?",
    ).run(this.#run, this.#ordinal, entry.key, entry.hash)
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

/** The last pass that dealt with any record. Parameters 1 and 2: run and ordinal. */
const LAST_PASS = '(SELECT max(pass) FROM transfer_record WHERE run = ?1 AND ordinal = ?2)'

const entryIn = (row: Readonly<Record<string, unknown>>, key: string): KeptEntry => ({
  id: Number(row.id),
  key,
  hash: row.hash as Uint8Array,
  contentHash: row.content_hash as Uint8Array | null,
  state: row.state as RecordState,
  reason: row.reason === null ? null : String(row.reason),
  pass: Number(row.pass),
})
