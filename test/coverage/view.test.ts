import { expect, test } from 'vitest'
import { candidatesInView, sharingOf } from '../../src/lib/coverage/view.ts'
import { NO_DETAILS } from '../../src/lib/portal/model.ts'
import type { TenantRecord } from '../../src/lib/portal/tenant-store.ts'

function tenant(ars: string, more: Partial<TenantRecord> = {}): TenantRecord {
  return {
    portal: 'local',
    ars,
    account: 'os',
    network: { account: 'os', name: 'Osnabrück', anchor: '03459', sharing: null },
    slug: ars,
    name: ars,
    hosts: [],
    modules: ['OR-Connect'],
    ...NO_DETAILS,
    state: 'active',
    ...more,
  }
}

const inView = (region: string, view: 'citizen' | 'own' | 'portal', tenants: readonly TenantRecord[]) =>
  candidatesInView(region, view, sharingOf(tenants))
    .filter((candidate) => candidate.inView)
    .map(({ source }) => source)

const MEMBER = '034595401007'

test('citizen sees every level, own only the own authority', () => {
  expect(inView(MEMBER, 'citizen', [])).toEqual(['own', 'verband', 'kreis', 'bezirk', 'land', 'bund'])
  expect(inView(MEMBER, 'own', [])).toEqual(['own'])
  expect(inView('034590014014', 'own', [])).toEqual(['own', 'own'])
})

test('a portal shows county and Verband only through the network', () => {
  expect(inView(MEMBER, 'portal', [])).toEqual(['own', 'bezirk', 'land', 'bund'])
  const all = [tenant(MEMBER), tenant('03459'), tenant('034595401')]
  expect(inView(MEMBER, 'portal', all)).toEqual(['own', 'verband', 'kreis', 'bezirk', 'land', 'bund'])
})

test.each([
  ['the county is suspended', [tenant(MEMBER), tenant('03459', { state: 'suspended' })]],
  ['the county lacks OR-Connect', [tenant(MEMBER), tenant('03459', { modules: ['OR-DMS'] })]],
  ['the member lacks OR-Connect', [tenant(MEMBER, { modules: [] }), tenant('03459')]],
  ['they are in two networks', [tenant(MEMBER), tenant('03459', { account: 'other' })]],
  ['they are in two portals', [tenant(MEMBER), tenant('03459', { portal: 'other' })]],
  ['only the member is there', [tenant(MEMBER)]],
])('nothing is shared when %s', (_, tenants) => {
  expect(inView(MEMBER, 'portal', tenants)).toEqual(['own', 'bezirk', 'land', 'bund'])
})

test('a kreisfreie Stadt is one authority whichever key its tenant bears', () => {
  expect(inView('034040000000', 'portal', [tenant('034040000000')])).toEqual([
    'own',
    'bezirk',
    'land',
    'bund',
  ])
})
