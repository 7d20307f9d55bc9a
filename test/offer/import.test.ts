import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { importCatalog } from '../../src/lib/catalog/import.ts'
import { readOfferKeys, readOffersOf, readRegionCells } from '../../src/lib/offer/store.ts'
import type { RegionKey } from '../../src/lib/region/key.ts'
import { importRegions } from '../../src/lib/register/import.ts'
import { activeSnapshot, listSnapshots } from '../../src/lib/snapshot/snapshots.ts'
import type { Store } from '../../src/lib/store/sqlite.ts'
import { root } from '../support/cli.ts'
import { failure } from '../support/failure.ts'
import { brief, importTexts, offersOf } from '../support/offer.ts'
import { temporaryStore, testContext } from '../support/store.ts'

const fixture = (name: string): Buffer => readFileSync(join(root, 'fixtures', name))
const HEADER = 'region;leika_key;reifegrad;url;authority;valid_from;valid_to\n'
const HUND = '99110009104000'
const row = (region: string, reifegrad: number, more = ';;;'): string =>
  `${region};${HUND};${reifegrad};${more}\n`

let store: Store
beforeEach(async () => {
  store = await temporaryStore()
})

async function withRegisterAndCatalog(): Promise<void> {
  const files = (...names: readonly string[]) => ({
    files: names.map((name) => join(root, 'fixtures', name)),
  })
  await importRegions(testContext(), store, files('region/GV100AD_osnabrueck_301123.txt'))
  await importCatalog(
    testContext(),
    store,
    files('catalog/ozg_leistungen.csv', 'catalog/leika_leistungen.csv'),
  )
}

describe('the fixture of our own table', () => {
  it('holds 257 distinct offers, one for an unknown region and one of an unknown key', async () => {
    await withRegisterAndCatalog()
    const { snapshot, unknown, defects, warnings } = await importTexts(store, {
      'offers.csv': fixture('offer/offers.csv'),
    })
    expect(snapshot.counts).toEqual({ offers: 257, regions: 26 })
    expect(unknown).toEqual({ regions: ['034590099099'], leistungen: ['99107023099000'] })
    expect(snapshot.rejected).toEqual({ total: 0, byReason: {} })
    expect(brief(defects)).toEqual(['257:? duplicate-row region leika_key=034590034034 99110009104000'])
    expect(warnings).toEqual([])
    expect(offersOf(store, snapshot)).toHaveLength(257)
  })

  it('is compared with nothing while there is no register and no catalogue', async () => {
    const { unknown, warnings } = await importTexts(store, { 'offers.csv': fixture('offer/offers.csv') })
    expect(unknown).toEqual({ regions: null, leistungen: null })
    expect(warnings).toEqual([
      'no register yet: whether the regions exist was not checked; run: ozgctl region import FILE',
      'no catalogue yet: whether the keys exist was not checked; run: ozgctl catalog import FILE',
    ])
  })
})

describe('the fixtures of the dashboard', () => {
  it('give the same snapshot as CSV and as JSON', async () => {
    const csv = await importTexts(store, { 'dashboard.csv': fixture('offer/dashboard.csv') })
    const json = await importTexts(store, { 'dashboard.json': fixture('offer/dashboard.json') })
    expect(csv.snapshot.counts).toEqual({ offers: 66, regions: 4, assumedReifegrad: 66 })
    expect(csv.snapshot.ignored).toEqual({ 'online-status-nicht-ok': 2, 'nicht-aktiv': 1 })
    expect(json.snapshot.counts).toEqual(csv.snapshot.counts)
    expect(json.snapshot.ignored).toEqual(csv.snapshot.ignored)
    const offers = offersOf(store, csv.snapshot)
    expect(offersOf(store, json.snapshot)).toEqual(offers)
    expect(new Set(offers.map(({ reifegrad, assumed }) => `${reifegrad} ${assumed}`))).toEqual(
      new Set(['2 true']),
    )
    // Not counted by the dashboard, but usable online.
    expect(offers.find(({ region, key }) => region === '03' && key === '99012006033000')).toBeDefined()
  })

  it('take the Reifegrad that is given', async () => {
    const { snapshot } = await importTexts(
      store,
      { 'dashboard.csv': fixture('offer/dashboard.csv') },
      { reifegrad: 3 },
    )
    expect(new Set(offersOf(store, snapshot).map(({ reifegrad }) => reifegrad))).toEqual(new Set([3]))
  })

  it('are whole only with all pages', async () => {
    const [one] = JSON.parse(fixture('offer/dashboard.json').toString()).content as readonly object[]
    const page = (number: number): string => JSON.stringify({ content: [one], number, totalPages: 3 })
    const part = await importTexts(store, { '0.json': page(0), '2.json': page(2) })
    expect(part.warnings).toContain(
      '1 of the 3 pages of the dashboard were not given: name all of them in one call',
    )
    const whole = await importTexts(store, { '0.json': page(0), '1.json': page(1), '2.json': page(2) })
    expect(whole.warnings.filter((warning) => warning.includes('pages'))).toEqual([])
    expect(whole.snapshot.counts.offers).toBe(1)
    expect(whole.snapshot.kept).toEqual({ total: 2, byReason: { 'duplicate-row': 2 } })
  })
})

describe('the fixture of XZuFi', () => {
  it('makes offers of the services that were not deleted', async () => {
    await withRegisterAndCatalog()
    const { snapshot, unknown } = await importTexts(store, {
      'transfer.xml': fixture('offer/xzufi-offers.xml'),
    })
    expect(snapshot.counts).toEqual({ offers: 8, regions: 6, assumedReifegrad: 8 })
    expect(snapshot.ignored).toEqual({
      'zustaendigkeit-organisationseinheit': 2,
      'zustaendigkeit-geloescht': 1,
    })
    expect(snapshot.rejected.total).toBe(0)
    expect(unknown).toEqual({ regions: [], leistungen: [] })
    expect(offersOf(store, snapshot).map(({ region, key }) => `${region} ${key}`)).toEqual([
      '03 99107023017000',
      '03459 99036008007000',
      '03459 99036009069000',
      '034590003003 99110009104000',
      '034590008008 99110009104000',
      '034590024024 99110009104000',
      '034590024024 99115003012000',
      '034595402 99110009104000',
    ])
  })

  it('finds an AGS in the register', async () => {
    await withRegisterAndCatalog()
    const ars = 'schemeID="urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:rs">034590003003'
    const text = fixture('offer/xzufi-offers.xml').toString()
    expect(text).toContain(ars)
    const { snapshot } = await importTexts(store, {
      'transfer.xml': text.replace(
        ars,
        'schemeID="urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:ags">03459003',
      ),
    })
    expect(await readOffersOf(store, snapshot.rowId, '034590003003' as RegionKey)).toHaveLength(1)
  })
})

describe('an import', () => {
  it('takes spellings of one region as one, and keeps several services of it', async () => {
    const { snapshot, defects } = await importTexts(store, {
      'a.csv': HEADER + row('034040000000', 2) + row('03404', 2) + row('03404', 2, 'https://b.example/;;;'),
    })
    expect(snapshot.counts).toEqual({ offers: 2, regions: 1 })
    expect(brief(defects)).toEqual([`3:? duplicate-row region leika_key=03404 ${HUND}`])
  })

  it('counts identical rows of several files once, and names the repeated ones', async () => {
    const { snapshot, defects } = await importTexts(store, {
      'a.csv': HEADER + row('03', 1) + row('03', 2) + row('03', 1),
      'b.csv': HEADER + row('03', 2) + row('03', 1) + row('04', 1),
    })
    expect(snapshot.counts).toEqual({ offers: 3, regions: 2 })
    expect(defects.map(({ place, action, reason }) => [place.file, place.line, action, reason])).toEqual([
      ['a.csv', 4, 'kept', 'duplicate-row'],
      ['b.csv', 2, 'kept', 'duplicate-row'],
      ['b.csv', 3, 'kept', 'duplicate-row'],
    ])
  })

  it('reads formats together, each by its content', async () => {
    const { snapshot } = await importTexts(store, {
      'a.txt': fixture('offer/dashboard.json'),
      'b.txt': fixture('offer/offers.csv'),
      'c.txt': fixture('offer/xzufi-offers.xml'),
    })
    expect(snapshot.sources.map(({ format, records }) => [format, records])).toEqual([
      ['dashboard', 69],
      ['offer-table', 258],
      ['xzufi', 22],
    ])
    expect(snapshot.counts).toEqual({ offers: 257 + 66 + 8, regions: 26, assumedReifegrad: 66 + 8 })
  })

  it('stores offers in order and packs what holds on a day', async () => {
    const { snapshot } = await importTexts(store, {
      'a.csv':
        HEADER +
        row('034590024024', 1) +
        row('03', 3, ';Land;2026-01-01;2026-06-30') +
        row('DE', 1) +
        row('034590024024', 4) +
        `03;99000000000000;2;;;;\n`,
    })
    expect(offersOf(store, snapshot).map(({ region, reifegrad }) => [region, reifegrad])).toEqual([
      ['', 1],
      ['03', 2],
      ['03', 3],
      ['034590024024', 1],
      ['034590024024', 4],
    ])
    const keys = await readOfferKeys(store, snapshot.rowId)
    const cellsOn = async (day: string) =>
      (await readRegionCells(store, snapshot.rowId, day)).map(({ region, cells }) => [
        region,
        ...[...cells].map((cell) => `${keys[cell >>> 3]}:${cell & 7}`).sort(),
      ])
    expect(await cellsOn('2026-03-01')).toEqual([
      ['', `${HUND}:1`],
      ['03', '99000000000000:2', `${HUND}:3`],
      ['034590024024', `${HUND}:4`],
    ])
    expect(await cellsOn('2026-07-01')).toEqual([
      ['', `${HUND}:1`],
      ['03', '99000000000000:2'],
      ['034590024024', `${HUND}:4`],
    ])
  })

  it('leaves nothing behind on the connection, and can be run again', async () => {
    await importTexts(store, { 'a.csv': HEADER + row('03', 1) })
    for (const bad of [row('x', 1), `${row('03', 1)}03;99`])
      await failure(() => importTexts(store, { 'a.csv': HEADER + bad }))
    expect(store.db.prepare('SELECT name FROM temp.sqlite_schema').all()).toEqual([])
    expect(store.db.isTransaction).toBe(false)
    const { snapshot } = await importTexts(store, { 'a.csv': HEADER + row('03', 1) })
    expect(snapshot.id).toBe('offer-2')
  })

  it('writes nothing in a dry run', async () => {
    const { snapshot, dryRun } = await importTexts(
      store,
      { 'a.csv': HEADER + row('03', 1) },
      { dryRun: true },
    )
    expect([snapshot.id, dryRun, snapshot.counts]).toEqual(['offer-1', true, { offers: 1, regions: 1 }])
    expect(await listSnapshots(store, 'offer')).toEqual([])
    for (const table of ['offer', 'offer_cells', 'offer_keys'])
      expect(store.db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n).toBe(0)
  })
})

describe('bad input', () => {
  const good = HEADER + row('03', 1) + row('04', 1)

  it.each<[string, string, string, string]>([
    [
      'a header with a column twice',
      `region;leika_key;region\n03;${HUND};03\n`,
      'CSV_DUPLICATE_COLUMN',
      ':1:3:',
    ],
    ['a table of something else', 'name;ort\nA;B\n', 'CSV_UNKNOWN', ':1:'],
    ['a last row that is cut off', `${HEADER}${row('03', 1)}04;9911000`, 'CSV_TRUNCATED', ':3:'],
    [
      'a quote that is never closed',
      `${HEADER}03;${HUND};1;;"Amt;;\n${row('04', 1)}`,
      'CSV_QUOTE_NOT_CLOSED',
      '',
    ],
    ['a web page', '<!DOCTYPE html><html><body>Login</body></html>', 'IS_HTML', ':1:'],
    ['XML that is no XZuFi', '<a><b/></a>', 'XML_UNKNOWN', ':1:'],
    [
      'XML that ends early',
      '<t xmlns="http://xoev.de/schemata/xzufi/2_2_0"><schreibe>',
      'XML_TRUNCATED',
      ':1:',
    ],
    ['a DOCTYPE', '<?xml version="1.0"?><!DOCTYPE t SYSTEM "x.dtd"><t/>', 'XML_DOCTYPE', ':1:'],
    ['JSON of something else', '{"items": []}', 'DASHBOARD_JSON', ':1:'],
    ['JSON that ends early', '{"content": [{"ars": "03"', 'JSON_TRUNCATED', ':1:'],
    ['a NUL byte', `${HEADER}03;${HUND};1;\0;;;\n`, 'NUL_BYTE', 'byte'],
    ['an empty file', '', 'FILE_EMPTY', ''],
    ['only a header', HEADER, 'NOTHING_USABLE', ''],
    ['leading zeros lost everywhere', `${HEADER}${row('3', 1)}${row('3459', 1)}`, 'NOTHING_USABLE', ':2:1:'],
  ])('leaves the former snapshot active: %s', async (_, text, code, place) => {
    await importTexts(store, { 'good.csv': good })
    const error = await failure(() => importTexts(store, { 'bad.csv': text }))
    expect([error.code, error.exit]).toEqual([code, 65])
    expect(error.message).toContain(place)
    expect(await activeSnapshot(store, 'offer')).toMatchObject({ id: 'offer-1', counts: { offers: 2 } })
    expect(await listSnapshots(store, 'offer')).toHaveLength(1)
  })

  it('rejects rows, not the file: keys of a spreadsheet, AGS, other delimiters', async () => {
    const { snapshot, defects } = await importTexts(store, {
      'a.csv':
        HEADER +
        row('03', 1) +
        row('34590024024', 1) +
        row('03459024', 1) +
        `034590024024,${HUND},1,,,,\n` +
        `03;9,911E+13;1;;;;\n` +
        row('04', 9),
    })
    expect(snapshot.counts).toEqual({ offers: 1, regions: 1 })
    expect(brief(defects)).toEqual([
      '3:1 leading-zero-lost region=34590024024',
      '4:1 ags-instead-of-ars region=03459024',
      `5:? column-count 1 of 7 columns=034590024024,${HUND},1,,,,`,
      '6:2 excel-number leika_key=9,911E+13',
      '7:3 reifegrad-invalid reifegrad=9',
    ])
  })

  it('refuses any fault when asked to be strict, and a table that shrank', async () => {
    const strict = await failure(() => importTexts(store, { 'a.csv': good + row('05', 9) }, { strict: true }))
    expect(strict.code).toBe('STRICT')
    const many = Array.from({ length: 20 }, (_, at) => row('03', 1, `https://a.example/${at};;;`)).join('')
    await importTexts(store, { 'a.csv': HEADER + many })
    expect((await failure(() => importTexts(store, { 'a.csv': HEADER + row('03', 1) }))).code).toBe('SHRUNK')
    await importTexts(store, { 'a.csv': HEADER + row('03', 1) }, { allowShrink: true })
  })
})
