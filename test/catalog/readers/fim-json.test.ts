import { describe, expect, test } from 'vitest'
import { importedCatalog } from '../../support/catalog.ts'

const KEY = '99110009104000'

describe("the FIM portal's JSON", () => {
  const item = (more: object = {}) => ({
    leistung_id: 'L1',
    leistungsschluessel: [KEY],
    title: 'Titel',
    leistungsbezeichnung: 'Hundehaltung Anmeldung',
    leistungsbezeichnung_2: 'Hund anmelden',
    typisierung: ['2/3'],
    kurztext: '<p>kurz</p>',
    rechtsgrundlagen: null,
    klassifizierung: [{ list_uri: 'urn:xoev-de:fim:codeliste:sdginformationsbereich', value: '1010300' }],
    ozg: [{ id: '10160', leistung: 'Hund', leistungsschluessel: KEY, themenfeld_label: 'Familie & Kind' }],
    ...more,
  })
  const page = (...items: readonly object[]) => JSON.stringify({ items, total: items.length })

  test('a page gives Leistungen and their OZG-Leistungen', async () => {
    const catalog = await importedCatalog(['page.json', page(item())])
    expect(catalog).toMatchObject({
      ozgLeistungen: [{ id: '10160', name: 'Hund', themenfeld: 'Familie & Kind', lage: null }],
      leistungen: [
        {
          key: KEY,
          name: 'Hundehaltung Anmeldung',
          name2: 'Hund anmelden',
          typen: ['2/3'],
          kurztext: 'kurz',
          sdg: ['1010300'],
        },
      ],
      bundles: [{ ozgId: '10160', key: KEY }],
    })
  })

  test('bare items, a key as text, no title', async () => {
    const bare = JSON.stringify([
      item({ leistungsschluessel: KEY, leistungsbezeichnung: null, title: 'Kein Titel', ozg: [] }),
    ])
    const catalog = await importedCatalog(['page.json', bare])
    expect([catalog.leistungen.length, catalog.kept]).toEqual([1, { 'name-missing': 1 }])
  })

  test('of several keys the one that the OZG-Leistung names belongs to it; of one key that one', async () => {
    const ozg = (id: string, leistungsschluessel: string) => ({
      id,
      leistung: 'Hund',
      leistungsschluessel,
      themenfeld_label: 'Familie & Kind',
    })
    const other = '99110009069000'
    const several = item({
      leistungsschluessel: [KEY, other],
      ozg: [ozg('10160', other), ozg('10161', '99001001000000')],
    })
    const one = item({ leistungsschluessel: ['99001001001000'], ozg: [ozg('10162', 'falsch')] })
    const { bundles, kept, ozgLeistungen } = await importedCatalog(['page.json', page(several, one)])
    expect(bundles).toEqual([
      { ozgId: '10160', key: other },
      { ozgId: '10162', key: '99001001001000' },
    ])
    expect(kept).toEqual({ 'bundle-unknown': 1 })
    expect(ozgLeistungen.map(({ id }) => id)).toEqual(['10160', '10161', '10162'])
  })

  test('faults are told with their place in the document', async () => {
    const { rejected, kept, defects } = await importedCatalog([
      'page.json',
      page(
        item(),
        item({ leistungsschluessel: [] }),
        item({ leistungsschluessel: ['nicht im LeiKa'] }),
        item({ typisierung: ['44'], ozg: [{ id: '1', leistung: 'x' }] }),
      ),
    ])
    expect(rejected).toEqual({ 'leika-key-missing': 1, 'nicht-im-leika': 1 })
    expect(kept).toEqual({ 'ozg-invalid': 1, 'typ-unknown': 1 })
    expect(defects.map(({ field }) => field)).toEqual([
      'items[1].leistungsschluessel',
      'items[2].leistungsschluessel',
      'items[3].typisierung',
      'items[3].ozg.id',
    ])
  })

  test('other JSON is refused, whatever it is', async () => {
    for (const text of ['{}', '[1]', '"text"', '{"items":[{"id":1}]}'])
      await expect(importedCatalog(['page.json', text])).rejects.toMatchObject({ exit: 65 })
  })
})
