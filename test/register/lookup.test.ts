import { describe, expect, test } from 'vitest'
import type { RegionKey } from '../../src/lib/region/key.ts'
import { findRegion, requireRegion } from '../../src/lib/register/lookup.ts'
import { insertRegions, readRegions } from '../../src/lib/register/store.ts'
import { addSnapshot } from '../../src/lib/snapshot/snapshots.ts'
import { failure } from '../support/failure.ts'
import { region } from '../support/region.ts'
import { newSnapshot } from '../support/snapshot.ts'
import { temporaryStore } from '../support/store.ts'

const REGISTER = [
  region('03', 'Niedersachsen'),
  region('03404', 'Osnabrück, Stadt', { type: 'Kreisfreie Stadt' }),
  region('034040000', 'Osnabrück, Stadt'),
  region('034040000000', 'Osnabrück, Stadt', { type: 'Kreisfreie Stadt' }),
  region('03459', 'Osnabrück', { type: 'Landkreis' }),
  region('034590014', 'Bramsche, Stadt'),
  region('034590014014', 'Bramsche, Stadt', { type: 'Stadt' }),
  region('034595402', 'Bersenbrück', { type: 'Samtgemeinde' }),
  region('034595402010', 'Bersenbrück, Stadt', { type: 'Stadt' }),
  region('034595404027', 'Neuenkirchen'),
  region('033525407035', 'Neuenkirchen'),
  region('150020000000', 'Halle (Saale), Stadt'),
  region('034590015015', 'Dissen am Teutoburger Wald, Stadt'),
  region('120530000000', 'Frankfurt (Oder), Stadt'),
  region('064120000000', 'Frankfurt am Main, Stadt'),
]
const find = (wanted: string) => findRegion(REGISTER, wanted).key

test.each([
  ['034590014014', '034590014014'],
  [' 034590014014 ', '034590014014'],
  ['03459014', '034590014014'],
  ['03459', '03459'],
  ['034590000000', '03459'],
  ['034040000000', '034040000000'],
  ['03404', '03404'],
  ['03404000', '034040000000'],
  ['034595402', '034595402'],
  ['034595402000', '034595402'],
  ['Bramsche', '034590014014'],
  ['BRAMSCHE', '034590014014'],
  ['Bramsche, Stadt', '034590014014'],
  ['Osnabrueck, Stadt', '034040000000'],
  ['osnabrück stadt', '034040000000'],
  ['Halle', '150020000000'],
  ['Halle (Saale)', '150020000000'],
  ['Niedersachsen', '03'],
  ['Dissen', '034590015015'],
  ['Dissen am Teutoburger Wald', '034590015015'],
  ['Frankfurt (Oder)', '120530000000'],
  ['frankfurt am main', '064120000000'],
])('%j is %s', (wanted, key) => {
  expect(find(wanted)).toBe(key)
})

describe('what means no region or several is told with what was probably meant', () => {
  test.each([
    [
      'Osnabrück',
      'REGION_AMBIGUOUS',
      '"Osnabrück" can mean 2 regions',
      [
        '034040000000  Osnabrück, Stadt (Kreisfreie Stadt), Niedersachsen',
        '03459  Osnabrück (Landkreis), Niedersachsen',
      ],
    ],
    [
      'Bersenbrück',
      'REGION_AMBIGUOUS',
      '"Bersenbrück" can mean 2 regions',
      [
        '034595402  Bersenbrück (Samtgemeinde), Osnabrück',
        '034595402010  Bersenbrück, Stadt (Stadt), Osnabrück',
      ],
    ],
    [
      'Neuenkirchen',
      'REGION_AMBIGUOUS',
      '"Neuenkirchen" can mean 2 regions',
      [
        '034595404027  Neuenkirchen (gemeinde), Osnabrück',
        '033525407035  Neuenkirchen (gemeinde), Niedersachsen',
      ],
    ],
    [
      'Bram',
      'REGION_NOT_FOUND',
      'no region of the register fits "Bram"',
      ['034590014014  Bramsche, Stadt (Stadt), Osnabrück'],
    ],
    [
      'Frankfurt',
      'REGION_AMBIGUOUS',
      '"Frankfurt" can mean 2 regions',
      [
        '120530000000  Frankfurt (Oder), Stadt (gemeinde)',
        '064120000000  Frankfurt am Main, Stadt (gemeinde)',
      ],
    ],
    [
      'Bremsche',
      'REGION_NOT_FOUND',
      'no region of the register fits "Bremsche"',
      ['034590014014  Bramsche, Stadt (Stadt), Osnabrück'],
    ],
    [
      'Osnabrük',
      'REGION_NOT_FOUND',
      'no region of the register fits "Osnabrük"',
      [
        '034040000000  Osnabrück, Stadt (Kreisfreie Stadt), Niedersachsen',
        '03459  Osnabrück (Landkreis), Niedersachsen',
      ],
    ],
    [
      'Xyzzy',
      'REGION_NOT_FOUND',
      'no region of the register fits "Xyzzy"',
      ['List what there is: ozgctl region list'],
    ],
    [
      '3459014',
      'REGION_NOT_FOUND',
      'no region of the register fits "3459014"',
      ['Did a spreadsheet drop the leading zero? Try 03459014.'],
    ],
    [
      '99',
      'REGION_NOT_FOUND',
      'no region of the register fits "99"',
      ['List what there is: ozgctl region list'],
    ],
    [
      '03460',
      'REGION_NOT_FOUND',
      'no region of the register fits "03460"',
      ['List what there is: ozgctl region list'],
    ],
    ['', 'REGION_NOT_FOUND', 'no region of the register fits ""', ['List what there is: ozgctl region list']],
  ])('%j', async (wanted, code, message, suggestions) => {
    const error = await failure(() => find(wanted))
    expect({
      code: error.code,
      exit: error.exit,
      message: error.message,
      suggestions: error.suggestions,
    }).toEqual({
      code,
      exit: 64,
      message,
      suggestions,
    })
  })

  test('many candidates are cut at twenty', async () => {
    const many = Array.from({ length: 30 }, (_, at) => region(`0345954040${10 + at}`, 'Neukirchen'))
    const error = await failure(() => findRegion(many, 'Neukirchen'))
    expect(error.message).toBe('"Neukirchen" can mean 30 regions')
    expect(error.suggestions).toHaveLength(20)
  })
})

describe('a region that is asked for', () => {
  const withRegister = async () => {
    const store = await temporaryStore()
    const fill = (id: number) => insertRegions(store, id, REGISTER)
    const { rowId } = await addSnapshot(store, newSnapshot('region'), fill)
    return { store, rowId }
  }

  test('is there with all below it', async () => {
    const { store, rowId } = await withRegister()
    const keys = async (prefix: string) => (await readRegions(store, rowId, prefix)).map(({ key }) => key)
    expect(await keys('03404')).toEqual(['03404', '034040000', '034040000000'])
    expect(await keys('')).toHaveLength(REGISTER.length)
    for (const prefix of ['', '03', '03404', '034040000000']) await requireRegion(store, prefix as RegionKey)
  })

  test.each([
    ['03469', /^Nearest: 03459 {2}/],
    ['03999', /^Nearest: 03 {2}/],
    ['034590014015', /^Nearest: 034590014014 {2}/],
  ])('and is not there is an error with what comes nearest: %s', async (prefix, near) => {
    const { store } = await withRegister()
    const error = await failure(() => requireRegion(store, prefix as RegionKey))
    expect(error).toMatchObject({
      code: 'REGION_NOT_FOUND',
      exit: 64,
      message: `the register has no region ${prefix}`,
    })
    expect(error.suggestions[0]).toMatch(near)
    expect(error.suggestions.at(-1)).toBe('List what there is: ozgctl region list')
  })

  test('nobody can tell without a register', async () => {
    await requireRegion(await temporaryStore(), '03460' as RegionKey)
  })
})
