import { describe, expect, it } from 'vitest'
import { type RawOffer, readDay, takeOffer } from '../../../src/lib/offer/readers/fields.ts'
import { brief, offer, reading } from '../../support/offer.ts'

const RAW: RawOffer = {
  region: '034590024024',
  key: '99110009104000',
  reifegrad: '2',
  url: 'https://a.example/',
  authority: 'Melle',
  validFrom: '',
  validTo: '',
}
const NAMES = {
  region: 'region',
  key: 'leika_key',
  reifegrad: 'reifegrad',
  url: 'url',
  authority: 'authority',
  validFrom: 'valid_from',
  validTo: 'valid_to',
}

function take(more: Partial<RawOffer>, assumed?: number) {
  const found = reading(assumed)
  const columns = Object.values(NAMES)
  const columnNumber = (name: string): number => columns.indexOf(name) + 1
  takeOffer(
    { ...RAW, ...more },
    { place: { file: 'x.csv', line: 7 }, names: NAMES, columnNumber },
    found.options,
  )
  return { offers: found.offers, problems: brief(found.defects), actions: found.defects.map((d) => d.action) }
}

describe('takeOffer', () => {
  it('hands on what is right', () => {
    expect(take({})).toEqual({ offers: [offer()], problems: [], actions: [] })
    expect(take({ region: '034590000000', key: '99 110 009 104 000', reifegrad: '7' }).offers).toEqual([
      offer({ region: '03459', reifegrad: 7 }),
    ])
    expect(take({ validFrom: '1.2.2026', validTo: '2026-02-01' }).offers).toEqual([
      offer({ validFrom: '2026-02-01', validTo: '2026-02-01' }),
    ])
  })

  it.each([
    [{ region: '' }, '7:1 region-missing region='],
    [{ region: '34590024024' }, '7:1 leading-zero-lost region=34590024024'],
    [{ region: '03459024' }, '7:1 ags-instead-of-ars region=03459024'],
    [{ region: '3,45900E+10' }, '7:1 excel-number region=3,45900E+10'],
    [{ region: '990000000000' }, '7:1 land-unknown region=990000000000'],
    [{ region: 'Melle' }, '7:1 region-invalid region=Melle'],
    [{ key: '' }, '7:2 leika-key-missing leika_key='],
    [{ key: 'nicht im LeiKa' }, '7:2 nicht-im-leika leika_key=nicht im LeiKa'],
    [{ key: '9,91E+13' }, '7:2 excel-number leika_key=9,91E+13'],
    [{ key: '9911000910400' }, '7:2 leika-key-invalid leika_key=9911000910400'],
    [{ reifegrad: '' }, '7:3 reifegrad-missing reifegrad='],
    [{ reifegrad: '8' }, '7:3 reifegrad-invalid reifegrad=8'],
    [{ reifegrad: '-1' }, '7:3 reifegrad-invalid reifegrad=-1'],
    [{ reifegrad: '2.5' }, '7:3 reifegrad-invalid reifegrad=2.5'],
    [{ reifegrad: '2,00E+00' }, '7:3 excel-number reifegrad=2,00E+00'],
    [{ validFrom: '31.02.2026' }, '7:6 day-invalid valid_from=31.02.2026'],
    [{ validTo: '12/31/2026' }, '7:7 day-invalid valid_to=12/31/2026'],
    [{ validFrom: '2026-01-02', validTo: '2026-01-01' }, '7:7 ends-before-it-begins valid_to=2026-01-01'],
  ])('rejects %j', (more, problem) => {
    expect(take(more)).toEqual({ offers: [], problems: [problem], actions: ['rejected'] })
  })

  it.each([
    'javascript:alert(1)',
    'ftp://a.example/',
    'a.example',
    'https://',
    `https://${'a'.repeat(2001)}`,
    'https://a b/',
  ])('keeps an offer without the address %.40s', (url) => {
    expect(take({ url })).toEqual({
      offers: [offer({ url: '' })],
      problems: [`7:4 url-invalid url=${url}`],
      actions: ['kept'],
    })
  })

  it('an offer without any address is nothing to report', () => {
    expect(take({ url: '' })).toEqual({ offers: [offer({ url: '' })], problems: [], actions: [] })
  })

  it('assumes a Reifegrad where there is none, and only there', () => {
    expect(take({ reifegrad: '' }, 3).offers).toEqual([offer({ reifegrad: 3, assumed: true })])
    expect(take({ reifegrad: undefined }, 0).offers).toEqual([offer({ reifegrad: 0, assumed: true })])
    expect(take({ reifegrad: '1' }, 3).offers).toEqual([offer({ reifegrad: 1 })])
    expect(take({ reifegrad: 'x' }, 3).problems).toEqual(['7:3 reifegrad-invalid reifegrad=x'])
  })
})

describe('readDay', () => {
  it.each([
    ['', null],
    ['2026-12-31', '2026-12-31'],
    ['31.12.2026', '2026-12-31'],
    ['1.3.2024', '2024-03-01'],
    ['29.02.2024', '2024-02-29'],
    ['29.02.2023', undefined],
    ['2026-13-01', undefined],
    ['2026-1-1', undefined],
    ['31.12.26', undefined],
    ['46022', undefined],
    ['2026-12-31T00:00:00', undefined],
  ])('%j is %j', (text, day) => {
    expect(readDay(text)).toBe(day)
  })
})
