import { hash } from 'node:crypto'
import type { Context } from '../context.ts'
import type { Store } from '../store/sqlite.ts'
import { canonicalJson } from '../text.ts'

/** What is written down about runs; items have their own record, see `Effect`. */
export type AuditEvent =
  | 'started'
  | 'resumed'
  | 'took over'
  | 'lost'
  | 'stopped'
  | 'finished'
  | 'cancelled'
  | 'cancel requested'
  | 'pause requested'
  | 'approved'
  | 'repaired'
  | 'superseded'

export interface AuditEntry {
  readonly seq: number
  /** ISO 8601, UTC. */
  readonly at: string
  readonly actor: string
  readonly host: string
  readonly command: string
  readonly event: string
  readonly scope: string
  readonly run: number | null
  readonly detail: string
}

/** Adds an entry; call it inside the transaction that does what it tells. */
export function writeAudit(
  store: Store,
  { now, actor, host, command }: Context,
  entry: Pick<AuditEntry, 'scope' | 'run'> & { readonly event: AuditEvent; readonly detail?: string },
): void {
  const last = store.db.prepare('SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1').get()
  const row = {
    seq: Number(last?.seq ?? 0) + 1,
    at: now().toISOString(),
    actor,
    host,
    command,
    event: entry.event,
    scope: entry.scope,
    run: entry.run,
    detail: entry.detail ?? '',
  }
  store.db
    .prepare('INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
    .run(...valuesOf(row), chain(String(last?.hash ?? ''), row))
}

/** The audit trail, oldest first. @param run only of this run */
export async function readAudit(store: Store, run?: number): Promise<readonly AuditEntry[]> {
  return store.db
    .prepare('SELECT * FROM audit WHERE ?1 IS NULL OR run = ?1 ORDER BY seq')
    .all(run ?? null)
    .map(toEntry)
}

/** Number of the first entry that was changed, or behind which one is missing; undefined when the chain holds. */
export async function firstBrokenEntry(store: Store): Promise<number | undefined> {
  let former = ''
  let seq = 0
  for (const row of store.db.prepare('SELECT * FROM audit ORDER BY seq').iterate()) {
    const entry = toEntry(row)
    former = chain(former, entry)
    seq++
    if (entry.seq !== seq || row.hash !== former) return entry.seq
  }
  return undefined
}

const chain = (former: string, entry: AuditEntry): string =>
  hash('sha256', `${former}\n${canonicalJson(entry)}`, 'hex')

const valuesOf = (row: AuditEntry) =>
  [row.seq, row.at, row.actor, row.host, row.command, row.event, row.scope, row.run, row.detail] as const

function toEntry(row: Readonly<Record<string, unknown>>): AuditEntry {
  return {
    seq: Number(row.seq),
    at: String(row.at),
    actor: String(row.actor),
    host: String(row.host),
    command: String(row.command),
    event: String(row.event),
    scope: String(row.scope),
    run: row.run === null ? null : Number(row.run),
    detail: String(row.detail),
  }
}
