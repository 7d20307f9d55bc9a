import { describe, expect, test } from 'vitest'
import type { Defect } from '../../src/lib/input/defects.ts'
import { importRegions } from '../../src/lib/register/import.ts'
import { readRegions } from '../../src/lib/register/store.ts'
import type { ImportOptions } from '../../src/lib/snapshot/importing.ts'
import { activeSnapshot } from '../../src/lib/snapshot/snapshots.ts'
import type { Store } from '../../src/lib/store/sqlite.ts'
import { root } from '../support/cli.ts'
import { failure } from '../support/failure.ts'
import { temporaryFile } from '../support/folder.ts'
import { codeList } from '../support/genericode.ts'
import { gvGemeinde, gvLine } from '../support/gv100ad.ts'
import { temporaryStore, testContext } from '../support/store.ts'

const fixture = (name: string) => `${root}/fixtures/region/${name}`
const GV = fixture('GV100AD_osnabrueck_301123.txt')
const RS = fixture('regionalschluessel_2026.xml')

function run(store: Store, files: readonly string[], more: Partial<ImportOptions> = {}) {
  return importRegions(testContext(), store, { files, maxRejects: { percent: 100 }, ...more })
}

async function regionsOf(store: Store) {
  const snapshot = await activeSnapshot(store, 'region')
  return snapshot === undefined ? [] : readRegions(store, snapshot.rowId)
}

test('the Gemeindeverzeichnis is imported with its counts, and sums go up from the Gemeinden', async () => {
  const store = await temporaryStore()
  const { snapshot, former, samples } = await run(store, [GV])
  expect(snapshot.counts).toEqual({
    land: 2,
    bezirk: 3,
    kreis: 4,
    verband: 24,
    gemeinde: 37,
    gemeindefrei: 1,
    inhabitants: 634_951,
  })
  expect({ former, samples, active: snapshot.active }).toEqual({
    former: undefined,
    samples: [],
    active: true,
  })
  expect(snapshot.sources).toMatchObject([{ format: 'gv100ad', encoding: 'utf-8', records: 70 }])
  const inhabitants = new Map((await regionsOf(store)).map((region) => [region.key, region.inhabitants]))
  expect([...inhabitants.values()].length).toBe(70)
  expect((await regionsOf(store)).flatMap(({ carriedOver }) => carriedOver)).toEqual([])
  expect(
    ['03', '034', '03459', '034595402', '03404', '034040000', '03151'].map((key) => inhabitants.get(key)),
  ).toEqual([533_587, 533_587, 366_221, 31_108, 167_366, 167_366, 0])
})

test('ISO-8859-1 with CRLF gives the same regions as UTF-8 with LF', async () => {
  const [first, second] = [await temporaryStore(), await temporaryStore()]
  await run(first, [GV])
  const { snapshot } = await run(second, [fixture('GV100AD_osnabrueck_latin1.asc')])
  expect(snapshot.sources[0]?.encoding).toBe('iso-8859-1')
  expect(await regionsOf(second)).toEqual(await regionsOf(first))
})

test('a code list after it keeps names and figures, marks them, and follows Hanau', async () => {
  const store = await temporaryStore()
  await run(store, [GV])
  const { snapshot, former } = await run(store, [RS])
  expect(former?.id).toBe('region-1')
  expect(snapshot.ignored).toEqual({ 'stadt-ortsteil': 2 })
  const byKey = new Map((await regionsOf(store)).map((region) => [region.key, region]))
  expect(byKey.get('03459')).toMatchObject({
    name: 'Osnabrück',
    inhabitants: 366_221,
    carriedOver: ['name', 'type', 'seat', 'inhabitants'],
  })
  expect(byKey.get('064150000000')).toMatchObject({
    ags: '06415000',
    inhabitants: 101_364,
    carriedOver: ['type', 'inhabitants', 'areaHa', 'postcode'],
  })
  expect(byKey.get('06415')).toMatchObject({
    name: 'Hanau, Brüder-Grimm-Stadt',
    inhabitants: 101_364,
    carriedOver: ['inhabitants'],
  })
  expect(byKey.has('064350014014')).toBe(false)
  expect(byKey.get('020000000000')).toMatchObject({ inhabitants: null, carriedOver: [] })
})

test('a list of AGS gives what the list of ARS gives', async () => {
  const store = await temporaryStore()
  await run(store, [GV])
  await run(store, [RS])
  const byArs = await regionsOf(store)
  const { snapshot } = await run(store, [fixture('ags_2026.xml')])
  expect(snapshot.rejected.total).toBe(0)
  expect(await regionsOf(store)).toEqual(byArs)
})

test('files of one call make one snapshot', async () => {
  const store = await temporaryStore()
  const { snapshot } = await run(store, [
    temporaryFile('a.xml', codeList('rs', [['034590014014', 'Bramsche']])),
    temporaryFile('b.xml', codeList('rs', [['034590013013', 'Bohmte']])),
  ])
  expect(snapshot.counts).toMatchObject({ land: 1, kreis: 1, verband: 2, gemeinde: 2 })
  expect(snapshot.sources.map(({ name }) => name)).toEqual(['a.xml', 'b.xml'])
})

describe('nothing is changed when', () => {
  async function refused(files: readonly string[], more: Partial<ImportOptions> = {}) {
    const store = await temporaryStore()
    await run(store, [GV])
    const before = await regionsOf(store)
    const defects: Defect[] = []
    const error = await failure(() =>
      run(store, files, { ...more, onDefect: (defect) => defects.push(defect) }),
    )
    expect((await activeSnapshot(store, 'region'))?.id).toBe('region-1')
    expect(await regionsOf(store)).toEqual(before)
    return { error, defects }
  }
  const file = (text: string) => temporaryFile('list.xml', text)

  test('the file is something else', async () => {
    const { error } = await refused([temporaryFile('a.csv', 'Schluessel;Name\n')])
    expect(error).toMatchObject({
      code: 'REGION_FORMAT',
      exit: 65,
      message: 'a.csv:1: this is neither a GV100AD nor a genericode list',
    })
    expect((await refused([temporaryFile('a.json', '{}')])).error.code).toBe('REGION_FORMAT')
  })

  test('one of several files is faulty', async () => {
    const whole = file(codeList('rs', [['034590014014', 'Bramsche']]))
    expect((await refused([whole, temporaryFile('cut.xml', '<a>')], { allowShrink: true })).error.exit).toBe(
      65,
    )
  })

  test('a Gemeindeverzeichnis and a code list stand together', async () => {
    expect((await refused([GV, RS])).error).toMatchObject({ code: 'REGISTER_MIXED', exit: 64 })
  })

  test('no row can be used: the first is named, with what happened to it', async () => {
    const { error } = await refused([
      file(
        codeList('ags', [
          ['3459014', 'Bramsche'],
          ['3459013', 'Bohmte'],
        ]),
      ),
    ])
    expect(error).toMatchObject({
      code: 'NOTHING_USABLE',
      exit: 65,
      message: 'list.xml:4: no row can be used; the first is rejected as leading-zero-lost: "3459014"',
      suggestions: [
        'A spreadsheet dropped the leading zeros: have the column exported as text. They are never filled in.',
        'See all of them with --rejects FILE.',
      ],
    })
  })

  test('--strict finds a single faulty row', async () => {
    const text = codeList('rs', [
      ['034590014014', 'Bramsche'],
      ['34590013013', 'Bohmte'],
    ])
    const { error, defects } = await refused([file(text)], { strict: true, allowShrink: true })
    expect(error).toMatchObject({
      code: 'STRICT',
      exit: 65,
      message: 'list.xml:5: --strict: 1 row cannot be used (1 leading-zero-lost); nothing was imported',
    })
    expect(defects).toHaveLength(1)
  })

  test('rows of one key contradict each other, and it is the only key', async () => {
    const text = codeList('rs', [
      ['034590014014', 'Bramsche'],
      ['034590014014', 'Bohmte'],
    ])
    const { error, defects } = await refused([file(text)])
    expect(error.message).toBe(
      'list.xml:4: no row can be used; the first is rejected as duplicate-key: "Bramsche"',
    )
    expect(defects.map(({ place }) => place.line)).toEqual([4, 5])
  })

  test('much less comes than was there, unless that is meant', async () => {
    const text = codeList('rs', [['034590014014', 'Bramsche']])
    expect((await refused([file(text)])).error).toMatchObject({
      code: 'SHRUNK',
      exit: 65,
      message: 'the input has 1 gemeinde, region-1 has 37: it looks cut off; nothing was imported',
      suggestions: ['If it is meant, repeat with --allow-shrink.'],
    })
    const store = await temporaryStore()
    await run(store, [GV])
    expect((await run(store, [file(text)], { allowShrink: true })).snapshot.id).toBe('region-2')
  })
})

test('faulty rows are counted by reason and the rest is used', async () => {
  const store = await temporaryStore()
  const text = [
    gvLine('10', '03', 'Niedersachsen'),
    gvLine('40', '03459', 'Osnabrück'),
    gvGemeinde('03459014 0014', 'Bramsche'),
    gvGemeinde('03459014 0014', 'Bramsche'),
    gvGemeinde('03459013 0013', 'Bohmte'),
    gvGemeinde('03459013 0013', 'Anders'),
    gvGemeinde('03459012 0012', ''),
  ]
  const { snapshot, samples } = await run(store, [temporaryFile('gv.txt', `${text.join('\n')}\n`)])
  expect(snapshot).toMatchObject({
    counts: { land: 1, kreis: 1, gemeinde: 1 },
    rejected: { total: 3, byReason: { 'duplicate-key': 2, 'name-missing': 1 } },
    kept: { total: 1, byReason: { 'duplicate-row': 1 } },
  })
  expect(samples.map(({ reason, place }) => `${reason} ${place.line}`)).toEqual([
    'name-missing 7',
    'duplicate-row 4',
    'duplicate-key 5',
    'duplicate-key 6',
  ])
})

test('a dry run checks everything and writes nothing', async () => {
  const store = await temporaryStore()
  const { snapshot, dryRun } = await run(store, [GV], { dryRun: true })
  expect({ id: snapshot.id, active: snapshot.active, dryRun }).toEqual({
    id: 'region-1',
    active: false,
    dryRun: true,
  })
  expect(await activeSnapshot(store, 'region')).toBeUndefined()
  expect((await failure(() => run(store, [temporaryFile('a.xml', '<a>')], { dryRun: true }))).exit).toBe(65)
})

test('UTF-16 and a byte order mark are read', async () => {
  const text = `${gvGemeinde('03459014 0014', 'Bramsche')}\r\n`
  for (const [bytes, encoding] of [
    [Buffer.from(`\uFEFF${text}`, 'utf16le'), 'utf-16le'],
    [Buffer.from(`\uFEFF${text}`, 'utf16le').swap16(), 'utf-16be'],
    [Buffer.from(`\uFEFF${text}`), 'utf-8 with byte order mark'],
  ] as const) {
    const { snapshot } = await run(await temporaryStore(), [temporaryFile('gv.txt', bytes)])
    expect(snapshot.sources[0]?.encoding).toBe(encoding)
    expect(snapshot.counts.gemeinde).toBe(1)
  }
})
