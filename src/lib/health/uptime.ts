import type { Status } from '../connector/model.ts'
import { type Interval, MAX_GAP_MS } from './history.ts'

/** How a part stood over a window of time. Times in milliseconds. */
export interface Uptime {
  /** Time in which each status was seen. */
  readonly observed: Readonly<Record<Status, number>>
  /** Time of which nobody knows anything. */
  readonly unobserved: number
  /** Share of the time with OK or WARNING in that of which something is known; null where nothing is. */
  readonly availability: number | null
  readonly outages: number
  readonly longestOutage: number
  /** Mean time of an outage; null without one. */
  readonly meanOutage: number | null
  /** Share of the last checks that found another status than the one before, 0 to 1. */
  readonly changes: number
  readonly flapping: boolean
}

/** As Nagios looks back; without its weights, which nobody can work out in their head. */
const CHECKS_LOOKED_AT = 21
const FLAPPING = 0.2

interface Stretch {
  readonly status: Status
  readonly from: number
  to: number
}

/**
 * Judges a part by its intervals within a window.
 * @param intervals of one part, the earliest first
 */
export function uptimeOf(intervals: readonly Interval[], from: number, to: number): Uptime {
  const stretches = stretchesIn(intervals, from, to)
  const observed: Record<Status, number> = { ok: 0, warning: 0, critical: 0, unknown: 0 }
  for (const stretch of stretches) observed[stretch.status] += stretch.to - stretch.from
  const known = observed.ok + observed.warning + observed.critical
  const outages = outagesIn(stretches)
  const changes = changesIn(intervals.filter(({ startedAt }) => startedAt <= to))
  return {
    observed,
    unobserved: to - from - known - observed.unknown,
    availability: known === 0 ? null : (observed.ok + observed.warning) / known,
    outages: outages.length,
    longestOutage: Math.max(0, ...outages),
    meanOutage: outages.length === 0 ? null : outages.reduce((sum, one) => sum + one, 0) / outages.length,
    changes,
    flapping: changes >= FLAPPING,
  }
}

/**
 * Times with a known status: from its first check to the first that found another. Where the checks paused for longer than
 * `MAX_GAP_MS`, nothing is known behind the last one.
 */
function stretchesIn(intervals: readonly Interval[], from: number, to: number): readonly Stretch[] {
  return intervals.flatMap(({ status, startedAt, lastAt }, at) => {
    const next = intervals[at + 1]?.startedAt
    const end = next !== undefined && next - lastAt <= MAX_GAP_MS ? next : lastAt
    const stretch = { status, from: Math.max(startedAt, from), to: Math.min(end, to) }
    // One check alone takes no time, but it is an outage if it found one.
    const isIn = stretch.to > stretch.from || (startedAt === end && startedAt >= from && startedAt <= to)
    return isIn ? [stretch] : []
  })
}

/** Lengths of outages; those with no pause between them are one. */
function outagesIn(stretches: readonly Stretch[]): readonly number[] {
  const outages: Stretch[] = []
  for (const stretch of stretches) {
    if (stretch.status !== 'critical') continue
    const last = outages.at(-1)
    if (last !== undefined && last.to === stretch.from) last.to = stretch.to
    else outages.push({ ...stretch })
  }
  return outages.map(({ from, to }) => to - from)
}

function changesIn(intervals: readonly Interval[]): number {
  let left = CHECKS_LOOKED_AT
  let changes = 0
  for (let at = intervals.length - 1; at >= 0 && left > 0; at--) {
    left -= intervals[at]?.checks ?? 0
    // The change stands between the first check of this one and the last of the one before.
    if (left > 0 && at > 0 && intervals[at - 1]?.status !== intervals[at]?.status) changes++
  }
  return changes / (CHECKS_LOOKED_AT - 1)
}
