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

  test('other JSON is refused, whatever it is', async () => {
    for (const text of ['{}', '[1]', '"text"', '{"items":[{"id":1}]}'])
      await expect(importedCatalog(['page.json', text])).rejects.toMatchObject({ exit: 65 })
  })
})
