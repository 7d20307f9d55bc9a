import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { OzgctlError } from '../../src/lib/errors.ts'
import type { InputDocument } from '../../src/lib/input/document.ts'
import { type Manifest, readManifests } from '../../src/lib/tenant/manifest.ts'
import { loadTenantRegions } from '../../src/lib/tenant/regions.ts'
import { schemaErrors } from '../support/schema.ts'
import { problemsOf, REGISTER, REGISTER_2026, storeWithRegister } from '../support/tenant.ts'

async function read(text: string, ...more: readonly InputDocument[]): Promise<Manifest> {
  const regions = await loadTenantRegions(await storeWithRegister())
  return readManifests([{ file: 'network.yaml', text }, ...more], regions)
}

const problems = (text: string, ...more: readonly InputDocument[]) => problemsOf(() => read(text, ...more))

const failure = (text: string): Promise<OzgctlError> => failureOf(() => read(text))

async function failureOf(work: () => Promise<unknown>): Promise<OzgctlError> {
  const error = await work().catch((found: unknown) => found)
  if (error instanceof OzgctlError) return error
  throw new Error('the manifest was accepted')
}

const HEAD = `network:
  account: lkos
  name: Landkreis Osnabrück
  anchor: "03459"
`

/** A manifest with one tenant; its fields begin in line 6, column 5. */
const withTenant = (...fields: readonly string[]): string => `${HEAD}tenants:\n  - ${fields.join('\n    ')}\n`

const BRAMSCHE = ['ars: "034590014014"', 'slug: bramsche', 'name: Bramsche']

test('a manifest in full', async () => {
  const manifest = await read(`# yaml-language-server: $schema=schemas/network.json
schemaVersion: 1
portal: test-nord
network:
  account: lkos
  name: Landkreis Osnabrück
  anchor: "03459"
sharing:
  - name: kreis
    from: anchor
    to: members
    services: all
    except: {tenants: 034590014014, leistungen: [99 041 006 017 000]}
  - name: stadt
    from: [034590014014]
    to: 034590000000
    direction: both
    services: {ozg: 10026, themenfelder: [Familie & Kind]}
defaults:
  modules: [OR-Connect, Nutzerkonto]
  contact: {name: Kreishaus, email: info@lkos.example}
  privacyUrl: https://lkos.example/datenschutz
  state: suspended
tenants:
  - ars: "034590014014"
    slug: bramsche
    name: Bramsche
    hosts: [www.Bramsche.example, bramsche.example]
    modules: [OR-DMS, OR-DMS, Baumkataster]
    connectors: [epay, dms-nord, epay]
    contact: {name: Rathaus, email: rathaus@bramsche.example, phone: "+49 5461 83-0"}
    imprintUrl: https://bramsche.example/impressum
    accessibilityUrl: https://bramsche.example/barrierefreiheit
    state: active
  - ars: "03459"
    slug: landkreis
    name: Landkreis Osnabrück
`)
  const none = { tenants: [], leistungen: [], ozg: [], themenfelder: [] }
  expect({ ...manifest, tenants: manifest.tenants.map((item) => item.tenant) }).toEqual({
    portal: 'test-nord',
    connectors: { declared: new Map(), ofNetworks: new Map([['lkos', []]]) },
    networks: [
      {
        account: 'lkos',
        name: 'Landkreis Osnabrück',
        anchor: '03459',
        sharing: [
          {
            name: 'kreis',
            from: 'anchor',
            to: 'members',
            direction: 'one-way',
            services: 'all',
            except: { ...none, tenants: ['034590014014'], leistungen: ['99041006017000'] },
          },
          {
            name: 'stadt',
            from: ['034590014014'],
            to: ['03459'],
            direction: 'both',
            services: { leistungen: [], ozg: ['10026'], themenfelder: ['Familie & Kind'] },
            except: none,
          },
        ],
      },
    ],
    tenants: [
      {
        ars: '03459',
        account: 'lkos',
        slug: 'landkreis',
        name: 'Landkreis Osnabrück',
        hosts: [],
        modules: ['Nutzerkonto', 'OR-Connect'],
        connectors: [],
        contact: { name: 'Kreishaus', email: 'info@lkos.example', phone: null },
        imprintUrl: null,
        privacyUrl: 'https://lkos.example/datenschutz',
        accessibilityUrl: null,
        state: 'suspended',
      },
      {
        ars: '034590014014',
        account: 'lkos',
        slug: 'bramsche',
        name: 'Bramsche',
        hosts: ['www.bramsche.example', 'bramsche.example'],
        modules: ['Baumkataster', 'OR-DMS'],
        connectors: ['dms-nord', 'epay'],
        contact: { name: 'Rathaus', email: 'rathaus@bramsche.example', phone: '+49 5461 83-0' },
        imprintUrl: 'https://bramsche.example/impressum',
        privacyUrl: 'https://lkos.example/datenschutz',
        accessibilityUrl: 'https://bramsche.example/barrierefreiheit',
        state: 'active',
      },
    ],
  })
})

test('no rules at all are something else than an empty list of them', async () => {
  expect((await read(withTenant(...BRAMSCHE))).networks[0]?.sharing).toBeNull()
  expect((await read(`sharing: []\n${withTenant(...BRAMSCHE)}`)).networks[0]?.sharing).toEqual([])
})

test('what is wrong with details and rules is told with its place', async () => {
  const text = `${withTenant(
    ...BRAMSCHE,
    'connectors: [DMS Nord]',
    'contact: {name: Rathaus, email: rathaus, phone: 05461}',
    'imprintUrl: http://bramsche.example',
    'privacyUrl: https://me:secret@bramsche.example/',
  )}sharing:
  - {name: kreis, from: anchor, to: everybody, services: all}
  - {name: kreis, from: members, to: "034590024024", services: {}}
  - {name: x, from: anchor, to: members, services: {leistungen: [123], ozg: [1]}, direction: back, excep: {}}
`
  const lines = await problems(text)
  expect(lines).toEqual([
    '9:18 tenants[0].connectors[0] slug-invalid',
    '10:37 tenants[0].contact.email email-invalid',
    '10:53 tenants[0].contact.phone wrong-type',
    '11:17 tenants[0].imprintUrl url-invalid',
    '12:17 tenants[0].privacyUrl url-invalid',
    '14:37 sharing[0].to region-invalid',
    '15:12 sharing[1].name duplicate-rule',
    '15:38 sharing[1].to no-member',
    '15:64 sharing[1].services services-empty',
    '16:66 sharing[2].services.leistungen[0] leika-key-invalid',
    '16:78 sharing[2].services.ozg[0] ozg-id-invalid',
    '16:94 sharing[2].direction value-unknown',
    '16:100 sharing[2].excep field-unknown',
  ])
  // A secret in an address is shown as it is written, where it is; it is not taken anywhere else.
  await expect(read(text)).rejects.toMatchObject({ code: 'MANIFEST_INVALID' })
})

test.each([
  ['a label that is empty', 'rathaus@bramsche..example'],
  ['a dot at the end', 'rathaus@bramsche.example.'],
  ['one label', 'rathaus@bramsche'],
  ['a second @', `rathaus@${'bramsche.'.repeat(100_000)}example@`],
])('an address for mail with %s is none', async (_name, email) => {
  expect(await problems(withTenant(...BRAMSCHE, `contact: {name: Rathaus, email: ${email}}`))).toEqual([
    '9:37 tenants[0].contact.email email-invalid',
  ])
})

test('a host of any length is judged', async () => {
  const text = withTenant(...BRAMSCHE, `hosts: ["${'/?:#'.repeat(200_000)}\\n"]`)
  expect(await problems(text)).toEqual(['9:13 tenants[0].hosts[0] host-invalid'])
})

test('several files describe one portal, and a network has its rules in one of them', async () => {
  const rules = 'sharing: [{name: kreis, from: anchor, to: members, services: all}]\n'
  const other = (head: string): InputDocument => ({
    file: 'b.yaml',
    text: `${head}${HEAD}tenants: [{ars: 034590024024, slug: melle, name: Melle}]\n`,
  })
  const first = `portal: test\n${withTenant(...BRAMSCHE)}`
  const both = await read(first, other(rules))
  expect(both.networks.map(({ sharing }) => sharing?.map(({ name }) => name))).toEqual([['kreis']])
  expect(both.portal).toBe('test')
  expect(await problems(`${rules}${first}`, other(rules.replace('all', '{ozg: [10026]}')))).toEqual([
    '3:3 sharing sharing-differs',
  ])
  expect(await problems(first, other('portal: prod\n'))).toEqual(['1:9 portal portal-differs'])
})

test('the schema that editors use and the reader agree on what is good', async () => {
  const good = `portal: test\n${withTenant(
    ...BRAMSCHE,
    'connectors: [dms-nord]',
    'contact: {name: Rathaus, email: rathaus@bramsche.example}',
    'imprintUrl: https://bramsche.example/impressum',
  )}sharing:
  - {name: kreis, from: anchor, to: members, services: {leistungen: "99041006017000"}, except: {ozg: [10026]}}
`
  const schemaErrorsOf = (text: string) => schemaErrors('network', parse(text))
  expect(await problems(good)).toEqual([])
  expect(schemaErrorsOf(good)).toEqual([])
  for (const [from, to] of [
    ['portal: test', 'portal: Test'],
    ['[dms-nord]', '[DMS]'],
    ['rathaus@bramsche', 'rathaus'],
    ['https://bramsche.example/impressum', 'http://x'],
    ['name: kreis, ', ''],
    ['services: {', 'service: {'],
    ['from: anchor', 'from: all'],
  ] as const) {
    const bad = good.replace(from, to)
    expect.soft((await problems(bad)).length, bad).toBeGreaterThan(0)
    expect.soft(schemaErrorsOf(bad).length, bad).toBeGreaterThan(0)
  }
})

test.each([
  ['in quotes', '"034590014014"'],
  ['without quotes: no number, no octal', '034590014014'],
  ['in single quotes', "'034590014014'"],
  ['with an explicit tag', '!!str 034590014014'],
  ['folded', '>-\n      034590014014'],
])('an ARS %s', async (_, ars) => {
  const { tenants } = await read(withTenant(`ars: ${ars}`, 'slug: bramsche', 'name: Bramsche'))
  expect(tenants.map((item) => item.tenant.ars)).toEqual(['034590014014'])
})

test.each([
  ['the county with zeros behind', '034590000000', '03459'],
  ['a kreisfreie Stadt as county', '03404', '034040000000'],
  ['a kreisfreie Stadt as Gemeinde', '034040000000', '034040000000'],
  ['a verbandsfreie Gemeinde as Verband', '034590014', '034590014014'],
  ['a Samtgemeinde', '034595402', '034595402'],
  ['a Samtgemeinde with zeros behind', '034595402000', '034595402'],
])('%s is one authority, however its key is written', async (_, written, key) => {
  const { tenants } = await read(withTenant(`ars: ${written}`, 'slug: x', 'name: X'))
  expect(tenants.map((item) => item.tenant.ars)).toEqual([key])
})

test.each([
  ['34590014014', 'leading-zero-lost', 'Write "034590014014" (Bramsche, Stadt).'],
  ['"3459"', 'leading-zero-lost', 'Write "03459" (Osnabrück).'],
  ['3459014', 'leading-zero-lost', 'Write "034590014014" (Bramsche, Stadt).'],
  ['"03459014"', 'ags-instead-of-ars', 'This is an AGS. Write "034590014014" (Bramsche, Stadt).'],
  ['3.4590014014E+11', 'excel-number', 'ozgctl region show NAME'],
  ['"990000000000"', 'land-unknown', 'ozgctl region show NAME'],
  ['Bramsche', 'region-invalid', 'ozgctl region show NAME'],
  ['0x1F', 'region-invalid', 'ozgctl region show NAME'],
  ['DE', 'region-unknown', 'ozgctl region show NAME'],
  ['"034590099099"', 'region-unknown', 'ozgctl region show NAME'],
])('the key %s is refused as %s', async (ars, code, hint) => {
  const { problems } = await failure(withTenant(`ars: ${ars}`, 'slug: x', 'name: X'))
  expect(problems.map((item) => [item.code, item.place.line, item.place.column, item.path])).toEqual([
    [code, 6, 10, 'tenants[0].ars'],
  ])
  expect(problems[0]?.hint).toContain(hint)
})

test('a key that was given up is answered with the new one', async () => {
  const regions = await loadTenantRegions(await storeWithRegister(REGISTER, REGISTER_2026))
  const text = withTenant('ars: "064350014014"', 'slug: hanau', 'name: Hanau')
  const error = await readManifests([{ file: 'n.yaml', text }], regions).catch((found: unknown) => found)
  expect(error).toMatchObject({
    code: 'MANIFEST_INVALID',
    exit: 65,
    message: 'n.yaml:6:10: tenants[0].ars: "064350014014" is not in the register',
    suggestions: ['The key has changed. Write "064150000000" (Hanau, Brüder-Grimm-Stadt).'],
  })
})

test('all problems come at once, in the order of the file', async () => {
  const error = await failure(`portal: locl
network:
  account: LKOS
  nam: Landkreis
  anchor: 3459
defaults: [OR-Connect]
tenants:
  - ars: "034590014014"
    slug: -bramsche
    name: 2024
    hosts: https://bramsche.example/
    modules: [OR-Conect, 7]
    state: aktive
  - Melle
  - slug: melle
    name: ""
    hosts: [melle, "https://melle.example:8443/start", müller.example, "a..example"]
    modul: [OR-DMS]
  - ars: ["034590024024"]
    slug: melle
    name: "a\\u202Eb"
    state: [active]
`)
  expect(error.message).toBe(`23 problems; nothing was changed
  network.yaml:3:3: network.name: is missing
  network.yaml:3:12: network.account: "LKOS" is no part of an address
      Use a to z, 0 to 9 and hyphens inside, at most 63 characters.
  network.yaml:4:3: network.nam: there is no such field
      Did you mean name?
  network.yaml:5:11: network.anchor: "3459" is no key of a region (leading-zero-lost)
      A zero at the front was lost. Write "03459" (Osnabrück).
  network.yaml:6:11: defaults: must be a map of fields, not a list
  network.yaml:9:11: tenants[0].slug: "-bramsche" is no part of an address
      Use a to z, 0 to 9 and hyphens inside, at most 63 characters.
  network.yaml:10:11: tenants[0].name: must be a text, not the number 2024
      Write it in quotes: "2024"
  network.yaml:11:12: tenants[0].hosts: must be a list, not a text
  network.yaml:12:15: tenants[0].modules[0]: "OR-Conect" is no module
      Did you mean OR-Connect?
  network.yaml:12:26: tenants[0].modules[1]: must be a text, not the number 7
      Write it in quotes: "7"
  network.yaml:13:12: tenants[0].state: "aktive" is not one of: active, suspended
      Did you mean active?
  network.yaml:14:5: tenants[1]: must be a map of fields, not a text
  network.yaml:15:5: tenants[2].ars: is missing
  network.yaml:16:11: tenants[2].name: is empty
  network.yaml:17:13: tenants[2].hosts[0]: "melle" is no host name
      A host name is like www.example.de: no https://, no port, no path.
  network.yaml:17:20: tenants[2].hosts[1]: "https://melle.example:8443/start" is no host name
      Write melle.example
  network.yaml:17:56: tenants[2].hosts[2]: "müller.example" is no host name
      Write xn--mller-kva.example
  network.yaml:17:72: tenants[2].hosts[3]: "a..example" is no host name
      A host name is like www.example.de: no https://, no port, no path.
  network.yaml:18:5: tenants[2].modul: there is no such field
      Did you mean modules?
  network.yaml:19:10: tenants[3].ars: must be a key of digits, not a list
  network.yaml:20:11: tenants[3].slug: melle is already at tenants[2].slug (network.yaml:15)
  network.yaml:21:11: tenants[3].name: holds control characters or invisible marks
  network.yaml:22:12: tenants[3].state: must be one of active, suspended, not a list`)
})

const ALIASES = `a: &a [x, x, x, x, x, x, x, x, x, x]
b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]
f: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]
g: [*f, *f, *f, *f, *f, *f, *f, *f, *f, *f]
`

test.each([
  ['only a comment', '# nothing\n', ['1:?  document-empty']],
  ['HTML', '<!DOCTYPE html>\n<html>\n', ['1:1  wrong-type']],
  ['a list', '- ars: "03459"\n', ['1:1  wrong-type']],
  ['one megabyte of nothing', 'x'.repeat(1 << 20), ['1:1  wrong-type']],
  ['one megabyte of brackets', '[{'.repeat(1 << 19), ['1:?  yaml-invalid']],
  ['a tab as indent', 'network:\n\taccount: lkos\n', ['2:1  yaml-invalid']],
  ['an open bracket', `${HEAD}tenants: [\n`, ['6:1  yaml-invalid']],
  ['several documents', `${HEAD}tenants: []\n---\n${HEAD}tenants: []\n`, ['6:1  yaml-invalid']],
  ['a list as key', `${HEAD}tenants: []\n? [a]\n: b\n`, ['6:3  yaml-invalid']],
  [
    'an unknown anchor',
    `${HEAD}tenants: *nobody\n`,
    ['5:1 tenants field-missing', '5:10 tenants alias-invalid'],
  ],
  [
    'an alias inside of itself',
    `${HEAD}tenants: &t [*t]\n`,
    ['5:14 tenants[0] alias-invalid', '5:14 tenants[0] wrong-type'],
  ],
  [
    'a tag of JavaScript',
    `${HEAD}tenants: !!js/function "x"\n`,
    ['5:10  tag-refused', '5:24 tenants wrong-type'],
  ],
  ['a tag of its own', `${HEAD}tenants: !ruby/object []\n`, ['5:10  tag-refused']],
  ['binary', withTenant(...BRAMSCHE.with(2, 'name: !!binary QnJhbXNjaGU=')), ['8:11  tag-refused']],
  ['a missing network', 'tenants: []\n', ['1:1 network field-missing']],
  ['a missing list', HEAD, ['1:1 tenants field-missing']],
  ['an empty list of tenants is none', `${HEAD}tenants:\n`, ['5:1 tenants field-missing']],
  ['a later version', `schemaVersion: 2\n${HEAD}tenants: []\n`, ['1:16 schemaVersion value-unknown']],
  ['a key twice', withTenant(...BRAMSCHE, 'slug: melle'), ['9:5 tenants[0].slug duplicate-key']],
  [
    'a merge key',
    `${HEAD}defaults: &d\n  state: active\ntenants:\n  - <<: *d\n    ${BRAMSCHE.join('\n    ')}\n`,
    ['8:5 tenants[0].<< field-unknown'],
  ],
])('%s is refused', async (_, text, expected) => {
  const found = await problems(text)
  // Where a million brackets stop making sense is the parser's affair.
  expect(found.map((item) => (text.startsWith('[{[{') ? item.replace(/^1:\d+/, '1:?') : item))).toEqual(
    expected,
  )
})

test('aliases that stand for millions of values end at the cap', async () => {
  const found = await problems(ALIASES)
  expect(found.filter((item) => item.includes('too-many-aliases'))).toHaveLength(1)
})

test('a module is written as its name is, others are the portal’s own', async () => {
  const text = withTenant(...BRAMSCHE, 'modules: [OR-CONNECT, or_dms, Nutzerkonten, Baumkataster]')
  const { problems: found } = await failure(text)
  expect(found.map((item) => [item.value, item.hint])).toEqual([
    ['OR-CONNECT', 'Did you mean OR-Connect?'],
    ['or_dms', 'Did you mean OR-DMS?'],
    ['Nutzerkonten', 'Did you mean Nutzerkonto?'],
  ])
})

test('an alias repeats what it names', async () => {
  const { tenants } = await read(`${HEAD}tenants:
  - {ars: "034590014014", slug: bramsche, name: Bramsche, modules: &m [OR-DMS]}
  - {ars: "034590024024", slug: melle, name: Melle, modules: *m}
`)
  expect(tenants.map((item) => item.tenant.modules)).toEqual([['OR-DMS'], ['OR-DMS']])
})

test('words of YAML 1.1 are texts, those of 1.2 are not', async () => {
  const { tenants } = await read(withTenant(BRAMSCHE[0] ?? '', 'slug: no', 'name: Yes'))
  expect(tenants.map((item) => [item.tenant.slug, item.tenant.name])).toEqual([['no', 'Yes']])
  expect(await problems(withTenant(BRAMSCHE[0] ?? '', 'slug: true', 'name: ~'))).toEqual([
    '7:11 tenants[0].slug wrong-type',
    '8:5 tenants[0].name field-missing',
  ])
})

test('a key, slug or host may occur once, over all files', async () => {
  const other = withTenant('ars: 034590014', 'slug: bramsche', 'name: B', 'hosts: [b.example, B.example]')
  const text = withTenant(...BRAMSCHE, 'hosts: [b.example]')
  const error = await failureOf(() => read(text, { file: 'other.yaml', text: other }))
  expect(error.message).toBe(`4 problems; nothing was changed
  other.yaml:6:10: tenants[0].ars: 034590014014 is already at tenants[0].ars (network.yaml:6)
  other.yaml:7:11: tenants[0].slug: bramsche is already at tenants[0].slug (network.yaml:7)
  other.yaml:9:13: tenants[0].hosts[0]: b.example is already at tenants[0].hosts[0] (network.yaml:9)
  other.yaml:9:24: tenants[0].hosts[1]: b.example is already at tenants[0].hosts[0] (network.yaml:9)`)
})

test('files of one network agree on it; files of two make two', async () => {
  const text = `${HEAD}tenants: []\n`
  const same = { file: 'same.yaml', text }
  const differs = { file: 'differs.yaml', text: text.replace('name: Landkreis', 'name: Kreis') }
  const second = { file: 'second.yaml', text: text.replace('lkos', 'stadt') }
  const { networks } = await read(text, same, second)
  expect(networks.map((network) => network.account)).toEqual(['lkos', 'stadt'])
  expect(await problems(text, differs)).toEqual(['2:3 network network-differs'])
})

test('more than fifty problems are listed up to fifty, and up to a thousand as data', async () => {
  const error = await failure(`${HEAD}tenants:\n${'  - x\n'.repeat(60)}`)
  expect(error.problems).toHaveLength(60)
  expect(error.message.split('\n')).toHaveLength(52)
  expect(error.message.split('\n').at(-1)).toBe('  … and 10 more')
})
