import { describe, expect, it } from 'vitest'
import type { Offer } from '../../../src/lib/offer/model.ts'
import { brief, offer, readTransfer } from '../../support/offer.ts'

const NAMESPACE = 'http://xoev.de/schemata/xzufi/2_2_0'
const RS = 'urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:rs'
const AGS = 'urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:ags'

const transfer = (...objects: readonly string[]): string =>
  `<t xmlns="${NAMESPACE}" xmlns:x="urn:x">${objects.join('')}</t>`
const id = (value: string | number, agency = 'L1'): string => `<id schemeAgencyID="${agency}">${value}</id>`
const schreibe = (object: string): string => `<schreibe>\n${object}</schreibe>`

const leistung = (no: number, ...keys: readonly string[]): string =>
  schreibe(
    `<leistung>${id(no)}<struktur><leistungsobjektID>99999999999999</leistungsobjektID></struktur>${keys
      .map((key) => `<referenzLeiKa><code xmlns="">${key}</code><name xmlns="">n</name></referenzLeiKa>`)
      .join('')}<modulText><id>88</id></modulText></leistung>`,
  )
const onlinedienst = (no: number, url: string, more = ''): string =>
  schreibe(`<onlinedienst>${id(no)}<link><typ><code xmlns="">01</code></typ><link>${url}</link></link>
    <link><link>https://second.example/</link></link>${more}</onlinedienst>`)
const gebiet = (value: string, scheme = RS): string => `<gebietID schemeID="${scheme}">${value}</gebietID>`
const zustaendigkeit = (no: number, lb: number, ...gebiete: readonly string[]): string =>
  `<zustaendigkeit>${id(no)}<leistungID schemeAgencyID="L1">${lb}</leistungID>${gebiete.join('')}</zustaendigkeit>`
const responsible = (owner: number, no: number, lb: number, ...gebiete: readonly string[]): string =>
  schreibe(
    `<zustaendigkeitTransferObjekt><uebergeordnetesObjektID schemeAgencyID="L1">${owner}</uebergeordnetesObjektID>${zustaendigkeit(no, lb, ...gebiete)}</zustaendigkeitTransferObjekt>`,
  )
const loesche = (klasse: string, no: number, agency = 'L1'): string =>
  `<loesche klasse="${klasse}">${id(no, agency)}</loesche>`

const HUND = '99110009104000'
const MELLE = '034590024024'
const found = (region: string, more: Partial<Offer> = {}): Offer =>
  offer({ region, assumed: true, authority: 'L1', ...more })
const BASE = [leistung(5, HUND), onlinedienst(7, 'https://a.example/'), responsible(7, 1, 5, gebiet(MELLE))]

describe('offers of a transfer', () => {
  it('are Onlinedienst × keys × Gebiete of a Zuständigkeit, with its line', async () => {
    const { offers, lines, defects, objects } = await readTransfer([
      transfer(
        leistung(5, HUND, '99110009000000', HUND),
        onlinedienst(7, 'https://a.example/'),
        responsible(7, 1, 5, gebiet(MELLE), gebiet('034590000000')),
      ),
    ])
    expect(defects).toEqual([])
    expect(offers).toEqual([
      found(MELLE),
      found(MELLE, { key: '99110009000000' as Offer['key'] }),
      found('03459'),
      found('03459', { key: '99110009000000' as Offer['key'] }),
    ])
    expect(new Set(lines)).toEqual(new Set([5]))
    expect(objects).toBe(3)
  })

  it('come in any order, over several files, and in XZuFi 2.3 with a key as text', async () => {
    const [a, b, c] = BASE
    expect((await readTransfer([transfer(c ?? ''), transfer(b ?? '', a ?? '')])).offers).toEqual([
      found(MELLE),
    ])
    const newer = transfer(
      schreibe(
        `<leistung>${id(5)}<referenzLeistungsschluessel schemeID="urn:de:fim:leika:leistung">${HUND}</referenzLeistungsschluessel></leistung>`,
      ),
      schreibe(`<onlinedienst>${id(7)}<link><uri>https://a.example/</uri></link></onlinedienst>`),
      c ?? '',
    ).replace(NAMESPACE, 'http://xoev.de/schemata/xzufi/2_3_1')
    expect((await readTransfer([newer])).offers).toEqual([found(MELLE)])
  })

  it('may stand inside the Onlinedienst', async () => {
    const inside = zustaendigkeit(1, 5, gebiet(MELLE)) + zustaendigkeit(2, 5, gebiet('03'))
    const { offers } = await readTransfer([
      transfer(leistung(5, HUND), onlinedienst(7, 'https://a.example/', inside)),
    ])
    expect(offers).toEqual([found(MELLE), found('03')])
  })

  it('hold from the first to the last day of the Onlinedienst', async () => {
    const dates = `<gueltigkeit><beginn>2026-01-01T00:00:00+01:00</beginn><ende>2026-06-30T23:59:59Z</ende></gueltigkeit>
      <gueltigkeit><beginn>2027-01-01T00:00:00Z</beginn></gueltigkeit>`
    const { offers } = await readTransfer([
      transfer(
        leistung(5, HUND),
        onlinedienst(7, 'https://a.example/', dates),
        responsible(7, 1, 5, gebiet(MELLE)),
      ),
    ])
    expect(offers).toEqual([
      found(MELLE, { validFrom: '2026-01-01', validTo: '2026-06-30' }),
      found(MELLE, { validFrom: '2027-01-01' }),
    ])
  })
})

describe('what comes later in a transfer', () => {
  it('replaces an object of the same id and Redaktion', async () => {
    const later = onlinedienst(7, 'https://b.example/')
    const other = later.replace('schemeAgencyID="L1"', 'schemeAgencyID="L2"')
    expect((await readTransfer([transfer(...BASE, later)])).offers).toEqual([
      found(MELLE, { url: 'https://b.example/' }),
    ])
    expect((await readTransfer([transfer(...BASE, other)])).offers).toEqual([found(MELLE)])
    const moved = responsible(7, 1, 5, gebiet('03'))
    expect((await readTransfer([transfer(...BASE), transfer(moved)])).offers).toEqual([found('03')])
  })

  it.each([
    ['Onlinedienst', 7, ['zustaendigkeit-geloescht']],
    ['Leistung', 5, ['zustaendigkeit-geloescht']],
    ['Zustaendigkeit', 1, []],
  ])('loesche takes out: %s', async (klasse, no, ignored) => {
    const gone = await readTransfer([transfer(...BASE, loesche(klasse, no))])
    expect([gone.offers, gone.ignored, gone.defects]).toEqual([[], ignored, []])
    const otherRedaktion = await readTransfer([transfer(...BASE, loesche(klasse, no, 'L2'))])
    expect(otherRedaktion.offers).toEqual([found(MELLE)])
    const otherKlasse = await readTransfer([transfer(...BASE, loesche('LeistungSpezialisierung', no))])
    expect(otherKlasse.offers).toEqual([found(MELLE)])
  })

  it('writes an object again that was deleted', async () => {
    const again = transfer(...BASE, loesche('Onlinedienst', 7), onlinedienst(7, 'https://c.example/'))
    expect((await readTransfer([again])).offers).toEqual([found(MELLE, { url: 'https://c.example/' })])
  })
})

describe('a Zuständigkeit that makes no offer', () => {
  it('is counted when it is an Organisationseinheit’s or a Formular’s', async () => {
    const inside = zustaendigkeit(8, 5, gebiet(MELLE))
    const { offers, ignored, defects } = await readTransfer([
      transfer(
        leistung(5, HUND),
        schreibe(`<organisationseinheit>${id(9)}${inside}</organisationseinheit>`),
        responsible(9, 2, 5, gebiet(MELLE)),
        schreibe(`<formular>${id(10)}${inside}</formular>`),
        responsible(10, 3, 5, gebiet(MELLE)),
      ),
    ])
    expect([offers, defects]).toEqual([[], []])
    expect(ignored).toEqual([
      'zustaendigkeit-organisationseinheit',
      'zustaendigkeit-formular',
      'zustaendigkeit-organisationseinheit',
      'zustaendigkeit-formular',
    ])
  })

  it('is rejected when it points to nothing', async () => {
    const [, dienst = '', owned = ''] = BASE
    expect(brief((await readTransfer([transfer(leistung(5, HUND), owned)])).defects)).toEqual([
      '3:? onlinedienst-unknown uebergeordnetesObjektID=L1 7',
    ])
    expect(brief((await readTransfer([transfer(dienst, owned)])).defects)).toEqual([
      '4:? leistung-unknown leistungID=L1 5',
    ])
  })

  it('is rejected without Gebiet, key or a region that can be one', async () => {
    const problems = async (lb: string, ...gebiete: readonly string[]) => {
      const document = transfer(lb, onlinedienst(7, 'https://a.example/'), responsible(7, 1, 5, ...gebiete))
      return brief((await readTransfer([document])).defects)
    }
    expect(await problems(leistung(5, HUND))).toEqual(['5:? region-missing gebietID='])
    expect(await problems(leistung(5), gebiet(MELLE))).toEqual(['5:? leika-key-missing referenzLeiKa='])
    expect(await problems(leistung(5, HUND), gebiet('Melle'))).toEqual(['5:? region-invalid gebietID=Melle'])
    expect(await problems(leistung(5, HUND), gebiet('03459', 'urn:own:areas'))).toEqual([
      '5:? region-invalid gebietID=03459 (urn:own:areas)',
    ])
    expect(await problems(leistung(5, HUND), gebiet(MELLE, 'urn:own:areas'))).toEqual([])
  })
})

describe('an AGS as Gebiet', () => {
  const withAgs = (ags: string) =>
    transfer(leistung(5, HUND), onlinedienst(7, 'https://a.example/'), responsible(7, 1, 5, gebiet(ags, AGS)))

  it('is looked up in the register', async () => {
    const arsOf = (ags: string) => (ags === '03459024' ? MELLE : undefined)
    expect((await readTransfer([withAgs('03459024')], { arsOf })).offers).toEqual([found(MELLE)])
    const unknown = await readTransfer([withAgs('03459099')], { arsOf })
    expect(brief(unknown.defects)).toEqual(['5:? ags-instead-of-ars gebietID=03459099'])
  })

  it('of a kreisfreie Stadt needs no register', async () => {
    expect((await readTransfer([withAgs('03404000')])).offers).toEqual([found('03404')])
  })
})

describe('an element of a wanted name', () => {
  it('deeper inside is not what is wanted', async () => {
    const dienst = onlinedienst(7, 'https://a.example/').replace(
      '<link><typ>',
      '<link><typ><link>https://deeper.example/</link></typ><typ>',
    )
    const [lb = '', , owned = ''] = BASE
    expect((await readTransfer([transfer(lb, dienst, owned)])).offers).toEqual([found(MELLE)])
  })

  it('may hold marked-up text', async () => {
    const [lb = '', dienst = '', owned = ''] = BASE
    const marked = transfer(lb.replace('>5<', '><x:b>5</x:b><'), dienst, owned)
    expect((await readTransfer([marked])).offers).toEqual([found(MELLE)])
  })
})

describe('what is not XZuFi', () => {
  it('is passed over inside and outside of objects', async () => {
    const foreign = `<leistung xmlns="urn:other">${id(5)}</leistung>`
    const disguised = schreibe(
      `<leistung>${id(5)}<x:id schemeAgencyID="L9">6</x:id><x:referenzLeiKa><x:code>99000000000000</x:code></x:referenzLeiKa><referenzLeiKa><x:code>99000000000000</x:code><code xmlns="">${HUND}</code></referenzLeiKa></leistung>`,
    )
    const [, dienst = '', owned = ''] = BASE
    const { offers, objects } = await readTransfer([transfer(foreign, disguised, dienst, owned)])
    expect(offers).toEqual([found(MELLE)])
    expect(objects).toBe(3)
  })
})
