import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mergeCatalogs } from '../../../src/lib/catalog/merge.ts'
import type { Catalog, Leistung, OzgLeistung } from '../../../src/lib/catalog/model.ts'
import { capped, oneLine, orNull, splitList } from '../../../src/lib/catalog/readers/fields.ts'
import { catalogRows } from '../../../src/lib/catalog/rows.ts'
import type { LeikaKey } from '../../../src/lib/leika/key.ts'
import { TYPISIERUNGEN } from '../../../src/lib/leika/typisierung.ts'
import { exportColumns, exportJson } from '../../../src/lib/view/catalog.ts'
import { renderCsv } from '../../../src/lib/view/table.ts'
import { bundle, type Imported, importedCatalog, leistung, SMALL } from '../../support/catalog.ts'

const asCsv = (catalog: Catalog): string => renderCsv(exportColumns, catalogRows(catalog))
const asJson = (catalog: Catalog): string => JSON.stringify(exportJson('catalog-1', catalog))

function contentOf({ ozgLeistungen, leistungen, bundles }: Imported): Catalog {
  return { ozgLeistungen, leistungen, bundles }
}

/** Words with what is special in CSV, in spreadsheets, in our own escapes and on a terminal. */
const line = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...`'=+-@|;",\\%`,
        '\\x1b',
        "'=",
        '-5',
        'ä',
        '\u001b',
        '\u00ad',
        ' ',
        '\n',
        '＝',
        'true',
      ),
      fc.string({ unit: 'grapheme', maxLength: 4 }),
    ),
    { maxLength: 5 },
  )
  .map((parts) => oneLine(parts.join('')))
const optional = line.map(orNull)

const someLeistung: fc.Arbitrary<Leistung> = fc.record({
  key: fc.integer({ min: 1, max: 6 }).map((number) => `9900100100${number}000` as LeikaKey),
  name: line,
  name2: optional,
  typen: fc.uniqueArray(fc.constantFrom(...TYPISIERUNGEN), { maxLength: 3 }),
  synonyms: fc.array(line, { maxLength: 3 }).map((parts) => splitList(parts.join('|'))),
  kurztext: optional.map((text) => (text === null ? null : capped(text.repeat(300)))),
  rechtsgrundlage: optional,
  sdg: fc.uniqueArray(fc.constantFrom('1010300', '1010400'), { maxLength: 2 }),
})
const someOzg: fc.Arbitrary<OzgLeistung> = fc.record({
  id: fc.integer({ min: 10_000, max: 10_004 }).map(String),
  name: line,
  themenfeld: optional,
  lage: optional,
})
const someCatalog: fc.Arbitrary<Catalog> = fc
  .tuple(
    fc.uniqueArray(someLeistung, { selector: ({ key }) => key, minLength: 1 }),
    fc.uniqueArray(someOzg, { selector: ({ id }) => id }),
    fc.infiniteStream(fc.boolean()),
  )
  .map(([leistungen, ozgLeistungen, chosen]) => {
    const pairs = leistungen.flatMap(({ key }) => ozgLeistungen.map(({ id }) => bundle(id, key)))
    const bundles = pairs.filter(() => chosen.next().value === true)
    return mergeCatalogs([{ leistungen, ozgLeistungen, bundles }])
  })

test.each([
  ['CSV', asCsv],
  ['JSON', asJson],
])(
  'any catalogue that is exported as %s is imported as the same',
  async (_, write) => {
    await fc.assert(
      fc.asyncProperty(someCatalog, async (catalog) => {
        const imported = await importedCatalog(['export', write(catalog)])
        expect(contentOf(imported)).toEqual(catalog)
        expect([imported.rejected, imported.kept]).toEqual([{}, {}])
      }),
      { numRuns: 60 },
    )
  },
  30_000,
)

test('the small catalogue has all that could get lost', async () => {
  for (const write of [asCsv, asJson])
    expect(contentOf(await importedCatalog(['export', write(SMALL)]))).toEqual(SMALL)
})

describe('an exported CSV that somebody has changed', () => {
  const [header = ''] = asCsv(SMALL).split('\n')
  const row = (cells: Readonly<Record<string, string>>): string =>
    header
      .split(';')
      .map((column) => cells[column] ?? '')
      .join(';')

  test('rows that contradict each other, or name nothing, are rejected', async () => {
    const table = [
      header,
      row({ leika_key: '99001001000000', bezeichnung: 'Eins', ozg_id: '10001' }),
      row({ leika_key: '99001001000000', bezeichnung: 'Anders', ozg_id: '10002' }),
      row({ leika_key: '99001002000000', bezeichnung: 'Zwei', ozg_id: '123', typ: '44', sdg: '1|1010300' }),
      row({ bezeichnung: 'ohne alles' }),
      row({ leika_key: '9,9001E+13', ozg_id: '10003' }),
    ]
    const { leistungen, ozgLeistungen, rejected, kept } = await importedCatalog([
      'e.csv',
      `${table.join('\n')}\n`,
    ])
    expect(leistungen).toMatchObject([{ name: 'Zwei', typen: [], sdg: ['1010300'] }])
    expect(ozgLeistungen.map(({ id }) => id)).toEqual(['10001', '10002', '10003'])
    expect(rejected).toEqual({ 'duplicate-key': 2, 'excel-number': 1, 'leika-key-missing': 1 })
    expect(kept).toEqual({ 'ozg-invalid': 1, 'typ-unknown': 1 })
  })
})

describe('an exported JSON that somebody has changed', () => {
  const changed = (more: object) => JSON.stringify({ ...exportJson('catalog-1', SMALL), ...more })

  test('what cannot be used is rejected with its place in the document', async () => {
    const { rejected, kept, defects, leistungen } = await importedCatalog([
      'e.json',
      changed({
        leistungen: [
          { ...leistung('', 'Eins'), leikaKey: '99001001000000', typen: ['44', 5], sdg: ['x', '1010300'] },
          { leikaKey: 'nicht im LeiKa' },
          7,
        ],
        ozgLeistungen: [{ ozgId: '10001' }, { ozgId: 'x' }],
        bundles: [
          { ozgId: '10001', leikaKey: '99001001000000' },
          { ozgId: '10009', leikaKey: '99001001000000' },
          { ozgId: '10001', leikaKey: '99009009000000' },
          null,
        ],
      }),
    ])
    expect(rejected).toEqual({
      'bundle-unknown': 3,
      'leika-key-missing': 1,
      'nicht-im-leika': 1,
      'ozg-invalid': 1,
    })
    expect(kept).toEqual({ 'typ-unknown': 1 })
    expect(leistungen).toMatchObject([{ key: '99001001000000', typen: ['5'], sdg: ['1010300'] }])
    expect(defects.find(({ reason }) => reason === 'nicht-im-leika')).toMatchObject({
      place: { file: 'e.json' },
      field: 'leistungen[1].leikaKey',
      value: 'nicht im LeiKa',
    })
  })

  test('an export of a newer version is refused', async () => {
    await expect(importedCatalog(['e.json', changed({ schemaVersion: 2 })])).rejects.toMatchObject({
      code: 'EXPORT_VERSION',
      exit: 65,
    })
  })
})
