import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { yamlText } from '../../src/lib/view/manifest.ts'

// YAML has no lone surrogates (§5.1); a register decoded from bytes has none either.
const texts = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.string({ unit: fc.constantFrom(...' :#-,[]{}&*!|>\'"%@`~?\n\ttrueno019.eE+_'), maxLength: 12 }),
  fc.constantFrom(
    'true',
    'No',
    'null',
    '~',
    '0x1F',
    '1e3',
    'E0',
    'e1.5',
    '034590014014',
    '.inf',
    '',
    ' a',
    'a ',
    'y',
    'On',
  ),
)

test.each(['1.1', '1.2'] as const)('any text survives YAML %s, alone and in a list', (version) => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(parse(`a: ${yamlText(text)} # x\nb: [${yamlText(text)}]\n`, { version })).toEqual({
        a: text,
        b: [text],
      })
    }),
    { numRuns: 1000 },
  )
})

test('names stay readable, keys and controls are quoted', () => {
  expect(
    [
      'Bad Essen',
      'Frankfurt (Oder)',
      'b-1.de',
      'bb-1.de',
      'Lübbenau/Spreewald',
      '03459',
      'No',
      'a\u202Eb',
    ].map(yamlText),
  ).toEqual([
    'Bad Essen',
    'Frankfurt (Oder)',
    '"b-1.de"',
    'bb-1.de',
    'Lübbenau/Spreewald',
    '"03459"',
    '"No"',
    '"a\\u202eb"',
  ])
})
