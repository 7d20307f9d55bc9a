import { describe, expect, test } from 'vitest'
import { importedCatalog } from '../../support/catalog.ts'

const HUND = '99110009104000'

describe("the FIM portal's table", () => {
  const header =
    'Schluessel;Typ;Bezeichnung;Bezeichnung2;Leistungsgruppierung;Leistungskennung;Verrichtung;Verrichtungsdetail;Veröffentlichungsdatum;Synonyme;Besondere Merkmale\r\n'

  test('is read in ISO-8859-1, with synonyms', async () => {
    const text = `${header}${HUND};2/3;Hundehaltung Anmeldung;Hund für Bürger anmelden;Tiere;Hund;Anmeldung;;21.05.2015;Hundesteuer|Tierhaltung| ;\r\n`
    const catalog = await importedCatalog(['fim.csv', Buffer.from(text, 'latin1')])
    expect(catalog.leistungen).toEqual([
      {
        key: HUND,
        name: 'Hundehaltung Anmeldung',
        name2: 'Hund für Bürger anmelden',
        typen: ['2/3'],
        synonyms: ['Hundesteuer', 'Tierhaltung'],
        kurztext: null,
        rechtsgrundlage: null,
        sdg: [],
      },
    ])
  })
})
