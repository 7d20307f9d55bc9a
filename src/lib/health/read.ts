import type { Part, Status } from '../connector/model.ts'
import type { Affects } from '../connector/systems/model.ts'
import { usageError } from '../errors.ts'
import type { Store } from '../store/sqlite.ts'
import { closest } from '../text.ts'
import { type Interval, type KnownEndpoint, readEndpoints, readIntervals, statesOf } from './history.ts'
import { endOf, type Uptime, uptimeOf } from './uptime.ts'

/** Which endpoints a question is about. */
export interface HistoryChoice {
  /** Names of connectors; all where there is none. */
  readonly connectors: readonly string[]
  /** Only those that serve a tenant in this region. */
  readonly prefix: string
  readonly part: Part | undefined
}

/** A change of a part, or the first that was seen of it. Times in milliseconds since 1970. */
export interface Transition {
  readonly endpoint: KnownEndpoint
  readonly part: Part
  /** How often the clock had been set back before: what comes later comes in a later one, whatever its time says. */
  readonly era: number
  readonly at: number
  readonly from: Status | null
  readonly to: Status
  /** How long it stayed so, as far as checks tell. */
  readonly lastedMs: number
  readonly lasts: boolean
  readonly checks: number
  readonly summary: string
}

/** Changes since a time, in the order in which they were found. @throws OzgctlError 64 CONNECTOR_UNKNOWN */
export function readHistory(store: Store, choice: HistoryChoice, since: number): readonly Transition[] {
  return chosen(store, choice)
    .flatMap((endpoint) => {
      const intervals = readIntervals(store, endpoint.id)
      return partsOf(choice).flatMap((part) => transitionsOf(endpoint, part, intervals))
    })
    .filter(({ at, lasts, lastedMs }) => lasts || at + lastedMs >= since)
    .sort((a, b) => a.era - b.era || a.at - b.at || (a.endpoint.connector < b.endpoint.connector ? -1 : 1))
}

function transitionsOf(endpoint: KnownEndpoint, part: Part, all: readonly Interval[]): readonly Transition[] {
  const states = statesOf(all.filter((one) => one.part === part))
  return states.map((state, index): Transition => {
    const next = states[index + 1]
    return {
      endpoint,
      part,
      era: state.intervals[0].era,
      at: state.at,
      from: states[index - 1]?.status ?? null,
      to: state.status,
      lastedMs: endOf(state.latest, next?.intervals[0]) - state.at,
      lasts: next === undefined,
      checks: state.intervals.reduce((sum, { checks }) => sum + checks, 0),
      summary: state.latest.summary,
    }
  })
}

/** How an endpoint stood over a window. */
export interface EndpointUptime {
  readonly endpoint: KnownEndpoint
  readonly part: Part
  readonly uptime: Uptime
  readonly now: Status
}

/** @throws OzgctlError 64 CONNECTOR_UNKNOWN */
export function readUptime(
  store: Store,
  choice: HistoryChoice,
  from: number,
  to: number,
): readonly EndpointUptime[] {
  return chosen(store, choice).flatMap((endpoint) => {
    const all = readIntervals(store, endpoint.id)
    return partsOf(choice).flatMap((part) => {
      const intervals = all.filter((one) => one.part === part)
      const latest = intervals.at(-1)
      return latest === undefined
        ? []
        : [{ endpoint, part, uptime: uptimeOf(intervals, from, to), now: latest.status }]
    })
  })
}

const partsOf = ({ part }: HistoryChoice): readonly Part[] =>
  part === undefined ? ['service', 'certificate'] : [part]

function chosen(store: Store, { connectors, prefix }: HistoryChoice): readonly KnownEndpoint[] {
  const all = readEndpoints(store)
  const names = new Set(all.map(({ connector }) => connector))
  for (const name of connectors)
    if (!names.has(name))
      throw usageError('CONNECTOR_UNKNOWN', `no connector "${name}" has been checked`, [
        ...closest(name, [...names]).map((one) => `Did you mean ${one}?`),
        'Run: ozgctl health check',
      ])
  return all.filter(
    ({ connector, tenants }) =>
      (connectors.length === 0 || connectors.includes(connector)) &&
      (prefix === '' || tenants.some((ars) => ars.startsWith(prefix))),
  )
}

/** A tenant whose connector does not work now. */
export interface Broken {
  /** Raw register key. */
  readonly ars: string
  readonly connector: string
  readonly affects: Affects
  /** Milliseconds since 1970. */
  readonly since: number
}

export interface BrokenNow {
  readonly broken: readonly Broken[]
  /**
   * Endpoints of which the last check is older than `maxAge`, or lies in the future, for then nobody knows how old it is:
   * nobody knows how they are.
   */
  readonly stale: readonly KnownEndpoint[]
  /** Endpoints that are known at all. */
  readonly endpoints: number
  /** The earliest of the last checks of those that count, in milliseconds since 1970; null where there is none. */
  readonly asOf: number | null
}

/** What does not work now, from the latest checks. @param maxAge milliseconds */
export function readBroken(store: Store, now: number, maxAge: number): BrokenNow {
  const all = readEndpoints(store)
  const isFresh = ({ lastAt }: KnownEndpoint): boolean => lastAt <= now && now - lastAt <= maxAge
  const stale = all.filter((endpoint) => !isFresh(endpoint))
  const fresh = all.filter(isFresh)
  const broken = fresh.flatMap((endpoint) => {
    const service = transitionsOf(endpoint, 'service', readIntervals(store, endpoint.id)).at(-1)
    if (service?.to !== 'critical') return []
    const { connector, affects, tenants } = endpoint
    return tenants.map((ars) => ({ ars, connector, affects, since: service.at }))
  })
  return {
    broken,
    stale,
    endpoints: all.length,
    asOf: fresh.length === 0 ? null : Math.min(...fresh.map(({ lastAt }) => lastAt)),
  }
}
