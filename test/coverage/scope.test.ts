import { expect, test } from 'vitest'
import { scopeOf, unknownInScope } from '../../src/lib/coverage/scope.ts'
import type { Typisierung } from '../../src/lib/leika/typisierung.ts'
import { catalogOf, leika, ozg } from '../support/coverage.ts'

const typen = new Map<ReturnType<typeof leika>, readonly Typisierung[]>([
  [leika(1), ['5']],
  [leika(2), ['1']],
  [leika(3), ['2/3', '1']],
  [leika(4), []],
])
const parts = { ...catalogOf([ozg(1, [1, 2]), ozg(2, [2]), ozg(3, [3, 4]), ozg(4, [])]), typen }
const short = (choice: Parameters<typeof scopeOf>[1]) =>
  scopeOf(parts, choice).map(({ id, keys }) => [id, keys.map((key) => Number(key.slice(2)))])

test('all keeps every OZG-Leistung, one without keys as well', () => {
  expect(short({ kind: 'all' })).toEqual([
    ['10001', [1, 2]],
    ['10002', [2]],
    ['10003', [3, 4]],
    ['10004', []],
  ])
})

test('kommunal keeps what a municipality executes by Typisierung', () => {
  expect(short({ kind: 'kommunal' })).toEqual([
    ['10001', [1]],
    ['10003', [3]],
  ])
})

test('a list keeps the OZG-Leistungen it names whole, and of others the keys it names', () => {
  const choice = {
    kind: 'list',
    name: 'list.txt',
    ozgIds: new Set(['10004', '10003', '19999']),
    keys: new Set([leika(2), leika(9)]),
  } as const
  expect(short(choice)).toEqual([
    ['10001', [2]],
    ['10002', [2]],
    ['10003', [3, 4]],
    ['10004', []],
  ])
  expect(unknownInScope(parts, choice)).toEqual(['19999', leika(9)])
  expect(unknownInScope(parts, { kind: 'all' })).toEqual([])
})
