import { expect, test } from 'vitest'
import {
  regionColumns,
  regionDiffColumns,
  regionDiffCounts,
  regionDiffJson,
  regionDiffRows,
  regionJson,
  regionText,
} from '../../src/lib/view/region.ts'
import { renderCsv, renderMarkdown } from '../../src/lib/view/table.ts'
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
  Ebene               Gemeinde (Gemeindefreies Gebiet (unbewohnt))
  Einwohner           1.234
                      gemeindefreies Gebiet, keine Gemeinde
  Aus früherem Stand  Art, Einwohner
  Kreis               03151  Gifhorn
  Land                03  Niedersachsen
`)
  expect(regionText(region('03', 'Niedersachsen'), [], 'en')).toBe(`Niedersachsen
  ARS          03
  Level        Land
  Inhabitants  –
`)
})

test('people read words of their language, machines the same values in each', () => {
  const rows = [region('031519501501', 'Giebel', { gemeindefrei: true, carriedOver: ['name', 'areaHa'] })]
  expect(renderMarkdown(regionColumns, rows, 'de').split('\n')[2]).toBe(
    '| 031519501501 | Gemeinde | Giebel |  | – | ja | Name, Fläche |',
  )
  expect(renderMarkdown(regionColumns, rows, 'en').split('\n')[2]).toBe(
    '| 031519501501 | Gemeinde | Giebel |  | – | yes | name, area |',
  )
  expect(renderCsv(regionColumns, rows).split('\n')).toEqual([
    'ars;level;ags;name;type;inhabitants;postcode;gemeindefrei;carried_over',
    '031519501501;gemeinde;03151501;Giebel;;;;true;"name, areaHa"',
    '',
  ])
  const changes = renderMarkdown(regionDiffColumns, regionDiffRows(DIFF), 'de').split('\n').slice(2, 6)
  expect(changes.map((line) => line.split(' | ')[0])).toEqual([
    '| neu',
    '| aufgelöst',
    '| neuer Schlüssel',
    '| umbenannt',
  ])
  expect(renderCsv(regionDiffColumns, regionDiffRows(DIFF)).split('\n').slice(0, 4)).toEqual([
    'change;from_ars;from_name;to_ars;to_name',
    'added;;;1;A',
    'dissolved;2;B;;',
    'key-changed;4;E;5;E',
  ])
  expect(regionDiffCounts(DIFF, 'de')).toBe('neu: 1, aufgelöst: 1, neuer Schlüssel: 1, umbenannt: 1')
})
