import { expect, test } from 'vitest'
import { type CheckInput, checkNetwork } from '../../src/lib/network/check.ts'
import type { Offered } from '../../src/lib/network/offered.ts'
import type { Member } from '../../src/lib/network/resolve.ts'
import { ServiceCatalog } from '../../src/lib/network/services.ts'
import type { SharingRule } from '../../src/lib/portal/model.ts'
import type { RegionKey } from '../../src/lib/region/key.ts'
import { leika } from '../support/coverage.ts'
import { memberAt, services, sharingRule } from '../support/network.ts'

const KREIS = '03459'
const MELLE = '034590024024'
const BRAMSCHE = '034590014014'
const BELM = '034590004004'
const MEMBERS = [KREIS, BRAMSCHE, MELLE, BELM].map((ars) => memberAt(ars))

const CATALOG = new ServiceCatalog({
  ozgLeistungen: [
    { id: '10001', themenfeld: 'Umwelt' },
    { id: '10002', themenfeld: null },
  ],
  bundles: [
    { ozgId: '10001', key: leika(1) },
    { ozgId: '10001', key: leika(2) },
  ],
})

/** `code rule (others): subjects` of each finding. */
function check(
  sharing: readonly SharingRule[] | null,
  { members = MEMBERS, ...more }: { readonly members?: readonly Member[] } & Partial<CheckInput> = {},
): readonly string[] {
  const network = { account: 'lkos', name: 'Landkreis Osnabrück', anchor: KREIS, sharing }
  const known = { leistungen: new Set([leika(1), leika(2), leika(3)]) }
  const input = { network, members, catalog: CATALOG, known, offered: null, ...more }
  return checkNetwork(input).map(({ code, rule, others, subjects }) =>
    [code, rule, ...(others.length > 0 ? [`(${others.join(', ')})`] : []), ...subjects].join(' '),
  )
}

const only = (...keys: readonly number[]) => services({ leistungen: keys.map(leika) })
const except = (more: Partial<SharingRule['except']>) => ({ tenants: [], ...services({}), ...more })

test('good rules, an empty list and no rules at all have nothing wrong', () => {
  expect(check(null)).toEqual([])
  expect(check([])).toEqual([])
  expect(
    check([
      sharingRule('kreis-an-alle'),
      sharingRule('alle-an-kreis', { from: 'members', to: 'anchor' }),
      sharingRule('gegenseitig', { from: [MELLE], to: [BELM], services: only(1), direction: 'both' }),
    ]),
  ).toEqual([])
})

test('whom a rule names has to be a member that takes part', () => {
  const members = [
    memberAt(KREIS, { state: 'suspended' }),
    memberAt(MELLE, { modules: [] }),
    memberAt(BRAMSCHE),
    memberAt(BELM),
  ]
  expect(
    check([sharingRule('a', { to: [MELLE, BELM], except: except({ tenants: ['034595401'] }) })], { members }),
  ).toEqual([
    'not-a-member a 034595401',
    `member-suspended a ${KREIS}`,
    `member-without-or-connect a ${MELLE}`,
    'nobody-shares a',
  ])
  expect(check([sharingRule('a')], { members: [memberAt(BRAMSCHE), memberAt(BELM)] })).toEqual([
    `anchor-without-tenant a ${KREIS}`,
    'nobody-shares a',
  ])
})

test('members of whole sides that take no part are no fault of the rule', () => {
  const members = [memberAt(KREIS), memberAt(BRAMSCHE), memberAt(MELLE, { state: 'suspended' })]
  expect(check([sharingRule('a')], { members })).toEqual([])
})

test('services that the catalogue does not have, also among the exceptions', () => {
  expect(
    check([
      sharingRule('a', {
        services: services({ leistungen: [leika(1), leika(8)], ozg: ['10999'], themenfelder: ['Umwlet'] }),
        except: except({ leistungen: [leika(9)] }),
      }),
    ]),
  ).toEqual([
    `leistung-unknown a ${leika(8)} ${leika(9)}`,
    'ozg-unknown a 10999',
    'themenfeld-unknown a Umwlet',
  ])
})

test('a selection that is empty in the end: no keys, or all of them excepted', () => {
  expect(
    check([
      sharingRule('leer', { services: services({ ozg: ['10002'] }) }),
      sharingRule('aufgehoben', { services: only(1), except: except({ ozg: ['10001'] }) }),
    ]),
  ).toEqual(['no-services leer', 'no-services aufgehoben'])
})

test('without a catalogue its names are not judged', () => {
  expect(
    check([sharingRule('a', { services: services({ leistungen: [leika(9)], ozg: ['10999'] }) })], {
      known: null,
    }),
  ).toEqual([])
})

const offered = (entries: Readonly<Record<string, readonly number[]>>): Offered =>
  new Map(Object.entries(entries).map(([ars, keys]) => [ars as RegionKey, new Set(keys.map(leika))]))

test('a rule that shares what nobody offers is found as soon as there are offers', () => {
  const rules = [sharingRule('a', { services: only(1) }), sharingRule('b', { services: only(3) })]
  expect(check(rules)).toEqual([])
  expect(check(rules, { offered: offered({ [KREIS]: [1], [MELLE]: [3] }) })).toEqual(['nothing-offered b'])
  expect(check(rules, { offered: offered({}) })).toEqual(['nothing-offered a', 'nothing-offered b'])
})

test('of two ways one may be without offers', () => {
  const rules = [sharingRule('a', { direction: 'both' })]
  expect(check(rules, { offered: offered({ [MELLE]: [1] }) })).toEqual([])
})

test('offers under the Verband number of a verbandsfreie Gemeinde are its own', () => {
  const rules = [sharingRule('a', { from: [MELLE], to: [BELM] })]
  expect(check(rules, { offered: offered({ '034590024': [1] }) })).toEqual([])
})

test('a rule that an earlier one holds is without effect, and the other way round it is not', () => {
  const wide = sharingRule('weit')
  const narrow = sharingRule('eng', { to: [MELLE], services: only(1) })
  expect(check([wide, narrow])).toEqual(['covered-by-earlier eng (weit)'])
  expect(check([narrow, wide])).toEqual([])
  expect(check([wide, sharingRule('hin-und-her', { to: [MELLE], direction: 'both' })])).toEqual([])
})

test('an exception that another rule undoes: services', () => {
  const most = sharingRule('fast-alles', { except: except({ leistungen: [leika(1), leika(2)] }) })
  expect(check([most, sharingRule('doch', { to: [MELLE], services: only(2, 3) })])).toEqual([
    `exception-undone fast-alles (doch) ${leika(2)}`,
  ])
  expect(check([most, sharingRule('andere', { from: [MELLE], to: [BELM], services: only(2) })])).toEqual([])
})

test('an exception that another rule undoes: tenants on either side', () => {
  const most = sharingRule('fast-alle', { except: except({ tenants: [MELLE] }), services: only(1) })
  expect(check([most, sharingRule('doch', { to: [MELLE] })])).toEqual([
    `exception-undone fast-alle (doch) ${MELLE}`,
  ])
  expect(check([most, sharingRule('anderes', { to: [MELLE], services: only(2) })])).toEqual([])
  const back = { from: 'members', to: 'anchor' } as const
  expect(check([{ ...most, ...back }, sharingRule('doch', { ...back, from: [MELLE] })])).toEqual([
    `exception-undone fast-alle (doch) ${MELLE}`,
  ])
})

test('the same named service there and back by two rules is a ring, also over three members', () => {
  const rule = (name: string, from: string, to: string, ...keys: readonly number[]) =>
    sharingRule(name, { from: [from], to: [to], services: only(...keys) })
  expect(check([rule('hin', KREIS, MELLE, 1, 2, 3), rule('her', MELLE, KREIS, 2, 1)])).toEqual([
    `cycle hin (her) ${leika(1)} ${leika(2)}`,
  ])
  expect(check([rule('hin', KREIS, MELLE, 1), rule('her', MELLE, KREIS, 2)])).toEqual([])
  expect(
    check([
      rule('eins', KREIS, MELLE, 1),
      rule('zwei', MELLE, BELM, 1),
      rule('drei', BELM, KREIS, 1),
      rule('vier', KREIS, BRAMSCHE, 1),
    ]),
  ).toEqual([`cycle eins (zwei, drei) ${leika(1)}`])
})

test('a member on both sides of a rule closes no ring: nobody shares with itself', () => {
  const there = sharingRule('hin', { from: [KREIS, MELLE], to: [MELLE], services: only(1) })
  const on = sharingRule('weiter', { from: [MELLE], to: [BRAMSCHE, MELLE], services: only(1) })
  expect(check([there, on])).toEqual([])
})

test('a chain of rules for both ways is no ring', () => {
  const both = (name: string, from: string, to: string) =>
    sharingRule(name, { from: [from], to: [to], services: only(1), direction: 'both' })
  expect(check([both('eins', KREIS, MELLE), both('zwei', MELLE, BELM)])).toEqual([])
})

test('a name that stands twice is told once, at the first', () => {
  const [a, b] = [sharingRule('a'), sharingRule('a', { from: 'members', to: 'anchor' })]
  expect(check([a, b])).toEqual(['name-twice a'])
})
