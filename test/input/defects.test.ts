import { expect, test } from 'vitest'
import { type Defect, DefectLog, hintFor } from '../../src/lib/input/defects.ts'

const defect = (reason: string, line: number, action: Defect['action'] = 'rejected'): Defect => ({
  action,
  reason,
  place: { file: 'a.csv', line },
  field: 'key',
  value: String(line),
})

test('defects are counted by reason, sampled, and every one is handed on', () => {
  const seen: number[] = []
  const log = new DefectLog(({ place }) => seen.push(place.line ?? 0))
  for (let line = 1; line <= 5; line++) log.add(defect('region-invalid', line))
  log.add(defect('excel-number', 6))
  log.add(defect('typ-unknown', 7, 'kept'))
  expect(log.summary('rejected')).toEqual({ total: 6, byReason: { 'excel-number': 1, 'region-invalid': 5 } })
  expect(Object.keys(log.summary('rejected').byReason)).toEqual(['excel-number', 'region-invalid'])
  expect(log.summary('kept')).toEqual({ total: 1, byReason: { 'typ-unknown': 1 } })
  expect(log.samples.map(({ place }) => place.line)).toEqual([1, 2, 3, 6, 7])
  expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7])
})

test('what a spreadsheet did to keys has a way out', () => {
  expect(hintFor('leading-zero-lost')).toBe(
    'A spreadsheet dropped the leading zeros: have the column exported as text. They are never filled in.',
  )
  expect(hintFor('name-missing')).toBeUndefined()
})
