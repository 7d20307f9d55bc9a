import { describe, expect, test } from 'vitest'
import { importedCatalog } from '../../support/catalog.ts'

const LEIKA = 'leika_key;bezeichnung;typ;ozg_id;ozg_leistung;themenfeld;lage;rechtsgrundlage\n'
const row = (key: string, name: string, typ: string, ozg = '10160;Hund;Familie & Kind;Tierhaltung') =>
  `${key};${name};${typ};${ozg};\n`
const HUND = '99110009104000'
const AUSWEIS = '99008001012000'

describe('the LeiKa table', () => {
  test('gives Leistungen, their OZG-Leistungen and which belongs to which', async () => {
    const catalog = await importedCatalog([
      'leika.csv',
      LEIKA + row(HUND, 'Hundehaltung Anmeldung', '2/3, 5'),
    ])
    expect(catalog).toMatchObject({
      ozgLeistungen: [{ id: '10160', name: 'Hund', themenfeld: 'Familie & Kind', lage: 'Tierhaltung' }],
      leistungen: [{ key: HUND, name: 'Hundehaltung Anmeldung', typen: ['2/3', '5'], rechtsgrundlage: null }],
      bundles: [{ ozgId: '10160', key: HUND }],
      rejected: {},
      kept: {},
    })
  })

  test('what is no key is rejected by its kind; the OZG-Leistung it names still exists', async () => {
    const bad = ['nicht im LeiKa', 'nciht im LeiKa', '25323525', '9.9110009104E+13', '']
    const catalog = await importedCatalog([
      'leika.csv',
      LEIKA +
        row(HUND, 'gut', '5') +
        bad.map((key) => row(key, 'x', '', '10106;Zuschuss;Arbeit;Rente')).join(''),
    ])
    expect(catalog.rejected).toEqual({
      'excel-number': 1,
      'leika-key-invalid': 1,
      'leika-key-missing': 1,
      'nicht-im-leika': 2,
    })
    expect(catalog.ozgLeistungen.map(({ id }) => id)).toEqual(['10106', '10160'])
    expect(catalog.leistungen).toHaveLength(1)
  })

  test('a wrong Typ and a missing OZG-Leistung stay empty, and the row stays', async () => {
    const catalog = await importedCatalog([
      'leika.csv',
      LEIKA + row(HUND, 'Hund', '44') + row(AUSWEIS, 'Ausweis', '2/3', ';;;'),
    ])
    expect(catalog.leistungen.map(({ key, typen }) => [key, typen])).toEqual([
      [AUSWEIS, ['2/3']],
      [HUND, []],
    ])
    expect(catalog.bundles).toEqual([{ ozgId: '10160', key: HUND }])
    expect(catalog.kept).toEqual({ 'ozg-missing': 1, 'typ-unknown': 1 })
  })

  test('a row that stands twice counts once; rows that contradict each other are both rejected', async () => {
    const second = '10161;Tier;Familie & Kind;Tierhaltung'
    const catalog = await importedCatalog([
      'leika.csv',
      LEIKA +
        row(HUND, 'Hund', '5') +
        row(HUND, 'Hund', '5') +
        row(HUND, 'Hund', '5', second) +
        row(AUSWEIS, 'Ausweis', '2/3') +
        row(AUSWEIS, 'Anderer Name', '2/3'),
    ])
    expect(catalog.leistungen.map(({ key }) => key)).toEqual([HUND])
    expect(catalog.bundles.map(({ ozgId }) => ozgId)).toEqual(['10160', '10161'])
    expect([catalog.kept, catalog.rejected]).toEqual([{ 'duplicate-row': 1 }, { 'duplicate-key': 2 }])
    expect(catalog.defects.map(({ place }) => place.line)).toEqual([3, 5, 6])
  })

  test('the legal basis is one line of at most 2,000 characters', async () => {
    const cell = (text: string) => `${row(HUND, 'Hund', '5').trimEnd().slice(0, -1)};"${text}"\n`
    const short = await importedCatalog(['leika.csv', LEIKA + cell('§ 1\nHundegesetz')])
    expect(short.leistungen[0]?.rechtsgrundlage).toBe('§ 1 Hundegesetz')
    const long = await importedCatalog(['leika.csv', LEIKA + cell('x'.repeat(2001))])
    expect(long.leistungen[0]?.rechtsgrundlage).toHaveLength(2000)
  })
})
