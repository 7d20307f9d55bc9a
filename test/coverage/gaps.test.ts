import { expect, test } from 'vitest'
import { gapsOf } from '../../src/lib/coverage/gaps.ts'
import { ALL_REIFEGRADE } from '../../src/lib/coverage/report.ts'
import { candidatesOf } from '../../src/lib/region/key.ts'
import { gemeinde, matrixOf, ozg } from '../support/coverage.ts'

const scope = [
  ozg(1, [1], 'Umwelt'),
  ozg(2, [2], 'Bildung'),
  ozg(3, [3], 'Bildung'),
  ozg(4, [4], 'Bildung'),
  ozg(5, [], 'Umwelt'),
]
const here = gemeinde('034595401007')
const regions = [
  gemeinde('064350014014', { name: 'far away' }),
  gemeinde('034590014014', { name: 'same county' }),
  gemeinde('034595401025', { name: 'same Verband' }),
  here,
  gemeinde('034040000000', { name: 'kreisfrei' }),
  gemeinde('034040000000', { key: '03404', level: 'kreis', name: 'kreisfrei as county' }),
]
const matrix = matrixOf(
  scope,
  [
    { region: '034595401007', key: 1, reifegrad: 2 },
    { region: '03459', key: 2, reifegrad: 1 },
    { region: '034595401007', key: 2, reifegrad: 0 },
    { region: '06435', key: 3, reifegrad: 3 },
    { region: '064350014014', key: 4, reifegrad: 3 },
    { region: '03404', key: 4, reifegrad: 2 },
    { region: '034590014014', key: 4, reifegrad: 2 },
    { region: '034595401025', key: 4, reifegrad: 2 },
  ],
  ALL_REIFEGRADE,
)

test('lists what is missing by Themenfeld, what most others have first, and who is near', () => {
  const gaps = gapsOf(matrix, here, candidatesOf(here.key), 2, regions)
  expect(
    gaps.map(({ ozg: { id, themenfeld }, best, elsewhere }) => ({
      id,
      themenfeld,
      best,
      count: elsewhere.count,
      nearest: elsewhere.nearest.map(({ name }) => name),
    })),
  ).toEqual([
    {
      id: '10004',
      themenfeld: 'Bildung',
      best: null,
      count: 4,
      nearest: ['same Verband', 'same county', 'kreisfrei as county'],
    },
    { id: '10002', themenfeld: 'Bildung', best: { reifegrad: 1, source: 'kreis' }, count: 0, nearest: [] },
    // The county that offers it is not in this small register: nobody known to ask.
    { id: '10003', themenfeld: 'Bildung', best: null, count: 0, nearest: [] },
    { id: '10005', themenfeld: 'Umwelt', best: null, count: 0, nearest: [] },
  ])
})

test('with rule all, who offers a part of it already is not named as somebody else', () => {
  const parts = matrixOf([ozg(1, [1, 2])], [{ region: '03459', key: 1, reifegrad: 2 }], ALL_REIFEGRADE, 'all')
  const county = gemeinde('03459', { level: 'kreis' })
  const gaps = gapsOf(parts, here, candidatesOf(here.key), 2, [here, county])
  expect(gaps.map(({ best, elsewhere }) => ({ best, count: elsewhere.count }))).toEqual([
    { best: { reifegrad: 2, source: 'kreis' }, count: 0 },
  ])
})

test('a higher Reifegrad makes more gaps, with what there is so far', () => {
  const gaps = gapsOf(matrix, here, candidatesOf(here.key), 3, regions)
  expect(gaps.find(({ ozg: { id } }) => id === '10001')?.best).toEqual({ reifegrad: 2, source: 'own' })
})
