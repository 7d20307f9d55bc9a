import { PARTS, type Part, STATUSES, type Status } from '../connector/model.ts'
import type { Affects } from '../connector/systems/model.ts'
import { type Store, transaction } from '../store/sqlite.ts'
import { forgetEras, type Moment, momentOf } from './clock.ts'
import type { EndpointHealth, Since } from './model.ts'

/** Checks that are further apart say nothing of the time between them. */
export const MAX_GAP_MS = 3_600_000
/** Somewhat more than a year. */
const KEEP_MS = 400 * 86_400_000

/** A time in which a part stayed as it was. Times in milliseconds since 1970, by the clock of their era. */
export interface Interval {
  readonly part: Part
  readonly status: Status
  readonly era: number
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

/** How results are kept. */
export interface Keeping {
  /** How long what is over is kept, in milliseconds. */
  readonly keepMs?: number | undefined
  /** How long another process is waited for, in milliseconds. */
  readonly patienceMs?: number | undefined
}

/**
 * Keeps what checks found, in one transaction. A check that began before one that is there already is left out: two can run
 * at once. Where the clock was set back instead, an era begins, and nothing is left out.
 * @returns the same with since when it is so
 */
export async function recordHealth(
  store: Store,
  endpoints: readonly EndpointHealth[],
  now: () => Date,
  { keepMs = KEEP_MS, patienceMs }: Keeping = {},
): Promise<readonly EndpointHealth[]> {
  const record = (): readonly EndpointHealth[] => {
    const moment = momentOf(store, now().getTime())
    const recorder = new Recorder(store, moment)
    const recorded = endpoints.map((health) => recorder.record(health))
    recorder.forget(moment.passed - keepMs)
    return recorded
  }
  return transaction(store.db, record, patienceMs)
}

class Recorder {
  readonly #endpoint
  readonly #latest
  readonly #extend
  readonly #begin
  readonly #store: Store
  readonly #moment: Moment

  constructor(store: Store, moment: Moment) {
    this.#store = store
    this.#moment = moment
    const { db } = store
    this.#endpoint = db.prepare(
      `INSERT INTO health_endpoint (id, connector, title, system, kind, url, affects, tenants, first_at, last_at, passed)
       VALUES (:id, :connector, :title, :system, :kind, :url, :affects, :tenants, :at, :at, :passed)
       ON CONFLICT (id) DO UPDATE SET title = excluded.title, system = excluded.system, kind = excluded.kind,
         affects = excluded.affects, tenants = excluded.tenants, passed = excluded.passed,
         last_at = iif(last_at > :now, excluded.last_at, max(last_at, excluded.last_at))`,
    )
    this.#latest = db.prepare(
      `SELECT era, started_at, last_at, status FROM health_interval WHERE endpoint = ? AND part = ?
       ORDER BY era DESC, started_at DESC LIMIT 1`,
    )
    this.#extend = db.prepare(
      `UPDATE health_interval SET last_at = ?, checks = checks + 1, summary = ?, passed = ?
       WHERE endpoint = ? AND part = ? AND era = ? AND started_at = ?`,
    )
    this.#begin = db.prepare(
      `INSERT INTO health_interval (endpoint, part, era, started_at, last_at, status, checks, summary, passed)
       VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?)`,
    )
  }

  record(health: EndpointHealth): EndpointHealth {
    const { endpoint, report } = health
    const verdicts = (report?.verdicts ?? []).filter(({ isCut }) => !isCut)
    if (report !== null && verdicts.length > 0) {
      const { now, passed } = this.#moment
      const { id, connector, title, system, kind, url, affects, serves } = endpoint
      // Begun before the clock was set back.
      const at = Math.min(report.startedAt, now)
      const [reach, tenants] = [JSON.stringify(affects), JSON.stringify(serves)]
      this.#endpoint.run({
        id,
        connector,
        title,
        system,
        kind,
        url,
        affects: reach,
        tenants,
        at,
        now,
        passed,
      })
      for (const { part, status, summary } of verdicts) this.#add(id, part, status, at, summary)
    }
    return { ...health, since: sinceOf(readIntervals(this.#store, endpoint.id)) }
  }

  #add(endpoint: string, part: Part, status: Status, at: number, summary: string): void {
    const { era, passed } = this.#moment
    const latest = this.#latest.get(endpoint, part)
    const isOfEra = latest !== undefined && latest.era === era
    const lastAt = Number(latest?.last_at ?? 0)
    if (isOfEra && at <= lastAt) return
    const goesOn = isOfEra && latest.status === status && at - lastAt <= MAX_GAP_MS
    if (goesOn) this.#extend.run(at, summary, passed, endpoint, part, era, Number(latest.started_at))
    else this.#begin.run(endpoint, part, era, at, at, status, summary, passed)
  }

  /**
   * Takes out what is over for so long; the present state stays, however old it is, until its endpoint is forgotten.
   * @param before what had passed then
   */
  forget(before: number): void {
    const { db } = this.#store
    db.prepare(
      'DELETE FROM health_interval WHERE endpoint IN (SELECT id FROM health_endpoint WHERE passed < ?)',
    ).run(before)
    db.prepare('DELETE FROM health_endpoint WHERE passed < ?').run(before)
    db.prepare(
      `DELETE FROM health_interval AS old WHERE passed < ? AND EXISTS (
         SELECT 1 FROM health_interval AS new
         WHERE new.endpoint = old.endpoint AND new.part = old.part
           AND (new.era, new.started_at) > (old.era, old.started_at))`,
    ).run(before)
    forgetEras(this.#store, this.#moment, before)
  }
}

/** Intervals of an endpoint in the order in which they were recorded. */
export function readIntervals(store: Store, endpoint: string): readonly Interval[] {
  return store.db
    .prepare('SELECT * FROM health_interval WHERE endpoint = ? ORDER BY era, started_at')
    .all(endpoint)
    .map((row) => ({
      part: oneOf(PARTS, row.part),
      status: oneOf(STATUSES, row.status),
      era: Number(row.era),
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
  const found: { [Name in Part]?: Since } = {}
  for (const part of PARTS) {
    const states = statesOf(intervals.filter((one) => one.part === part))
    const latest = states.at(-1)
    if (latest !== undefined) found[part] = { at: latest.at, before: states.at(-2)?.status ?? null }
  }
  return found
}

/** Intervals of the same status that follow each other. */
export interface State {
  readonly status: Status
  readonly intervals: readonly [Interval, ...Interval[]]
  readonly latest: Interval
  /** When it began. */
  readonly at: number
}

/** @param intervals of one part, in the order in which they were recorded */
export function statesOf(intervals: readonly Interval[]): readonly State[] {
  const groups: [Interval, ...Interval[]][] = []
  for (const interval of intervals) {
    const last = groups.at(-1)
    if (last?.[0].status === interval.status) last.push(interval)
    else groups.push([interval])
  }
  return groups.map((group) => {
    const [first] = group
    const latest = group.at(-1) ?? first
    // What seems to begin after its end was dated by a clock that was ahead.
    const { startedAt } = group.find((one) => one.startedAt <= latest.lastAt) ?? latest
    return { status: first.status, intervals: group, latest, at: startedAt }
  })
}
