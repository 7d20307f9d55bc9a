import { expect, test } from 'vitest'
import { badDocument, badInput, OzgctlError, printPlace, unreachable, usageError } from '../src/lib/errors.ts'
import { EXIT } from '../src/lib/exit-codes.ts'

test.each([
  [{}, ''],
  [{ file: 'a.csv' }, 'a.csv: '],
  [{ file: 'a.csv', line: 3 }, 'a.csv:3: '],
  [{ file: 'a.csv', line: 3, column: 7 }, 'a.csv:3:7: '],
  [{ file: 'a.csv', byte: 0 }, 'a.csv: byte 0: '],
  [{ file: 'a\nError: b', line: 1 }, 'a Error: b:1: '],
])('the place %j reads %j', (place, expected) => {
  expect(printPlace(place)).toBe(expected)
})

test('bad input names the place and ends with 65', () => {
  const error = badInput('CSV_EMPTY', 'the file holds no header line', { file: 'a.csv' }, ['Fetch it again.'])
  expect(error).toBeInstanceOf(OzgctlError)
  expect(error).toMatchObject({
    name: 'OzgctlError',
    code: 'CSV_EMPTY',
    exit: 65,
    message: 'a.csv: the file holds no header line',
    place: { file: 'a.csv' },
    suggestions: ['Fetch it again.'],
  })
})

test('a wrong call ends with 64 and a cause is kept', () => {
  expect(usageError('USAGE', 'no')).toMatchObject({ exit: 64, message: 'no', suggestions: [], place: {} })
  const cause = new Error('deep')
  expect(new OzgctlError('X', 'x', { exit: EXIT.failed, cause }).cause).toBe(cause)
})

test('the codes are those that scripts rely on', () => {
  expect(EXIT).toEqual({
    ok: 0,
    failed: 1,
    changes: 2,
    partial: 3,
    unmet: 4,
    locked: 5,
    unauthorised: 6,
    usage: 64,
    badInput: 65,
    unavailable: 69,
    output: 74,
    interrupted: 130,
    terminated: 143,
  })
})

test('a branch that should not be reached says so', () => {
  expect(() => unreachable('x' as never)).toThrow('unreachable: x')
})

test('of very many problems the number is told, and some are shown and kept', () => {
  const problems = Array.from({ length: 400_000 }, (_, at) => ({
    code: 'field-unknown',
    place: { file: 'm.yaml', line: at + 1 },
    path: `f${at}`,
    message: 'there is no such field',
  }))
  const error = badDocument('MANIFEST_INVALID', problems)
  expect(error.message.split('\n')).toHaveLength(52)
  expect(error.message).toMatch(/^400000 problems; .*… and 399950 more$/s)
  expect(error.problems).toHaveLength(1000)
})
