import { expect, test } from 'vitest'
import type { Catalog } from '../../src/lib/catalog/model.ts'
import { searchCatalog } from '../../src/lib/catalog/search.ts'
import { leistung } from '../support/catalog.ts'

const catalog: Catalog = {
  ozgLeistungen: [
    { id: '10169', name: 'Führerschein', themenfeld: null, lage: null },
    { id: '10170', name: 'Führerscheinersatz und Straßenverkehr', themenfeld: null, lage: null },
  ],
  leistungen: [
    leistung('99023001000000', 'Fahrerlaubnis', { synonyms: ['Führerschein'] }),
    leistung('99023001012000', 'Fahrerlaubnis Ausstellung', { kurztext: 'Sie brauchen einen Führerschein.' }),
    leistung('99023001050000', 'Umschreibung', { kurztext: 'Nicht für Hunde.' }),
    leistung('99110009104000', 'Hundehaltung Anmeldung', { name2: 'Hund anmelden' }),
  ],
  bundles: [],
}
const found = (text: string) =>
  searchCatalog(catalog, text).map((hit) => [hit.kind === 'ozg' ? hit.ozg.id : hit.leistung.key, hit.found])

test.each(['Führerschein', 'fuehrerschein', 'FUHRERSCHEIN'])('%s finds the same, the best first', (text) => {
  expect(found(text)).toEqual([
    ['10169', 'exact'],
    ['10170', 'name'],
    ['99023001000000', 'synonym'],
    ['99023001012000', 'text'],
  ])
})

test('all words must be there, each at the beginning of a word, in any order', () => {
  expect(found('anmeld hund')).toEqual([['99110009104000', 'name']])
  expect(found('haltung')).toEqual([])
  expect(found('hund katze')).toEqual([])
  expect(found('strasse fuhrer')).toEqual([['10170', 'name']])
})

test('a hit in a name stands before one in a text, whatever their keys', () => {
  expect(found('hund')).toEqual([
    ['99110009104000', 'name'],
    ['99023001050000', 'text'],
  ])
})

test('words may be spread over name and text', () => {
  expect(found('ausstellung brauchen')).toEqual([['99023001012000', 'text']])
})

test('an id or a key finds its entry', () => {
  expect(found('10169')).toEqual([['10169', 'exact']])
  expect(found('99110009104000')).toEqual([['99110009104000', 'exact']])
})

test('a text without a word is refused, for it would find everything', () => {
  for (const text of ['', ' ', '&', '--'])
    expect(() => found(text)).toThrow(expect.objectContaining({ code: 'SEARCH_EMPTY', exit: 64 }))
})

test('ß and ss are the same', () => {
  expect(found('Straßenverkehr')).toEqual(found('strassenverkehr'))
  expect(found('Straßenverkehr')).toEqual([['10170', 'name']])
})
