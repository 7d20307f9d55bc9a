import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countBits, hasBit } from '../../src/lib/coverage/bits.ts'
import { RULES, type Rule } from '../../src/lib/coverage/matrix.ts'
import type { ScopedOzg } from '../../src/lib/coverage/scope.ts'
import { candidatesOf, SOURCES, type Source } from '../../src/lib/region/key.ts'
import { leika, matrixOf, ozg, type TestOffer } from '../support/coverage.ts'

/** What design and law say, written down without bitsets: ask every offer of every candidate. */
function naive(
  scope: readonly ScopedOzg[],
  offers: readonly TestOffer[],
  region: string,
  minReifegrad: number,
  rule: Rule,
  day: string,
): {
  readonly covered: readonly boolean[]
  readonly source: readonly (Source | null)[]
  readonly share: number
} {
  const candidates = candidatesOf(region)
  const offering = (key: string): readonly Source[] =>
    candidates
      .filter((candidate) =>
        offers.some(
          (offer) =>
            offer.region === candidate.key &&
            leika(offer.key) === key &&
            offer.reifegrad >= minReifegrad &&
            (offer.validFrom ?? '') <= day &&
            day <= (offer.validTo ?? '9999'),
        ),
      )
      .map(({ source }) => source)
  const perOzg = scope.map(({ keys }) => keys.map(offering))
  const covered = perOzg.map((keys) =>
    rule === 'all'
      ? keys.length > 0 && keys.every((sources) => sources.length > 0)
      : keys.some((sources) => sources.length > 0),
  )
  const shares = perOzg.map((keys) =>
    keys.length === 0 ? 0 : keys.filter((sources) => sources.length > 0).length / keys.length,
  )
  return {
    covered,
    source: perOzg.map((keys, at) =>
      covered[at] === true ? (SOURCES.find((name) => keys.flat().includes(name)) ?? null) : null,
    ),
    share: shares.reduce((sum, share) => sum + share, 0) / scope.length,
  }
}

// Gemeinden in a Samtgemeinde, verbandsfrei, kreisfrei, gemeindefrei, and a Stadtstaat.
const GEMEINDEN = ['034595401007', '034590014014', '034040000000', '031519501501', '110000000000']
// Canonical keys of everything above them, and some that reach nobody here.
const OFFERING = [
  ...new Set(GEMEINDEN.flatMap((region) => candidatesOf(region).map(({ key }) => key))),
  '05',
  '034595402',
]
const DAYS = ['2026-01-01', '2026-11-22', '2026-11-23', '2026-11-24', '2027-01-01']

const network = fc
  .record({
    scope: fc.array(fc.uniqueArray(fc.nat(11), { maxLength: 4 }), { minLength: 1, maxLength: 40 }),
    offers: fc.array(
      fc.record(
        {
          region: fc.constantFrom(...OFFERING),
          key: fc.nat(13),
          reifegrad: fc.nat(7),
          validFrom: fc.constantFrom(...DAYS),
          validTo: fc.constantFrom(...DAYS),
        },
        { requiredKeys: ['region', 'key', 'reifegrad'] },
      ),
      { maxLength: 60 },
    ),
    rule: fc.constantFrom(...RULES),
    min: fc.nat(7),
  })
  .map(({ scope, ...rest }) => ({ ...rest, scope: scope.map((keys, id) => ozg(id, keys)) }))

test('the matrix says the same as asking every offer, on random networks', () => {
  fc.assert(
    fc.property(network, ({ scope, offers, rule, min }) => {
      const matrix = matrixOf(scope, offers as TestOffer[], [...new Set([min, 2, 3])], rule, 20261123)
      for (const region of GEMEINDEN) {
        const expected = naive(scope, offers as TestOffer[], region, min, rule, '2026-11-23')
        const cover = matrix.cover(candidatesOf(region), min)
        expect(scope.map((_, at) => hasBit(cover.covered, at))).toEqual(expected.covered)
        expect(
          scope.map((_, at) => SOURCES.find((source) => hasBit(cover.bySource[source], at)) ?? null),
        ).toEqual(expected.source)
        if (rule === 'share') expect(cover.share).toBeCloseTo(expected.share, 12)
        else expect(cover.share).toBeUndefined()
      }
    }),
    { numRuns: 500 },
  )
})

describe('a Gemeinde inherits', () => {
  const scope = [ozg(1, [1]), ozg(2, [2]), ozg(3, [3]), ozg(4, [4]), ozg(5, [])]
  const offers = [
    { region: '034595401007', key: 1, reifegrad: 2 },
    { region: '034595401', key: 1, reifegrad: 3 },
    { region: '034595401', key: 2, reifegrad: 2 },
    { region: '03459', key: 3, reifegrad: 1 },
    { region: '', key: 4, reifegrad: 4 },
  ]

  test('from every level above, each OZG-Leistung counted at its most specific source', () => {
    const { covered, bySource } = matrixOf(scope, offers, [2]).cover(candidatesOf('034595401007'), 2)
    expect(countBits(covered)).toBe(3)
    expect(Object.fromEntries(SOURCES.map((source) => [source, countBits(bySource[source])]))).toEqual({
      own: 1,
      verband: 1,
      kreis: 0,
      bezirk: 0,
      land: 0,
      bund: 1,
      member: 0,
    })
  })

  test('a better offer further up counts where the own one is not enough', () => {
    const { bySource } = matrixOf(scope, offers, [3]).cover(candidatesOf('034595401007'), 3)
    expect(hasBit(bySource.verband, 0)).toBe(true)
    expect(hasBit(bySource.own, 0)).toBe(false)
  })

  test('a Reifegrad that the matrix was not built for is a mistake, not a zero', () => {
    expect(() => matrixOf(scope, offers, [2]).cover([], 5)).toThrow('without Reifegrad 5')
  })
})
