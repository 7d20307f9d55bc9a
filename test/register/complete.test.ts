import { expect, test } from 'vitest'
import { completeFromFormer } from '../../src/lib/register/complete.ts'
import { region } from '../support/region.ts'

const brief = (regions: readonly ReturnType<typeof region>[]) =>
  regions
    .map(
      ({ key, name, carriedOver }) =>
        `${key} ${name}${carriedOver.length > 0 ? ` [${carriedOver.join(' ')}]` : ''}`,
    )
    .sort()

test('without a former register the levels above follow from the keys', () => {
  expect(
    brief(
      completeFromFormer(
        [
          region('034590014014', 'Bramsche'),
          region('034595402001', 'Alfhausen'),
          region('034040000000', 'Osnabrück'),
          region('020000000000', 'Hamburg'),
        ],
        [],
      ),
    ),
  ).toEqual([
    '02 Hamburg',
    '02000 Hamburg',
    '020000000 Hamburg',
    '020000000000 Hamburg',
    '03 Niedersachsen',
    '034 (034)',
    '03404 Osnabrück',
    '034040000 Osnabrück',
    '034040000000 Osnabrück',
    '03459 (03459)',
    '034590014 Bramsche',
    '034590014014 Bramsche',
    '034595402 (034595402)',
    '034595402001 Alfhausen',
  ])
})

test('waters that belong to a Land alone make no county and no Bezirk', () => {
  expect(brief(completeFromFormer([region('039019999999', 'Küstengewässer')], []))).toEqual([
    '03 Niedersachsen',
    '039019999 Küstengewässer',
    '039019999999 Küstengewässer',
  ])
})

test('names, kinds and figures come from the former register and are marked', () => {
  const former = [
    region('03459', 'Osnabrück', { type: 'Landkreis', seat: 'Osnabrück', inhabitants: 366221 }),
    region('034595402', 'Bersenbrück', { type: 'Samtgemeinde' }),
    region('034595402001', 'Alfhausen', { inhabitants: 4224, areaHa: 4213, postcode: '49594' }),
  ]
  const found = completeFromFormer([region('034595402001', 'Alfhausen neu')], former)
  expect(brief(found)).toEqual([
    '03 Niedersachsen',
    '034 (034)',
    '03459 Osnabrück [name type seat]',
    '034595402 Bersenbrück [name type]',
    '034595402001 Alfhausen neu [inhabitants areaHa postcode]',
  ])
  expect(found.find(({ key }) => key === '034595402001')).toMatchObject({
    inhabitants: 4224,
    postcode: '49594',
  })
})

test('a Gemeinde whose key changed keeps its figures, and its new county bears its name', () => {
  const found = completeFromFormer(
    [region('064150000000', 'Hanau')],
    [region('064350014014', 'Hanau', { inhabitants: 101364 })],
  )
  expect(brief(found)).toEqual([
    '06 Hessen',
    '064 (064)',
    '06415 Hanau',
    '064150000 Hanau',
    '064150000000 Hanau [inhabitants]',
  ])
})

test('a Verband that is its only Gemeinde follows its new name', () => {
  const found = completeFromFormer(
    [region('094790166166', 'Bad Weißenstadt, St')],
    [
      region('094790166', 'Weißenstadt, St', { type: 'Verbandsfreie Gemeinde' }),
      region('094790166166', 'Weißenstadt, St'),
    ],
  )
  expect(brief(found)).toContain('094790166 Bad Weißenstadt, St [type]')
})

test('what is carried over twice is still marked, and what the list itself says is not', () => {
  const [first] = completeFromFormer(
    [region('034595402001', 'Alfhausen')],
    [region('034595402001', 'Alfhausen', { inhabitants: 1, carriedOver: ['inhabitants'] })],
  ).filter(({ level }) => level === 'gemeinde')
  expect(first?.carriedOver).toEqual(['inhabitants'])
})
