import { expect, test } from 'vitest'
import { insertRegions, readRegionKeys, readRegions } from '../../src/lib/register/store.ts'
import { addSnapshot } from '../../src/lib/snapshot/snapshots.ts'
import { region } from '../support/region.ts'
import { newSnapshot } from '../support/snapshot.ts'
import { temporaryStore } from '../support/store.ts'

const REGIONS = [
  region('03', 'Niedersachsen', { inhabitants: 8140242 }),
  region('034', 'Weser-Ems'),
  region('03459', 'Osnabrück', { type: 'Landkreis', seat: 'Osnabrück', carriedOver: ['name', 'type'] }),
  region('034590014', 'Bramsche'),
  region('034590014014', "Bram'sche; --", { inhabitants: 32179, areaHa: 18337, postcode: '49565' }),
  region('034599501501', 'Frei', { gemeindefrei: true, inhabitants: 0 }),
  region('04', 'Bremen'),
]

test('regions read back as they were written, by prefix and by snapshot', async () => {
  const store = await temporaryStore()
  const first = await addSnapshot(store, newSnapshot('region'), (id) => insertRegions(store, id, REGIONS))
  const second = await addSnapshot(store, newSnapshot('region'), (id) =>
    insertRegions(store, id, [region('05', 'NRW')]),
  )
  expect(await readRegions(store, first.rowId)).toEqual(REGIONS)
  expect(await readRegions(store, second.rowId)).toEqual([region('05', 'NRW')])
  const keys = async (prefix: string) => (await readRegions(store, first.rowId, prefix)).map(({ key }) => key)
  expect(await keys('03459')).toEqual(['03459', '034590014', '034590014014', '034599501501'])
  expect(await keys('034590014014')).toEqual(['034590014014'])
  expect(await keys('05')).toEqual([])
})

test('the keys of a snapshot are those of its regions and of the Bund', async () => {
  const store = await temporaryStore()
  const { rowId } = await addSnapshot(store, newSnapshot('region'), (id) =>
    insertRegions(store, id, [region('03404', 'Osnabrück'), region('034040000000', 'Osnabrück')]),
  )
  expect([...(await readRegionKeys(store, rowId))].sort()).toEqual(['', '03404'])
})
