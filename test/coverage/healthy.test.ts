import { expect, test } from 'vitest'
import type { Affects } from '../../src/lib/connector/systems/model.ts'
import { withoutBroken } from '../../src/lib/coverage/healthy.ts'
import { packCell } from '../../src/lib/offer/cells.ts'
import type { RegionKey } from '../../src/lib/region/key.ts'
import { leika } from '../support/coverage.ts'

const KEYS = [1, 2, 3].map(leika)
const offer = (region: string) => ({
  region: region as RegionKey,
  cells: Uint32Array.from(KEYS, (_, at) => packCell(at, 3)),
})
const keysOf = (ozgId: string) => (ozgId === '10001' ? [leika(1), leika(9)] : [])

function left(broken: readonly (readonly [ars: string, affects: Affects])[]) {
  const offers = [offer('034590014014'), offer('03459'), offer('034590024024')]
  const found = withoutBroken(
    offers,
    { broken: broken.map(([ars, affects]) => ({ ars, affects, connector: 'x', since: 0 })) },
    KEYS,
    keysOf,
  )
  return found.map(({ cells }) => cells.length)
}

test('a broken connector takes down what its system serves, of its own tenant only', () => {
  expect(left([])).toEqual([3, 3, 3])
  expect(left([['034590014014', 'none']])).toEqual([3, 3, 3])
  expect(left([['034590014014', 'all']])).toEqual([0, 3, 3])
  expect(left([['03459', 'all']])).toEqual([3, 0, 3])
  expect(left([['034590014014', { ozg: ['10001'], leistungen: [] }]])).toEqual([2, 3, 3])
  expect(left([['034590014014', { ozg: [], leistungen: [leika(2), leika(3)] }]])).toEqual([1, 3, 3])
  expect(
    left([
      ['034590014014', { ozg: ['10001'], leistungen: [] }],
      ['034590014014', { ozg: [], leistungen: [leika(3)] }],
      ['034590024024', { ozg: ['10001'], leistungen: [] }],
      ['034590024024', 'all'],
    ]),
  ).toEqual([1, 3, 0])
})
