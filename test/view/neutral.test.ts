import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  clipped,
  neutralCsv,
  neutralJson,
  neutralMarkdown,
  neutralTerminal,
} from '../../src/lib/view/neutral.ts'

const ESC = '\u001B'
/** Texts with many of the signs that do harm. */
const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      ...'=+-@|%;,"\'\\`*_{}[]<>#&!~\t\n\r\0\b',
      ESC,
      '\u007F',
      '\u009B',
      '\u00AD',
      '\u061C',
      '\u200B',
      '\u202E',
      '\u2028',
      '\u2066',
      '\uFEFF',
      '\uFF1D',
      '\u{E0041}',
      '\u00A0',
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
})
const CONTROLS = /\p{Cc}/u
const HIDDEN =
  /[\u00AD\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/u

describe('on a terminal', () => {
  test.each([
    ['Osnabrück / Wóspork', 'Osnabrück / Wóspork'],
    [`${ESC}[2J${ESC}]0;title\u0007`, '\\x1b[2J\\x1b]0;title\\x07'],
    ['a\r\nb\tc\bd', 'a\\x0d\\x0ab\\x09c\\x08d'],
    ['\u009B31m', '\\x9b31m'],
    ['abc\u202Ecba', 'abc\\u202ecba'],
    ['Bad\u00ADIburg', 'Bad\\xadIburg'],
    ['a\u{E0041}b', 'a\\ue0041b'],
  ])('%j reads %j', (text, expected) => {
    expect(neutralTerminal(text)).toBe(expected)
  })

  test('no text whatever moves the cursor, hides or reorders anything, and plain text stays as it is', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const shown = neutralTerminal(text)
        expect(shown).not.toMatch(CONTROLS)
        expect(shown).not.toMatch(HIDDEN)
        if (!CONTROLS.test(text) && !HIDDEN.test(text)) expect(shown).toBe(text)
      }),
    )
  })
})

describe('in a CSV cell', () => {
  test.each([
    ['Osnabrück', 'Osnabrück'],
    ['Bad Iburg, Stadt', '"Bad Iburg, Stadt"'],
    ['a;b', '"a;b"'],
    ['say "x"', '"say ""x"""'],
    ['=HYPERLINK("http://x")', '"\'=HYPERLINK(""http://x"")"'],
    ['+49', "'+49"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['-cmd|x', "'-cmd|x"],
    ['-12.5', '-12.5'],
    ['-', "'-"],
    ['  =1', "'  =1"],
    ['\u00A0=1', "'\u00A0=1"],
    ['＝1', "'＝1"],
    ['\t=1', "' =1"],
    ['a\nb', 'a b'],
    [`${ESC}[2J`, '\\x1b[2J'],
    ['', ''],
  ])('%j is written %j', (text, expected) => {
    expect(neutralCsv(text)).toBe(expected)
  })

  test('any text is one cell of one row, no formula, and itself where it is plain', () => {
    fc.assert(
      fc.property(hostile, hostile, (first, second) => {
        const rows = parse(`${neutralCsv(`x${first}`)};${neutralCsv(second)}\n`, { delimiter: ';' })
        expect(rows).toHaveLength(1)
        expect(rows[0]).toHaveLength(2)
        const cell = String(rows[0]?.[1])
        expect(cell.trimStart()).not.toMatch(/^([=+@|%\uFF1D\uFF0B\uFF0D\uFF20]|-(?!\d+(\.\d+)?$))/)
        if (CONTROLS.test(second) || HIDDEN.test(second)) return
        expect([second, `'${second}`]).toContain(cell)
      }),
    )
  })
})

describe('in a Markdown table', () => {
  test.each([
    ['Bad Iburg', 'Bad Iburg'],
    ['a|b', 'a\\|b'],
    ['[x](javascript:1)', '\\[x\\](javascript:1)'],
    ['<script>&', '&lt;script\\>&amp;'],
    ['`*_', '\\`\\*\\_'],
    ['a\nb', 'a\\\\x0ab'],
  ])('%j is written %j', (text, expected) => {
    expect(neutralMarkdown(text)).toBe(expected)
  })

  test('no text whatever ends its cell or begins an element', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const cell = neutralMarkdown(text)
        expect(cell.replace(/\\./g, '')).not.toMatch(/[|<\n\r`[\]*]/)
      }),
    )
  })
})

describe('in JSON', () => {
  test('any document is the same document, without a sign that a terminal would obey', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(hostile, fc.jsonValue())), (value) => {
        const json = neutralJson(JSON.stringify(value))
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)))
        expect(json).not.toMatch(CONTROLS)
        expect(json).not.toMatch(HIDDEN)
      }),
    )
  })

  test('signs beyond 16 bits are written as pairs', () => {
    expect(neutralJson('"\u{E0041}\u009B"')).toBe('"\\udb40\\udc41\\u009b"')
  })
})

describe('a text that is too long', () => {
  test.each([
    ['abcde', 5, 'abcde'],
    ['abcdef', 5, 'abcd…'],
    ['abc😀f', 5, 'abc…'],
    ['ab😀ef', 5, 'ab😀…'],
    ['ab', 1, '…'],
  ])('%j in %i reads %j', (text, size, expected) => {
    expect(clipped(text, size)).toBe(expected)
  })
})
