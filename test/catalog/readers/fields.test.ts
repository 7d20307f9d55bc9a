import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { capped, oneLine, plainText, sdgCodes, splitList } from '../../../src/lib/catalog/readers/fields.ts'

describe('a text of one line', () => {
  test.each([
    ['  zwei \t\r\n Wörter\u00A0', 'zwei Wörter'],
    ['Führer\u00ADschein', 'Führerschein'],
    ['\uFEFFHund\u200B', 'Hund'],
    ['a \u200B b', 'a b'],
    ['abc\u202Ecba\u2066', 'abccba'],
    ['a\u{E0041}b', 'ab'],
    ['\u001B[2Jböse', '[2Jböse'],
    ['a\u0000b\u0085c', 'a b c'],
    ['\uD800x', '\uFFFDx'],
    ['', ''],
  ])('%j becomes %j', (text, expected) => {
    expect(oneLine(text)).toBe(expected)
  })

  test('holds no control and nothing invisible, whatever it was made of, and stays as it is from then on', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const line = oneLine(text)
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]|^\s|\s$|\s\s/u)
        expect(oneLine(line)).toBe(line)
      }),
    )
  })
})

describe('plain text of HTML', () => {
  test.each([
    ['<p>eins</p><p>zwei</p>', 'eins zwei'],
    ['Kreis<b>frei</b>e Stadt', 'Kreisfreie Stadt'],
    ['<ul><li>a</li><li>b</li></ul>', 'a b'],
    ['<a href="https://x.example">Link</a>', 'Link'],
    ['eins<br/>zwei', 'eins zwei'],
    ['<blockquote>b</blockquote>c', 'b c'],
    ['R &amp; D &lt;3 &#167; &#xA7; &nbsp;x &quot;y&quot; Stra&szlig;e', 'R & D <3 § § x "y" Stra&szlig;e'],
    ['Be&shy;hörde', 'Behörde'],
    ['Alter < 18 und > 3', 'Alter < 18 und > 3'],
    ['&#0; &#xD800; &bogus;', '&#0; &#xD800; &bogus;'],
    ['x<y und <b>z</b>', 'x<y und z'],
    ['<!-- Kommentar -->Text', 'Text'],
  ])('%j becomes %j', (html, expected) => {
    expect(plainText(html)).toBe(expected)
  })

  test('a million signs that open no tag are cut, not searched over and over', () => {
    expect(plainText('<'.repeat(1 << 20))).toHaveLength(64 << 10)
    expect(plainText('<a'.repeat(1 << 19))).toHaveLength(64 << 10)
  })
})

test('a long text is cut to 2,000 characters, never in the middle of one', () => {
  expect(capped('x'.repeat(2000))).toBe('x'.repeat(2000))
  expect(capped('x'.repeat(2001))).toBe(`${'x'.repeat(1999)}…`)
  expect(capped(`${'x'.repeat(1998)}😀😀`)).toBe(`${'x'.repeat(1998)}…`)
})

test('a list in a cell: trimmed, without gaps, each once', () => {
  expect(splitList(' Hund | Hundesteuer||Hund |')).toEqual(['Hund', 'Hundesteuer'])
  expect(splitList('')).toEqual([])
})

test('SDG codes: seven digits, and not the one for none', () => {
  expect(sdgCodes(['1010300', '0000000', '12', '1010300', 'x'])).toEqual(['1010300'])
})
