import { expect, test } from 'vitest'
import {
  isKommunal,
  isTypisierung,
  parseTypisierungen,
  TYPISIERUNGEN,
} from '../../src/lib/leika/typisierung.ts'

test.each([
  ['', [], []],
  ['5', ['5'], []],
  ['1, 2/3', ['1', '2/3'], []],
  ['2;3b|4', ['2', '3b', '4'], []],
  ['5, 5', ['5'], []],
  ['44', [], ['44']],
  ['2, 44,', ['2'], ['44']],
  ['2A', [], ['2A']],
])('the cell %j holds %j and, unknown, %j', (cell, typen, unknown) => {
  expect(parseTypisierungen(cell)).toEqual({ typen, unknown })
})

test('every type is read as itself', () => {
  for (const typ of TYPISIERUNGEN) expect(parseTypisierungen(typ)).toEqual({ typen: [typ], unknown: [] })
  expect(isTypisierung('2/3')).toBe(true)
  expect(isTypisierung('toString')).toBe(false)
})

test('a municipality may execute what is its own, the b variants and what is not divided', () => {
  expect(TYPISIERUNGEN.filter((typ) => isKommunal([typ]))).toEqual([
    '2',
    '2b',
    '3',
    '3b',
    '2/3',
    '2/3b',
    '4',
    '4b',
    '5',
  ])
  expect(isKommunal([])).toBe(false)
  expect(isKommunal(['1', '5'])).toBe(true)
  expect(isKommunal(['1', '4a'])).toBe(false)
})
