import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Flow, flowsOf } from '../../src/lib/network/resolve.ts'
import { includesService, intersection, isWithin, ServiceCatalog } from '../../src/lib/network/services.ts'
import type { SharingRule } from '../../src/lib/portal/model.ts'
import { leika } from '../support/coverage.ts'
import { memberAt, services, sharingRule } from '../support/network.ts'

const KREIS = memberAt('03459')
const MELLE = memberAt('034590024024')
const BRAMSCHE = memberAt('034590014014')
const ARTLAND = memberAt('034595401')
const BADBERGEN = memberAt('034595401007')
const ALL = [KREIS, MELLE, BRAMSCHE, ARTLAND, BADBERGEN]

const CATALOG = new ServiceCatalog({
  ozgLeistungen: [
    { id: '10001', themenfeld: 'Familie & Kind' },
    { id: '10002', themenfeld: 'Familie & Kind' },
    { id: '10003', themenfeld: null },
  ],
  bundles: [
    { ozgId: '10001', key: leika(1) },
    { ozgId: '10001', key: leika(2) },
    { ozgId: '10002', key: leika(2) },
    { ozgId: '10002', key: leika(3) },
    { ozgId: '10003', key: leika(4) },
  ],
})

const brief = (flows: readonly Flow[]) =>
  flows.map(
    ({ rule, from, to }) =>
      `${rule}: ${from.map(({ key }) => key).join(' ')} → ${to.map(({ key }) => key).join(' ')}`,
  )

const flows = (...rules: readonly SharingRule[]) => flowsOf(ALL, '03459', rules, CATALOG)

test('without rules all share with each other; with an empty list nobody does', () => {
  expect(brief(flowsOf([KREIS, MELLE], '03459', null, CATALOG))).toEqual([
    'null: 03459 034590024024 → 03459 034590024024',
  ])
  expect(flowsOf(ALL, '03459', [], CATALOG)).toEqual([])
  expect(flowsOf([KREIS], '03459', null, CATALOG)).toEqual([])
})

test('anchor and members are the tenants of the network, whichever way the anchor is written', () => {
  expect(brief(flows(sharingRule('a')))).toEqual([
    'a: 03459 → 034590024024 034590014014 034595401 034595401007',
  ])
  const city = memberAt('034040000000')
  expect(brief(flowsOf([city, MELLE], '034040000000', [sharingRule('a')], CATALOG))).toEqual([
    'a: 03404 → 034590024024',
  ])
  // A verbandsfreie Gemeinde is also its Verband.
  expect(brief(flowsOf([BRAMSCHE, MELLE], '034590014', [sharingRule('a')], CATALOG))).toEqual([
    'a: 034590014014 → 034590024024',
  ])
})

test('both directions are two flows, but one where both sides are the same', () => {
  expect(brief(flows(sharingRule('a', { direction: 'both', to: ['034590024024'] })))).toEqual([
    'a: 03459 → 034590024024',
    'a: 034590024024 → 03459',
  ])
  const mutual = { direction: 'both', from: ['034590024024', '034595401'], to: ['034590024024', '034595401'] }
  expect(brief(flows(sharingRule('a', mutual as Partial<SharingRule>)))).toEqual([
    'a: 034590024024 034595401 → 034590024024 034595401',
  ])
})

test('an excepted tenant neither gives nor gets by this rule, but by another', () => {
  const except = { ...sharingRule('').except, tenants: ['034590014', '034595401', '034595401007'] }
  expect(
    brief(flows(sharingRule('a', { except, direction: 'both' }), sharingRule('b', { to: ['034595401'] }))),
  ).toEqual(['a: 03459 → 034590024024', 'a: 034590024024 → 03459', 'b: 03459 → 034595401'])
})

test('nobody shares with itself alone, and a rule of strangers is no flow', () => {
  expect(flows(sharingRule('a', { from: ['034590024024'], to: ['034590024024'] }))).toEqual([])
  expect(flows(sharingRule('a', { from: ['034590099099'] }))).toEqual([])
})

test('a suspended tenant and one without OR-Connect take no part', () => {
  const members = [
    KREIS,
    memberAt('034590024024', { state: 'suspended' }),
    memberAt('034595401', { modules: ['OR-DMS'] }),
  ]
  expect(flowsOf(members, '03459', [sharingRule('a')], CATALOG)).toEqual([])
  expect(flowsOf(members, '03459', null, CATALOG)).toEqual([])
})

test('services are keys, all keys of an OZG-Leistung, all of a Themenfeld; exceptions win', () => {
  const [flow] = flows(
    sharingRule('a', {
      services: services({
        leistungen: [leika(9)],
        ozg: ['10003', '10999'],
        themenfelder: ['familie und kind'],
      }),
      except: { tenants: [], ...services({ ozg: ['10002'] }) },
    }),
  )
  expect(flow?.services).toEqual({ kind: 'only', keys: new Set([leika(9), leika(4), leika(1)]) })
  const [all] = flows(
    sharingRule('b', { except: { tenants: [], ...services({ themenfelder: ['Familie & Kind'] }) } }),
  )
  expect(all?.services).toEqual({ kind: 'all-but', keys: new Set([leika(1), leika(2), leika(3)]) })
})

const sets = fc.record({
  kind: fc.constantFrom('only' as const, 'all-but' as const),
  keys: fc.uniqueArray(fc.nat(5)).map((list) => new Set(list.map(leika))),
})
// One key stands for all that no set names.
const UNIVERSE = [0, 1, 2, 3, 4, 5, 99].map(leika)

test('sets of services meet and hold each other as their keys do', () => {
  fc.assert(
    fc.property(sets, sets, (a, b) => {
      const both = UNIVERSE.filter((key) => includesService(a, key) && includesService(b, key))
      expect(UNIVERSE.filter((key) => includesService(intersection(a, b), key))).toEqual(both)
      expect(isWithin(a, b)).toBe(
        UNIVERSE.every((key) => !includesService(a, key) || includesService(b, key)),
      )
    }),
    { numRuns: 500 },
  )
})
