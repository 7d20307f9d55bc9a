import { describe, expect, it } from 'vitest'
import { readCsv } from '../../../src/lib/input/csv.ts'
import { OFFER_TABLE, readOfferTable } from '../../../src/lib/offer/readers/offer-table.ts'
import { brief, offer, reading } from '../../support/offer.ts'
import { inPieces, sourceOf } from '../../support/source.ts'

async function read(text: string, assumed?: number) {
  const found = reading(assumed)
  const table = await readCsv(
    sourceOf('', { name: 'x.csv' }),
    inPieces(text),
    [OFFER_TABLE],
    found.options.defects,
  )
  await readOfferTable(table, 'x.csv', found.options)
  return { offers: found.offers, lines: found.lines, problems: brief(found.defects) }
}

describe('our own table', () => {
  it('is read with all its columns', async () => {
    const { offers, lines } = await read(
      'region;leika_key;reifegrad;url;authority;valid_from;valid_to\n' +
        '034590024024;99110009104000;2;https://a.example/;Melle;;\n' +
        '03;99110009104000;0;;Land;2026-01-01;31.12.2026\n',
    )
    expect(offers).toEqual([
      offer(),
      offer({
        ...{ region: '03', reifegrad: 0, url: '', authority: 'Land' },
        ...{ validFrom: '2026-01-01', validTo: '2026-12-31' },
      }),
    ])
    expect(lines).toEqual([2, 3])
  })

  it('may lack columns and have them in any order and case, with others between', async () => {
    const { offers, problems } = await read('Reifegrad,note,LEIKA_KEY,Region\n3,x,99110009104000,DE\n')
    expect(offers).toEqual([offer({ region: '', reifegrad: 3, url: '', authority: '' })])
    expect(problems).toEqual([])
  })

  it('names the place of a fault, where there is one', async () => {
    const text = 'leika_key;region\n99110009104000;3459\n'
    expect((await read(text, 2)).problems).toEqual(['2:2 leading-zero-lost region=3459'])
    const without = 'leika_key;region\n99110009104000;03459\n'
    expect((await read(without)).problems).toEqual(['2:? reifegrad-missing reifegrad='])
    expect((await read(without, 2)).offers).toEqual([
      offer({ region: '03459', assumed: true, url: '', authority: '' }),
    ])
  })
})
