import { PARTS, type Part, STATUSES, type Status } from '../connector/model.ts'
import type { Affects } from '../connector/systems/model.ts'
import { type Store, transaction } from '../store/sqlite.ts'
import type { EndpointHealth, Since } from './model.ts'

/** Checks that are further apart say nothing of the time between them. */
export const MAX_GAP_MS = 3_600_000
/** Somewhat more than a year. */
export const KEEP_MS = 400 * 86_400_000

/** A time in which a part stayed as it was. Times in milliseconds since 1970. */
export interface Interval {
  readonly part: Part
  readonly status: Status
  readonly startedAt: number
  /** Of the last check that found it so. */
  readonly lastAt: number
  readonly checks: number
  /** Of the last check. */
  readonly summary: string
}

/** An endpoint as the store knows it. */
export interface KnownEndpoint {
  readonly id: string
  readonly connector: string
  readonly title: string
  readonly system: string | null
  readonly kind: string
  readonly url: string
  readonly affects: Affects
  /** Raw register keys of all that it serves. */
  readonly tenants: readonly string[]
  readonly firstAt: number
  readonly lastAt: number
}

/**
 * Keeps what checks found, in one transaction. What is older than what is there already is left out: two checks can run at
 * once, and clocks step back.
 * @param keepMs how long what is over is kept
 * @returns the same with since when it is so
 */
export async function recordHealth(
  store: Store,
  endpoints: readonly EndpointHealth[],
  now: number,
  keepMs = KEEP_MS,
): Promise<readonly EndpointHealth[]> {
  const recorder = new Recorder(store)
  return transaction(store.db, () => {
    const recorded = endpoints.map((health) => recorder.record(health))
    recorder.forget(now - keepMs)
    return recorded
  })
}

class Recorder {
  readonly #endpoint
  readonly #latest
  readonly #extend
  readonly #begin
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
    const { db } = store
    this.#endpoint = db.prepare(
      `INSERT INTO health_endpoint (id, connector, title, system, kind, url, affects, tenants, first_at, last_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET title = excluded.title, system = excluded.system, kind = excluded.kind,
         affects = excluded.affects, tenants = excluded.tenants, last_at = max(last_at, excluded.last_at)`,
    )
    this.#latest = db.prepare(
      `SELECT started_at, last_at, status FROM health_interval WHERE endpoint = ? AND part = ?
       ORDER BY started_at DESC LIMIT 1`,
    )
    this.#extend = db.prepare(
      `UPDATE health_interval SET last_at = ?, checks = checks + 1, summary = ?
       WHERE endpoint = ? AND part = ? AND started_at = ?`,
    )
    this.#begin = db.prepare(
      `INSERT INTO health_interval (endpoint, part, started_at, last_at, status, checks, summary)
       VALUES (?, ?, ?, ?, ?, 1, ?)`,
    )
  }

  record(health: EndpointHealth): EndpointHealth {
    const { endpoint, report } = health
    if (report === null) return { ...health, since: sinceOf(readIntervals(this.#store, endpoint.id)) }
    const { id, connector, title, system, kind, url, affects, serves } = endpoint
    const at = report.startedAt
    const [reach, tenants] = [JSON.stringify(affects), JSON.stringify(serves)]
    this.#endpoint.run(id, connector, title, system, kind, url, reach, tenants, at, at)
    for (const { part, status, summary } of report.verdicts) this.#add(id, part, status, at, summary)
    return { ...health, since: sinceOf(readIntervals(this.#store, id)) }
  }

  #add(endpoint: string, part: Part, status: Status, at: number, summary: string): void {
    const latest = this.#latest.get(endpoint, part)
    const lastAt = Number(latest?.last_at ?? 0)
    if (latest !== undefined && at <= lastAt) return
    const goesOn = latest?.status === status && at - lastAt <= MAX_GAP_MS
    if (goesOn) this.#extend.run(at, summary, endpoint, part, Number(latest.started_at))
    else this.#begin.run(endpoint, part, at, at, status, summary)
  }

  /** Takes out what is over for so long; the present state stays, however old it is, until its endpoint is forgotten. */
  forget(before: number): void {
    const { db } = this.#store
    db.prepare(
      'DELETE FROM health_interval WHERE endpoint IN (SELECT id FROM health_endpoint WHERE last_at < ?)',
    ).run(before)
    db.prepare('DELETE FROM health_endpoint WHERE last_at < ?').run(before)
    db.prepare(
      `DELETE FROM health_interval AS old WHERE last_at < ? AND EXISTS (
         SELECT 1 FROM health_interval AS new
         WHERE new.endpoint = old.endpoint AND new.part = old.part AND new.started_at > old.started_at)`,
    ).run(before)
  }
}

/** Intervals of an endpoint, the earliest first. */
export function readIntervals(store: Store, endpoint: string): readonly Interval[] {
  return store.db
    .prepare('SELECT * FROM health_interval WHERE endpoint = ? ORDER BY started_at')
    .all(endpoint)
    .map((row) => ({
      part: oneOf(PARTS, row.part),
      status: oneOf(STATUSES, row.status),
      startedAt: Number(row.started_at),
      lastAt: Number(row.last_at),
      checks: Number(row.checks),
      summary: String(row.summary),
    }))
}

/** Endpoints that were ever asked and not forgotten, by connector and address. */
export function readEndpoints(store: Store): readonly KnownEndpoint[] {
  return store.db
    .prepare('SELECT * FROM health_endpoint ORDER BY connector, url, id')
    .all()
    .map((row) => ({
      id: String(row.id),
      connector: String(row.connector),
      title: String(row.title),
      system: row.system === null ? null : String(row.system),
      kind: String(row.kind),
      url: String(row.url),
      affects: JSON.parse(String(row.affects)) as Affects,
      tenants: JSON.parse(String(row.tenants)) as readonly string[],
      firstAt: Number(row.first_at),
      lastAt: Number(row.last_at),
    }))
}

function oneOf<T extends string>(words: readonly T[], value: unknown): T {
  const found = words.find((word) => word === value)
  if (found === undefined)
    throw new Error(`the store holds ${String(value)} where one of ${words.join(', ')} belongs`)
  return found
}

/** From when on each part is as it is now. Pauses between checks do not end a state that is the same behind them. */
function sinceOf(intervals: readonly Interval[]): { readonly [Name in Part]?: Since } {
  const found: { [Name in Part]?: Since & { readonly status: Status } } = {}
  for (const { part, status, startedAt } of intervals) {
    const former = found[part]
    if (former === undefined) found[part] = { at: startedAt, before: null, status }
    else if (former.status !== status) found[part] = { at: startedAt, before: former.status, status }
  }
  return found
}
