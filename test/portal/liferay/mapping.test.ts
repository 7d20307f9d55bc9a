import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  hasRegionKey,
  lostFields,
  markOf,
  toAccount,
  toNetwork,
  toOrganization,
  toTenant,
} from '../../../src/lib/portal/liferay/mapping.ts'
import { parentOf } from '../../../src/lib/portal/liferay/parents.ts'
import type { Network, Tenant } from '../../../src/lib/portal/model.ts'
import { BRAMSCHE, NETWORK } from '../../support/tenant.ts'

const SIGNATURE = { key: 'k', by: 'tester@test' }
const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 })
const list = fc.array(text, { maxLength: 4 })
const orNull = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: null })

const tenants: fc.Arbitrary<Tenant> = fc.record({
  ars: fc.constantFrom('03', '03459', '034595402', '034590014014'),
  account: text,
  slug: text,
  name: text,
  hosts: list,
  modules: list,
  connectors: list,
  contact: orNull(fc.record({ name: text, email: text, phone: orNull(text) })),
  imprintUrl: orNull(text),
  privacyUrl: orNull(text),
  accessibilityUrl: orNull(text),
  state: fc.constantFrom('active', 'suspended'),
})

const selection = { leistungen: list, ozg: list, themenfelder: list }
const networks: fc.Arbitrary<Network> = fc.record({
  account: text,
  name: text,
  anchor: text,
  sharing: orNull(
    fc.array(
      fc.record({
        name: text,
        from: fc.oneof(fc.constantFrom('anchor' as const, 'members' as const), list),
        to: fc.oneof(fc.constantFrom('anchor' as const, 'members' as const), list),
        direction: fc.constantFrom('one-way' as const, 'both' as const),
        services: fc.oneof(fc.constant('all' as const), fc.record(selection)),
        except: fc.record({ tenants: list, ...selection }),
      }),
      { maxLength: 3 },
    ),
  ),
})

/** What Liferay gives back of what it was sent. */
const answered = <T>(sent: T): T => JSON.parse(JSON.stringify(sent)) as T

test('what was written of a tenant reads back the same', () => {
  fc.assert(
    fc.property(tenants, (tenant) => {
      const organization = answered(toOrganization(tenant, undefined, SIGNATURE))
      expect(toTenant(organization)).toEqual(tenant)
      expect(markOf(organization)).toBe('tenant')
    }),
  )
})

test('and of a network', () => {
  fc.assert(
    fc.property(networks, (network) => {
      const account = answered(toAccount(network, SIGNATURE))
      expect(toNetwork(account)).toEqual(network)
      expect(markOf(account)).toBe('network')
    }),
  )
})

test("what people wrote into our fields by hand is no tenant's, and does no harm", () => {
  const fields = ['hosts', 'modules', 'connectors', 'contact', 'state'].map((name) => ({
    name: `ozgctl-${name}`,
    customValue: { data: name === 'modules' ? '["OR-DMS", 7, null]' : 'by hand' },
  }))
  expect(
    toTenant({ externalReferenceCode: '03', customFields: [...fields, { name: 'x', customValue: {} }] }),
  ).toEqual({
    ...BRAMSCHE,
    ars: '03',
    account: '',
    slug: '',
    name: '',
    hosts: [],
    modules: ['OR-DMS'],
    state: 'active',
  })
})

test('custom fields that the portal did not keep are named, empty ones do not count', () => {
  const { customFields } = toAccount(NETWORK, SIGNATURE)
  expect(lostFields(customFields, [])).toEqual([
    'ozgctl-managed',
    'ozgctl-hash',
    'ozgctl-key',
    'ozgctl-changed-by',
    'ozgctl-anchor',
  ])
  expect(lostFields(customFields, customFields)).toEqual([])
  expect(lostFields(undefined, undefined)).toEqual([])
})

test.each([
  ['034590014014', true],
  ['03459', true],
  ['99', false],
  ['de', false],
  ['abteilung-7', false],
  ['', false],
])('an organization with the code %s is that of a region: %s', (externalReferenceCode, expected) => {
  expect(hasRegionKey({ externalReferenceCode })).toBe(expected)
})

test.each([
  ['034595402001', '034595402'],
  ['034595402', '03459'],
  // Its own Verband, its own county, its own Land.
  ['034590014014', '03459'],
  ['034040000000', '03'],
  ['110000000000', undefined],
  ['03459', '03'],
  ['03', undefined],
])('above %s stands %s', (ars, parent) => {
  expect(parentOf(ars)).toBe(parent)
})
