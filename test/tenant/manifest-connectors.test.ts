import { expect, test } from 'vitest'
import { bindConnectors } from '../../src/lib/health/bind.ts'
import { lint, summarise } from '../../src/lib/health/connectors.ts'
import { readManifests } from '../../src/lib/tenant/manifest.ts'
import { loadRegionsIfAny } from '../../src/lib/tenant/regions.ts'
import { failure } from '../support/failure.ts'
import { temporaryStore } from '../support/store.ts'
import { problemsOf } from '../support/tenant.ts'

// Without a register: on a machine that only watches, every key of the right form is taken.
async function read(text: string) {
  return readManifests([{ file: 'network.yaml', text }], await loadRegionsIfAny(await temporaryStore()))
}

const UP = 'kind: http, conditions: [{ status: 200 }, { json: status, equals: UP }]'

/** The head has three lines, connectors begin in line 3. */
const manifest = (
  connectors: string,
  tenants = '  - { ars: "034590014014", slug: bramsche, name: Bramsche }\n',
  network = '',
) =>
  `network: { account: lkos, name: LKOS, anchor: "03459"${network} }\nconnectors:\n${connectors}tenants:\n${tenants}`

async function bound(text: string) {
  const found = await read(text)
  const { bindings, problems } = bindConnectors(found, { connectors: [], isSelected: () => true })
  const endpoints = bindings.checks.flatMap((check) =>
    check.endpoints.map(({ connector, tenants, url }) => [
      connector,
      url,
      tenants.map(({ ars }) => ars).join(' '),
    ]),
  )
  return { found, bindings, problems, endpoints: endpoints.toSorted() }
}

const TWO = `  - { ars: "034590014014", slug: bramsche, name: Bramsche, connectors: [dms, { name: pay, url: https://pay.bramsche.example/ }] }
  - { ars: "034590024024", slug: melle, name: Melle, hosts: [www.melle.example], connectors: [dms, pay] }
`

test('of the network, by default, otherwise for one tenant, and by template', async () => {
  const text = manifest(
    `  - { name: dms, url: "https://dms.example/{slug}", ${UP} }
  - { name: pay, url: https://pay.example/, ${UP} }
  - { name: routing, url: https://routing.example/, ${UP} }
  - { name: idle, url: https://idle.example/, ${UP} }
`,
    TWO,
    ', connectors: [routing]',
  )
  const { found, bindings, endpoints } = await bound(text)
  expect(endpoints).toEqual([
    ['dms', 'https://dms.example/bramsche', '034590014014'],
    ['dms', 'https://dms.example/melle', '034590024024'],
    ['pay', 'https://pay.bramsche.example/', '034590014014'],
    ['pay', 'https://pay.example/', '034590024024'],
    ['routing', 'https://routing.example/', '034590014014 034590024024'],
  ])
  expect([bindings.checks.length, bindings.count]).toEqual([5, 6])
  expect(summarise(found, bindings).map(({ name, tenants }) => [name, tenants])).toEqual([
    ['dms', 2],
    ['idle', 0],
    ['pay', 2],
    ['routing', 2],
  ])
})

test('what is the same but for its name is asked once', async () => {
  const one = (name: string) =>
    `  - { name: ${name}, url: https://x.example/a, title: ${name}, affects: all, ${UP} }\n`
  const text = manifest(
    one('a') + one('b'),
    '  - { ars: "034590014014", slug: x, name: X, connectors: [a, b] }\n',
  )
  const { bindings } = await bound(text)
  expect(bindings.checks.map(({ endpoints }) => endpoints.map(({ connector }) => connector))).toEqual([
    ['a', 'b'],
  ])
  // Their histories are their own.
  expect(new Set(bindings.checks.flatMap(({ endpoints }) => endpoints.map(({ id }) => id))).size).toBe(2)
})

test('a system gives what is not written', async () => {
  const text = manifest(
    '  - { name: bundid, system: bundid }\n',
    '  - { ars: "034590014014", slug: x, name: X, connectors: [bundid] }\n',
  )
  const { bindings } = await bound(text)
  expect(bindings.checks[0]?.definition.kindId).toBe('saml')
  expect(bindings.checks[0]?.effective.url.href).toBe('https://id.bund.de/idp')
  expect(bindings.checks[0]?.endpoints[0]).toMatchObject({
    title: 'BundID',
    system: 'bundid',
    affects: 'all',
  })
})

test('a tenant that has nothing for a template is named', async () => {
  const text = manifest(
    `  - { name: dms, url: "https://{host}/dms", ${UP} }\n`,
    '  - { ars: "034590014014", slug: x, name: X, connectors: [dms] }\n',
  )
  const { problems } = await bound(text)
  expect(problems.map(({ code, path, message }) => [code, path, message])).toEqual([
    ['connector-unbound', 'connectors[0].url', 'the tenant has nothing for {host} (X, 034590014014)'],
  ])
})

/** Wrong connectors, and `line:column path code` of what is said. */
const WRONG: readonly (readonly [string, readonly string[]])[] = [
  ['  - { url: https://x.example/ }\n', ['3:5 connectors[0].name field-missing']],
  ['  - dms\n', ['3:5 connectors[0] wrong-type']],
  [`  - { name: DMS, url: https://x.example/, ${UP} }\n`, ['3:13 connectors[0].name slug-invalid']],
  ['  - { name: dms, url: https://x.example/ }\n', ['3:5 connectors[0] connector-invalid']],
  [
    '  - { name: dms, system: enajo, url: https://x.example/ }\n',
    ['3:26 connectors[0].system system-unknown'],
  ],
  ['  - { name: dms, kind: cmiss, url: https://x.example/ }\n', ['3:24 connectors[0].kind kind-unknown']],
  ['  - { name: dms, kind: cmis }\n', ['3:5 connectors[0].url connector-invalid']],
  ['  - { name: dms, kind: cmis, url: ftp://x.example/ }\n', ['3:35 connectors[0].url connector-invalid']],
  [
    '  - { name: dms, kind: cmis, url: "https://u:p@x.example/" }\n',
    ['3:35 connectors[0].url connector-invalid'],
  ],
  [
    '  - { name: dms, kind: cmis, url: "https://x.example/{sulg}" }\n',
    ['3:35 connectors[0].url connector-invalid'],
  ],
  [
    '  - { name: dms, kind: cmis, url: https://x.example/, repo: a }\n',
    ['3:61 connectors[0].repo connector-invalid'],
  ],
  [
    '  - { name: dms, kind: oauth2, url: https://x.example/ }\n',
    ['3:5 connectors[0].credentials connector-invalid'],
  ],
  [
    '  - { name: dms, kind: cmis, url: https://x.example/, timeout: 5 }\n',
    ['3:64 connectors[0].timeout connector-invalid'],
  ],
  [
    '  - { name: dms, kind: cmis, url: https://x.example/, tls: { cert: a.pem } }\n',
    ['3:55 connectors[0].tls connector-invalid'],
  ],
  [
    '  - { name: dms, kind: cmis, url: https://x.example/, tls: { insecure: true } }\n',
    ['3:72 connectors[0].tls.insecure connector-invalid'],
  ],
  [
    '  - { name: dms, kind: cmis, url: https://x.example/, certificate: { warning: 1d, critical: 7d } }\n',
    ['3:55 connectors[0].certificate connector-invalid'],
  ],
  [
    '  - { name: dms, kind: cmis, url: https://x.example/, affects: [10026] }\n',
    ['3:55 connectors[0].affects connector-invalid'],
  ],
  [
    '  - { name: dms, kind: http, url: https://x.example/, conditions: [{ status: 200 }, { json: "$..a", equals: 1 }] }\n',
    ['3:93 connectors[0].conditions[1].json connector-invalid'],
  ],
  [
    '  - { name: dms, kind: http, url: https://x.example/, headers: { Authorization: x }, conditions: [{ status: 200 }] }\n',
    ['3:81 connectors[0].headers.Authorization connector-invalid'],
  ],
  [
    `  - { name: dms, url: https://x.example/, ${UP} }\n  - { name: dms, url: https://y.example/, ${UP} }\n`,
    ['4:13 connectors[1].name duplicate-connector'],
  ],
]

test.each(WRONG)('%s', async (connectors, expected) => {
  expect(await problemsOf(() => read(manifest(connectors)))).toEqual(expected)
})

test('a name that is declared nowhere has a hint, and without any declaration it is a label', async () => {
  const tenants = '  - { ars: "034590014014", slug: x, name: X, connectors: [dsm] }\n'
  const text = manifest(`  - { name: dms, url: https://x.example/, ${UP} }\n`, tenants)
  expect(await problemsOf(() => read(text))).toEqual(['5:59 tenants[0].connectors[0] connector-unknown'])
  const plain = await read(`network: { account: lkos, name: LKOS, anchor: "03459" }\ntenants:\n${tenants}`)
  expect(plain.tenants.map(({ tenant }) => tenant.connectors)).toEqual([['dsm']])
})

test('lint finds what is allowed and hardly meant', async () => {
  const text = manifest(
    `  - { name: any-page, url: https://x.example/, kind: http, conditions: [{ status: 200 }] }
  - { name: idle, url: https://y.example/, ${UP} }
  - { name: open, url: http://z.example/, ${UP} }
  - { name: secret, url: http://z.example/, credentials: x, ${UP} }
  - { name: here, url: http://127.0.0.1/, credentials: x, ${UP} }
  - { name: keyed, url: "https://k.example/up?page=1&API_Key=0815", ${UP} }
  - { name: paged, url: "https://k.example/up?page=1&tokens=2", ${UP} }
`,
    '  - { ars: "034590014014", slug: x, name: X, connectors: [any-page, open, secret, here, keyed, paged] }\n',
  )
  const { found, bindings } = await bound(text)
  expect(lint(found, bindings)).toEqual([
    { code: 'status-only', connector: 'any-page' },
    { code: 'not-bound', connector: 'idle' },
    { code: 'secret-in-address', connector: 'keyed' },
    { code: 'not-encrypted', connector: 'open' },
    { code: 'credentials-unprotected', connector: 'secret' },
  ])
})

test('a number where a text belongs is quoted as it is written', async () => {
  const text = manifest(`  - { name: dms, url: https://dms.example/, installed: 007.10, ${UP} }\n`)
  const { problems } = await failure(() => read(text))
  expect(problems).toMatchObject([
    { path: 'connectors[0].installed', message: 'must be a text', hint: 'Write it in quotes: "007.10"' },
  ])
})
