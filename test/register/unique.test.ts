import { expect, test } from 'vitest'
import { type Defect, DefectLog } from '../../src/lib/input/defects.ts'
import { uniqueRegions } from '../../src/lib/register/unique.ts'
import { region } from '../support/region.ts'

function unique(rows: readonly (readonly [key: string, name: string])[]) {
  const defects: Defect[] = []
  const found = uniqueRegions(
    rows.map(([key, name], at) => ({ region: region(key, name), place: { file: 'a.txt', line: at + 1 } })),
    new DefectLog((defect) => defects.push(defect)),
  )
  return { found: found.map(({ key }) => key), defects }
}

test('a row that stands twice counts once and is told', () => {
  expect(
    unique([
      ['034590014014', 'Bramsche'],
      ['03', 'N'],
      ['034590014014', 'Bramsche'],
    ]),
  ).toEqual({
    found: ['034590014014', '03'],
    defects: [
      {
        action: 'kept',
        reason: 'duplicate-row',
        place: { file: 'a.txt', line: 3 },
        field: 'same as a.txt line 1',
        value: '034590014014',
      },
    ],
  })
})

test('rows of one key that differ are all rejected, each naming another', () => {
  const { found, defects } = unique([
    ['034590014014', 'Bramsche'],
    ['034590013013', 'Bohmte'],
    ['034590014014', 'Bohmte'],
    ['034590014014', 'Bramsche'],
  ])
  expect(found).toEqual(['034590013013'])
  expect(defects).toEqual([
    {
      action: 'rejected',
      reason: 'duplicate-key',
      place: { file: 'a.txt', line: 1 },
      field: '034590014014, which is "Bohmte" in a.txt line 3',
      value: 'Bramsche',
    },
    {
      action: 'rejected',
      reason: 'duplicate-key',
      place: { file: 'a.txt', line: 3 },
      field: '034590014014, which is "Bramsche" in a.txt line 1',
      value: 'Bohmte',
    },
    {
      action: 'rejected',
      reason: 'duplicate-key',
      place: { file: 'a.txt', line: 4 },
      field: '034590014014, which is "Bramsche" in a.txt line 1',
      value: 'Bramsche',
    },
  ])
})
