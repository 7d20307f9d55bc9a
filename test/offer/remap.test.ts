import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LeikaKey } from '../../src/lib/leika/key.ts'
import { keyIndexOf, packCell, reifegradOf } from '../../src/lib/offer/cells.ts'
import {
  offersMoved,
  readOverlay,
  rekeyOffers,
  remapsOf,
  removeRemap,
  setRemap,
  withOverlay,
} from '../../src/lib/offer/remap.ts'
import type { RegionCells } from '../../src/lib/offer/store.ts'
import type { RegionKey } from '../../src/lib/region/key.ts'
import { transaction } from '../../src/lib/store/sqlite.ts'
import { temporaryStore } from '../support/store.ts'

const KEYS = ['99001001001000', '99001001001001', '99002001001000'] as LeikaKey[]

const cells = (region: string, ...offers: readonly (readonly [number, number])[]): RegionCells => ({
  region: region as RegionKey,
  cells: Uint32Array.from(offers.map(([at, reifegrad]) => packCell(at, reifegrad))),
})

const readable = ({ offers, keys }: ReturnType<typeof withOverlay>) =>
  Object.fromEntries(
    offers.map(({ region, cells: own }) => [
      region,
      Object.fromEntries([...own].map((cell) => [keys[keyIndexOf(cell)], reifegradOf(cell)])),
    ]),
  )

test('nothing is said: everything counts as what it is called, and nothing is copied', async () => {
  const store = await temporaryStore()
  expect(readOverlay(store)).toBeUndefined()
  const offers = [cells('1', [0, 2])]
  expect(withOverlay(offers, KEYS, undefined)).toEqual({ offers, keys: KEYS })
})

test('offers count under the present keys of their Leistung and region, the best one of several', async () => {
  const store = await temporaryStore()
  await transaction(store.db, () => {
    setRemap(store, '064350014014', '99001001001000', '99001001001001', null)
    setRemap(store, '064350014014', '99002001001000', '99003001001000', 7)
    rekeyOffers(store, '064350014014', '064150000000', 7)
  })
  const offers = [
    cells('064350014014', [0, 3], [1, 2], [2, 1]),
    cells('064150000000', [1, 1]),
    cells('03', [0, 2]),
  ]
  expect(readable(withOverlay(offers, KEYS, readOverlay(store)))).toEqual({
    '064150000000': { '99001001001001': 3, '99003001001000': 1 },
    '03': { '99001001001000': 2 },
  })
})

test('what was said under one key of a region holds under its others, the present one first', async () => {
  const store = await temporaryStore()
  await transaction(store.db, () => {
    setRemap(store, '064350014014', '99001001001000', '99001001001001', null)
    setRemap(store, '064350014014', '99002001001000', '99003001001000', null)
    rekeyOffers(store, '064350014014', '064150000000', null)
    setRemap(store, '064150000000', '99002001001000', '99004001001000', null)
  })
  const offers = [cells('064350014014', [2, 1]), cells('064150000000', [0, 2])]
  expect(readable(withOverlay(offers, KEYS, readOverlay(store)))).toEqual({
    '064150000000': { '99001001001001': 2, '99004001001000': 1 },
  })
  expect(remapsOf(store, '064150000000')).toEqual(
    new Map([
      ['99001001001000', '99001001001001'],
      ['99002001001000', '99004001001000'],
    ]),
  )
})

test('the way back leaves nothing', async () => {
  const store = await temporaryStore()
  await transaction(store.db, () => {
    setRemap(store, '1', 'a', 'b', null)
    rekeyOffers(store, '1', '2', null)
  })
  expect([offersMoved(store, '1', '2'), offersMoved(store, '2', '1')]).toEqual([true, false])
  await transaction(store.db, () => {
    rekeyOffers(store, '2', '1', null)
    removeRemap(store, '1', 'a')
  })
  expect(readOverlay(store)).toBeUndefined()
  expect(offersMoved(store, '1', '2')).toBe(false)
})

test('said twice is said once, in rings and chains, too', () => {
  const key = fc.constantFrom(...KEYS.map(String), '99009009009000')
  fc.assert(
    fc.property(fc.dictionary(key, key), fc.array(fc.tuple(fc.nat(2), fc.nat(4))), (pairs, own) => {
      const acyclic = new Map(Object.entries(pairs).filter(([from, to]) => from < to))
      const overlay = { regions: new Map(), keys: new Map([['1', acyclic]]) }
      const once = withOverlay([cells('1', ...own)], KEYS, overlay)
      expect(readable(withOverlay(once.offers, once.keys, overlay))).toEqual(readable(once))
    }),
  )
})
