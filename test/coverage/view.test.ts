import { expect, test } from 'vitest'
import { Portals } from '../../src/lib/coverage/portals.ts'
import { candidatesInView, countedCandidates } from '../../src/lib/coverage/view.ts'
import { NO_CATALOG, ServiceCatalog } from '../../src/lib/network/services.ts'
import type { SharingRule } from '../../src/lib/portal/model.ts'
import type { TenantRecord } from '../../src/lib/portal/tenant-store.ts'
import { leika } from '../support/coverage.ts'
import { services, sharingRule, tenantAt } from '../support/network.ts'

const MEMBER = '034595401007'

function tenant(ars: string, more: Partial<TenantRecord> = {}): TenantRecord {
  const network = { account: 'os', name: 'Osnabrück', anchor: '03459', sharing: null }
  return { ...tenantAt(ars), portal: 'local', account: 'os', network, ...more }
}

/** Tenants of one network with these rules. */
const withRules = (sharing: readonly SharingRule[], ...keys: readonly string[]): readonly TenantRecord[] =>
  keys.map((ars) => tenant(ars, { network: { account: 'os', name: 'Osnabrück', anchor: '03459', sharing } }))

const portalsOf = (tenants: readonly TenantRecord[]) => new Portals(tenants, new ServiceCatalog(NO_CATALOG))

const sources = (region: string, view: 'citizen' | 'own' | 'portal', tenants: readonly TenantRecord[]) =>
  countedCandidates(region, view, portalsOf(tenants)).map(({ source }) => source)

const ABOVE = ['own', 'bezirk', 'land', 'bund']

test('citizen sees every level, own only the own authority', () => {
  expect(sources(MEMBER, 'citizen', [])).toEqual(['own', 'verband', 'kreis', 'bezirk', 'land', 'bund'])
  expect(sources(MEMBER, 'own', [])).toEqual(['own'])
  expect(sources('034590014014', 'own', [])).toEqual(['own', 'own'])
})

test('a portal shows county and Verband only through the network', () => {
  expect(sources(MEMBER, 'portal', [])).toEqual(ABOVE)
  const all = [tenant(MEMBER), tenant('03459'), tenant('034595401')]
  expect(sources(MEMBER, 'portal', all)).toEqual(['own', 'verband', 'kreis', 'bezirk', 'land', 'bund'])
})

test('without rules a portal shows other members, too, and the county those of its municipalities', () => {
  const both = [tenant('03459'), tenant('034590014014'), tenant('034590024024')]
  expect(sources('034590014014', 'portal', both)).toEqual([
    'own',
    'own',
    'kreis',
    'bezirk',
    'land',
    'bund',
    'member',
  ])
  expect(sources('03459', 'portal', both)).toEqual(['own', 'bezirk', 'land', 'bund', 'member'])
})

test('with rules a portal shows what they say', () => {
  const rules = [sharingRule('kreis-an-alle')]
  const tenants = withRules(rules, '03459', MEMBER, '034595401', '034590024024')
  expect(sources(MEMBER, 'portal', tenants)).toEqual(['own', 'kreis', 'bezirk', 'land', 'bund'])
  expect(sources('03459', 'portal', tenants)).toEqual(ABOVE)
  expect(sources(MEMBER, 'portal', withRules([], '03459', MEMBER))).toEqual(ABOVE)
})

test.each([
  ['the county is suspended', [tenant(MEMBER), tenant('03459', { state: 'suspended' })]],
  ['the county lacks OR-Connect', [tenant(MEMBER), tenant('03459', { modules: ['OR-DMS'] })]],
  ['the member lacks OR-Connect', [tenant(MEMBER, { modules: [] }), tenant('03459')]],
  ['they are in two networks', [tenant(MEMBER), tenant('03459', { account: 'other' })]],
  ['they are in two portals', [tenant(MEMBER), tenant('03459', { portal: 'other' })]],
  ['only the member is there', [tenant(MEMBER)]],
])('nothing is shared when %s', (_, tenants) => {
  expect(sources(MEMBER, 'portal', tenants)).toEqual(ABOVE)
})

test('a kreisfreie Stadt is one authority whichever key its tenant bears', () => {
  expect(sources('034040000000', 'portal', [tenant('034040000000')])).toEqual(ABOVE)
})

test('an explanation names the first rule that shares a Leistung, and members that stand beside', () => {
  const rules = [
    sharingRule('nur-eins', { services: services({ leistungen: [leika(1)] }) }),
    sharingRule('alles', { except: { tenants: [], ...services({ leistungen: [leika(3)] }) } }),
    sharingRule('melle', {
      from: ['034590024024'],
      to: [MEMBER],
      services: services({ leistungen: [leika(3)] }),
    }),
  ]
  const portals = portalsOf(withRules(rules, '03459', MEMBER, '034595401', '034590024024'))
  const found = candidatesInView(MEMBER, 'portal', portals).map(({ key, source, inView, sharedBy }) => [
    `${source} ${key}`,
    inView,
    sharedBy === null ? null : [1, 2, 3].map((n) => sharedBy(leika(n))?.rule),
  ])
  expect(found).toEqual([
    [`own ${MEMBER}`, true, null],
    ['verband 034595401', false, [undefined, undefined, undefined]],
    ['kreis 03459', true, ['nur-eins', 'alles', undefined]],
    ['bezirk 034', true, null],
    ['land 03', true, null],
    ['bund ', true, null],
    ['member 034590024024', true, [undefined, undefined, 'melle']],
    // A verbandsfreie Gemeinde offers under its Verband number, too.
    ['member 034590024', true, [undefined, undefined, 'melle']],
  ])
})
