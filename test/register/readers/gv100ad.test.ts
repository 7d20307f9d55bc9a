import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { decode } from '../../../src/lib/input/decode.ts'
import { type Defect, DefectLog } from '../../../src/lib/input/defects.ts'
import { isGv100ad, readGv100ad } from '../../../src/lib/register/readers/gv100ad.ts'
import { root } from '../../support/cli.ts'
import { failure } from '../../support/failure.ts'
import { gvGemeinde, gvLine } from '../../support/gv100ad.ts'
import { inPieces, sourceOf } from '../../support/source.ts'

async function read(lines: readonly string[], end = '\n') {
  const defects: Defect[] = []
  const source = sourceOf('', { name: 'gv.txt' })
  const text = lines.map((line) => line + end).join('')
  const log = new DefectLog((defect) => defects.push(defect))
  const { rows, complete, ignored } = await readGv100ad(source, inPieces(text, 97), log)
  return {
    regions: rows.map(({ region }) => region),
    rows,
    complete,
    ignored,
    defects,
    records: source.facts.records,
  }
}

const COUNTY = [
  gvLine('10', '03', 'Niedersachsen', { seat: 'Hannover' }),
  gvLine('20', '034', 'Statistische Region Weser-Ems'),
  gvLine('40', '03459', 'Osnabrück', { seat: 'Osnabrück', kind: '44' }),
  gvLine('50', '03459 5402', 'Bersenbrück', { seat: 'Bersenbrück', kind: '52' }),
]

test('each Satzart becomes a region of its level, with what the record description says', async () => {
  const { regions, complete, ignored, defects, records, rows } = await read([
    ...COUNTY,
    gvGemeinde('03459001 5402', 'Alfhausen', '64', '00000004224'),
    gvGemeinde('03151501 9501', 'Giebel, gemfr. Gebiet', '66', '00000000000'),
    gvLine('30', '0831', 'Region Freiburg'),
  ])
  expect(regions.map(({ level, key, ags, name, type }) => [level, key, ags, name, type])).toEqual([
    ['land', '03', null, 'Niedersachsen', null],
    ['bezirk', '034', null, 'Statistische Region Weser-Ems', null],
    ['kreis', '03459', null, 'Osnabrück', 'Landkreis'],
    ['verband', '034595402', null, 'Bersenbrück', 'Samtgemeinde'],
    ['gemeinde', '034595402001', '03459001', 'Alfhausen', 'Kreisangehörige Gemeinde'],
    ['gemeinde', '031519501501', '03151501', 'Giebel, gemfr. Gebiet', 'Gemeindefreies Gebiet (unbewohnt)'],
  ])
  expect(
    regions.map(({ inhabitants, areaHa, postcode, seat, gemeindefrei }) => [
      inhabitants,
      areaHa,
      postcode,
      seat,
      gemeindefrei,
    ]),
  ).toEqual([
    [null, null, null, 'Hannover', false],
    [null, null, null, null, false],
    [null, null, null, 'Osnabrück', false],
    [null, null, null, 'Bersenbrück', false],
    [4224, 100, '49565', null, false],
    [0, 100, '49565', null, true],
  ])
  expect({ complete, ignored, defects, records }).toEqual({
    complete: true,
    ignored: { 'satzart-30-region': 1 },
    defects: [],
    records: 7,
  })
  expect(rows[4]?.place).toEqual({ file: 'gv.txt', line: 5 })
})

test('LF and CRLF, with empty lines, give the same regions', async () => {
  const lines = [...COUNTY, gvGemeinde('03459001 5402', 'Alfhausen'), '']
  expect((await read(lines, '\r\n')).regions).toEqual((await read(lines)).regions)
})

test('letters beyond ISO-8859-1 and names as long as the field stay in their place', async () => {
  const name = 'Quitzdorf am See / Kwětanecy při jězorje, Włożyš ńé'.slice(0, 50)
  const { regions } = await read([gvGemeinde('14626450 5502', name)])
  expect(regions[0]).toMatchObject({ name: name.trim(), inhabitants: 1000 })
})

test('figures that are none are left empty and told; empty ones are left empty', async () => {
  const line = gvLine('60', '03459001 5402', 'Alfhausen', { area: '', inhabitants: '0000000x224' })
  const { regions, defects } = await read([line])
  expect(regions[0]).toMatchObject({ inhabitants: null, areaHa: null, postcode: null, type: null })
  expect(defects).toEqual([
    {
      action: 'kept',
      reason: 'number-invalid',
      place: { file: 'gv.txt', line: 1, column: 140 },
      field: 'EF9',
      value: '0000000x224',
    },
  ])
})

test.each([
  [
    'a key without its zero',
    gvGemeinde('3459001 5402', 'Alfhausen'),
    'leading-zero-lost',
    11,
    'EF3',
    '3459001 5402',
  ],
  ['a Land that does not exist', gvGemeinde('17459001 5402', 'X'), 'land-unknown', 11, 'EF3', '174590015402'],
  [
    'a Verband that is no number',
    gvGemeinde('03459001 x402', 'X'),
    'region-invalid',
    11,
    'EF3',
    '03459001x402',
  ],
  ['a county of four digits', gvLine('40', '0345', 'X'), 'region-invalid', 11, 'EF3', '0345        '],
  ['no name', gvGemeinde('03459001 5402', ''), 'name-missing', 23, 'EF5', ' '.repeat(50)],
])('%s is rejected with its place', async (_, line, reason, column, field, value) => {
  const { regions, defects } = await read([line, gvGemeinde('03459002 5402', 'Ankum')])
  expect(regions.map((region) => region.name)).toEqual(['Ankum'])
  expect(defects).toEqual([
    { action: 'rejected', reason, place: { file: 'gv.txt', line: 1, column }, field, value },
  ])
})

describe('a file that is not whole is told', () => {
  test.each([
    [
      'a line that is cut off',
      [COUNTY[0] ?? '', (COUNTY[1] ?? '').slice(0, 100)],
      'gv.txt:2: the line has 100 characters instead of 220',
    ],
    ['a line that is too long', [`${COUNTY[0]} `], 'gv.txt:1: the line has 221 characters instead of 220'],
    ['another Satzart', [gvLine('70', '03', 'X')], 'gv.txt:1: unknown Satzart "70"'],
    [
      'the end after a Land',
      [COUNTY[0] ?? ''],
      'gv.txt:1: the file ends in the middle of a county: 03 Niedersachsen (line 1) has no Gemeinde',
    ],
    [
      'the end after a Verband',
      COUNTY,
      'gv.txt:4: the file ends in the middle of a county: 03 Niedersachsen (line 1) has no Gemeinde',
    ],
    [
      'the end between the Gemeinden of two Verbände',
      [...COUNTY, gvLine('50', '03459 5403', 'Fürstenau'), gvGemeinde('03459001 5402', 'Alfhausen')],
      'gv.txt:6: the file ends in the middle of a county: 034595403 Fürstenau (line 5) has no Gemeinde',
    ],
  ])('%s', async (_, lines, message) => {
    const error = await failure(() => read(lines))
    expect({ exit: error.exit, message: error.message }).toEqual({ exit: 65, message })
    expect(error.suggestions).toHaveLength(1)
  })

  test('but a Verband without Gemeinden in the middle of the file is none of our business', async () => {
    const { regions } = await read([
      ...COUNTY,
      gvLine('40', '03460', 'Vechta'),
      gvGemeinde('03460001 0001', 'Bakum'),
    ])
    expect(regions).toHaveLength(6)
  })

  test('cut off at any byte, the fixture is never read short, but for ends of whole counties', async () => {
    const bytes = readFileSync(`${root}/fixtures/region/GV100AD_osnabrueck_301123.txt`)
    const lines = bytes.toString().split('\n')
    const wholes: number[] = []
    for (let end = 1; end < bytes.length; end++) {
      const source = sourceOf(bytes.subarray(0, end), { name: 'gv.txt' })
      const outcome = await readGv100ad(source, decode(source), new DefectLog()).catch(
        (error: unknown) => error,
      )
      if (outcome instanceof Error) expect(outcome).toMatchObject({ exit: 65 })
      else if (bytes[end] !== 10) wholes.push(source.facts.records)
    }
    // After these lines a new county, Bezirk or Land begins: a file may end there.
    const ends = lines.flatMap((line, at) =>
      /^(10|20|40)/.test(line) && /^60/.test(lines[at - 1] ?? '') ? [at] : [],
    )
    expect(wholes).toEqual(ends)
  })
})

test.each([
  ['102023113003          Niedersachsen', true],
  ['6020231130034590010', true],
  ['102023993003', false],
  ['70202311300345', false],
  ['10;2023;1130', false],
  ['', false],
])('whether %j begins a Gemeindeverzeichnis: %s', (head, expected) => {
  expect(isGv100ad(head)).toBe(expected)
})
