import { expect, test } from 'vitest'
import { accept, isSpreadsheetNumber, refuse } from '../src/lib/result.ts'

test('an outcome is a value or a reason', () => {
  expect(accept(1)).toEqual({ ok: true, value: 1 })
  expect(refuse('too-long')).toEqual({ ok: false, reason: 'too-long' })
})

test.each([
  ['3.4E+10', true],
  ['3,4E+10', true],
  ['9E13', true],
  ['9e+13', true],
  ['34', false],
  ['3.4', false],
  ['E+10', false],
  ['3.4E-10', false],
  ['', false],
])('whether %j is what a spreadsheet makes of a long number: %s', (text, expected) => {
  expect(isSpreadsheetNumber(text)).toBe(expected)
})
