import { describe, expect, test } from 'vitest'
import { type Defect, DefectLog } from '../../../src/lib/input/defects.ts'
import type { Ags, Ars } from '../../../src/lib/region/key.ts'
import { readRegionCodeList } from '../../../src/lib/register/readers/genericode.ts'
import { failure } from '../../support/failure.ts'
import { codeList } from '../../support/genericode.ts'
import { inPieces, sourceOf } from '../../support/source.ts'

const FORMER = new Map([['03459014' as Ags, '034590014014' as Ars]])

async function read(text: string, former: ReadonlyMap<Ags, Ars> = FORMER) {
  const defects: Defect[] = []
  const log = new DefectLog((defect) => defects.push(defect))
  const part = await readRegionCodeList(sourceOf(text, { name: 'list.xml' }), inPieces(text, 31), log, former)
  return { ...part, regions: part.rows.map(({ region }) => region), defects }
}

test('a list of ARS gives Gemeinden with key, AGS and name, and nothing else', async () => {
  const { regions, complete, ignored, defects, rows } = await read(
    codeList('rs', [
      ['034590014014', 'Bramsche,  Stadt'],
      ['031519501501', 'Giebel, gemfr. Gebiet'],
      ['020000000000', 'Hamburg, Freie und Hansestadt'],
      ['020000000101', 'Hamburg-Altstadt', 'Stadt-/Ortsteil bzw. Stadtbezirk'],
    ]),
  )
  expect(regions).toEqual([
    {
      key: '034590014014',
      level: 'gemeinde',
      ags: '03459014',
      name: 'Bramsche, Stadt',
      type: null,
      inhabitants: null,
      areaHa: null,
      postcode: null,
      seat: null,
      gemeindefrei: false,
      carriedOver: [],
    },
    expect.objectContaining({ key: '031519501501', ags: '03151501', gemeindefrei: true }),
    expect.objectContaining({ key: '020000000000', ags: '02000000', gemeindefrei: false }),
  ])
  expect({ complete, ignored, defects }).toEqual({
    complete: false,
    ignored: { 'stadt-ortsteil': 1 },
    defects: [],
  })
  expect(rows[1]?.place).toEqual({ file: 'list.xml', line: 5 })
})

test('a list of AGS takes the Verband from the former register; a kreisfreie Stadt has none', async () => {
  const { regions, defects, ignored } = await read(
    codeList('ags', [
      ['03459014', 'Bramsche, Stadt'],
      ['03404000', 'Osnabrück, Stadt'],
      ['03459001', 'Alfhausen'],
    ]),
  )
  expect(regions.map(({ key }) => key)).toEqual(['034590014014', '034040000000'])
  expect(ignored).toEqual({})
  expect(defects).toEqual([
    {
      action: 'rejected',
      reason: 'ars-unknown',
      place: { file: 'list.xml', line: 6 },
      field: 'SCHLUESSEL',
      value: '03459001',
    },
  ])
})

describe('keys that are none are rejected by name, never padded', () => {
  test.each([
    ['ags', '3459014', 'leading-zero-lost'],
    ['ags', '034590014014', 'ars-in-ags-column'],
    ['ags', '3.46E+06', 'excel-number'],
    ['ags', 'x', 'region-invalid'],
    ['rs', '34590014014', 'leading-zero-lost'],
    ['rs', '3,4590014014E+10', 'excel-number'],
    ['rs', '03459014', 'ags-instead-of-ars'],
    ['rs', '', 'region-missing'],
    ['rs', '990014014014', 'land-unknown'],
  ] as const)('in a list of %s: %j is %s', async (kind, key, reason) => {
    const { regions, defects } = await read(codeList(kind, [[key, 'X']]))
    expect(regions).toEqual([])
    expect(defects.map((defect) => [defect.reason, defect.value])).toEqual([[reason, key]])
  })
})

describe('a list that cannot be used is told', () => {
  test.each([
    [
      'of something else',
      codeList('bundesland', [['03', 'X']]),
      65,
      'CODE_LIST_UNKNOWN',
      'list.xml: this is the code list urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:bundesland, not one of municipalities',
    ],
    ['without rows', codeList('rs', []), 65, 'GENERICODE_EMPTY', 'list.xml: the code list holds no rows'],
  ])('%s', async (_, text, exit, code, message) => {
    const error = await failure(() => read(text))
    expect({ exit: error.exit, code: error.code, message: error.message }).toEqual({ exit, code, message })
    expect(error.suggestions).toHaveLength(1)
  })

  test('of AGS, where no register says the Verband', async () => {
    expect(await failure(() => read(codeList('ags', [['03459014', 'X']]), new Map()))).toMatchObject({
      exit: 64,
      code: 'REGISTER_NEEDED',
      message: 'list.xml lists AGS, which do not say to which Verband a Gemeinde belongs',
      suggestions: ['Import a GV100AD or a list of Regionalschlüssel first.'],
    })
  })
})
