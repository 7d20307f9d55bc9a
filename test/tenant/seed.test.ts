import { describe, expect, test } from 'vitest'
import type { RegionKey } from '../../src/lib/region/key.ts'
import type { Region } from '../../src/lib/region/model.ts'
import { importRegions } from '../../src/lib/register/import.ts'
import { readManifests } from '../../src/lib/tenant/manifest.ts'
import { isLabel } from '../../src/lib/tenant/names.ts'
import { loadTenantRegions } from '../../src/lib/tenant/regions.ts'
import { type Seed, seedFromRegister, seedManifest } from '../../src/lib/tenant/seed.ts'
import { seedJson, seedYaml } from '../../src/lib/view/manifest.ts'
import { schemaErrors } from '../support/schema.ts'
import { hasRealData, REAL } from '../support/shared.ts'
import { temporaryStore, testContext } from '../support/store.ts'
import { storeWithRegister } from '../support/tenant.ts'

const key = (text: string): RegionKey => text as RegionKey

async function seed(region: string, options = {}): Promise<Seed> {
  return (await seedFromRegister(await storeWithRegister(), key(region), options)).seed
}

const brief = ({ tenants }: Seed): readonly string[] =>
  tenants.map((tenant) => `${tenant.region.key} ${tenant.slug} ${tenant.name}`)

test('a county: itself, Gemeinden, Samtgemeinden with their members behind them', async () => {
  const { portal, network, defaults, ...rest } = await seed('03459')
  expect({ portal, network, defaults }).toEqual({
    portal: 'local',
    network: { account: 'landkreis-osnabrueck', name: 'Landkreis Osnabrück', anchor: '03459', sharing: null },
    defaults: { modules: ['Nutzerkonto', 'OR-Connect'], state: 'active' },
  })
  const found = brief({ portal, network, defaults, ...rest })
  expect(found).toHaveLength(39)
  expect(found.slice(0, 2)).toEqual([
    '03459 landkreis-osnabrueck Landkreis Osnabrück',
    '034590003003 bad-essen Bad Essen',
  ])
  expect(found.slice(18, 24)).toEqual([
    '034595401 samtgemeinde-artland Samtgemeinde Artland',
    '034595401007 badbergen Badbergen',
    '034595401025 menslage Menslage',
    '034595401028 nortrup Nortrup',
    '034595401030 quakenbrueck Quakenbrück',
    '034595402 samtgemeinde-bersenbrueck Samtgemeinde Bersenbrück',
  ])
})

test('a kreisfreie Stadt comes once, a gemeindefreies Gebiet never', async () => {
  expect(brief(await seed('03404'))).toEqual(['034040000000 osnabrueck Osnabrück'])
  const land = await seed('03', { name: 'Weser-Ems', domain: 'portal.example.de' })
  expect(land.network).toEqual({ account: 'weser-ems', name: 'Weser-Ems', anchor: '03', sharing: null })
  // Gifhorn is here for Giebel alone, which is gemeindefrei.
  expect(brief(land).filter((line) => !line.startsWith('03459'))).toEqual([
    '03151 landkreis-gifhorn Landkreis Gifhorn',
    '034040000000 osnabrueck Osnabrück',
  ])
  expect(land.tenants[1]?.hosts).toEqual(['osnabrueck.portal.example.de'])
})

test('what is no region of the register is refused', async () => {
  await expect(seed('05')).rejects.toMatchObject({ code: 'REGION_NOT_FOUND', exit: 64 })
  await expect(seed('')).rejects.toMatchObject({ code: 'REGION_NOT_FOUND', exit: 64 })
  await expect(seed('031519501')).rejects.toMatchObject({ code: 'SEED_EMPTY', exit: 64 })
  await expect(seedFromRegister(await temporaryStore(), key('03459'), {})).rejects.toMatchObject({
    code: 'NO_REGION_SNAPSHOT',
  })
})

test.each([
  ['', 'is empty'],
  ['!!!', 'has no letter for an address'],
  ['a\u001b[31m', 'holds control characters or invisible marks'],
  ['x'.repeat(201), 'is longer than 200 characters'],
])('the name %j is refused before anything is written', async (name, what) => {
  await expect(seed('03459', { name })).rejects.toMatchObject({
    exit: 64,
    message: `the name of the network ${what}`,
  })
})

const region = (regionKey: string, name: string, more: Partial<Region> = {}): Region => ({
  key: regionKey,
  level: 'gemeinde',
  ags: null,
  name,
  type: null,
  inhabitants: null,
  areaHa: null,
  postcode: null,
  seat: null,
  gemeindefrei: false,
  carriedOver: [],
  ...more,
})

test('slugs are labels and unique, whichever namesake comes first', () => {
  const land = region('07', 'Rheinland-Pfalz', { level: 'land' })
  const regions = [
    land,
    region('07131', 'Ahrweiler', { level: 'kreis', type: 'Landkreis' }),
    region('07132', 'Altenkirchen (Westerwald)', { level: 'kreis', type: 'Landkreis' }),
    region('071310001001', 'Berg'),
    region('071310002002', 'Berg'),
    region('071320003003', 'Berg, Stadt'),
    region('071320004004', 'Groß-Gerau/Łužica  (Ähre)'),
    region('071320005005', 'Sankt Katharinen im Tal der sieben Mühlen an der oberen Kleinen Nister'),
    region('071320006006', 'St. Égal d’Arc'),
  ]
  expect(seedManifest(land, regions, {}).tenants.map((tenant) => tenant.slug)).toEqual([
    'landkreis-ahrweiler',
    'landkreis-altenkirchen-westerwald',
    'berg-071310001001',
    'berg-071310002002',
    'berg-altenkirchen-westerwald',
    'gross-gerau-luzica-aehre',
    'sankt-katharinen-im-tal-der-sieben-muehlen-an-der-oberen-kleine',
    'st-egal-d-arc',
  ])
})

test.each(['de', 'en'] as const)(
  'the YAML of a seed is the manifest of its JSON and fits the schema (%s)',
  async (lang) => {
    const store = await storeWithRegister()
    const options = { name: 'Wir: "alle" # zusammen', domain: 'example.de' }
    const { seed: made, snapshot } = await seedFromRegister(store, key('03459'), options)
    const text = seedYaml(made, snapshot, 'schemas/network.json', lang)
    const regions = await loadTenantRegions(store)
    const fromYaml = await readManifests([{ file: 'seed.yaml', text }], regions)
    const json = seedJson(made)
    const fromJson = await readManifests([{ file: 'seed.json', text: JSON.stringify(json) }], regions)
    expect(withoutPlaces(fromYaml)).toEqual(withoutPlaces(fromJson))
    expect(fromYaml.networks).toEqual([made.network])
    expect(fromYaml.tenants).toHaveLength(39)
    expect(schemaErrors('tenant-seed', json)).toEqual([])
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=schemas/network.json')
  },
)

const withoutPlaces = (manifest: Awaited<ReturnType<typeof readManifests>>) => ({
  ...manifest,
  tenants: manifest.tenants.map((item) => item.tenant),
})

describe.skipIf(!hasRealData)('the whole register of 2023 (needs the real data beside the checkout)', () => {
  test('every Land gives a manifest that can be read back', async () => {
    const store = await temporaryStore()
    await importRegions(testContext(), store, { files: [REAL.gv100ad] })
    const regions = await loadTenantRegions(store)
    let all = 0
    for (let land = 1; land <= 16; land++) {
      const prefix = String(land).padStart(2, '0')
      const { seed: made, snapshot } = await seedFromRegister(store, key(prefix), { domain: 'example.de' })
      const slugs = made.tenants.map((tenant) => tenant.slug)
      expect(slugs.filter((slug) => !isLabel(slug))).toEqual([])
      expect(new Set(slugs).size).toBe(slugs.length)
      const text = seedYaml(made, snapshot, 'x', 'de')
      const manifest = await readManifests([{ file: `${prefix}.yaml`, text }], regions)
      expect(manifest.tenants).toHaveLength(slugs.length)
      all += slugs.length
    }
    // 294 counties that are no Stadt, 1,205 Verbände with members, 10,773 Gemeinden that are not gemeindefrei.
    expect(all).toBe(294 + 1205 + 10_773)
  })
})
