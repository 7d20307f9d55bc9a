import { expect, test } from 'vitest'
import { catalogRows } from '../../src/lib/catalog/rows.ts'
import { SMALL } from '../support/catalog.ts'

const ids = (rows: ReturnType<typeof catalogRows>) =>
  rows.map(({ ozg, leistung: one }) => `${ozg?.id ?? '-'} ${one?.name ?? '-'}`)

test('rows: each Leistung in each of its OZG-Leistungen, and what has no partner', () => {
  expect(ids(catalogRows(SMALL))).toEqual([
    '10001 Objekt',
    '10002 Objekt',
    '10002 Ausstellung',
    '10003 -',
    '- Detail',
    '- ohne OZG',
  ])
})
