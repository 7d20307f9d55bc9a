import { expect, test } from 'vitest'
import type { Kept } from '../../src/lib/portal/driver.ts'
import type { Network, Tenant } from '../../src/lib/portal/model.ts'
import { type Plan, planTenants } from '../../src/lib/tenant/plan.ts'
import { BRAMSCHE, MELLE, NETWORK, problemsOf } from '../support/tenant.ts'

const kept = <T>(value: T): Kept<T> => ({
  value,
  version: JSON.stringify(value),
  changedAt: null,
  changedBy: null,
  managed: true,
  changedOutside: false,
})

type Wanted = Parameters<typeof planTenants>[0]

const manifest = (tenants: readonly Tenant[], networks: readonly Network[] = [NETWORK]): Wanted => ({
  portal: 'local',
  networks,
  tenants: tenants.map((tenant, line) => ({
    tenant,
    marks: [
      { field: 'ars', value: tenant.ars, place: { line, column: 1 }, path: 'ars' },
      { field: 'slug', value: tenant.slug, place: { line, column: 2 }, path: 'slug' },
      ...tenant.hosts.map(
        (value) => ({ field: 'host', value, place: { line, column: 3 }, path: 'hosts[0]' }) as const,
      ),
    ],
  })),
})

interface Given {
  readonly networks?: readonly Network[]
  readonly tenants?: readonly Tenant[]
  readonly maxDelete?: number
  readonly formerKeys?: readonly (readonly [string, string])[]
}

const NOTHING_LEFT = { leftAlone: [], unmanaged: [], notSelected: 0 }

const plan = (
  wanted: Wanted,
  { networks = [NETWORK], tenants = [], maxDelete = 0, formerKeys = [] }: Given,
): Plan =>
  planTenants(
    wanted,
    { networks: networks.map(kept), tenants: tenants.map(kept) },
    { maxDelete, formerKeys: new Map(formerKeys) },
  )

test('an empty portal gets everything', () => {
  expect(plan(manifest([BRAMSCHE]), { networks: [] })).toEqual({
    portal: 'local',
    networks: [{ kind: 'network-create', network: NETWORK, expected: null, fields: [] }],
    tenants: [{ kind: 'create', tenant: BRAMSCHE }],
    ...NOTHING_LEFT,
    unchanged: 0,
  })
})

test('what is as it should be is no change', () => {
  expect(plan(manifest([BRAMSCHE, MELLE]), { tenants: [BRAMSCHE, MELLE] })).toEqual({
    portal: 'local',
    networks: [],
    tenants: [],
    ...NOTHING_LEFT,
    unchanged: 2,
  })
})

test('a place that is lost or is another is a difference of the portal, beside those of the manifest', () => {
  const lost = { field: 'site', present: null, wanted: 'bramsche' }
  const moved = { field: 'instance.host', present: 'x.example', wanted: 'melle.example' }
  const places = new Map([
    [BRAMSCHE.ars, { exists: false, differences: [lost] }],
    [MELLE.ars, { exists: true, differences: [moved] }],
    ['034590033033', { exists: false, differences: [lost] }],
  ])
  const tenants = [BRAMSCHE, MELLE].map(kept)
  const state = { networks: [kept(NETWORK)], tenants, places }
  const renamed = { ...MELLE, name: 'Stadt Melle' }
  const options = { maxDelete: 0, formerKeys: new Map() }
  expect(planTenants(manifest([BRAMSCHE, renamed]), state, options)).toMatchObject({
    tenants: [
      {
        kind: 'change',
        former: BRAMSCHE,
        tenant: BRAMSCHE,
        expected: JSON.stringify(BRAMSCHE),
        fields: [{ field: 'site', from: null, to: 'bramsche' }],
        changedOutside: true,
      },
      {
        kind: 'change',
        fields: [
          { field: 'name', from: 'Melle', to: 'Stadt Melle' },
          { field: 'instance.host', from: 'x.example', to: 'melle.example' },
        ],
        changedOutside: true,
      },
    ],
    unchanged: 0,
  })
  const whole = new Map([[BRAMSCHE.ars, { exists: true, differences: [] }]])
  expect(planTenants(manifest([BRAMSCHE, MELLE]), { ...state, places: whole }, options)).toMatchObject({
    tenants: [],
    unchanged: 2,
  })
})

test('every field that differs, with both values; the order of hosts counts', () => {
  const tenant: Tenant = {
    ...BRAMSCHE,
    slug: 'stadt-bramsche',
    name: 'Stadt Bramsche',
    hosts: ['www.bramsche.example', 'bramsche.example'],
    modules: [],
  }
  const former = { ...BRAMSCHE, hosts: ['bramsche.example', 'www.bramsche.example'] }
  expect(plan(manifest([tenant]), { tenants: [former] }).tenants).toEqual([
    {
      kind: 'change',
      former,
      expected: JSON.stringify(former),
      tenant,
      changedOutside: false,
      fields: [
        { field: 'slug', from: 'bramsche', to: 'stadt-bramsche' },
        { field: 'name', from: 'Bramsche', to: 'Stadt Bramsche' },
        {
          field: 'hosts',
          from: ['bramsche.example', 'www.bramsche.example'],
          to: ['www.bramsche.example', 'bramsche.example'],
        },
        { field: 'modules', from: ['OR-Connect'], to: [] },
      ],
    },
  ])
})

const suspended: Tenant = { ...BRAMSCHE, state: 'suspended' }

test('suspending is a kind of its own, waking up is a change', () => {
  const asleep = plan(manifest([{ ...suspended, name: 'B' }]), { tenants: [BRAMSCHE] })
  expect(asleep.tenants.map((change) => change.kind)).toEqual(['suspend'])
  const awake = plan(manifest([BRAMSCHE]), { tenants: [suspended] })
  expect(awake.tenants).toMatchObject([
    { kind: 'change', fields: [{ field: 'state', from: 'suspended', to: 'active' }] },
  ])
})

test('a network that is called otherwise now', () => {
  const renamed = { ...NETWORK, name: 'Kreis' }
  expect(plan(manifest([], [renamed]), {}).networks).toEqual([
    {
      kind: 'network-change',
      network: renamed,
      expected: JSON.stringify(NETWORK),
      fields: [{ field: 'name', from: 'Landkreis Osnabrück', to: 'Kreis' }],
    },
  ])
})

const HANAU: Tenant = { ...BRAMSCHE, ars: '064350014014', slug: 'hanau', name: 'Hanau', hosts: [] }
const HANAU_2026: Tenant = { ...HANAU, ars: '064150000000' }
const KEYS = [['064350014014', '064150000000']] as const

test('a Gemeinde with a new key moves and is the same tenant', () => {
  const moved = plan(manifest([HANAU_2026]), { tenants: [HANAU], formerKeys: KEYS })
  expect(moved.tenants).toMatchObject([
    {
      kind: 'move',
      former: HANAU,
      tenant: HANAU_2026,
      fields: [{ field: 'ars', from: '064350014014', to: '064150000000' }],
    },
  ])
  expect(moved.leftAlone).toEqual([])
})

test('without a change of the register another key is another tenant', () => {
  const other = plan(manifest([{ ...HANAU_2026, slug: 'neu' }]), { tenants: [HANAU] })
  expect(other.tenants.map((change) => change.kind)).toEqual(['create'])
  expect(other.leftAlone).toEqual([HANAU])
})

test('no move onto a tenant that is there already', () => {
  const both = plan(manifest([HANAU_2026]), {
    tenants: [{ ...HANAU, slug: 'alt' }, HANAU_2026],
    formerKeys: KEYS,
  })
  expect(both).toMatchObject({ tenants: [], unchanged: 1, leftAlone: [{ slug: 'alt' }] })
})

test('a Gemeinde with a new key that the file does not name, or names beside the former one, does not move', () => {
  const given = { tenants: [HANAU], formerKeys: KEYS }
  expect(plan(manifest([]), given)).toMatchObject({ tenants: [], leftAlone: [HANAU] })
  const both = plan(manifest([HANAU, { ...HANAU_2026, slug: 'neu' }]), given)
  expect(both.tenants.map((change) => change.kind)).toEqual(['create'])
  expect(both.unchanged).toBe(1)
})

const STADT: Network = { account: 'stadt', name: 'Stadt', anchor: '034040000000', sharing: null }
const STRANGER: Tenant = { ...MELLE, account: 'stadt' }

test('missing tenants are left alone, and those of other networks are none of our business', () => {
  const found = plan(manifest([]), { networks: [NETWORK, STADT], tenants: [BRAMSCHE, STRANGER] })
  expect(found).toMatchObject({ tenants: [], leftAlone: [BRAMSCHE], unchanged: 0 })
})

test('--max-delete deletes up to its number and refuses more', () => {
  const given = { tenants: [BRAMSCHE, MELLE] }
  expect(plan(manifest([MELLE]), { ...given, maxDelete: 1 })).toMatchObject({
    tenants: [{ kind: 'delete', tenant: BRAMSCHE, expected: JSON.stringify(BRAMSCHE) }],
    leftAlone: [],
  })
  expect(() => plan(manifest([]), { ...given, maxDelete: 1 })).toThrow(
    '2 tenants are not in the file, --max-delete allows 1; nothing was changed',
  )
})

test('a name that stays with somebody else is refused, at its place in the file', async () => {
  const wanted = manifest([{ ...BRAMSCHE, slug: 'melle', hosts: ['melle.example'] }])
  const found = { networks: [NETWORK, STADT], tenants: [STRANGER] }
  expect(await problemsOf(async () => plan(wanted, found))).toEqual([
    '0:2 slug slug-taken',
    '0:3 hosts[0] host-taken',
  ])
  expect(await problemsOf(async () => plan(manifest([MELLE]), found))).toContain('0:1 ars ars-taken')
  // Melle is missing from the file and left alone: it keeps its names.
  expect(await problemsOf(async () => plan(wanted, { tenants: [MELLE] }))).toEqual([
    '0:2 slug slug-taken',
    '0:3 hosts[0] host-taken',
  ])
})

test('a name that is given up in the same plan is free', async () => {
  const swapped = [
    { ...BRAMSCHE, hosts: MELLE.hosts },
    { ...MELLE, hosts: BRAMSCHE.hosts },
  ]
  const tenants = [BRAMSCHE, MELLE]
  expect(plan(manifest(swapped), { tenants }).tenants.map((change) => change.kind)).toEqual([
    'change',
    'change',
  ])
  const heir = manifest([{ ...BRAMSCHE, hosts: MELLE.hosts }])
  expect(plan(heir, { tenants, maxDelete: 1 }).tenants.map((change) => change.kind)).toEqual([
    'change',
    'delete',
  ])
})
