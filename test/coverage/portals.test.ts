import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hasBit } from '../../src/lib/coverage/bits.ts'
import { Matrix, RULES } from '../../src/lib/coverage/matrix.ts'
import { Portals } from '../../src/lib/coverage/portals.ts'
import type { LeikaKey } from '../../src/lib/leika/key.ts'
import { ServiceCatalog } from '../../src/lib/network/services.ts'
import { packCell } from '../../src/lib/offer/cells.ts'
import type { Network, Party, SharingRule } from '../../src/lib/portal/model.ts'
import type { TenantRecord } from '../../src/lib/portal/tenant-store.ts'
import { candidatesOf, canonical, type RegionKey, SOURCES, type Source } from '../../src/lib/region/key.ts'
import { leika, ozg } from '../support/coverage.ts'
import { tenantAt } from '../support/network.ts'

// A county with a Samtgemeinde and its member and a verbandsfreie Gemeinde; a kreisfreie Stadt; the Land itself.
const TENANTS = ['03459', '034595401', '034595401007', '034590014014', '034040000000', '03']
const OFFERING: readonly string[] = [
  ...new Set(TENANTS.flatMap((ars) => candidatesOf(ars).map(({ key }) => key))),
]
const ANCHOR = '03459'
// The bundles that rules can name; each OZG-Leistung is a Themenfeld of its own.
const BUNDLES: readonly (readonly number[])[] = [[0, 1], [1, 2], [3], [4, 5, 6]]
const SCOPE = BUNDLES.map((keys, id) => ozg(id, keys, `Feld ${id}`))
const KEYS = Array.from({ length: 8 }, (_, n) => leika(n))
const CATALOG = new ServiceCatalog({
  ozgLeistungen: SCOPE,
  bundles: SCOPE.flatMap(({ id, keys }) => keys.map((key) => ({ ozgId: id, key }))),
})

interface Share {
  readonly network: Network
  readonly rule: SharingRule | null
  readonly from: TenantRecord
}

/** Who shows what to whom, asked anew for every offer, as the docs say it and without sets. */
function naiveShare(
  tenants: readonly TenantRecord[],
  from: string,
  to: string,
  key: LeikaKey,
): Share | undefined {
  const owner = (region: string, network: Network) =>
    tenants.find(
      (tenant) =>
        tenant.network === network &&
        tenant.state === 'active' &&
        tenant.modules.includes('OR-Connect') &&
        candidatesOf(tenant.ars).some((candidate) => candidate.source === 'own' && candidate.key === region),
    )
  for (const network of new Set(tenants.map((tenant) => tenant.network))) {
    const sender = owner(from, network)
    const receiver = owner(canonical(to), network)
    if (sender === undefined || receiver === undefined || sender === receiver) continue
    if (network.sharing === null) return { network, rule: null, from: sender }
    const isIn = (party: Party, ars: string): boolean =>
      party === 'anchor'
        ? ars === ANCHOR
        : party === 'members'
          ? ars !== ANCHOR
          : party.some((named) => canonical(named) === canonical(ars))
    const isNamed = (rule: SharingRule['except'] | Exclude<SharingRule['services'], 'all'>): boolean =>
      rule.leistungen.includes(key) ||
      SCOPE.some(
        ({ id, themenfeld, keys }) =>
          keys.includes(key) && (rule.ozg.includes(id) || rule.themenfelder.includes(themenfeld ?? '')),
      )
    const rule = network.sharing.find(
      ({ from: one, to: other, direction, services, except }) =>
        ((isIn(one, sender.ars) && isIn(other, receiver.ars)) ||
          (direction === 'both' && isIn(other, sender.ars) && isIn(one, receiver.ars))) &&
        (services === 'all' || isNamed(services)) &&
        !isNamed(except) &&
        ![sender, receiver].some(({ ars }) =>
          except.tenants.some((named) => canonical(named) === canonical(ars)),
        ),
    )
    if (rule !== undefined) return { network, rule, from: sender }
  }
  return undefined
}

const party = fc.oneof(
  fc.constant('anchor' as const),
  fc.constant('members' as const),
  fc.uniqueArray(fc.constantFrom(...TENANTS), { minLength: 1, maxLength: 3 }),
)
const selection = fc.record({
  leistungen: fc.uniqueArray(fc.constantFrom(...KEYS), { maxLength: 2 }),
  ozg: fc.uniqueArray(fc.constantFrom(...SCOPE.map(({ id }) => id)), { maxLength: 1 }),
  themenfelder: fc.uniqueArray(fc.constantFrom('Feld 0', 'Feld 3'), { maxLength: 1 }),
})
const NOTHING = { leistungen: [], ozg: [], themenfelder: [] }
const rule = fc.record({
  name: fc.constantFrom('a', 'b', 'c', 'd'),
  from: party,
  to: party,
  direction: fc.constantFrom('one-way' as const, 'both' as const),
  services: fc.oneof(fc.constant('all' as const), selection),
  except: fc.oneof(
    fc.constant({ tenants: [], ...NOTHING }),
    fc
      .tuple(selection, fc.uniqueArray(fc.constantFrom(...TENANTS), { maxLength: 1 }))
      .map(([services, tenants]) => ({ ...services, tenants })),
  ),
})
const world = fc.record({
  sharing: fc.oneof(
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 6, arbitrary: fc.array(rule, { maxLength: 4 }) },
  ),
  // Of each tenant: not there, in this network, in the other, suspended, or without OR-Connect.
  tenants: fc.array(fc.constantFrom('none', 'here', 'here', 'here', 'there', 'suspended', 'alone'), {
    minLength: TENANTS.length,
    maxLength: TENANTS.length,
  }),
  offers: fc.array(
    fc.record({ region: fc.constantFrom(...OFFERING), key: fc.nat(7), reifegrad: fc.nat(4) }),
    { maxLength: 25 },
  ),
  coverage: fc.constantFrom(...RULES),
})

test('a portal shows what asking every rule about every offer says, on random networks', () => {
  fc.assert(
    fc.property(world, ({ sharing, tenants: states, offers, coverage }) => {
      const here = { account: 'here', name: 'Here', anchor: ANCHOR, sharing }
      const there = { account: 'there', name: 'There', anchor: ANCHOR, sharing: null }
      const tenants = TENANTS.flatMap((ars, at): TenantRecord[] => {
        const state = states[at]
        if (state === 'none') return []
        const network = state === 'there' ? there : here
        const tenant = tenantAt(ars, {
          account: network.account,
          state: state === 'suspended' ? 'suspended' : 'active',
          modules: state === 'alone' ? [] : ['OR-Connect'],
        })
        return [{ ...tenant, portal: 'local', network }]
      })
      const portals = new Portals(tenants, CATALOG)
      const regions = [...Map.groupBy(offers, ({ region }) => region)].map(([region, own]) => ({
        region: region as RegionKey,
        cells: Uint32Array.from(own, ({ key, reifegrad }) => packCell(key, reifegrad)),
      }))
      const matrix = new Matrix(SCOPE, KEYS, [...regions, ...portals.cells(regions, KEYS)], [2], coverage)

      for (const to of TENANTS) {
        const chain = candidatesOf(to)
        const sourceOf = (region: string, key: LeikaKey): Source | undefined => {
          const above = chain.find((candidate) => candidate.key === region)?.source
          if (above !== undefined && above !== 'verband' && above !== 'kreis') return above
          const share = naiveShare(tenants, region, to, key)
          expect(portals.sharedBy(region as RegionKey, to, key)?.rule).toBe(
            share === undefined ? undefined : (share.rule?.name ?? null),
          )
          return share === undefined ? undefined : (above ?? 'member')
        }
        const expected = SCOPE.map(({ keys }) => {
          const visible = keys.map((key) =>
            offers.flatMap((offer) =>
              leika(offer.key) === key && offer.reifegrad >= 2 ? (sourceOf(offer.region, key) ?? []) : [],
            ),
          )
          const isCovered =
            coverage === 'all'
              ? visible.every((found) => found.length > 0)
              : visible.some((found) => found.length > 0)
          return isCovered ? SOURCES.find((source) => visible.flat().includes(source)) : undefined
        })
        const { covered, bySource } = matrix.cover(portals.candidates(to), 2)
        const found = SCOPE.map((_, at) =>
          hasBit(covered, at) ? SOURCES.find((source) => hasBit(bySource[source], at)) : undefined,
        )
        expect(found).toEqual(expected)
      }
    }),
    { numRuns: 2000 },
  )
})
