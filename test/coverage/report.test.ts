import { expect, test } from 'vitest'
import {
  ALL_REIFEGRADE,
  type Grouping,
  grouper,
  memberCoverage,
  regionCoverage,
} from '../../src/lib/coverage/report.ts'
import { candidatesOf } from '../../src/lib/region/key.ts'
import { gemeinde, matrixOf, ozg } from '../support/coverage.ts'

const scope = [ozg(1, [1], 'Umwelt'), ozg(2, [2], 'Bildung'), ozg(3, [3, 4], 'Bildung'), ozg(4, [], null)]
const offers = [
  { region: '034595401007', key: 1, reifegrad: 3 },
  { region: '034595401', key: 2, reifegrad: 2 },
  { region: '03', key: 3, reifegrad: 4 },
  { region: '034595401025', key: 1, reifegrad: 1 },
]
const matrix = matrixOf(scope, offers, ALL_REIFEGRADE)
const row = (by?: Grouping, key = '034595401007') =>
  regionCoverage(matrix, gemeinde(key), candidatesOf(key), 4, by && grouper(matrix, by))

test('counts online, konform and what was asked for, of one denominator', () => {
  expect(row()).toMatchObject({
    total: 4,
    online: 3,
    konform: 2,
    covered: 1,
    bySource: { own: 1, verband: 1, kreis: 0, bezirk: 0, land: 1, bund: 0, member: 0 },
    onlineShare: null,
    groups: [],
  })
})

test.each([
  [
    'themenfeld',
    [
      { group: '', total: 1, online: 0, konform: 0 },
      { group: 'Bildung', total: 2, online: 2, konform: 1 },
      { group: 'Umwelt', total: 1, online: 1, konform: 1 },
    ],
  ],
  ['lage', [{ group: '', total: 4, online: 3, konform: 2 }]],
  [
    'source',
    [
      { group: 'own', total: 4, online: 1, konform: 1 },
      { group: 'verband', total: 4, online: 1, konform: 0 },
      { group: 'kreis', total: 4, online: 0, konform: 0 },
      { group: 'bezirk', total: 4, online: 0, konform: 0 },
      { group: 'land', total: 4, online: 1, konform: 1 },
      { group: 'bund', total: 4, online: 0, konform: 0 },
      { group: 'member', total: 4, online: 0, konform: 0 },
    ],
  ],
] as const)('divides by %s', (by, groups) => {
  expect(row(by).groups).toEqual(groups)
})

test('divides by the best Reifegrad; the groups sum to the denominator', () => {
  const groups = row('reifegrad', '034595401025').groups
  expect(groups.map(({ group, total }) => `${group}:${total}`)).toEqual([
    '–:1',
    '0:0',
    '1:1',
    '2:1',
    '3:0',
    '4:1',
    '5:0',
    '6:0',
    '7:0',
  ])
  expect(groups.map(({ online }) => online).reduce((sum, count) => sum + count)).toBe(2)
})

test('share is the mean over the OZG-Leistungen of the share of their keys', () => {
  const shares = matrixOf(scope, offers, [2, 3], 'share')
  const { onlineShare, konformShare, online } = regionCoverage(
    shares,
    gemeinde('034595401007'),
    candidatesOf('034595401007'),
    2,
    undefined,
  )
  expect({ onlineShare, konformShare, online }).toEqual({
    onlineShare: (1 + 1 + 0.5 + 0) / 4,
    konformShare: (1 + 0 + 0.5 + 0) / 4,
    online: 3,
  })
})

test('members: the worst, the mean, the best, and what all of them have', () => {
  const members = ['034595401007', '034595401025', '034590014014'].map(candidatesOf)
  expect(memberCoverage(matrix, members)).toEqual({
    count: 3,
    onlineMin: 1,
    onlineMean: 2,
    onlineMax: 3,
    onlineEverywhere: 1,
    konformEverywhere: 1,
  })
  expect(memberCoverage(matrix, [])).toEqual({
    count: 0,
    onlineMin: 0,
    onlineMean: 0,
    onlineMax: 0,
    onlineEverywhere: 0,
    konformEverywhere: 0,
  })
})
