import { describe, expect, test } from 'vitest'
import { diffCatalogs } from '../../src/lib/catalog/diff.ts'
import type { Catalog } from '../../src/lib/catalog/model.ts'
import { catalogRows } from '../../src/lib/catalog/rows.ts'
import { searchCatalog } from '../../src/lib/catalog/search.ts'
import { showEntry } from '../../src/lib/catalog/show.ts'
import {
  catalogColumns,
  catalogDiffColumns,
  catalogDiffCounts,
  catalogDiffJson,
  catalogDiffRows,
  catalogRowJson,
  entryJson,
  entryText,
  exportJson,
  hitColumns,
  hitSummary,
  listSummary,
} from '../../src/lib/view/catalog.ts'
import { renderCsv, renderTable } from '../../src/lib/view/table.ts'
import { leistung, SMALL } from '../support/catalog.ts'

const WIDE = 200

test('a list: Themenfeld and Lage only in CSV, counts of different things in the last line', () => {
  const rows = catalogRows(SMALL)
  expect(renderTable(catalogColumns, rows.slice(0, 1), 'de', WIDE)).toBe(
    `OZG-ID  OZG-Leistung  LeiKa-Schlüssel  Leistung  Typ
──────  ────────────  ───────────────  ────────  ───
10001   Eins          99001001000000   Objekt    5
`,
  )
  expect(renderCsv(catalogColumns, rows.slice(3))).toBe(
    `ozg_id;ozg_leistung;leika_key;bezeichnung;typ;themenfeld;lage
10003;Leer;;;;Bildung;Studium
;;99001001012001;Detail;;;
;;99009009000000;ohne OZG;;;
`,
  )
  expect(listSummary(rows, 'catalog-1', 'de')).toBe('catalog-1: 3 OZG-Leistungen, 4 Leistungen\n')
  expect(rows.slice(3, 5).map(catalogRowJson)).toEqual([
    { ozg: { ozgId: '10003', name: 'Leer', themenfeld: 'Bildung', lage: 'Studium' }, leistung: null },
    {
      ozg: null,
      leistung: {
        leikaKey: '99001001012001',
        name: 'Detail',
        name2: null,
        typen: [],
        synonyms: [],
        kurztext: null,
        rechtsgrundlage: null,
        sdg: [],
      },
    },
  ])
})

describe('one entry', () => {
  test('an OZG-Leistung with its Leistungen, how many last', () => {
    expect(entryText(showEntry(SMALL, '10002'), 'de')).toBe(`Zwei
  OZG-ID      10002
  Themenfeld  Bildung
  Lage        Schule
  99 001 001 000 000  Objekt (Typ 5)
  99 001 001 012 000  Ausstellung (Typ 2/3)
2 Leistungen
`)
    expect(entryJson('catalog-1', showEntry(SMALL, '10003'))).toMatchObject({
      schemaVersion: 1,
      snapshot: 'catalog-1',
      kind: 'ozg',
      ozg: { ozgId: '10003' },
      leistungen: [],
    })
  })

  test('a Leistung with all that is known, and nothing where nothing is', () => {
    const full = leistung('99001001012000', 'Ausstellung', {
      name2: 'ausstellen lassen',
      typen: ['2/3', '5'],
      synonyms: ['eins', 'zwei'],
      kurztext: 'Kurz.',
      rechtsgrundlage: '§ 1',
      sdg: ['1010300'],
    })
    const catalog: Catalog = {
      ...SMALL,
      leistungen: SMALL.leistungen.map((one) => (one.key === full.key ? full : one)),
    }
    expect(entryText(showEntry(catalog, full.key), 'de')).toBe(`Ausstellung
  LeiKa-Schlüssel  99 001 001 012 000
  Bezeichnung II   ausstellen lassen
  Typ              2/3, 5
  Synonyme         eins, zwei
  Kurztext         Kurz.
  Rechtsgrundlage  § 1
  SDG              1010300
  gehört zu        99 001 001 000 000  Objekt
  OZG-Leistung     10002  Zwei (Bildung)
`)
    expect(entryText(showEntry(catalog, '99001001012001'), 'de', 40).split('\n')).toEqual([
      'Detail',
      '  LeiKa-Schlüssel  99 001 001 012 001',
      '  gehört zu        99 001 001 012 000',
      '                   Ausstellung',
      '  gehört zu        99 001 001 000 000',
      '                   Objekt',
      '',
    ])
    expect(entryText(showEntry(catalog, '99009009000000'), 'en')).toBe(`ohne OZG
  LeiKa key  99 009 009 000 000
`)
  })
})

test('hits say where they were found, in words for people', () => {
  const hits = searchCatalog(SMALL, 'objekt')
  expect(renderTable(hitColumns, hits, 'de', WIDE)).toBe(
    `Art       ID / LeiKa-Schlüssel  Name    gefunden in
────────  ────────────────────  ──────  ───────────
Leistung  99001001000000        Objekt  Name, genau
`,
  )
  expect(renderCsv(hitColumns, hits)).toBe('kind;id;name;found\nleistung;99001001000000;Objekt;exact\n')
  expect([hitSummary(hits, 'catalog-1', 'de'), hitSummary(hits, 'catalog-1', 'en')]).toEqual([
    'catalog-1: 1 Treffer\n',
    'catalog-1: 1 found\n',
  ])
})

describe('a comparison', () => {
  const [first, ...rest] = SMALL.leistungen
  const after: Catalog = {
    ozgLeistungen: SMALL.ozgLeistungen.slice(0, 2),
    leistungen: [...(first === undefined ? [] : [{ ...first, name2: 'neu', sdg: ['1010300'] }]), ...rest],
    bundles: SMALL.bundles.slice(1),
  }
  const diff = diffCatalogs(SMALL, after)
  const rows = catalogDiffRows(diff)

  test('is in the words of the reader on the screen, and in English in CSV', () => {
    expect(renderTable(catalogDiffColumns, rows, 'de', WIDE)).toBe(
      `was           Änderung   ID / Schlüssel        Name    Felder
────────────  ─────────  ────────────────────  ──────  ───────────────────
OZG-Leistung  entfallen  10003                 Leer
Leistung      geändert   99001001000000        Objekt  Bezeichnung II, SDG
Zuordnung     entfallen  10001 99001001000000
`,
    )
    expect(renderCsv(catalogDiffColumns, rows)).toBe(
      `what;change;id;name;fields
ozgLeistung;removed;10003;Leer;
leistung;changed;99001001000000;Objekt;"name2, sdg"
bundle;removed;10001 99001001000000;;
`,
    )
  })

  test('ends with how many of each', () => {
    expect(catalogDiffCounts(diff, 'de')).toBe(
      'OZG-Leistungen: 0 neu, 1 entfallen, 0 geändert; Leistungen: 0 neu, 0 entfallen, 1 geändert; Zuordnungen: 0 neu, 1 entfallen, 0 geändert',
    )
    expect(catalogDiffCounts(diff, 'en')).toMatch(/bundles: 0 added, 1 removed, 0/)
  })

  test('in JSON has counts and both sides', () => {
    expect(catalogDiffJson('catalog-1', 'catalog-2', diff)).toMatchObject({
      counts: {
        ozgLeistungen: { added: 0, removed: 1, changed: 0 },
        leistungen: { added: 0, removed: 0, changed: 1 },
        bundles: { added: 0, removed: 1, changed: 0 },
      },
      leistungen: {
        changed: [{ from: { name2: null }, to: { name2: 'neu' }, fields: ['name2', 'sdg'] }],
      },
      bundles: { removed: [{ ozgId: '10001', leikaKey: '99001001000000' }] },
    })
  })
})

test('an export in JSON has everything once', () => {
  const json = exportJson('catalog-1', SMALL)
  expect([json.ozgLeistungen.length, json.leistungen.length]).toEqual([3, 4])
  expect(json.bundles).toContainEqual({ ozgId: '10002', leikaKey: '99001001012000' })
})
