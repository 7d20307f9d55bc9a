import type { LeikaKey } from '../leika/key.ts'
import { type Flow, flowsOf, type Member, memberOf } from '../network/resolve.ts'
import { includesService, type ServiceCatalog } from '../network/services.ts'
import { keyIndexOf } from '../offer/cells.ts'
import type { RegionCells } from '../offer/store.ts'
import type { TenantRecord } from '../portal/tenant-store.ts'
import { type Candidate, candidatesOf, type RegionKey } from '../region/key.ts'

/** By what a portal shows an offer of somebody else. */
export interface SharedBy {
  readonly portal: string
  /** Account of the network. */
  readonly account: string
  /** Name of the rule; null in a network without rules. */
  readonly rule: string | null
}

/** A flow with what is looked up in it for every region. */
interface Way {
  readonly sharedBy: SharedBy
  readonly flow: Flow
  /** Sharing members by each of their keys. */
  readonly senders: ReadonlyMap<RegionKey, Member>
  /** Whether it shares whatever there is. */
  readonly isWhole: boolean
  /** Under this the offers of all senders stand together in the matrix. */
  readonly together: RegionKey
}

/**
 * What portals show of others through their networks. A matrix knows whole regions only; what is shared in part, or
 * by many at once, enters it as regions that do not exist, see `cells`.
 */
export class Portals {
  readonly #ways: readonly Way[]
  readonly #into = new Map<RegionKey, Way[]>()

  constructor(tenants: readonly TenantRecord[], catalog: ServiceCatalog) {
    const networks = Map.groupBy(tenants, ({ portal, account }) => `${portal} ${account}`)
    this.#ways = [...networks.values()]
      .flatMap((members) => waysOf(members, catalog))
      .map((way, at) => ({ ...way, together: `way ${at}` as RegionKey }))
    for (const way of this.#ways) {
      for (const { key } of way.flow.to) {
        const known = this.#into.get(key)
        if (known === undefined) this.#into.set(key, [way])
        else known.push(way)
      }
    }
  }

  /**
   * Regions to add to a matrix, so that it knows what `candidates` names.
   * @param keys the keys that cells refer to
   */
  cells(offers: readonly RegionCells[], keys: readonly LeikaKey[]): readonly RegionCells[] {
    const byRegion = new Map(offers.map(({ region, cells }) => [region, cells]))
    return this.#ways.flatMap((way) => {
      const shared = sharedCells(way, keys)
      const of = (member: Member): readonly Uint32Array[] =>
        member.keys.map((key) => shared(byRegion.get(key) ?? NOTHING))
      const single = way.isWhole
        ? []
        : way.flow.from.filter(hasMembersBelow).map((member) => ({
            region: partKey(way, member.key),
            cells: concatenated(of(member)),
          }))
      const isOneToMembers = way.flow.to.every((receiver) =>
        isAllAbove(way, candidatesOf(receiver.tenant.ars)),
      )
      return isOneToMembers
        ? single
        : [...single, { region: way.together, cells: concatenated(way.flow.from.flatMap(of)) }]
    })
  }

  /** The regions whose offers the portal of a region shows. @param region raw register key */
  candidates(region: string): readonly Candidate[] {
    const chain = candidatesOf(region)
    const ways = this.#waysInto(chain)
    return [
      ...chain.flatMap((candidate) => (isForAll(candidate) ? candidate : sharedParts(candidate, ways))),
      ...ways
        .filter((way) => !isAllAbove(way, chain))
        .map(({ together }) => ({ key: together, source: 'member' }) as const),
    ]
  }

  /** Other members outside of the region's own chain that share anything with it; each once, by key. */
  others(region: string): readonly Member[] {
    const chain = candidatesOf(region)
    const above = new Set(chain.map(({ key }) => key))
    const senders = this.#waysInto(chain).flatMap(({ flow }) => flow.from)
    return [...new Set(senders)]
      .filter(({ keys }) => !keys.some((key) => above.has(key)))
      .sort((a, b) => (a.key < b.key ? -1 : 1))
  }

  /** What lets the portal of a region show offers of another; the first rule that does. @param to raw register key */
  sharedBy(from: RegionKey, to: string, key: LeikaKey): SharedBy | undefined {
    return this.#waysInto(candidatesOf(to)).find(
      ({ senders, flow }) => senders.has(from) && includesService(flow.services, key),
    )?.sharedBy
  }

  /** Whether the portal of a region shows anything of another. @param to raw register key */
  sharesAny(from: RegionKey, to: string): boolean {
    return this.#waysInto(candidatesOf(to)).some(({ senders }) => senders.has(from))
  }

  #waysInto([self]: readonly Candidate[]): readonly Way[] {
    return self === undefined ? [] : (this.#into.get(self.key) ?? [])
  }
}

function waysOf(tenants: readonly TenantRecord[], catalog: ServiceCatalog): readonly Omit<Way, 'together'>[] {
  const [first] = tenants
  if (first === undefined) return []
  const { portal, account, network } = first
  return flowsOf(tenants.map(memberOf), network.anchor, network.sharing, catalog).map((flow) => ({
    sharedBy: { portal, account, rule: flow.rule },
    flow,
    senders: new Map(flow.from.flatMap((member) => member.keys.map((key) => [key, member] as const))),
    isWhole: flow.services.kind === 'all-but' && flow.services.keys.size === 0,
  }))
}

/** What the own authority, Bezirk, Land and Bund offer needs no sharing. */
export const isForAll = ({ source }: Candidate): boolean => source !== 'verband' && source !== 'kreis'

/** Whether all who share stand above the region, or are it: then each is a candidate of its own. */
const isAllAbove = ({ flow }: Way, chain: readonly Candidate[]): boolean =>
  flow.from.every((member) => chain.some(({ key }) => member.keys.includes(key)))

/** A region above as these ways show it: whole, in parts, or not at all. */
function sharedParts({ key, source }: Candidate, ways: readonly Way[]): readonly Candidate[] {
  const sharing = ways.flatMap((way) => {
    const member = way.senders.get(key)
    return member === undefined ? [] : [{ way, member }]
  })
  if (sharing.some(({ way }) => way.isWhole)) return [{ key, source }]
  return sharing.map(({ way, member }) => ({ key: partKey(way, member.key), source }))
}

const partKey = ({ together }: Way, region: RegionKey): RegionKey => `${together} ${region}` as RegionKey

/** Only Verband and county stand above others as members. */
const hasMembersBelow = ({ key }: Member): boolean => key.length === 5 || key.length === 9

const NOTHING = new Uint32Array()

/** Takes of cells those whose Leistung is shared. */
function sharedCells({ flow, isWhole }: Way, keys: readonly LeikaKey[]): (cells: Uint32Array) => Uint32Array {
  if (isWhole) return (cells) => cells
  const isShared = Uint8Array.from(keys, (key) => (includesService(flow.services, key) ? 1 : 0))
  return (cells) => cells.filter((cell) => isShared[keyIndexOf(cell)] === 1)
}

function concatenated(parts: readonly Uint32Array[]): Uint32Array {
  const whole = new Uint32Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
