import { expect, onTestFinished, test } from 'vitest'
import type { Status } from '../../src/lib/connector/model.ts'
import { brokenNow } from '../../src/lib/coverage/healthy.ts'
import { readSetBacks } from '../../src/lib/health/clock.ts'
import { readIntervals, recordHealth } from '../../src/lib/health/history.ts'
import { readBroken, readHistory, readUptime } from '../../src/lib/health/read.ts'
import { StoreDatabase } from '../../src/lib/store/database.ts'
import { MIGRATIONS } from '../../src/lib/store/migrations.ts'
import { openStore, type Store } from '../../src/lib/store/sqlite.ts'
import { upgrade } from '../../src/lib/store/upgrade.ts'
import { setBackLines } from '../../src/lib/view/health-history.ts'
import { temporaryFile } from '../support/folder.ts'
import { healthOf } from '../support/health.ts'
import { temporaryStore } from '../support/store.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const YEARS = 2 * 365 * DAY
/** From the begin of a check to its recording. */
const LAG = 2000
const NOW = Date.UTC(2026, 10, 24, 12)
const ALL = { connectors: [], prefix: '', part: undefined } as const

/** A check of dms that begins at a time of the clock and is recorded two seconds later. */
async function check(store: Store, time: number, service: Status, connector = 'dms', keepMs?: number) {
  const health = healthOf({ connector, service })
  const report = health.report === null ? null : { ...health.report, startedAt: time }
  const [known] = await recordHealth(store, [{ ...health, report }], () => new Date(time + LAG), { keepMs })
  return known
}

/** Every five minutes from a time on. */
async function checks(store: Store, from: number, ...found: readonly Status[]) {
  for (const [at, status] of found.entries()) await check(store, from + at * 5 * MINUTE, status)
}

const history = (store: Store) =>
  readHistory(store, ALL, 0).map(({ at, from, to, lastedMs, lasts }) => [
    (at - NOW) / MINUTE,
    from,
    to,
    lastedMs / MINUTE,
    lasts,
  ])

const uptime = (store: Store, from: number, to: number) => readUptime(store, ALL, from, to)[0]

test.each([
  ['minutes', 7 * MINUTE],
  ['two days', 2 * DAY],
  ['two years', YEARS],
])(
  'a clock that was ahead once, by %s: what comes later is seen, and nothing is lost',
  async (_name, ahead) => {
    const store = await temporaryStore()
    await checks(store, NOW - 20 * MINUTE, 'critical', 'ok', 'ok', 'ok')
    await check(store, NOW + ahead, 'ok')
    const now = NOW + 10 * MINUTE
    await checks(store, NOW, 'critical', 'critical', 'critical')

    expect(history(store)).toEqual([
      [-20, null, 'critical', 5, false],
      [-15, 'critical', 'ok', 15 + ahead / MINUTE, false],
      [0, 'ok', 'critical', 10, true],
    ])
    expect(readSetBacks(store, 0, now + LAG)).toEqual([{ from: NOW + ahead + LAG, to: NOW + LAG }])
    expect(readBroken(store, now, DAY)).toMatchObject({
      broken: [{ connector: 'dms', since: NOW }],
      stale: [],
      asOf: now,
    })
    expect(uptime(store, NOW - 20 * MINUTE, now)).toMatchObject({
      now: 'critical',
      uptime: {
        observed: { ok: ahead < HOUR ? 15 * MINUTE : 10 * MINUTE, critical: 15 * MINUTE },
        outages: 2,
      },
    })
  },
)

test('what is the same behind a set-back is one state, and goes on in one row', async () => {
  const store = await temporaryStore()
  await check(store, NOW + 10 * MINUTE, 'ok')
  await checks(store, NOW, 'ok', 'ok')
  expect(await check(store, NOW + 6 * MINUTE, 'ok')).toMatchObject({
    since: { service: { at: NOW, before: null } },
  })
  expect(readIntervals(store, 'dms-1').map(({ era, checks }) => [era, checks])).toEqual([
    [0, 1],
    [1, 3],
  ])
  expect(history(store)).toEqual([[0, null, 'ok', 6, true]])
})

test('changes stand in the order in which they were found, and times that are claimed twice go to the later', async () => {
  const store = await temporaryStore()
  await checks(store, NOW - 20 * MINUTE, 'ok', 'ok')
  await checks(store, NOW + 7 * MINUTE, 'critical', 'critical', 'critical')
  await check(store, NOW, 'ok')
  await check(store, NOW, 'ok', 'other')
  await check(store, NOW + 10 * MINUTE, 'ok')
  expect(readHistory(store, ALL, 0).map(({ endpoint, to }) => `${endpoint.connector} ${to}`)).toEqual([
    'dms ok',
    'dms critical',
    'dms ok',
    'other ok',
  ])
  // From 7 to 10 it was seen twice, and from 10 to 17 only by the clock that was ahead.
  const [dms] = readUptime(store, ALL, NOW, NOW + 30 * MINUTE)
  expect(dms?.uptime).toMatchObject({
    observed: { ok: 10 * MINUTE, critical: 7 * MINUTE },
    unobserved: 13 * MINUTE,
    outages: 1,
    longestOutage: 7 * MINUTE,
  })
})

test('one check that found an outage is one, also where the time of another begins or ends', async () => {
  const store = await temporaryStore()
  await check(store, NOW + 10 * MINUTE, 'critical')
  await checks(store, NOW, 'ok', 'ok', 'ok')
  expect(uptime(store, NOW, NOW + 20 * MINUTE)).toMatchObject({
    uptime: { observed: { ok: 10 * MINUTE, critical: 0 }, outages: 1 },
  })
})

test('when the calendar has caught up with what was dated ahead, it takes nothing from what was seen', async () => {
  const store = await temporaryStore()
  await check(store, NOW + 7 * MINUTE, 'critical')
  await checks(store, NOW, 'ok', 'ok', 'ok', 'ok')
  expect(uptime(store, NOW, NOW + 15 * MINUTE)).toMatchObject({
    now: 'ok',
    uptime: { observed: { ok: 15 * MINUTE, critical: 0 }, unobserved: 0, outages: 0, availability: 1 },
  })
})

test('a clock that was behind once hides and deletes nothing either', async () => {
  const store = await temporaryStore()
  await checks(store, NOW - 20 * MINUTE, 'ok', 'ok', 'ok', 'ok')
  const known = await check(store, 1000, 'critical')
  expect(known?.since.service).toEqual({ at: 1000, before: 'ok' })
  await checks(store, NOW, 'critical', 'critical')
  expect(uptime(store, NOW - 20 * MINUTE, NOW + 5 * MINUTE)).toMatchObject({
    now: 'critical',
    uptime: { observed: { ok: 15 * MINUTE, critical: 5 * MINUTE }, unobserved: 5 * MINUTE, outages: 1 },
  })
  expect(readSetBacks(store, 0, NOW + 5 * MINUTE + LAG)).toEqual([{ from: NOW - 5 * MINUTE + LAG, to: 3000 }])
  expect(readIntervals(store, 'dms-1').map(({ era, status, checks }) => [era, status, checks])).toEqual([
    [0, 'ok', 4],
    [1, 'critical', 1],
    [1, 'critical', 2],
  ])
})

test('nobody knows how old a check is that is dated in the future', async () => {
  const store = await temporaryStore()
  await check(store, NOW + HOUR, 'ok')
  expect(readBroken(store, NOW, DAY)).toMatchObject({ broken: [], stale: [{ connector: 'dms' }], asOf: null })
  expect(() => brokenNow(store, new Date(NOW))).toThrow(
    'how old the checks of connectors are is not known, for the clock was set back since',
  )
  expect(readSetBacks(store, 0, NOW + LAG)).toEqual([{ from: NOW + HOUR + LAG, to: NOW + LAG }])
  await check(store, NOW, 'critical')
  expect(readBroken(store, NOW, DAY)).toMatchObject({ broken: [{ since: NOW }], stale: [], asOf: NOW })
})

test('a clock that is ahead again and again deletes nothing before its time', async () => {
  const store = await temporaryStore()
  const keep = 10 * DAY
  await check(store, NOW, 'critical', 'dms', keep)
  await check(store, NOW, 'ok', 'gone', keep)
  // Nine days as far as anybody knows: a leap counts for a day at most, and the way back for nothing.
  for (let round = 1; round <= 9; round++) {
    await check(store, NOW + YEARS, 'ok', 'dms', keep)
    await check(store, NOW + round * HOUR, 'ok', 'dms', keep)
  }
  const left = () => readHistory(store, ALL, 0).map(({ endpoint, to }) => `${endpoint.connector} ${to}`)
  expect(new Set(left())).toEqual(new Set(['dms critical', 'gone ok', 'dms ok']))
  await check(store, NOW + YEARS, 'ok', 'dms', keep)
  await check(store, NOW + YEARS + DAY, 'ok', 'dms', keep)
  expect(new Set(left())).toEqual(new Set(['dms ok']))
  expect(readSetBacks(store, 0, NOW + YEARS + DAY + LAG)).toHaveLength(9)
})

/** A store of the version before, with an endpoint and an interval at some hours from now. */
async function formerStore(...hours: readonly number[]) {
  const step = MIGRATIONS.findIndex((sql) => sql.includes('CREATE TABLE health_clock'))
  const path = temporaryFile('ozgctl.db', '')
  const db = new StoreDatabase(path)
  await upgrade(db, path, MIGRATIONS.slice(0, step))
  for (const hour of hours) {
    const time = Math.round(Date.now() / HOUR) * HOUR + hour * HOUR
    db.prepare(
      `INSERT INTO health_endpoint VALUES ('dms-1', 'dms', 'DMS', NULL, 'http', 'u', '"all"', '[]', ?1, ?1)
       ON CONFLICT (id) DO UPDATE SET last_at = excluded.last_at`,
    ).run(time)
    db.prepare("INSERT INTO health_interval VALUES ('dms-1', 'service', ?1, ?1, 'ok', 3, 'fine')").run(time)
  }
  db.close()
  const store = await openStore(path)
  onTestFinished(() => store.close())
  return store
}

test('a store of before is taken over as it is', async () => {
  const store = await formerStore(-300 * 24, -3)
  const time = Date.now()
  expect(await check(store, time, 'ok')).toMatchObject({ since: { service: { before: null } } })
  expect(readIntervals(store, 'dms-1').map(({ era, checks }) => [era, checks])).toEqual([
    [0, 3],
    [0, 3],
    [0, 1],
  ])
  expect(readSetBacks(store, 0, time + LAG)).toEqual([])
})

test('a store of before in which checks are dated two years ahead sees the next one', async () => {
  const store = await formerStore(-300 * 24, YEARS / HOUR)
  const time = Date.now()
  await check(store, time, 'critical')
  expect(readIntervals(store, 'dms-1').map(({ era, status }) => [era, status])).toEqual([
    [0, 'ok'],
    [0, 'ok'],
    [1, 'critical'],
  ])
  expect(readBroken(store, time, DAY)).toMatchObject({ broken: [{ connector: 'dms' }], stale: [] })
})

test('a store of before without checks has no clock yet', async () => {
  const store = await formerStore()
  await check(store, NOW, 'ok')
  expect(readIntervals(store, 'dms-1')).toMatchObject([{ era: 0, startedAt: NOW }])
})

test('eras of which nothing is left are forgotten', async () => {
  const store = await temporaryStore()
  await check(store, NOW + YEARS, 'critical')
  await check(store, NOW - HOUR, 'ok')
  for (let day = 0; day <= 12; day++) await check(store, NOW + day * DAY, 'ok', 'dms', 10 * DAY)
  expect(readSetBacks(store, 0, NOW + 12 * DAY + LAG)).toEqual([])
  expect(new Set(readIntervals(store, 'dms-1').map(({ era }) => era))).toEqual(new Set([1]))
})

test('a clock that is set back during a check dates it no later than its recording', async () => {
  const store = await temporaryStore()
  const { report, ...health } = healthOf({ service: 'ok' })
  if (report === null) throw new Error('it was asked')
  const late = { ...health, report: { ...report, startedAt: NOW + HOUR } }
  await recordHealth(store, [late], () => new Date(NOW))
  expect(readIntervals(store, 'dms-1')).toMatchObject([{ startedAt: NOW, lastAt: NOW }])
})

test('a step of less than a second is not told', async () => {
  const store = await temporaryStore()
  await check(store, NOW, 'ok')
  await check(store, NOW - 999, 'ok')
  expect(readSetBacks(store, 0, NOW + HOUR + LAG)).toEqual([])
  await check(store, NOW - 1999, 'ok')
  expect(readSetBacks(store, 0, NOW + HOUR + LAG)).toEqual([{ from: NOW + 1001, to: NOW + 1 }])
  expect(readSetBacks(store, NOW + 1002, NOW + HOUR + LAG)).toEqual([])
})

test('it is told in words, the last three', () => {
  const of = (hour: number) => ({ from: NOW + hour * HOUR + DAY, to: NOW + hour * HOUR })
  expect(setBackLines([], 'de')).toBe('')
  expect(setBackLines([of(0)], 'de')).toBe(
    'Die Uhr wurde von 2026-11-25 12:00 auf 2026-11-24 12:00 UTC zurückgestellt: Zeiten davor können falsch sein\n',
  )
  expect(setBackLines([of(0), of(1), of(2), of(3)], 'en')).toBe(
    `Before that 1 more
The clock was set back from 2026-11-25 13:00 to 2026-11-24 13:00 UTC: times before it may be wrong
The clock was set back from 2026-11-25 14:00 to 2026-11-24 14:00 UTC: times before it may be wrong
The clock was set back from 2026-11-25 15:00 to 2026-11-24 15:00 UTC: times before it may be wrong
`,
  )
})
