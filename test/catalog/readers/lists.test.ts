import { describe, expect, test } from 'vitest'
import { importedCatalog } from '../../support/catalog.ts'

const KEY = '99110009104000'

function codeList(uri: string, rows: readonly (readonly [string, string, string])[]): string {
  const columns = ['code', 'name', 'typ']
  const cells = (row: readonly string[]): string =>
    row
      .map((value, at) => `<Value ColumnRef="${columns[at]}"><SimpleValue>${value}</SimpleValue></Value>`)
      .join('')
  return `<gc:CodeList xmlns:gc="http://docs.oasis-open.org/codelist/ns/genericode/1.0/">
<Identification><Version>1</Version><CanonicalUri>${uri}</CanonicalUri></Identification>
<ColumnSet>${columns.map((name) => `<Column Id="${name}"/>`).join('')}<Key><ColumnRef Ref="code"/></Key></ColumnSet>
<SimpleCodeList>${rows.map((row) => `<Row>${cells(row)}</Row>`).join('\n')}</SimpleCodeList></gc:CodeList>`
}

describe('a genericode list', () => {
  test('of LeiKa keys gives Leistungen', async () => {
    const list = codeList('urn:de:fim:leika:leistung', [
      [KEY, 'Hundehaltung  Anmeldung', '2/3'],
      ['123', 'x', ''],
      ['99008001012000', 'Ausweis', '44'],
    ])
    const catalog = await importedCatalog(['list.xml', list])
    expect(catalog.leistungen.map(({ key, name, typen }) => [key, name, typen])).toEqual([
      ['99008001012000', 'Ausweis', []],
      [KEY, 'Hundehaltung Anmeldung', ['2/3']],
    ])
    expect([catalog.rejected, catalog.kept]).toEqual([{ 'leika-key-invalid': 1 }, { 'typ-unknown': 1 }])
  })

  test('of something else is refused and says who reads it', async () => {
    const list = codeList('urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:rs', [
      ['034590000000', 'Osnabrück', ''],
    ])
    await expect(importedCatalog(['list.xml', list])).rejects.toMatchObject({
      code: 'CODE_LIST_UNKNOWN',
      suggestions: ['Lists of regions are read by: ozgctl region import'],
    })
  })
})

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
