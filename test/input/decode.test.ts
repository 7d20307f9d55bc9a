import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decode, type Encoding, xmlEncoding } from '../../src/lib/input/decode.ts'
import { failure } from '../support/failure.ts'
import { sourceOf, textOf } from '../support/source.ts'

/** Any text without NUL; lone surrogates have no encoding. */
const texts = fc
  .string({ unit: 'binary', maxLength: 200 })
  .map((text) => text.replaceAll('\0', '').replace(/^\uFEFF/, ''))
const chunkings = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 })
const BOM = '\uFEFF'

async function decoded(bytes: Uint8Array, sizes: readonly number[], declared?: Encoding, chosen?: Encoding) {
  const source = sourceOf(bytes, { sizes })
  return { text: await textOf(decode(source, declared, chosen)), encoding: source.facts.encoding }
}

function utf16be(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16()
}

describe('any text comes out as it was written, however its bytes arrive', () => {
  test('in UTF-8', async () => {
    await fc.assert(
      fc.asyncProperty(texts, chunkings, async (text, sizes) => {
        expect(await decoded(Buffer.from(text), sizes, 'utf-8')).toEqual({ text, encoding: 'utf-8' })
        expect(await decoded(Buffer.from(BOM + text), sizes)).toEqual({
          text,
          encoding: 'utf-8 with byte order mark',
        })
      }),
    )
  })

  test('in UTF-8 that nobody declared', async () => {
    await fc.assert(
      fc.asyncProperty(texts, chunkings, async (text, sizes) => {
        expect(await decoded(Buffer.from(text), sizes)).toEqual({ text, encoding: 'utf-8' })
      }),
    )
  })

  test('in UTF-16, with a mark or declared', async () => {
    await fc.assert(
      fc.asyncProperty(texts, chunkings, async (text, sizes) => {
        const little = Buffer.from(text, 'utf16le')
        expect(await decoded(Buffer.concat([Buffer.of(0xff, 0xfe), little]), sizes)).toEqual({
          text,
          encoding: 'utf-16le',
        })
        expect(await decoded(utf16be(BOM + text), sizes)).toEqual({ text, encoding: 'utf-16be' })
        fc.pre(!/^[\uFEFF\uFFFE\uBBEF]/.test(text))
        expect(await decoded(little, sizes, 'utf-16le')).toEqual({ text, encoding: 'utf-16le' })
        expect(await decoded(utf16be(text), sizes, undefined, 'utf-16be')).toEqual({
          text,
          encoding: 'utf-16be',
        })
      }),
    )
  })

  test('in ISO-8859-1, seen from the bytes: letters beyond ASCII are never followed by their UTF-8 halves', async () => {
    const german = fc.string({
      unit: fc.oneof(fc.constantFrom(...'äöüÄÖÜßéèñçøÿ'), fc.string({ minLength: 1, maxLength: 1 })),
      maxLength: 200,
    })
    await fc.assert(
      fc.asyncProperty(german, chunkings, async (text, sizes) => {
        fc.pre(/[\u0080-\u00FF]/.test(text))
        expect(await decoded(Buffer.from(text, 'latin1'), sizes)).toEqual({ text, encoding: 'iso-8859-1' })
      }),
    )
  })

  test('in a single-byte encoding that was chosen, whatever the bytes look like', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ min: 1, maxLength: 50 }), chunkings, async (bytes, sizes) => {
        fc.pre(!(bytes[0] === 0xef && bytes[1] === 0xbb) && !(bytes[0] === 0xff && bytes[1] === 0xfe))
        fc.pre(!(bytes[0] === 0xfe && bytes[1] === 0xff))
        const { text } = await decoded(bytes, sizes, undefined, 'iso-8859-1')
        expect(text).toBe(new TextDecoder('windows-1252').decode(bytes))
      }),
    )
  })
})

test('what was seen is recorded: quotes and dashes of Windows are no ISO-8859-1', async () => {
  expect(await decoded(Buffer.of(0x84, 0x61, 0x93, 0xfc), [1])).toEqual({
    text: '„a“ü',
    encoding: 'windows-1252',
  })
  expect(await decoded(Buffer.from('ü', 'latin1'), [1], 'windows-1252')).toEqual({
    text: 'ü',
    encoding: 'windows-1252',
  })
})

test('a mark at the beginning wins over what was declared and over what was chosen', async () => {
  expect(await decoded(Buffer.from(`${BOM}ü`), [2], 'iso-8859-1', 'iso-8859-1')).toEqual({
    text: 'ü',
    encoding: 'utf-8 with byte order mark',
  })
})

describe('bytes that are wrong are told with their place, however they arrive', () => {
  const cases: readonly (readonly [string, Uint8Array, Encoding | undefined, string, number, string])[] = [
    [
      'ISO-8859-1 declared as UTF-8',
      Buffer.from('Gemeinde Osnabrück', 'latin1'),
      'utf-8',
      'UTF8_INVALID',
      15,
      'this byte is no valid UTF-8',
    ],
    [
      'ISO-8859-1 after UTF-8',
      Buffer.concat([Buffer.from('für '), Buffer.from('Osnabrück', 'latin1')]),
      undefined,
      'UTF8_INVALID',
      11,
      'this byte is no UTF-8, but text before it was: the file mixes encodings',
    ],
    [
      'UTF-8 after ISO-8859-1',
      Buffer.concat([Buffer.from('für ', 'latin1'), Buffer.from('Osnabrück')]),
      undefined,
      'ENCODING_MIXED',
      10,
      'this letter is UTF-8, but text before it was not: the file mixes encodings',
    ],
    [
      'UTF-8 declared as ISO-8859-1',
      Buffer.from('Osnabrück'),
      'iso-8859-1',
      'ENCODING_MIXED',
      6,
      'this letter is UTF-8, although the file declares iso-8859-1',
    ],
    [
      'an overlong form',
      Buffer.of(0x61, 0xc0, 0xaf),
      'utf-8',
      'UTF8_INVALID',
      1,
      'this byte is no valid UTF-8',
    ],
    [
      'a surrogate in UTF-8',
      Buffer.of(0x61, 0x62, 0xed, 0xa0, 0x80),
      'utf-8',
      'UTF8_INVALID',
      2,
      'this byte is no valid UTF-8',
    ],
    [
      'UTF-8 cut off in a character',
      Buffer.from('Landkreis Osnabrü').subarray(0, -1),
      'utf-8',
      'UTF8_TRUNCATED',
      16,
      'the file ends in the middle of a character',
    ],
    ['a NUL', Buffer.from('a;b\0c'), undefined, 'NUL_BYTE', 3, 'a NUL byte has no place in a text'],
    [
      'a NUL in ISO-8859-1',
      Buffer.from('ü\0', 'latin1'),
      'iso-8859-1',
      'NUL_BYTE',
      1,
      'a NUL byte has no place in a text',
    ],
    [
      'a NUL in UTF-16',
      Buffer.from(`${BOM}ab\0c`, 'utf16le'),
      undefined,
      'NUL_BYTE',
      6,
      'a NUL byte has no place in a text',
    ],
    [
      'UTF-16 without its mark',
      Buffer.from('Land', 'utf16le'),
      undefined,
      'NUL_BYTE',
      1,
      'a NUL byte has no place in a text',
    ],
    [
      'half of a pair in UTF-16',
      Buffer.from(`${BOM}ab\uD83Dc`, 'utf16le'),
      undefined,
      'UTF16_INVALID',
      6,
      'this is half of a character: no valid UTF-16',
    ],
    [
      'UTF-16 cut off in a character',
      Buffer.from(`${BOM}abc`, 'utf16le').subarray(0, -1),
      undefined,
      'UTF16_TRUNCATED',
      6,
      'the file ends in the middle of a character',
    ],
  ]

  test.each(cases)('%s', async (_, bytes, declared, code, byte, message) => {
    for (const sizes of [[1], [2], [3], [5, 1], []]) {
      const error = await failure(() => textOf(decode(sourceOf(bytes, { sizes }), declared)))
      expect({ code: error.code, exit: error.exit, place: error.place, message: error.message }).toEqual({
        code,
        exit: 65,
        place: { file: 'test.txt', byte },
        message: `test.txt: byte ${byte}: ${message}`,
      })
      expect(error.suggestions).toHaveLength(1)
    }
  })
})

describe('what an XML declaration names', () => {
  test.each([
    ['<?xml version="1.0" encoding="UTF-8"?><a/>', 'utf-8'],
    ["<?xml version='1.0' encoding='iso-8859-1' standalone='yes'?><a/>", 'iso-8859-1'],
    ['<?xml version="1.0" encoding="latin1"?><a/>', 'iso-8859-1'],
    ['<?xml version="1.0" encoding="Windows-1252"?><a/>', 'windows-1252'],
    ['<?xml version="1.0" encoding="US-ASCII"?><a/>', 'utf-8'],
    ['<?xml version="1.0"?><a encoding="iso-8859-1"/>', 'utf-8'],
    ['<a/>', 'utf-8'],
    [`${BOM}<?xml version="1.0" encoding="utf-8"?><a/>`, 'utf-8'],
  ])('%s: %s', (text, encoding) => {
    expect(xmlEncoding(sourceOf(text))).toBe(encoding)
  })

  test('is refused when it is none of ours', async () => {
    const source = sourceOf('<?xml version="1.0" encoding="UTF-7"?><a/>', { name: 'a.xml' })
    expect(await failure(() => xmlEncoding(source))).toMatchObject({
      code: 'ENCODING_UNKNOWN',
      message: 'a.xml: the declared encoding "utf-7" is not supported',
      suggestions: ['Supported: utf-8, iso-8859-1, windows-1252, utf-16le, utf-16be.'],
    })
  })
})
