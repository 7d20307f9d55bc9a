import { describe, expect, test } from 'vitest'
import { importedCatalog, xzufi22 } from '../../support/catalog.ts'

const KEY = '99110009104000'

interface Parts {
  readonly id?: string
  readonly agency?: string
  readonly keys?: readonly string[]
  readonly body?: string
}

function leistung({ id = '1', agency = 'L1', keys = [KEY], body = '' }: Parts = {}): string {
  const codes = keys.map((key) => `<a:referenzLeiKa><code>${key}</code></a:referenzLeiKa>`).join('')
  return `<a:schreibe><a:leistung><a:id schemeAgencyID="${agency}">${id}</a:id>${codes}${body}</a:leistung></a:schreibe>`
}

const modul = (code: string, ...inhalte: readonly string[]): string =>
  `<a:modulText><a:leikaTextmodul><code>${code}</code></a:leikaTextmodul>${inhalte.join('')}</a:modulText>`
const de = (text: string): string => `<a:inhalt languageCode="de">${text}</a:inhalt>`
const en = (text: string): string => `<a:inhalt languageCode="en">${text}</a:inhalt>`
const read = (...bodies: readonly string[]) =>
  importedCatalog(...bodies.map((body, at) => [`${at}.xml`, xzufi22(body)] as const))

test('names, texts, types, SDG codes and synonyms are taken; German is preferred, HTML becomes plain', async () => {
  const { leistungen } = await read(
    leistung({
      body:
        modul('02', en('Register a dog'), de('Hundehaltung Anmeldung')) +
        modul('03', de('Hund anmelden')) +
        modul('05', de('<![CDATA[<p>Wer einen Hund hält,</p><ul><li>meldet ihn an</li></ul>]]>')) +
        modul('06', de('Volltext, der nicht gebraucht wird')) +
        modul('07', de('&lt;b&gt;§ 1&lt;/b&gt; Hundegesetz &amp;amp; Satzung')) +
        '<a:modulBegriffImKontext><a:begriffImKontext><a:begriff languageCode="de">Hundesteuer</a:begriff></a:begriffImKontext></a:modulBegriffImKontext>' +
        '<a:typisierung><code>2/3</code></a:typisierung><a:typisierung><code>5</code></a:typisierung>' +
        '<a:informationsbereichSDG><code>1010300</code></a:informationsbereichSDG><a:informationsbereichSDG><code>0000000</code></a:informationsbereichSDG>',
    }),
  )
  expect(leistungen).toEqual([
    {
      key: KEY,
      name: 'Hundehaltung Anmeldung',
      name2: 'Hund anmelden',
      typen: ['2/3', '5'],
      synonyms: ['Hundesteuer'],
      kurztext: 'Wer einen Hund hält, meldet ihn an',
      rechtsgrundlage: '§ 1 Hundegesetz & Satzung',
      sdg: ['1010300'],
    },
  ])
})

test('several keys in one Leistung are several Leistungen', async () => {
  const other = '99110009069000'
  const { leistungen } = await read(leistung({ keys: [KEY, other, KEY], body: modul('02', de('Hund')) }))
  expect(leistungen.map(({ key, name }) => [key, name])).toEqual([
    [other, 'Hund'],
    [KEY, 'Hund'],
  ])
})

test('without module 02 the name is that of module 03; without both it is reported', async () => {
  expect((await read(leistung({ body: modul('03', de('Hund anmelden')) }))).leistungen[0]?.name).toBe(
    'Hund anmelden',
  )
  expect((await read(leistung())).kept).toEqual({ 'name-missing': 1 })
})

test('the last schreibe of an id counts, over all files; ids of two Redaktionen are two', async () => {
  const named = (name: string, parts: Parts = {}) => leistung({ ...parts, body: modul('02', de(name)) })
  const first = named('alt') + named('andere Redaktion', { agency: 'L2', keys: ['99110009069000'] })
  const { leistungen } = await read(first, named('neu'))
  expect(leistungen.map(({ name }) => name)).toEqual(['andere Redaktion', 'neu'])
})

test('loesche takes a Leistung out, and nothing else of that id', async () => {
  const remove = (klasse: string, id: string) =>
    `<a:loesche klasse="${klasse}"><a:id schemeAgencyID="L1">${id}</a:id></a:loesche>`
  const two = leistung({ id: '1' }) + leistung({ id: '2', keys: ['99110009069000'] })
  const { leistungen } = await read(two + remove('Leistung', '1') + remove('Onlinedienst', '2'))
  expect(leistungen.map(({ key }) => key)).toEqual(['99110009069000'])
})

test('faults of a Leistung that a later one replaces are none', async () => {
  const { rejected, leistungen } = await read(leistung({ keys: ['nicht im LeiKa'] }) + leistung())
  expect([rejected, leistungen.length]).toEqual([{}, 1])
})

test('a Leistung without a usable key is rejected with its line', async () => {
  const { rejected, kept, defects } = await read(
    `${leistung({ id: '1', keys: [] })}\n${leistung({ id: '2', keys: ['123', KEY] })}`,
  )
  expect([rejected, kept]).toEqual([
    { 'leika-key-missing': 1 },
    { 'leika-key-invalid': 1, 'name-missing': 1 },
  ])
  expect(defects.map(({ place }) => place)).toContainEqual({ file: '0.xml', line: 2 })
})

test('elements of other namespaces are passed over, whatever they are called', async () => {
  const foreign = `<other:leistung><other:id>9</other:id><other:referenzLeiKa><code>99999999999999</code></other:referenzLeiKa></other:leistung>`
  const inside = `<other:modulText><other:inhalt>falsch</other:inhalt></other:modulText>${modul('02', de('richtig'))}`
  const deeper =
    '<a:modulText><a:leikaTextmodul><other:code>07</other:code><code>05</code></a:leikaTextmodul><other:inhalt>falsch</other:inhalt><a:inhalt>kurz</a:inhalt></a:modulText>'
  const { leistungen } = await read(foreign + leistung({ body: inside + deeper }))
  expect(leistungen).toMatchObject([{ key: KEY, name: 'richtig', kurztext: 'kurz', rechtsgrundlage: null }])
})

test('XZuFi 2.3: default namespace, key as text of an Identifikator, a text for each Zugangskanal', async () => {
  const text = `<t xmlns="http://xoev.de/schemata/xzufi/2_3_1"><schreibe><leistung><id schemeAgencyID="L1">1</id>
    <referenzLeistungsschluessel schemeID="urn:de:fim:leika:leistung">${KEY}</referenzLeistungsschluessel>
    <modulText><leikaTextmodul><code xmlns="">02</code></leikaTextmodul><inhalt languageCode="de">Hund</inhalt></modulText>
    <modulText><leikaTextmodul><code xmlns="">02</code></leikaTextmodul><inhalt languageCode="de">zweiter</inhalt></modulText>
    <informationsbereicheSDG><informationsbereichSDG2><code xmlns="">1010000</code></informationsbereichSDG2><informationsbereichSDG1><code xmlns="">1010300</code></informationsbereichSDG1></informationsbereicheSDG>
    </leistung></schreibe></t>`
  const { leistungen } = await importedCatalog(['x.xml', text])
  expect(leistungen).toMatchObject([{ key: KEY, name: 'Hund', sdg: ['1010300'] }])
})

test('texts are capped', async () => {
  const { leistungen } = await read(
    leistung({ body: modul('02', de('Hund')) + modul('05', de('ä'.repeat(5000))) }),
  )
  expect(leistungen[0]?.kurztext).toBe(`${'ä'.repeat(1999)}…`)
})

test('markup inside a text is read like markup in CDATA', async () => {
  const text = (html: string) => modul('05', de(html))
  const kurztext = async (html: string) =>
    (await read(leistung({ body: text(html) }))).leistungen[0]?.kurztext
  const html = 'eins<p>zwei <b>dr</b>ei</p>vier'
  expect(await kurztext(html)).toBe('eins zwei drei vier')
  expect(await kurztext(`<![CDATA[${html}]]>`)).toBe('eins zwei drei vier')
  expect(await kurztext(html.replaceAll('<', '<a:').replaceAll('<a:/', '</a:'))).toBe('eins zwei drei vier')
})

test('of synonyms only the German ones count', async () => {
  const begriff = (language: string, text: string) =>
    `<a:begriffImKontext><a:begriff languageCode="${language}">${text}</a:begriff></a:begriffImKontext>`
  const body = `<a:modulBegriffImKontext>${begriff('en', 'dog')}${begriff('de', 'Hund | Welpe')}</a:modulBegriffImKontext>`
  expect((await read(leistung({ body }))).leistungen[0]?.synonyms).toEqual(['Hund', 'Welpe'])
})

test('a code further inside is the code of something else', async () => {
  const body = '<a:typisierung><code>5</code><a:anhang><code>1</code></a:anhang></a:typisierung>'
  expect((await read(leistung({ body }))).leistungen[0]?.typen).toEqual(['5'])
})

test('XML that is neither XZuFi nor genericode is refused', async () => {
  await expect(importedCatalog(['x.xml', '<report><row/></report>'])).rejects.toMatchObject({
    code: 'XML_UNKNOWN',
    exit: 65,
    place: { file: 'x.xml', line: 1 },
  })
})

describe('hostile amounts are read in one go', () => {
  const begriff = (text: string) =>
    `<a:begriffImKontext><a:begriff languageCode="de">${text}</a:begriff></a:begriffImKontext>`
  const numbers = Array.from({ length: 100_000 }, (_, at) => `s${at}`)

  test('a hundred thousand synonyms in one element, and in as many', async () => {
    const one = `<a:modulBegriffImKontext>${begriff(numbers.join('|'))}</a:modulBegriffImKontext>`
    const many = `<a:modulBegriffImKontext>${numbers.map(begriff).join('')}</a:modulBegriffImKontext>`
    expect((await read(leistung({ body: one }))).leistungen[0]?.synonyms).toEqual(numbers)
    expect((await read(leistung({ body: many }))).leistungen[0]?.synonyms).toEqual(numbers)
  })

  test('a hundred thousand keys of one Leistung', async () => {
    const keys = numbers.map((_, at) => `99${String(at).padStart(12, '0')}`)
    expect((await read(leistung({ keys }))).leistungen.map(({ key }) => key)).toEqual(keys)
  })
})

test('texts without a language count as German, other languages do not', async () => {
  const bare = '<a:inhalt>ohne Sprache</a:inhalt>'
  const named = (language: string) => `<a:inhalt languageCode="${language}">x</a:inhalt>`
  const name = async (body: string) => (await read(leistung({ body: modul('02', body) }))).leistungen[0]?.name
  expect(await name(bare)).toBe('ohne Sprache')
  expect(await name(named('de-DE'))).toBe('x')
  expect(await name(named('DE'))).toBe('x')
  expect(await name(named('den'))).toBe('')
  expect(await name(named('en') + de('Hund'))).toBe('Hund')
})

test('of several German texts the first that is not empty counts', async () => {
  const { leistungen } = await read(leistung({ body: modul('02', de(''), de('Hund'), de('Katze')) }))
  expect(leistungen[0]?.name).toBe('Hund')
})

test('Leistungen without an id are all there: nothing says that one replaces the other', async () => {
  const other = '99110009069000'
  const bare = (key: string) =>
    `<a:leistung><a:referenzLeiKa><code>${key}</code></a:referenzLeiKa></a:leistung>`
  expect((await read(bare(KEY) + bare(other))).leistungen.map(({ key }) => key)).toEqual([other, KEY])
})
