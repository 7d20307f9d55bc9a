import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { EndpointHealth } from '../../src/lib/health/model.ts'
import { type WatchState, watchScreen } from '../../src/lib/view/health-watch.ts'
import { EVIL, healthOf, hostileResult, NOON, resultOf } from '../support/health.ts'

const MINUTE = 60_000
const stateOf = (...endpoints: readonly EndpointHealth[]): WatchState => ({
  result: resultOf(...endpoints),
  groupOf: ({ system }) => system ?? 'others',
  now: NOON,
  nextAt: NOON + 24_100,
})

const mixed = stateOf(
  healthOf({
    connector: 'dms',
    service: 'critical',
    summary: 'dms.example.de refuses connections',
    since: { service: { at: NOON - 125 * MINUTE, before: 'ok' } },
  }),
  healthOf({
    connector: 'late',
    system: null,
    isNotAsked: true,
    since: { service: { at: NOON - MINUTE, before: 'critical' } },
  }),
  healthOf({
    connector: 'epaybl',
    system: 'epaybl',
    certificate: 'warning',
    since: {
      certificate: { at: NOON - 3 * MINUTE, before: 'ok' },
      service: { at: NOON - 100 * MINUTE, before: null },
    },
  }),
  healthOf({ connector: 'archive', certificate: 'ok' }),
  healthOf({ connector: 'portal', system: 'liferay' }),
)

test('shows groups and rows, worst first, with since when and what changed last', () => {
  expect(watchScreen(mixed, { columns: 100, rows: 20 }, 'en')).toEqual([
    'CRITICAL  1 CRITICAL, 1 UNKNOWN, 3 OK  12:00:00 UTC  next check in 25 s',
    '3 minutes ago: epaybl certificate OK → WARNING',
    '',
    'enaio  1 CRITICAL, 1 OK',
    '  CRITICAL  dms      service      2 hours    dms.example.de refuses connections',
    '  OK        archive  service                 service is ok',
    'others  1 UNKNOWN',
    '  UNKNOWN   late     service                 not asked: the time was over before its turn',
    'epaybl  1 WARNING, 1 OK',
    '  WARNING   epaybl   certificate  3 minutes  certificate is warning',
    '  OK        epaybl   service      1 hour     service is ok',
    'liferay  1 OK',
    '  OK        portal   service                 service is ok',
  ])
})

test('speaks German', () => {
  const lines = watchScreen({ ...mixed, nextAt: null }, { columns: 100, rows: 9 }, 'de')
  expect(lines[0]).toBe('KRITISCH  1 KRITISCH, 1 UNBEKANNT, 3 OK  12:00:00 UTC  Prüfung läuft')
  expect(lines[1]).toBe('3 Minuten her: epaybl Zertifikat OK → WARNUNG')
  expect(lines.at(-1)).toBe('… 1 weitere, 1 Gruppe')
})

test('leaves out a column that is empty', () => {
  const lines = watchScreen(stateOf(healthOf({ connector: 'dms' })), { columns: 80, rows: 9 }, 'en')
  expect(lines).toEqual([
    'OK  1 OK  12:00:00 UTC  next check in 25 s',
    '',
    '',
    'enaio  1 OK',
    '  OK  dms  service  service is ok',
  ])
})

test('what has always been so has not changed', () => {
  const state = stateOf(healthOf({ since: { service: { at: NOON, before: null } } }))
  expect(watchScreen(state, { columns: 80, rows: 9 }, 'en')[1]).toBe('')
})

test('tells endpoints of one connector apart', () => {
  const lines = watchScreen(
    stateOf(
      healthOf({ id: 'a', url: 'https://a.example.de/x' }),
      healthOf({ id: 'b', url: 'https://b.example.de' }),
    ),
    { columns: 80, rows: 9 },
    'en',
  )
  expect(lines.slice(4)).toEqual([
    '  OK  dms a.example.de/x  service  service is ok',
    '  OK  dms b.example.de    service  service is ok',
  ])
})

describe('where there is little room', () => {
  test.each([
    [12, ['enaio', 'CRITICAL', 'others', 'UNKNOWN', 'epaybl', 'WARNING', 'liferay']],
    [10, ['enaio', 'CRITICAL', 'others', 'UNKNOWN', 'epaybl', 'WARNING', 'liferay']],
    [9, ['enaio', 'CRITICAL', 'others', 'UNKNOWN', 'epaybl', '… 1 more, 1 group']],
    [6, ['enaio', 'CRITICAL', '… 2 more, 3 groups']],
    [4, ['… 3 more, 4 groups']],
    [3, []],
  ])('%i lines: those that are well go first, then others are counted', (rows, expected) => {
    const body = watchScreen(mixed, { columns: 100, rows }, 'en').slice(3)
    expect(body.map((line) => (line.startsWith('…') ? line : line.trim().split(' ')[0]))).toEqual(expected)
  })

  test.each([0, 1, 2])('%i lines are no more than that', (rows) => {
    expect(watchScreen(mixed, { columns: 100, rows }, 'en')).toHaveLength(rows)
  })

  test('lines are shortened', () => {
    expect(watchScreen(mixed, { columns: 30, rows: 5 }, 'en')).toEqual([
      'CRITICAL  1 CRITICAL, 1 UNKNO…',
      '3 minutes ago: epaybl certifi…',
      '',
      'enaio  1 CRITICAL, 1 OK',
      '… 3 more, 3 groups',
    ])
  })
})

test('paints a line by its status, and headings not at all', () => {
  const painted: string[] = []
  watchScreen(mixed, { columns: 40, rows: 9 }, 'en', (status, line) => {
    painted.push(`${status} ${line.length}`)
    return line
  })
  expect(painted).toEqual(['critical 40', 'critical 40', 'unknown 40'])
})

test('whatever comes from outside, it fits and nothing moves the cursor', () => {
  const evil = healthOf({ connector: EVIL, system: EVIL, url: EVIL, summary: EVIL, service: 'critical' })
  const size = fc.record({ columns: fc.nat(90), rows: fc.nat(30) })
  fc.assert(
    fc.property(hostileResult, size, (result, { columns, rows }) => {
      const endpoints = [evil, ...result.endpoints]
      const lines = watchScreen(stateOf(...endpoints), { columns, rows }, 'de')
      expect(lines.length).toBeLessThanOrEqual(rows)
      for (const line of lines) {
        expect(line.length).toBeLessThanOrEqual(columns)
        expect(line).not.toMatch(/\p{Cc}|[\u2028\u202E]/u)
      }
    }),
  )
})
