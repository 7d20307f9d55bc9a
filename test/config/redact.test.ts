import { describe, expect, test } from 'vitest'
import { HiddenTexts } from '../../src/lib/config/redact.ts'
import { WRITERS } from '../support/encodings.ts'

const SECRETS = [
  'c4n4ry-plain-and-long',
  'blank and +plus/slash=',
  `!'()~*;:@&=$,?#[]%41%zz`,
  'back\\slash\\n"quote"<&amp;>',
  'Schlüssel größer €uro 😀',
  'half \ud800 of a pair',
]

const text = (inner: string) => `Größe of “${inner}” (500)`

describe.each(Object.keys(WRITERS))('%s', (outer) => {
  test.each(Object.keys(WRITERS))('after %s, it is taken out where it stood', (inner) => {
    for (const secret of SECRETS) {
      const hidden = new HiddenTexts()
      hidden.add(secret)
      const written = WRITERS[outer]?.(WRITERS[inner]?.(secret) ?? '') ?? ''
      expect(hidden.takenOutOf(text(written), '***'), written).toBe(text('***'))
    }
  })
})

test.each(Object.keys(WRITERS))('Base64 and hexadecimal digits, %s, keep nothing of it', (how) => {
  for (const secret of SECRETS)
    for (const before of ['', 'i:', 'id:', 'ids:'])
      for (const form of ['base64', 'base64url', 'hex'] as const) {
        const hidden = new HiddenTexts()
        hidden.add(secret)
        const shown = hidden.takenOutOf(
          text(WRITERS[how]?.(Buffer.from(`${before}${secret}`).toString(form)) ?? ''),
          '***',
        )
        // What is left are the characters that it shares with what stands before and behind it.
        expect(shown).toMatch(
          /^Größe of “(%..|&#x?..;|&#...;|\\u....|[A-Za-z0-9]){0,8}\*\*\*(%..|&#x?..;|&#...;|\\u....|[A-Za-z0-9=]){0,3}” \(500\)$/,
        )
      }
})

test('several secrets, overlapping and next to each other, are one gap each or together', () => {
  const hidden = new HiddenTexts()
  for (const secret of ['abcdefgh', 'efghijkl', 'qrstuvwx']) hidden.add(secret)
  expect(hidden.takenOutOf('<abcdefghijkl|qrstuvwxqrstuvwx>', '***')).toBe('<***|******>')
})

describe('short secrets', () => {
  const withShort = (secret: string, words: string) => {
    const hidden = new HiddenTexts()
    hidden.add(secret)
    return hidden.takenOutOf(words, '***')
  }

  test('of less than four characters leave every word as it is', () => {
    for (const secret of ['', 's', 'ab', 'x1y'])
      expect(withShort(secret, 's is at x1y: the list, ab')).toBe('s is at x1y: the list, ab')
  })

  test('of four to seven are taken out where they stand alone, in every encoding, and not of other words', () => {
    expect(withShort('list', 'listener, enlist, list1, größlist, list')).toBe(
      'listener, enlist, list1, größlist, ***',
    )
    expect(withShort('p+ss', '"pass":"p%2Bss" p+ss. xp+ss')).toBe('"pass":"***" ***. xp+ss')
  })

  test('of eight are taken out everywhere', () => {
    expect(withShort('eightone', 'xeightoney')).toBe('x***y')
  })
})

test('what is taken back is not looked for any more; what was added twice still is', () => {
  const hidden = new HiddenTexts()
  hidden.add('once-only')
  hidden.add('two-times')
  hidden.add('two-times')
  hidden.remove('once-only')
  hidden.remove('two-times')
  expect(hidden.takenOutOf('once-only two-times', '***')).toBe('once-only ***')
})

test('a text of another without end is cut; one that holds no secret stays as it is, half a pair, too', () => {
  const hidden = new HiddenTexts()
  hidden.add('c4n4ry-plain')
  expect(hidden.takenOutOf('x'.repeat(70_000), '***')).toBe(`${'x'.repeat(16_384)}…`)
  expect(hidden.takenOutOf('half \ud800 %zz \\u12 &nosuch; +', '***')).toBe(
    'half \ud800 %zz \\u12 &nosuch; +',
  )
})
