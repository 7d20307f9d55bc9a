import { OR_CONNECT, type Party, type SharingRule, type Tenant } from '../portal/model.ts'
import { candidatesOf, canonical, type RegionKey } from '../region/key.ts'
import { ALL_SERVICES, type ServiceCatalog, type ServiceSet } from './services.ts'

/** A tenant of a network as sharing sees it. */
export interface Member {
  readonly tenant: Tenant
  /** The region's own key, canonical. */
  readonly key: RegionKey
  /** All keys under which its offers may stand: a verbandsfreie Gemeinde offers under its Verband number, too. */
  readonly keys: readonly RegionKey[]
}

/** One way of one rule: each of `from` shows its services in the portal of each of `to`, but never in its own. */
export interface Flow {
  /** Name of the rule; null in a network without rules, where all share with each other. */
  readonly rule: string | null
  readonly from: readonly Member[]
  readonly to: readonly Member[]
  readonly services: ServiceSet
}

export function memberOf(tenant: Tenant): Member {
  const own = candidatesOf(tenant.ars).filter(({ source }) => source === 'own')
  return { tenant, key: canonical(tenant.ars), keys: own.map(({ key }) => key) }
}

/** Only active tenants with OR-Connect take part. */
export const takesPart = ({ state, modules }: Tenant): boolean =>
  state === 'active' && modules.includes(OR_CONNECT)

/** Whether a raw register key names this member. */
export const isNamed = (member: Member, ars: string): boolean => member.keys.includes(canonical(ars))

/**
 * What is shared in one network, rule by rule in the order of its file. Several rules add up; an exception holds
 * for its own rule.
 * @param members all tenants of the network, also those that do not take part
 * @param anchor raw register key of the network's anchor region
 * @param sharing the network's rules; null: everybody shares everything
 */
export function flowsOf(
  members: readonly Member[],
  anchor: string,
  sharing: readonly SharingRule[] | null,
  catalog: ServiceCatalog,
): readonly Flow[] {
  const active = members.filter(({ tenant }) => takesPart(tenant))
  if (sharing === null)
    return [{ rule: null, from: active, to: active, services: ALL_SERVICES }].filter(hasPair)
  return sharing.flatMap((rule) => flowsOfRule(rule, active, anchor, catalog.servicesOf(rule)))
}

function flowsOfRule(
  { name, from, to, direction, except }: SharingRule,
  active: readonly Member[],
  anchor: string,
  services: ServiceSet,
): readonly Flow[] {
  const allowed = active.filter((member) => !except.tenants.some((ars) => isNamed(member, ars)))
  const senders = partyOf(from, allowed, anchor)
  const receivers = partyOf(to, allowed, anchor)
  const there = { rule: name, from: senders, to: receivers, services }
  const back = { rule: name, from: receivers, to: senders, services }
  // What is the same both ways already, as among all members, goes once.
  const isMutual = isSame(senders, receivers)
  return (direction === 'both' && !isMutual ? [there, back] : [there]).filter(hasPair)
}

/** The members that a side of a rule means. @param anchor raw register key of the network's anchor region */
export function partyOf(party: Party, members: readonly Member[], anchor: string): readonly Member[] {
  if (party === 'anchor') return members.filter((member) => isNamed(member, anchor))
  if (party === 'members') return members.filter((member) => !isNamed(member, anchor))
  const keys = new Set<string>(party.map(canonical))
  return members.filter((member) => member.keys.some((key) => keys.has(key)))
}

/** Whether somebody shares with somebody else. */
function hasPair({ from, to }: Flow): boolean {
  const [sender] = from
  const [receiver] = to
  if (sender === undefined || receiver === undefined) return false
  return from.length > 1 || to.length > 1 || sender !== receiver
}

const isSame = (a: readonly Member[], b: readonly Member[]): boolean =>
  a.length === b.length && a.every((member, at) => member === b[at])
