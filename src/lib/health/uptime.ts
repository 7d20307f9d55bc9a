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
 * @param intervals of one part, in the order in which they were recorded
 */
export function uptimeOf(intervals: readonly Interval[], from: number, to: number): Uptime {
  const stretches = stretchesIn(intervals, from, to)
  const observed: Record<Status, number> = { ok: 0, warning: 0, critical: 0, unknown: 0 }
  for (const stretch of stretches) observed[stretch.status] += stretch.to - stretch.from
  const known = observed.ok + observed.warning + observed.critical
  const outages = outagesIn(stretches)
  const changes = changesIn(intervals)
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
 * When the time of an interval ends: with the first check that found another, or, where the checks paused for longer than
 * `MAX_GAP_MS` or the clock was set back, with its own last one, for behind that nothing is known.
 */
export function endOf({ era, lastAt }: Interval, next: Interval | undefined): number {
  return next !== undefined && next.era === era && next.startedAt - lastAt <= MAX_GAP_MS
    ? next.startedAt
    : lastAt
}

/** Times with a known status, the earliest first. Of those that claim the same time what was recorded last is taken. */
function stretchesIn(intervals: readonly Interval[], from: number, to: number): readonly Stretch[] {
  const taken = new Taken()
  return intervals
    .flatMap((interval, at) => {
      const { status, startedAt } = interval
      const end = endOf(interval, intervals[at + 1])
      const stretch = { status, from: Math.max(startedAt, from), to: Math.min(end, to) }
      // One check alone takes no time, but it is an outage if it found one.
      const isIn = stretch.to > stretch.from || (startedAt === end && startedAt >= from && startedAt <= to)
      return isIn ? [stretch] : []
    })
    .toReversed()
    .flatMap((stretch) => taken.rest(stretch))
    .sort((a, b) => a.from - b.from || a.to - b.to)
}

/** Times that are taken; those that were asked for last come first. */
class Taken {
  /** Without a time in common, the latest first. */
  #spans: { readonly from: number; readonly to: number }[] = []

  /** What of a stretch is not taken; then all of it is. */
  rest(stretch: Stretch): readonly Stretch[] {
    const { from, to } = stretch
    const earliest = this.#spans.at(-1)
    if (earliest === undefined || to <= earliest.from) {
      this.#spans.push(stretch)
      return [{ ...stretch }]
    }
    const inTheWay = this.#spans.filter((span) => span.to > from && span.from < to)
    const free: Stretch[] = []
    let end = to
    for (const span of inTheWay) {
      if (span.to < end) free.push({ ...stretch, from: span.to, to: end })
      end = Math.min(end, span.from)
    }
    if (end > from || (inTheWay.length === 0 && from === to)) free.push({ ...stretch, from, to: end })
    const others = this.#spans.filter((span) => !inTheWay.includes(span))
    const joined = {
      from: Math.min(from, ...inTheWay.map((span) => span.from)),
      to: Math.max(to, ...inTheWay.map((span) => span.to)),
    }
    this.#spans = [...others, joined].sort((a, b) => b.from - a.from)
    return free
  }
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
