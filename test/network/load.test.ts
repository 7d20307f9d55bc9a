import { expect, test } from 'vitest'
import { networkCheck, networkSharing } from '../../src/lib/network/load.ts'
import type { Network, SharingRule } from '../../src/lib/portal/model.ts'
import type { Store } from '../../src/lib/store/sqlite.ts'
import { basisRemarks, drawing, flowColumns, flowRows, networksJson } from '../../src/lib/view/network.ts'
import { findingColumns, networkCheckJson, networkCheckLine } from '../../src/lib/view/network-check.ts'
import { renderTable } from '../../src/lib/view/table.ts'
import { failure } from '../support/failure.ts'
import { services, sharingRule, tenantAt } from '../support/network.ts'
import { importTexts } from '../support/offer.ts'
import { schemaErrors } from '../support/schema.ts'
import { temporaryStore } from '../support/store.ts'
import { localPortal } from '../support/tenant.ts'

const NAMES: Readonly<Record<string, string>> = {
  '03459': 'Landkreis Osnabrück',
  '034590014014': 'Bramsche',
  '034590024024': 'Melle',
  '034595401': 'Samtgemeinde Artland',
  '034595401007': 'Badbergen',
  '034595401025': 'Menslage',
}
const CHOICE = { account: undefined, prefix: '', asOf: '2026-11-23' }
const KEY = '99110009104000'

/** Adds a network with tenants of these keys. */
async function addNetwork(
  store: Store,
  account: string,
  sharing: readonly SharingRule[] | null,
  tenants: readonly string[] = Object.keys(NAMES),
): Promise<void> {
  const network: Network = { account, name: `Netz ${account}`, anchor: '03459', sharing }
  const outcomes = await localPortal(store).write([
    { kind: 'network', network, expected: null, key: account },
    ...tenants.map((ars) => {
      const tenant = tenantAt(ars, { account, name: NAMES[ars] ?? ars })
      return { kind: 'create' as const, tenant, key: `${account} ${ars}` }
    }),
  ])
  expect(outcomes.filter(({ kind }) => kind !== 'done')).toEqual([])
}

const RULES = [
  sharingRule('kreis-an-alle'),
  sharingRule('melle-an-kreis', {
    from: ['034590024024'],
    to: 'anchor',
    services: services({ leistungen: [KEY] }),
  }),
  sharingRule('artland', {
    from: ['034595401'],
    to: ['034595401007', '034595401025'],
    direction: 'both',
    services: services({ themenfelder: ['Umwelt'], ozg: ['10026'], leistungen: [KEY, '99110009104001'] }),
    except: { tenants: [], ...services({ leistungen: [KEY] }) },
  }),
]

const OFFERS = `region;leika_key;reifegrad;url;authority;valid_from;valid_to
03459;${KEY};2;;;;
034590024024;${KEY};2;;;;
034590024;${KEY};3;;;;
034590024024;99110009104002;2;;;;
034590014014;${KEY};2;;;;2026-11-22
`

test('who shows what to whom: drawn, as a table, with what is offered on the day', async () => {
  const store = await temporaryStore()
  await addNetwork(store, 'lkos', RULES)
  await importTexts(store, { 'offers.csv': OFFERS })
  const { basis, networks } = await networkSharing(store, CHOICE)
  expect(drawing(networks, 'de').split('\n')).toEqual([
    'Netz lkos (lkos, Portal local): 6 Mandanten, 6 teilen',
    '',
    '  Landkreis Osnabrück  ───▶ 5 Mitglieder: alle Leistungen',
    `  Melle                ───▶ Landkreis Osnabrück: LeiKa ${KEY}`,
    `  Samtgemeinde Artland ───▶ Badbergen, Menslage: Umwelt, OZG 10026, 2 Leistungen außer LeiKa ${KEY}`,
    `  Badbergen, Menslage  ───▶ Samtgemeinde Artland: Umwelt, OZG 10026, 2 Leistungen außer LeiKa ${KEY}`,
    '',
  ])
  const rows = flowRows(networks)
  const cells = rows.map((row) => flowColumns('en', true).map(({ value }) => value(row)))
  const artland = `Umwelt, OZG 10026, 2 Leistungen but LeiKa ${KEY}`
  const members = '034590014014 034590024024 034595401 034595401007 034595401025'
  expect(cells).toEqual([
    ['lkos', 'Landkreis Osnabrück', '5 members', 'all', 'kreis-an-alle', 1, '03459', members],
    ['lkos', 'Melle', 'Landkreis Osnabrück', `LeiKa ${KEY}`, 'melle-an-kreis', 1, '034590024024', '03459'],
    [
      'lkos',
      'Samtgemeinde Artland',
      'Badbergen, Menslage',
      artland,
      'artland',
      0,
      '034595401',
      '034595401007 034595401025',
    ],
    [
      'lkos',
      'Badbergen, Menslage',
      'Samtgemeinde Artland',
      artland,
      'artland',
      0,
      '034595401007 034595401025',
      '034595401',
    ],
  ])
  const json = networksJson(basis, networks)
  expect(schemaErrors('network-show', json)).toEqual([])
  expect(json).toMatchObject({ asOf: '2026-11-23', catalog: null, offer: 'offer-1' })
  expect(json.networks[0]?.flows[1]).toEqual({
    rule: 'melle-an-kreis',
    from: ['034590024024'],
    to: ['03459'],
    services: { kind: 'only', leikaKeys: [KEY] },
    offers: 1,
  })
  expect(basisRemarks(basis)).toEqual([expect.stringContaining('no service catalogue')])
})

test('one who shares in several ways is drawn once, and nobody says so', async () => {
  const store = await temporaryStore()
  await addNetwork(store, 'lkos', [
    sharingRule('a', { to: ['034590014014'] }),
    sharingRule('b', { to: ['034590024024'] }),
    sharingRule('c', { to: ['034595401'] }),
  ])
  const { networks } = await networkSharing(store, CHOICE)
  expect(drawing(networks, 'en')).toBe(`Netz lkos (lkos, Portal local): 6 tenants, 4 share

  Landkreis Osnabrück ─┬─▶ Bramsche: all Leistungen
                       ├─▶ Melle: all Leistungen
                       └─▶ Samtgemeinde Artland: all Leistungen
`)
  const silent = await temporaryStore()
  await addNetwork(silent, 'lkos', [])
  expect(drawing((await networkSharing(silent, CHOICE)).networks, 'de')).toBe(
    'Netz lkos (lkos, Portal local): 6 Mandanten, 0 teilen\n\n  Niemand zeigt etwas bei anderen.\n',
  )
})

test('networks are found by account and by region', async () => {
  const store = await temporaryStore()
  await addNetwork(store, 'nord', null, ['034590014014', '034595401'])
  await addNetwork(store, 'sued', [], ['034590024024'])
  const accounts = async (more: Partial<typeof CHOICE> | { readonly account: string }) =>
    (await networkSharing(store, { ...CHOICE, ...more })).networks.map(({ network }) => network.account)
  expect(await accounts({})).toEqual(['nord', 'sued'])
  expect(await accounts({ account: 'sued' })).toEqual(['sued'])
  expect(await accounts({ prefix: '034595401' })).toEqual(['nord'])
  expect(await accounts({ prefix: '05' })).toEqual([])
  expect(await failure(() => networkSharing(store, { ...CHOICE, account: 'norde' }))).toMatchObject({
    code: 'NETWORK_UNKNOWN',
    exit: 64,
    suggestions: ['Did you mean nord?', 'There are: nord, sued'],
  })
  expect(
    await failure(async () => networkCheck(await temporaryStore(), { ...CHOICE, account: 'x' })),
  ).toMatchObject({
    suggestions: ['Describe one: ozgctl tenant seed --in PREFIX'],
  })
})

test('a check tells each fault with what to do, in both languages', async () => {
  const store = await temporaryStore()
  await addNetwork(store, 'lkos', [
    sharingRule('a', { except: { tenants: ['034590014014'], ...services({}) } }),
    sharingRule('b', { to: ['034590014014', '034590024024'], services: services({ leistungen: [KEY] }) }),
    sharingRule('c', { from: ['05', '06', '07', '08'] }),
  ])
  await importTexts(store, { 'offers.csv': OFFERS })
  const check = await networkCheck(store, CHOICE)
  const json = networkCheckJson(check)
  expect(schemaErrors('network-check', json)).toEqual([])
  expect(json).toMatchObject({ met: false, networks: 1, rules: 3 })
  expect(json.findings.map(({ code, rule, message }) => [code, rule, message])).toEqual([
    ['exception-undone', 'a', 'the exception does not hold, b shares: 034590014014 Bramsche'],
    ['not-a-member', 'c', 'no tenant of the network: 05, 06, 07 and 1 more'],
    ['nobody-shares', 'c', 'there is nobody who shows something elsewhere'],
  ])
  const shown = renderTable(findingColumns('de', true), check.findings, 'de', 200)
  expect(shown.split('\n').slice(2, -1)).toEqual([
    'a      die Ausnahme gilt nicht, b gibt frei: 034590014014 Bramsche  Die Ausnahme auch dort eintragen oder hier streichen.',
    'c      kein Mandant des Netzwerks: 05, 06, 07 und 1 weitere         Den Mandanten aufnehmen oder aus der Regel streichen.',
    'c      es gibt niemanden, der bei einem anderen etwas zeigt         from, to und except der Regel prüfen.',
  ])
  expect(networkCheckLine(check, 'de')).toBe('1 Netzwerk, 3 Regeln geprüft: 3 zu klären\n')
  expect(networkCheckLine({ ...check, findings: [] }, 'en')).toBe(
    '1 network, 3 rules checked: nothing wrong\n',
  )
})

test.each([
  [1, 1, '1 Netzwerk, 1 Regel geprüft', '1 network, 1 rule checked'],
  [2, 1, '2 Netzwerke, 1 Regel geprüft', '2 networks, 1 rule checked'],
  [1, 0, '1 Netzwerk, 0 Regeln geprüft', '1 network, 0 rules checked'],
  [0, 2345, '0 Netzwerke, 2.345 Regeln geprüft', '0 networks, 2,345 rules checked'],
])('%i networks and %i rules are said as people count them', async (networks, rules, de, en) => {
  const store = await temporaryStore()
  await addNetwork(store, 'lkos', [])
  const check = { ...(await networkCheck(store, CHOICE)), networks, rules, findings: [] }
  expect(networkCheckLine(check, 'de')).toBe(`${de}: alles in Ordnung\n`)
  expect(networkCheckLine(check, 'en')).toBe(`${en}: nothing wrong\n`)
})
