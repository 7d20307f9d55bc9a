import { expect, test } from 'vitest'
import { flaechendeckung } from '../../src/lib/coverage/flaechendeckung.ts'
import { candidatesOf } from '../../src/lib/region/key.ts'
import { gemeinde, matrixOf, ozg } from '../support/coverage.ts'

const scope = [1, 2, 3, 4, 5, 6].map((id) => ozg(id, [id]))
const all = [
  gemeinde('034595401007', { inhabitants: 10 }),
  gemeinde('034590014014', { inhabitants: 20 }),
  gemeinde('034040000000', { inhabitants: 40 }),
  gemeinde('064350014014', { inhabitants: 80 }),
].map((region) => ({ region, candidates: candidatesOf(region.key) }))
const matrix = matrixOf(
  scope,
  [
    { region: '', key: 1, reifegrad: 2 },
    { region: '03', key: 2, reifegrad: 2 },
    { region: '03459', key: 3, reifegrad: 2 },
    { region: '034590014014', key: 4, reifegrad: 2 },
    { region: '034590014014', key: 5, reifegrad: 1 },
    { region: '06435', key: 6, reifegrad: 2 },
  ],
  [2],
)
const short = (prefix: string) =>
  flaechendeckung(matrix, all, 2, prefix).map((row) => [row.class, row.gemeinden, row.inhabitants])

test('seen from the whole country', () => {
  expect(short('')).toEqual([
    ['bundesweit', 4, 150],
    ['landesweit', 3, 70],
    ['kreisweit', 2, 30],
    ['mindestens-eine', 1, 20],
    ['keine', 0, 0],
    // The only Gemeinde that this register has of its Land.
    ['landesweit', 1, 80],
  ])
})

test('seen from a county: its Land and its Kreis count, others do not', () => {
  expect(short('03459')).toEqual([
    ['bundesweit', 2, 30],
    ['landesweit', 2, 30],
    ['kreisweit', 2, 30],
    ['mindestens-eine', 1, 20],
    ['keine', 0, 0],
    ['keine', 0, 0],
  ])
})

test('seen from one Gemeinde: what another one of its county offers is not there', () => {
  expect(short('034595401007').map(([name]) => name)).toEqual([
    'bundesweit',
    'landesweit',
    'kreisweit',
    'keine',
    'keine',
    'keine',
  ])
})

test('an empty register covers nothing', () => {
  expect(flaechendeckung(matrix, [], 2, '').map((row) => row.class)).toEqual(Array(6).fill('keine'))
})
