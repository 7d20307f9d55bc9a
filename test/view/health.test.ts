import { expect, test } from 'vitest'
import { healthColumns, healthJson, healthRows } from '../../src/lib/view/health.ts'
import type { HealthPart } from '../../src/lib/view/health-parts.ts'
import { DAY_MS, healthOf, NOON, resultOf } from '../support/health.ts'

const sinceColumn = healthColumns(NOON).find(({ key }) => key === 'since')
const shownSince = (row: HealthPart | undefined) => row && sinceColumn?.value(row)

test('since when is told of what was found, and not of what was known before', () => {
  const since = { service: { at: NOON - DAY_MS, before: 'ok' } } as const
  const result = resultOf(healthOf({ service: 'critical', since }), healthOf({ isNotAsked: true, since }))
  expect(healthRows(result).map(shownSince)).toEqual(['2026-11-23T12:00:00.000Z', null])
  expect(healthJson({ result, impact: [] }).endpoints.map(({ verdicts }) => verdicts)).toMatchObject([
    [{ status: 'critical', since: '2026-11-23T12:00:00.000Z', before: 'ok' }],
    [{ status: 'unknown', since: null, before: null }],
  ])
})
