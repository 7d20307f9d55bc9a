import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isJsonObject, jsonArray, jsonText, readJson } from '../../src/lib/input/json.ts'
import { jsonFaultOffset } from '../../src/lib/input/json-fault.ts'
import { failure } from '../support/failure.ts'
import { inPieces, sourceOf } from '../support/source.ts'

const read = (text: string, size = 5) => readJson(sourceOf(text, { name: 'p.json' }), inPieces(text, size))

test('any document is read as JSON.parse reads it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.json(), async (text) => {
      expect(await read(text)).toEqual(JSON.parse(text))
    }),
  )
})

test('a document that is cut off anywhere is told as cut off, at its end', async () => {
  const documents = fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue()))
  await fc.assert(
    fc.asyncProperty(documents, fc.nat(), async (value, cut) => {
      const whole = JSON.stringify(value)
      const text = whole.slice(0, cut % whole.length)
      const error = await failure(() => read(text))
      expect({ code: error.code, place: error.place }).toEqual({
        code: 'JSON_TRUNCATED',
        place: { file: 'p.json', line: 1, column: text.length + 1 },
      })
    }),
  )
})

test('a sign that has no place is found where it stands', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue(), { minLength: 1 }), fc.nat(), (value, where) => {
      // Where a number or an escape breaks is a matter of taste.
      const text = JSON.stringify(value, (_, part) => (typeof part === 'number' ? null : part))
      fc.pre(!text.includes('\\'))
      const at = where % text.length
      const broken = `${text.slice(0, at)}\u0001${text.slice(at)}`
      expect(jsonFaultOffset(broken)).toBe(at)
    }),
  )
})

describe('what is no JSON is told with line and column', () => {
  test.each([
    ['{"a": x}', 1, 7, 'x'],
    ['[1,\n2,\n{"k":tru}]', 3, 9, '}'],
    ['[1,2,]', 1, 6, ']'],
    ['{"a":1,}', 1, 8, '}'],
    ['[[],]', 1, 5, ']'],
    ['{"a":1}}', 1, 8, '}'],
    ['{"a":"b\nc"}', 1, 8, '\n'],
    ['{"a" 1}', 1, 6, '1'],
    ['{a:1}', 1, 2, 'a'],
    ["{'a':1}", 1, 2, "'"],
    ['[1 2]', 1, 4, '2'],
    ['[01]', 1, 3, '1'],
    ['["\\x"]', 1, 3, '\\'],
    ['<html>', 1, 1, '<'],
  ])('%j', async (text, line, column, sign) => {
    expect(await failure(() => read(text))).toMatchObject({
      code: 'JSON_INVALID',
      exit: 65,
      place: { file: 'p.json', line, column },
      message: `p.json:${line}:${column}: this is no valid JSON: unexpected ${JSON.stringify(sign)}`,
      suggestions: ['Have the file written anew.'],
    })
  })
})

test('a million nested lists end in an error, not in a crash', async () => {
  expect((await failure(() => read('['.repeat(1_000_000), 1 << 16))).code).toBe('JSON_TRUNCATED')
})

test('names like __proto__ are names', async () => {
  const value = await read('{"__proto__":{"polluted":true}}')
  expect(Object.keys(value as object)).toEqual(['__proto__'])
  expect('polluted' in {}).toBe(false)
})

test('fields of unknown shape', () => {
  expect([{}, [], null, 'a', undefined].map(isJsonObject)).toEqual([true, false, false, false, false])
  expect(jsonArray(undefined)).toEqual([])
  expect(jsonArray([1])).toEqual([1])
  expect(['a', 10101, null, undefined, true, []].map(jsonText)).toEqual(['a', '10101', '', '', '', ''])
})
