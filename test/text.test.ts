import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson, foldText } from '../src/lib/text.ts'

test.each([
  ['Osnabrück, Stadt', 'osnabrueck stadt'],
  ['  Bad   Iburg ', 'bad iburg'],
  ['GROSSENASPE', 'grossenaspe'],
  ['Großenaspe', 'grossenaspe'],
  ['Bautzen / Budyšin', 'bautzen budysin'],
  ['Kwětanecy při jězorje', 'kwetanecy pri jezorje'],
  ['Halle (Saale)', 'halle saale'],
  ['', ''],
  ['– / –', ''],
])('%j folds to %j', (text, folded) => {
  expect(foldText(text)).toBe(folded)
})

test('how a letter is composed makes no difference', () => {
  expect(foldText('Mu\u0308nchen')).toBe(foldText('M\u00FCnchen'))
})

test('folding twice changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(foldText(foldText(text))).toBe(foldText(text))
    }),
  )
})

test('equal values have equal texts, however they were put together', () => {
  expect(canonicalJson({ b: [1, { d: null, c: 'ä"' }], a: undefined, 'x y': true })).toBe(
    '{"b":[1,{"c":"ä\\"","d":null}],"x y":true}',
  )
  expect(canonicalJson([undefined, 'a'])).toBe('[null,"a"]')
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
})
