import type { LeikaKey } from '../leika/key.ts'
import type { Network, Party, SharingRule } from '../portal/model.ts'
import { cyclesOf } from './cycles.ts'
import { countOffers, type Offered } from './offered.ts'
import { type Flow, flowsOf, isNamed, type Member, partyOf, takesPart } from './resolve.ts'
import { intersection, isEmptySet, isWithin, type ServiceCatalog, type ServiceSet } from './services.ts'

export const FINDING_CODES = [
  'name-twice',
  'not-a-member',
  'member-suspended',
  'member-without-or-connect',
  'anchor-without-tenant',
  'leistung-unknown',
  'ozg-unknown',
  'themenfeld-unknown',
  'nobody-shares',
  'no-services',
  'nothing-offered',
  'covered-by-earlier',
  'exception-undone',
  'cycle',
] as const
export type FindingCode = (typeof FINDING_CODES)[number]

/** Something that is wrong with the rules of a network. */
export interface Finding {
  readonly code: FindingCode
  /** Name of the rule, or of the first of several. */
  readonly rule: string
  /** The other rules that have to do with it, in the order of the file. */
  readonly others: readonly string[]
  /** What it is about: register keys, LeiKa keys, ids or names. Sorted, each once. */
  readonly subjects: readonly string[]
}

export interface CheckInput {
  readonly network: Network
  /** All tenants of the network. */
  readonly members: readonly Member[]
  readonly catalog: ServiceCatalog
  /** null where there is no catalogue: names of it are not checked then. */
  readonly known: { readonly leistungen: ReadonlySet<LeikaKey> } | null
  /** null where there are no offers: what nobody offers cannot be found then. */
  readonly offered: Offered | null
}

interface Checked {
  readonly rule: SharingRule
  /** Place in the file. */
  readonly at: number
  readonly flows: readonly Flow[]
}

/**
 * What is wrong with the rules of a network, in the order of the rules. A network without rules has nothing to be
 * wrong.
 */
export function checkNetwork(input: CheckInput): readonly Finding[] {
  const { network, members, catalog } = input
  const rules = (network.sharing ?? []).map((rule, at) => ({
    rule,
    at,
    flows: flowsOf(members, network.anchor, [rule], catalog),
  }))
  const found = [
    ...rules.flatMap((checked) => [
      ...nameFindings(checked, rules),
      ...partyFindings(checked, input),
      ...serviceFindings(checked, input),
      ...effectFindings(checked, rules, input),
      ...exceptionFindings(checked, rules, input),
    ]),
    ...cyclesOf(rules.flatMap(({ flows }) => flows)).map(({ rules: [first = '', ...others], keys }) =>
      finding('cycle', first, keys, others),
    ),
  ]
  const order = new Map(rules.toReversed().map(({ rule, at }) => [rule.name, at]))
  return found.sort((a, b) => (order.get(a.rule) ?? 0) - (order.get(b.rule) ?? 0))
}

const finding = (
  code: FindingCode,
  rule: string,
  subjects: Iterable<string> = [],
  others: readonly string[] = [],
): Finding => ({ code, rule, others: [...new Set(others)], subjects: [...new Set(subjects)].sort() })

/** A finding about some things, or none where there are none. */
const about = (code: FindingCode, rule: string, subjects: readonly string[]): readonly Finding[] =>
  subjects.length === 0 ? [] : [finding(code, rule, subjects)]

function nameFindings({ rule, at }: Checked, rules: readonly Checked[]): readonly Finding[] {
  const isFirst = rules.findIndex((other) => other.rule.name === rule.name) === at
  const isTwice = rules.some((other) => other.at > at && other.rule.name === rule.name)
  return isFirst && isTwice ? [finding('name-twice', rule.name)] : []
}

function partyFindings({ rule }: Checked, { members, network }: CheckInput): readonly Finding[] {
  const { name, from, to, except } = rule
  const named = [...keysOf(from), ...keysOf(to), ...except.tenants]
  const of = (ars: string): Member | undefined => members.find((member) => isNamed(member, ars))
  const acting = [...keysOf(from), ...keysOf(to)].flatMap((ars) => of(ars) ?? [])
  const arsOf = (some: readonly Member[]): readonly string[] => some.map(({ tenant }) => tenant.ars)
  const usesAnchor = from === 'anchor' || to === 'anchor'
  const anchor = partyOf('anchor', members, network.anchor)
  const idle = usesAnchor ? [...acting, ...anchor] : acting
  return [
    ...about(
      'not-a-member',
      name,
      named.filter((ars) => of(ars) === undefined),
    ),
    ...(usesAnchor && anchor.length === 0 ? [finding('anchor-without-tenant', name, [network.anchor])] : []),
    ...about('member-suspended', name, arsOf(idle.filter(({ tenant }) => tenant.state === 'suspended'))),
    ...about(
      'member-without-or-connect',
      name,
      arsOf(idle.filter(({ tenant }) => tenant.state === 'active' && !takesPart(tenant))),
    ),
  ]
}

const keysOf = (party: Party): readonly string[] => (typeof party === 'string' ? [] : party)

function serviceFindings({ rule }: Checked, { catalog, known }: CheckInput): readonly Finding[] {
  const { name, services, except } = rule
  const lists = services === 'all' ? [except] : [services, except]
  if (known === null) return []
  const unknown = <Key extends 'leistungen' | 'ozg' | 'themenfelder'>(
    list: Key,
    isKnown: (text: string) => boolean,
  ): readonly string[] => lists.flatMap((selection) => selection[list]).filter((text) => !isKnown(text))
  return [
    ...about(
      'leistung-unknown',
      name,
      unknown('leistungen', (key) => known.leistungen.has(key as LeikaKey)),
    ),
    ...about(
      'ozg-unknown',
      name,
      unknown('ozg', (id) => catalog.hasOzg(id)),
    ),
    ...about(
      'themenfeld-unknown',
      name,
      unknown('themenfelder', (text) => catalog.hasThemenfeld(text)),
    ),
    ...(isEmptySet(catalog.servicesOf(rule)) ? [finding('no-services', name)] : []),
  ]
}

/** A rule that could as well not be there: the first reason that holds. */
function effectFindings(
  { rule, at, flows }: Checked,
  rules: readonly Checked[],
  { catalog, offered }: CheckInput,
): readonly Finding[] {
  if (isEmptySet(catalog.servicesOf(rule))) return []
  if (flows.length === 0) return [finding('nobody-shares', rule.name)]
  const earlier = rules.filter((other) => other.at < at)
  const covering = flows.map((flow) =>
    earlier.find((other) => other.flows.some((wide) => covers(wide, flow))),
  )
  if (covering.every((other) => other !== undefined))
    return [
      finding(
        'covered-by-earlier',
        rule.name,
        [],
        covering.map((other) => other.rule.name),
      ),
    ]
  const nothing = offered === null ? [] : flows.filter((flow) => countOffers(flow, offered) === 0)
  // Of a rule for both ways one way may be empty: whoever offers nothing yet is meant to begin some day.
  return nothing.length < flows.length ? [] : [finding('nothing-offered', rule.name)]
}

/** Whether `wide` shares all that `narrow` does. */
const covers = (wide: Flow, narrow: Flow): boolean =>
  isAmong(narrow.from, wide.from) && isAmong(narrow.to, wide.to) && isWithin(narrow.services, wide.services)

function isAmong(some: readonly Member[], all: readonly Member[]): boolean {
  const known = new Set(all)
  return some.every((member) => known.has(member))
}

/** Exceptions of a rule that do not hold, because another rule shares the very same. */
function exceptionFindings(
  { rule, at, flows }: Checked,
  rules: readonly Checked[],
  { catalog, members, network }: CheckInput,
): readonly Finding[] {
  const excepted: ServiceSet = { kind: 'only', keys: catalog.keysOf(rule.except) }
  const left = catalog.servicesOf(rule)
  const whole = { ...rule, except: { ...rule.except, tenants: [] } }
  const wholeFlows =
    rule.except.tenants.length === 0 ? [] : flowsOf(members, network.anchor, [whole], catalog)
  const isExcepted = (member: Member): boolean => rule.except.tenants.some((ars) => isNamed(member, ars))
  return rules.flatMap((other) => {
    if (other.at === at) return []
    const services = other.flows
      .filter((sharing) => flows.some((flow) => pairsOfBoth(flow, sharing).length > 0))
      .flatMap((sharing) => [...intersection(sharing.services, excepted).keys])
    const tenants = other.flows
      .filter((sharing) => !isEmptySet(intersection(sharing.services, left)))
      .flatMap((sharing) => wholeFlows.flatMap((flow) => pairsOfBoth(flow, sharing)))
      .filter(isExcepted)
    const subjects = [...services, ...tenants.map(({ tenant }) => tenant.ars)]
    return subjects.length === 0 ? [] : [finding('exception-undone', rule.name, subjects, [other.rule.name])]
  })
}

/** Members that share with somebody, or get from somebody, the same way in both flows. */
function pairsOfBoth(a: Flow, b: Flow): readonly Member[] {
  const senders = new Set(b.from)
  const receivers = new Set(b.to)
  const from = a.from.filter((member) => senders.has(member))
  const to = a.to.filter((member) => receivers.has(member))
  return [
    ...from.filter((member) => to.some((other) => other !== member)),
    ...to.filter((member) => from.some((other) => other !== member)),
  ]
}
