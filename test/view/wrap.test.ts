import fc from 'fast-check'
import { expect, test } from 'vitest'
import { wrap } from '../../src/lib/view/wrap.ts'

test.each([
  ['  Typ  eins zwei', 7, 30, '  Typ  eins zwei'],
  ['  Text  eins zwei drei vier fünf', 8, 28, '  Text  eins zwei drei vier\n        fünf'],
  [
    '  Text  eins einundzwanzigzeichen zwei',
    8,
    28,
    '  Text  eins\n        einundzwanzigzeichen\n        zwei',
  ],
  ['  Text  einundzwanzigzeichenlang zwei', 8, 28, '  Text  einundzwanzigzeichenlang\n        zwei'],
  ['  Text  eins zwei drei vier fünf', 8, 27, '  Text  eins zwei drei vier fünf'],
  ['  Text  eins zwei drei vier fünf', 8, Number.POSITIVE_INFINITY, '  Text  eins zwei drei vier fünf'],
])('%j from %i in %i', (line, at, width, expected) => {
  expect(wrap(line, at, width)).toBe(expected)
})

test('no word is lost or broken, and only a word alone is wider than the screen', () => {
  const words = fc.array(fc.stringMatching(/^[a-zä]{1,30}$/), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(words, fc.integer({ min: 24, max: 60 }), (parts, width) => {
      const lines = wrap(`ab  ${parts.join(' ')}`, 4, width).split('\n')
      expect(lines.map((line) => line.slice(4)).join(' ')).toBe(parts.join(' '))
      for (const line of lines) if (line.length > width) expect(line.slice(4)).not.toContain(' ')
    }),
  )
})
