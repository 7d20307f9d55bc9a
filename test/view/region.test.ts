import { expect, test } from 'vitest'
import { regionDiffJson, regionDiffRows, regionJson, regionText } from '../../src/lib/view/region.ts'
import { region } from '../support/region.ts'

const ref = (key: string, name: string) => ({ key, name })
const DIFF = {
  added: [ref('1', 'A')],
  dissolved: [ref('2', 'B')],
  renamed: [{ from: ref('3', 'C'), to: ref('3', 'D') }],
  keyChanged: [{ from: ref('4', 'E'), to: ref('5', 'E') }],
}

test('a region in JSON has its key as ars', () => {
  expect(regionJson(region('03459', 'Osnabrück', { type: 'Landkreis', carriedOver: ['name'] }))).toEqual({
    ars: '03459',
    level: 'kreis',
    ags: null,
    name: 'Osnabrück',
    type: 'Landkreis',
    inhabitants: null,
    areaHa: null,
    postcode: null,
    seat: null,
    gemeindefrei: false,
    carriedOver: ['name'],
  })
})

test('a comparison in JSON has counts and both keys', () => {
  expect(regionDiffJson('region-1', 'region-2', DIFF)).toEqual({
    schemaVersion: 1,
    from: 'region-1',
    to: 'region-2',
    counts: { added: 1, dissolved: 1, renamed: 1, keyChanged: 1 },
    added: [{ ars: '1', name: 'A' }],
    dissolved: [{ ars: '2', name: 'B' }],
    renamed: [{ from: { ars: '3', name: 'C' }, to: { ars: '3', name: 'D' } }],
    keyChanged: [{ from: { ars: '4', name: 'E' }, to: { ars: '5', name: 'E' } }],
  })
})

test('a comparison as rows', () => {
  expect(regionDiffRows(DIFF).map(({ change, from, to }) => [change, from?.key, to?.key])).toEqual([
    ['added', undefined, '1'],
    ['dissolved', '2', undefined],
    ['key-changed', '4', '5'],
    ['renamed', '3', '3'],
  ])
})

test('one region with the levels above it, in both languages', () => {
  const giebel = region('031519501501', 'Giebel\u001B[2J\nX', {
    type: 'Gemeindefreies Gebiet (unbewohnt)',
    inhabitants: 1234,
    gemeindefrei: true,
    carriedOver: ['type', 'inhabitants'],
  })
  const above = [region('03151', 'Gifhorn'), region('03', 'Niedersachsen')]
  expect(regionText(giebel, above, 'de')).toBe(`Giebel\\x1b[2J\\x0aX
  ARS                 031519501501
  AGS                 03151501
  Ebene               gemeinde (Gemeindefreies Gebiet (unbewohnt))
  Einwohner           1.234
                      gemeindefreies Gebiet, keine Gemeinde
  Aus früherem Stand  type, inhabitants
  Kreis               03151  Gifhorn
  Land                03  Niedersachsen
`)
  expect(regionText(region('03', 'Niedersachsen'), [], 'en')).toBe(`Niedersachsen
  ARS          03
  Level        land
  Inhabitants  –
`)
})
