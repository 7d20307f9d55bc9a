import { expect, test } from 'vitest'
import { formatNumber, formatPercent, formatTime } from '../../src/lib/view/lang.ts'

test.each([
  [0, '0', '0'],
  [999, '999', '999'],
  [1000, '1.000', '1,000'],
  [84_358_845, '84.358.845', '84,358,845'],
  [-1234, '-1.234', '-1,234'],
  [-123, '-123', '-123'],
  [-123_456, '-123.456', '-123,456'],
])('%d reads %s or %s', (value, de, en) => {
  expect([formatNumber(value, 'de'), formatNumber(value, 'en')]).toEqual([de, en])
})

test.each([
  [null, '–', '–'],
  [0, '0,0 %', '0.0 %'],
  [1, '100,0 %', '100.0 %'],
  [0.9999, '99,9 %', '99.9 %'],
  [1 / 3, '33,3 %', '33.3 %'],
  [0.29, '29,0 %', '29.0 %'],
])('the share %s reads %s or %s: it is never rounded up to what it is not', (share, de, en) => {
  expect([formatPercent(share, 'de'), formatPercent(share, 'en')]).toEqual([de, en])
})

test('a time reads as date and minutes, UTC', () => {
  expect(formatTime('2026-11-23T14:05:59.123Z')).toBe('2026-11-23 14:05')
})
