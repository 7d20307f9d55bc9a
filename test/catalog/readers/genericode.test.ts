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

  test('of LeiKa keys under another name is known by its first key; rows of one key are compared', async () => {
    const list = codeList('urn:example:schluessel', [
      [KEY, 'Hund', ''],
      [KEY, 'Hund', ''],
      ['99008001012000', 'Ausweis', ''],
      ['99008001012000', 'Anders', ''],
      ['03459', 'kein Schlüssel', ''],
    ])
    const { leistungen, rejected, kept } = await importedCatalog(['list.xml', list])
    expect(leistungen.map(({ key }) => key)).toEqual([KEY])
    expect([rejected, kept]).toEqual([{ 'duplicate-key': 2, 'leika-key-invalid': 1 }, { 'duplicate-row': 1 }])
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
