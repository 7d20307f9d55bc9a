import { describe, expect, test } from 'vitest'
import { diffCatalogs } from '../../src/lib/catalog/diff.ts'
import { filterRows } from '../../src/lib/catalog/filter.ts'
import type { Catalog, Leistung } from '../../src/lib/catalog/model.ts'
import { catalogRows } from '../../src/lib/catalog/rows.ts'
import { showEntry } from '../../src/lib/catalog/show.ts'
import type { LeikaKey } from '../../src/lib/leika/key.ts'
import type { Typisierung } from '../../src/lib/leika/typisierung.ts'

const leistung = (key: string, name: string, typen: readonly Typisierung[] = []): Leistung => ({
  key: key as LeikaKey,
  name,
  name2: null,
  typen,
  synonyms: [],
  kurztext: null,
  rechtsgrundlage: null,
  sdg: [],
})
const bundle = (ozgId: string, key: string) => ({ ozgId, key: key as LeikaKey })

const catalog: Catalog = {
  ozgLeistungen: [
    { id: '10001', name: 'Eins', themenfeld: 'Bauen & Wohnen', lage: 'Umzug' },
    { id: '10002', name: 'Zwei', themenfeld: 'Bildung', lage: 'Schule' },
    { id: '10003', name: 'Leer', themenfeld: 'Bildung', lage: 'Studium' },
  ],
  leistungen: [
    leistung('99001001000000', 'Objekt', ['5']),
    leistung('99001001012000', 'Ausstellung', ['2/3']),
    leistung('99001001012001', 'Detail'),
    leistung('99009009000000', 'ohne OZG'),
  ],
  bundles: [
    bundle('10001', '99001001000000'),
    bundle('10002', '99001001000000'),
    bundle('10002', '99001001012000'),
  ],
}
const ids = (rows: ReturnType<typeof catalogRows>) =>
  rows.map(({ ozg, leistung: one }) => `${ozg?.id ?? '-'} ${one?.name ?? '-'}`)

test('rows: each Leistung in each of its OZG-Leistungen, and what has no partner', () => {
  expect(ids(catalogRows(catalog))).toEqual([
    '10001 Objekt',
    '10002 Objekt',
    '10002 Ausstellung',
    '10003 -',
    '- Detail',
    '- ohne OZG',
  ])
})

describe('filters', () => {
  const filtered = (filter: Parameters<typeof filterRows>[1]) => ids(filterRows(catalogRows(catalog), filter))

  test('by Themenfeld and Lage in any spelling, shortened, by Typ and OZG-Leistung', () => {
    expect(filtered({ themenfeld: 'BAUEN' })).toEqual(['10001 Objekt'])
    expect(filtered({ lage: 'schule' })).toEqual(['10002 Objekt', '10002 Ausstellung'])
    expect(filtered({ typ: '2/3' })).toEqual(['10002 Ausstellung'])
    expect(filtered({ ozg: '10003' })).toEqual(['10003 -'])
    expect(filtered({ themenfeld: 'bildung', typ: '5' })).toEqual(['10002 Objekt'])
  })

  test.each([
    [{ themenfeld: 'Umwelt' }, 'THEMENFELD_UNKNOWN', 'There are: Bauen & Wohnen; Bildung'],
    [{ lage: 's' }, 'LAGE_UNKNOWN', 'There are: Schule; Studium'],
    [{ typ: '44' }, 'TYP_UNKNOWN', 'There are: 1, 2'],
    [{ ozg: '10009' }, 'OZG_UNKNOWN', 'ozgctl catalog search'],
  ])('%j is refused and says what there is', (filter, code, hint) => {
    expect(() => filtered(filter)).toThrow(
      expect.objectContaining({ code, exit: 64, suggestions: [expect.stringContaining(hint)] }),
    )
  })
})

describe('show', () => {
  test('an OZG-Leistung with its Leistungen', () => {
    expect(showEntry(catalog, '10002')).toMatchObject({
      kind: 'ozg',
      leistungen: [{ name: 'Objekt' }, { name: 'Ausstellung' }],
    })
  })

  test('a Leistung, its key in any spelling, with where it belongs', () => {
    expect(showEntry(catalog, '99 001 001 012 001')).toMatchObject({
      kind: 'leistung',
      leistung: { name: 'Detail' },
      parents: [{ name: 'Ausstellung' }, { name: 'Objekt' }],
      ozgLeistungen: [],
    })
    expect(showEntry(catalog, 'urn:de:fim:leika:leistung:99001001000000')).toMatchObject({
      ozgLeistungen: [{ id: '10001' }, { id: '10002' }],
    })
  })

  test.each([
    ['99001001999000', '99001001000000  Objekt'],
    ['Zwei', '10002  Zwei'],
    ['xyz', 'Give an OZG id'],
  ])('%s is not there; what may be meant is', (wanted, hint) => {
    expect(() => showEntry(catalog, wanted)).toThrow(
      expect.objectContaining({
        exit: 64,
        suggestions: expect.arrayContaining([expect.stringContaining(hint)]),
      }),
    )
  })
})

test('diff: added, removed and changed with the fields', () => {
  const [first, second] = catalog.leistungen
  if (first === undefined || second === undefined) throw new Error('the catalogue is empty')
  const after: Catalog = {
    ozgLeistungen: [
      { id: '10001', name: 'Eins', themenfeld: 'Bildung', lage: 'Umzug' },
      { id: '10002', name: 'Zwei', themenfeld: 'Bildung', lage: 'Schule' },
      { id: '10004', name: 'Neu', themenfeld: null, lage: null },
    ],
    leistungen: [{ ...first, typen: ['4'], name: 'Anders' }, second],
    bundles: catalog.bundles.slice(1).concat(bundle('10004', '99001001012000')),
  }
  const { ozgLeistungen, leistungen, bundles } = diffCatalogs(catalog, after)
  expect(ozgLeistungen.added.map(({ id }) => id)).toEqual(['10004'])
  expect(ozgLeistungen.removed.map(({ id }) => id)).toEqual(['10003'])
  expect(ozgLeistungen.changed.map(({ to, fields }) => [to.id, fields])).toEqual([['10001', ['themenfeld']]])
  expect(leistungen.removed).toHaveLength(2)
  expect(leistungen.changed.map(({ to, fields }) => [to.name, fields])).toEqual([
    ['Anders', ['name', 'typen']],
  ])
  expect([bundles.added, bundles.removed]).toEqual([
    [bundle('10004', '99001001012000')],
    [bundle('10001', '99001001000000')],
  ])
  expect(diffCatalogs(catalog, catalog)).toMatchObject({
    leistungen: { changed: [] },
    bundles: { added: [] },
  })
})
