import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Status } from '../../src/lib/connector/model.ts'
import { type Interval, MAX_GAP_MS, readIntervals, recordHealth } from '../../src/lib/health/history.ts'
import { readBroken, readHistory, readUptime } from '../../src/lib/health/read.ts'
import { uptimeOf } from '../../src/lib/health/uptime.ts'
import { healthOf } from '../support/health.ts'
import { temporaryStore } from '../support/store.ts'

const MINUTE = 60_000
const START = Date.parse('2026-11-24T00:00:00Z')
const clock = (time: number) => () => new Date(time)
const ALL = { connectors: [], prefix: '', part: undefined } as const

/** A check of the connector dms at a minute. */
function at(minute: number, service: Status, connector = 'dms') {
  const health = healthOf({ connector, service })
  const report = health.report === null ? null : { ...health.report, startedAt: START + minute * MINUTE }
  return { ...health, report }
}

async function storeWith(...checks: readonly (readonly [minute: number, status: Status])[]) {
  const store = await temporaryStore()
  for (const [minute, status] of checks)
    await recordHealth(store, [at(minute, status)], clock(START + minute * MINUTE))
  return store
}

const rows = (intervals: readonly Interval[]) =>
  intervals.map(({ status, startedAt, lastAt, checks }) => [
    status,
    (startedAt - START) / MINUTE,
    (lastAt - START) / MINUTE,
    checks,
  ])

test('one row as long as it stays the same, another behind a change and behind a pause', async () => {
  const store = await storeWith([0, 'ok'], [5, 'ok'], [10, 'critical'], [15, 'ok'], [20, 'ok'], [81, 'ok'])
  expect(rows(readIntervals(store, 'dms-1'))).toEqual([
    ['ok', 0, 5, 2],
    ['critical', 10, 10, 1],
    ['ok', 15, 20, 2],
    ['ok', 81, 81, 1],
  ])
})

test('since when it is so, whatever pauses there were', async () => {
  const store = await storeWith([0, 'critical'], [5, 'ok'], [90, 'ok'])
  const [known] = await recordHealth(store, [at(95, 'ok')], clock(START + 95 * MINUTE))
  expect(known?.since.service).toMatchObject({ at: START + 5 * MINUTE, before: 'critical' })
})

test('an older check that comes late changes nothing', async () => {
  const store = await storeWith([0, 'ok'], [10, 'critical'])
  await recordHealth(store, [at(5, 'ok')], clock(START + 11 * MINUTE))
  await recordHealth(store, [at(10, 'ok')], clock(START + 12 * MINUTE))
  expect(rows(readIntervals(store, 'dms-1'))).toEqual([
    ['ok', 0, 0, 1],
    ['critical', 10, 10, 1],
  ])
})

test('what was cut short says nothing of the service, and what it says of the certificate counts', async () => {
  const store = await storeWith([0, 'ok'])
  const cut = healthOf({ service: 'unknown', certificate: 'warning', isCut: true })
  const report = cut.report === null ? null : { ...cut.report, startedAt: START + 5 * MINUTE }
  await recordHealth(store, [{ ...cut, report }], clock(START + 5 * MINUTE))
  await recordHealth(
    store,
    [healthOf({ connector: 'new', service: 'unknown', isCut: true })],
    clock(START + 6 * MINUTE),
  )
  expect(readIntervals(store, 'dms-1').map(({ part, status, checks }) => [part, status, checks])).toEqual([
    ['service', 'ok', 1],
    ['certificate', 'warning', 1],
  ])
  expect(readHistory(store, ALL, 0).map(({ endpoint }) => endpoint.connector)).toEqual(['dms', 'dms'])
})

test('what is over is forgotten, what is now is kept, and all of what nobody asks any more', async () => {
  const DAY = 24 * 60
  const store = await storeWith([0, 'critical'], [5, 'ok'])
  await recordHealth(store, [at(0, 'ok', 'old')], clock(START + 6 * MINUTE))
  await recordHealth(store, [at(10, 'ok')], clock(START + 10 * MINUTE))
  const day = (number: number) =>
    recordHealth(store, [at(number * DAY, 'ok')], clock(START + number * DAY * MINUTE), {
      keepMs: 10 * DAY * MINUTE,
    })
  for (let number = 1; number <= 10; number++) await day(number)
  expect(rows(readIntervals(store, 'dms-1')).slice(0, 2)).toEqual([
    ['critical', 0, 0, 1],
    ['ok', 5, 10, 2],
  ])
  await day(11)
  expect(rows(readIntervals(store, 'dms-1'))[0]).toEqual(['ok', DAY, DAY, 1])
  expect(readHistory(store, ALL, 0).map(({ endpoint }) => endpoint.connector)).toEqual(['dms'])
})

test('2,000 endpoints, twice', async () => {
  const store = await temporaryStore()
  const round = (minute: number) =>
    Array.from({ length: 2000 }, (_, number) =>
      at(minute, number % 10 === 0 ? 'critical' : 'ok', `c${number}`),
    )
  await recordHealth(store, round(0), clock(START))
  await recordHealth(store, round(1), clock(START + MINUTE))
  const count = (table: string) => Number(store.db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n)
  expect([count('health_endpoint'), count('health_interval')]).toEqual([2000, 2000])
  const { broken } = readBroken(store, START + MINUTE, 60 * MINUTE)
  expect(broken).toHaveLength(200)
})

test('what is broken now, and what nobody knows', async () => {
  const store = await storeWith([0, 'ok'], [5, 'critical'], [10, 'critical'])
  await recordHealth(store, [at(10, 'ok', 'fine')], clock(START + 10 * MINUTE))
  const affects = 'all'
  expect(readBroken(store, START + 20 * MINUTE, 30 * MINUTE)).toMatchObject({
    broken: [{ ars: '034590014014', connector: 'dms', affects, since: START + 5 * MINUTE }],
    stale: [],
    endpoints: 2,
    asOf: START + 10 * MINUTE,
  })
  expect(readBroken(store, START + 50 * MINUTE, 30 * MINUTE)).toMatchObject({
    broken: [],
    endpoints: 2,
    asOf: null,
  })
})

test('history tells what was before and how long it lasted', async () => {
  const store = await storeWith([0, 'ok'], [5, 'critical'], [9, 'critical'], [10, 'ok'], [200, 'warning'])
  expect(
    readHistory(store, ALL, 0).map(({ from, to, lastedMs, lasts }) => [from, to, lastedMs / MINUTE, lasts]),
  ).toEqual([
    [null, 'ok', 5, false],
    ['ok', 'critical', 5, false],
    // Behind it the checks paused: only the time up to the last of them is known.
    ['critical', 'ok', 0, false],
    ['ok', 'warning', 0, true],
  ])
  expect(readHistory(store, { ...ALL, connectors: ['dms'], part: 'certificate' }, 0)).toEqual([])
  expect(() => readHistory(store, { ...ALL, connectors: ['dsm'] }, 0)).toThrow(
    'no connector "dsm" has been checked',
  )
})

const status = fc.constantFrom<Status[]>('ok', 'warning', 'critical', 'unknown')
/** Minutes to the next check with what it finds; some pauses are longer than what is taken for known. */
const checks = fc.array(
  fc.tuple(fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 61, max: 90 })), status),
  {
    minLength: 1,
    maxLength: 60,
  },
)

test('uptime is what a replay minute by minute says', async () => {
  await fc.assert(
    fc.asyncProperty(checks, fc.integer({ min: 0, max: 400 }), async (steps, cut) => {
      const store = await temporaryStore()
      let minute = 0
      const replayed: (readonly [minute: number, status: Status])[] = []
      for (const [wait, found] of steps) {
        minute += wait
        replayed.push([minute, found])
        await recordHealth(store, [at(minute, found)], clock(START + minute * MINUTE))
      }
      const [from, to] = [Math.min(cut, minute), minute + 5]
      const intervals = readIntervals(store, 'dms-1')
      const { observed, unobserved } = uptimeOf(intervals, START + from * MINUTE, START + to * MINUTE)
      expect({ ...observed, none: unobserved }).toEqual(replay(replayed, from, to))
    }),
    { numRuns: 40 },
  )
})

/** Whose each minute is: that of the check before it, if the next came soon enough. */
function replay(found: readonly (readonly [number, Status])[], from: number, to: number) {
  const total = { ok: 0, warning: 0, critical: 0, unknown: 0, none: 0 }
  for (let minute = from; minute < to; minute++) {
    const next = found.findIndex(([at]) => at > minute)
    const before = next < 0 ? undefined : found[next - 1]
    const isKnown = before !== undefined && (found[next]?.[0] ?? 0) - before[0] <= MAX_GAP_MS / MINUTE
    total[isKnown ? before[1] : 'none'] += MINUTE
  }
  return total
}

test('outages, their length, and flapping', async () => {
  const store = await storeWith(
    [0, 'ok'],
    [10, 'critical'],
    [20, 'critical'],
    [25, 'ok'],
    [30, 'critical'],
    [31, 'ok'],
    [40, 'ok'],
  )
  const [found] = readUptime(store, ALL, START, START + 40 * MINUTE)
  expect(found?.uptime).toEqual({
    observed: { ok: 24 * MINUTE, warning: 0, critical: 16 * MINUTE, unknown: 0 },
    unobserved: 0,
    availability: 0.6,
    outages: 2,
    longestOutage: 15 * MINUTE,
    meanOutage: 8 * MINUTE,
    changes: 0.2,
    flapping: true,
  })
})

test('of nothing nothing is known', () => {
  expect(uptimeOf([], START, START + MINUTE)).toMatchObject({
    availability: null,
    unobserved: MINUTE,
    outages: 0,
  })
})
