import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addBits, bitsFor, countBits, hasBit, setBit } from '../../src/lib/coverage/bits.ts'

const sets = fc.integer({ min: 1, max: 700 }).chain((size) =>
  fc.record({
    size: fc.constant(size),
    a: fc.uniqueArray(fc.nat(size - 1)),
    b: fc.uniqueArray(fc.nat(size - 1)),
  }),
)

function bitsOf(size: number, members: readonly number[]): Uint32Array {
  const bits = bitsFor(size)
  for (const member of members) setBit(bits, member)
  return bits
}

test('bits behave like sets of numbers', () => {
  fc.assert(
    fc.property(sets, ({ size, a, b }) => {
      const bits = bitsOf(size, a)
      const mask = bitsOf(size, b)
      expect(Array.from({ length: size }, (_, at) => at).filter((at) => hasBit(bits, at))).toEqual(
        [...a].sort((x, y) => x - y),
      )
      expect(countBits(bits)).toBe(a.length)
      expect(countBits(bits, mask)).toBe(a.filter((member) => b.includes(member)).length)
      addBits(bits, mask)
      expect(countBits(bits)).toBe(new Set([...a, ...b]).size)
    }),
  )
})

test.each([
  [0, 0],
  [1, 1],
  [32, 1],
  [33, 2],
])('%i numbers take %i words', (size, words) => {
  expect(bitsFor(size).length).toBe(words)
})
