import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Marks } from '../../../src/lib/migration/records/marks.ts'

test('says of each number once that it is new, wherever they begin', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 40 }),
      fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 }),
      (first, numbers) => {
        const marks = new Marks(first, first + 40)
        const known = new Set<number>()
        for (const number of numbers) {
          expect(marks.has(first + number)).toBe(known.has(number))
          expect(marks.add(first + number)).toBe(!known.has(number))
          known.add(number)
        }
        for (let number = 0; number <= 40; number++) expect(marks.has(first + number)).toBe(known.has(number))
      },
    ),
  )
})
