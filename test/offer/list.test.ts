import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { importCatalog } from '../../src/lib/catalog/import.ts'
import type { LeikaKey } from '../../src/lib/leika/key.ts'
import { listOffers, type OfferListOptions } from '../../src/lib/offer/list.ts'
import type { RegionKey } from '../../src/lib/region/key.ts'
import { importRegions } from '../../src/lib/register/import.ts'
import type { Store } from '../../src/lib/store/sqlite.ts'
import { root } from '../support/cli.ts'
import { importTexts } from '../support/offer.ts'
import { temporaryStore, testContext } from '../support/store.ts'

const PERSONALAUSWEIS = '99008001012000'
const HUND = '99110009104000'
const TABLE = `region;leika_key;reifegrad
DE;${PERSONALAUSWEIS};1
03;${PERSONALAUSWEIS};1
03459;${HUND};2
034590024024;${PERSONALAUSWEIS};3
034595401;${HUND};1
034595401030;${HUND};2
03404;${HUND};4
034590099099;99000000000000;1
`

let store: Store
beforeEach(async () => {
  store = await temporaryStore()
  const files = (...names: readonly string[]) => ({
    files: names.map((name) => join(root, 'fixtures', name)),
  })
  await importRegions(testContext(), store, files('region/GV100AD_osnabrueck_301123.txt'))
  await importCatalog(
    testContext(),
    store,
    files('catalog/ozg_leistungen.csv', 'catalog/leika_leistungen.csv'),
  )
})

async function list(options: { prefix?: string; key?: string; ozgId?: string }) {
  await importTexts(store, { 'a.csv': TABLE })
  const { offers } = await listOffers(store, { prefix: '', ...options } as OfferListOptions)
  return offers.map(({ region, key, regionName, name }) => `${region} ${key} ${regionName}: ${name}`)
}
const MELLE = `034590024024 ${PERSONALAUSWEIS} Melle, Stadt: Personalausweis Ausstellung`

describe('listOffers', () => {
  it('names regions and Leistungen where register and catalogue know them', async () => {
    expect(await list({})).toEqual([
      ` ${PERSONALAUSWEIS} Bund: Personalausweis Ausstellung`,
      `03 ${PERSONALAUSWEIS} Niedersachsen: Personalausweis Ausstellung`,
      `03404 ${HUND} Osnabrück, Stadt: Hundehaltung Anmeldung`,
      `03459 ${HUND} Osnabrück: Hundehaltung Anmeldung`,
      MELLE,
      '034590099099 99000000000000 : ',
      `034595401 ${HUND} Artland: Hundehaltung Anmeldung`,
      `034595401030 ${HUND} Quakenbrück, Stadt: Hundehaltung Anmeldung`,
    ])
  })

  it('keeps a region with everything in it', async () => {
    expect(await list({ prefix: '03459' })).toHaveLength(5)
    expect(await list({ prefix: '034595401' })).toHaveLength(2)
    expect(await list({ prefix: '03404' })).toHaveLength(1)
    expect(await list({ prefix: '034' as RegionKey })).toHaveLength(6)
    expect(await list({ prefix: '05' })).toEqual([])
  })

  it('keeps a key, the keys of an OZG-Leistung, or what is in both', async () => {
    expect(await list({ key: HUND as LeikaKey, prefix: '03459' })).toHaveLength(3)
    expect(await list({ ozgId: '10119', prefix: '03459' })).toEqual([MELLE])
    expect(await list({ ozgId: '10119', key: PERSONALAUSWEIS, prefix: '03459' })).toEqual([MELLE])
    expect(await list({ ozgId: '10119', key: HUND })).toEqual([])
  })

  it('knows no OZG-Leistung that the catalogue does not have', async () => {
    await expect(list({ ozgId: '99999' })).rejects.toMatchObject({ code: 'OZG_UNKNOWN', exit: 64 })
  })

  it('says what is missing in an empty store', async () => {
    const empty = await temporaryStore()
    await expect(listOffers(empty, { prefix: '' as RegionKey })).rejects.toMatchObject({
      code: 'NO_OFFER_SNAPSHOT',
      exit: 64,
    })
    await importTexts(empty, { 'a.csv': TABLE })
    const { offers } = await listOffers(empty, { prefix: '03459' as RegionKey })
    expect(offers[0]).toMatchObject({ region: '03459', regionName: '', name: '' })
    await expect(listOffers(empty, { prefix: '' as RegionKey, ozgId: '10119' })).rejects.toMatchObject({
      code: 'NO_CATALOG_SNAPSHOT',
    })
  })
})
