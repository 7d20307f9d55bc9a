import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  formatLeikaKey,
  type LeikaKey,
  leikaLevel,
  parentLeikaKey,
  parseLeikaKey,
} from '../../src/lib/leika/key.ts'

const keys = fc.stringMatching(/^99[0-9]{12}$/).map((digits) => digits as LeikaKey)

test('a key reads back from each form in which it is printed', () => {
  fc.assert(
    fc.property(keys, (key) => {
      const forms = [key, formatLeikaKey(key), `urn:de:fim:leika:leistung:${key}`, ` ${key}\n`]
      for (const form of forms) expect(parseLeikaKey(form)).toEqual({ ok: true, value: key })
    }),
  )
})

test('a key is never made of other digits than those that were written', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^9?[0-9 ]{10,16}$/)), (text) => {
      const parsed = parseLeikaKey(text)
      if (parsed.ok) expect(text.replace(/\D/g, '')).toBe(parsed.value)
    }),
  )
})

test.each([
  ['', 'leika-key-missing'],
  ['   ', 'leika-key-missing'],
  ['nicht im LeiKa', 'nicht-im-leika'],
  ['nciht im Leika', 'nicht-im-leika'],
  ['neu', 'nicht-im-leika'],
  ['keine Angabe', 'nicht-im-leika'],
  ['9,9102E+13', 'excel-number'],
  ['9.9102013104E+13', 'excel-number'],
  ['9910201310400', 'leika-key-invalid'],
  ['991020131040000', 'leika-key-invalid'],
  ['98102013104000', 'leika-key-invalid'],
  ['99 102 013 104000', 'leika-key-invalid'],
  ['99102013104OOO', 'leika-key-invalid'],
])('%j is no key: %s', (text, reason) => {
  expect(parseLeikaKey(text)).toEqual({ ok: false, reason })
})

describe('levels', () => {
  test.each([
    ['99102013000000', 'lo'],
    ['99102013104000', 'lov'],
    ['99102013104001', 'lovd'],
  ] as const)('%s is a %s', (key, level) => {
    expect(leikaLevel(key as LeikaKey)).toBe(level)
  })

  test('going up ends at the Leistungsobjekt', () => {
    const up = (key: string) => parentLeikaKey(key as LeikaKey)
    expect(up('99102013104001')).toBe('99102013104000')
    expect(up('99102013104000')).toBe('99102013000000')
    expect(up('99102013000000')).toBeUndefined()
  })

  test('a parent is another level, shares the beginning and is a key itself', () => {
    fc.assert(
      fc.property(keys, (key) => {
        const parent = parentLeikaKey(key)
        if (parent === undefined) return expect(leikaLevel(key)).toBe('lo')
        expect(leikaLevel(parent)).not.toBe(leikaLevel(key))
        expect(key.slice(0, 8)).toBe(parent.slice(0, 8))
        expect(parseLeikaKey(parent)).toEqual({ ok: true, value: parent })
      }),
    )
  })
})
