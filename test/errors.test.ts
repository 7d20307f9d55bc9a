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

test('of many problems the first are told, and how many there are', () => {
  const problems = Array.from({ length: 1500 }, (_, at) => ({
    code: 'field-unknown',
    place: { file: 'a.yaml', line: at + 1 },
    path: `x${at}`,
    message: 'there is no such field',
  }))
  const error = badDocument('MANIFEST_INVALID', problems)
  expect([error.problems.length, error.problems.at(-1)?.path, error.problemCount]).toEqual([
    1000,
    'x999',
    1500,
  ])
  const lines = error.message.split('\n')
  expect([lines[0], lines[50], ...lines.slice(51)]).toEqual([
    '1500 problems; nothing was changed',
    '  a.yaml:50: x49: there is no such field',
    '  … and 1450 more',
  ])
  expect(badDocument('X', problems.slice(0, 100)).problemCount).toBe(100)
})

test('a text of a document is told as far as anybody reads it, be there one problem or many', () => {
  const long = `${'x'.repeat(298)}😀${'y'.repeat(1_000_000)}`
  const problem = { code: 'c', place: {}, path: long, message: long, value: long, hint: long }
  const shown = `${'x'.repeat(298)}\uFFFD…`
  const short = { code: 'c', place: {}, path: shown, message: shown, value: shown, hint: shown }
  const one = badDocument('X', [problem])
  expect([one.problems, one.message, one.suggestions]).toEqual([[short], `${shown}: ${shown}`, [shown]])
  const two = badDocument('X', [problem, { code: 'd', place: {}, path: '', message: 'fine' }])
  expect(two.message).toBe(`2 problems; nothing was changed\n  ${shown}: ${shown}\n      ${shown}\n  fine`)
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
    hangup: 129,
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
