import { readBundles, readOzgLeistungen, readTypen } from '../catalog/store.ts'
import { usageError } from '../errors.ts'
import type { LeikaKey } from '../leika/key.ts'
import { readOfferKeys, readRegionCells } from '../offer/store.ts'
import type { Network } from '../portal/model.ts'
import { readTenants } from '../portal/tenant-store.ts'
import { nearestPrefixes } from '../region/near.ts'
import { activeSnapshot, type Snapshot } from '../snapshot/snapshots.ts'
import type { Store } from '../store/sqlite.ts'
import { closest } from '../text.ts'
import { checkNetwork, type Finding } from './check.ts'
import { countOffers, type Offered, offeredBy } from './offered.ts'
import { type Flow, flowsOf, type Member, memberOf } from './resolve.ts'
import { NO_CATALOG, ServiceCatalog } from './services.ts'

export interface NetworkChoice {
  /** Account of the one network asked for; else all. */
  readonly account: string | undefined
  /** Only networks that have a tenant in this region; empty for all. */
  readonly prefix: string
  /** Day for which the validity of offers is judged, `YYYY-MM-DD`. */
  readonly asOf: string
}

/** What the networks of a store are judged by; null for what has not been imported. */
export interface NetworkBasis {
  readonly asOf: string
  readonly catalog: Snapshot | null
  readonly offer: Snapshot | null
}

export interface NetworkSharing {
  readonly portal: string
  readonly network: Network
  /** All its tenants by key, also those that take no part. */
  readonly members: readonly Member[]
  readonly flows: readonly CountedFlow[]
}

export interface CountedFlow extends Flow {
  /** Leistungen that are shared, each counted once for every member that offers it; null without offers. */
  readonly offers: number | null
}

/**
 * Who shows what to whom.
 * @throws OzgctlError 64 when there is no network of this account
 */
export async function networkSharing(
  store: Store,
  choice: NetworkChoice,
): Promise<{
  readonly basis: NetworkBasis
  readonly networks: readonly NetworkSharing[]
  /** How many there are, asked for or not. */
  readonly all: number
}> {
  const { all, basis, catalog, networks, offered } = await loadNetworks(store, choice)
  return {
    basis,
    all: all.length,
    networks: networks.map(({ portal, network, members }) => ({
      portal,
      network,
      members,
      flows: flowsOf(members, network.anchor, network.sharing, catalog).map((flow) => ({
        ...flow,
        offers: offered === null ? null : countOffers(flow, offered),
      })),
    })),
  }
}

export interface NetworkFinding extends Finding {
  readonly portal: string
  readonly network: Network
  readonly members: readonly Member[]
}

export interface NetworkCheck {
  readonly basis: NetworkBasis
  /** Networks and rules that were looked at. */
  readonly networks: number
  readonly rules: number
  readonly findings: readonly NetworkFinding[]
}

/**
 * What is wrong with the rules.
 * @throws OzgctlError 64 when there is no network of this account, SELECTION_EMPTY when there is none to check
 */
export async function networkCheck(store: Store, choice: NetworkChoice): Promise<NetworkCheck> {
  const { basis, catalog, known, networks, offered, all } = await loadNetworks(store, choice)
  if (networks.length === 0) throw nothingToCheck(choice, all)
  return {
    basis,
    networks: networks.length,
    rules: networks.reduce((sum, { network }) => sum + (network.sharing?.length ?? 0), 0),
    findings: networks.flatMap(({ portal, network, members }) =>
      checkNetwork({ network, members, catalog, known, offered }).map((finding) => ({
        ...finding,
        portal,
        network,
        members,
      })),
    ),
  }
}

interface Unresolved {
  readonly portal: string
  readonly network: Network
  readonly members: readonly Member[]
}

async function loadNetworks(store: Store, { account, prefix, asOf }: NetworkChoice) {
  const tenants = await readTenants(store)
  const all: readonly Unresolved[] = [
    ...Map.groupBy(tenants, (tenant) => `${tenant.portal} ${tenant.account}`).values(),
  ].flatMap((group) => {
    const [first] = group
    return first === undefined
      ? []
      : [{ portal: first.portal, network: first.network, members: group.map(memberOf) }]
  })
  const networks = all.filter(
    ({ network, members }) =>
      (account === undefined || network.account === account) &&
      members.some(({ tenant }) => tenant.ars.startsWith(prefix)),
  )
  if (account !== undefined && !all.some(({ network }) => network.account === account))
    throw unknownNetwork(
      account,
      all.map(({ network }) => network.account),
    )
  const { catalog, known, snapshot } = await loadCatalog(store)
  const offer = (await activeSnapshot(store, 'offer')) ?? null
  const offered =
    offer === null
      ? null
      : await loadOffered(
          store,
          offer,
          networks.flatMap(({ members }) => members),
          asOf,
        )
  return { basis: { asOf, catalog: snapshot, offer }, catalog, known, networks, offered, all }
}

/** Of nothing a check would find nothing wrong. */
function nothingToCheck({ account, prefix }: NetworkChoice, all: readonly Unresolved[]): Error {
  const which = account === undefined ? 'no network' : `no tenant of ${account}`
  const where = prefix === '' ? '' : ` in ${prefix}`
  const keys = all
    .filter(({ network }) => account === undefined || network.account === account)
    .flatMap(({ members }) => members.map(({ tenant }) => tenant.ars))
  return usageError('SELECTION_EMPTY', `there is ${which}${where}: nothing was checked`, [
    all.length === 0
      ? 'Describe one: ozgctl tenant seed --in PREFIX'
      : `Nearest that has tenants: ${nearestPrefixes(prefix, keys).join(', ')}`,
  ])
}

function unknownNetwork(account: string, accounts: readonly string[]): Error {
  const near = closest(account, accounts)[0]
  const all = [...new Set(accounts)].sort()
  return usageError('NETWORK_UNKNOWN', `there is no network "${account}"`, [
    ...(near === undefined ? [] : [`Did you mean ${near}?`]),
    all.length === 0 ? 'Describe one: ozgctl tenant seed --in PREFIX' : `There are: ${all.join(', ')}`,
  ])
}

async function loadCatalog(store: Store) {
  const snapshot = (await activeSnapshot(store, 'catalog')) ?? null
  if (snapshot === null) return { snapshot, catalog: new ServiceCatalog(NO_CATALOG), known: null }
  const ozgLeistungen = await readOzgLeistungen(store, snapshot.rowId)
  const bundles = await readBundles(store, snapshot.rowId)
  const leistungen: ReadonlySet<LeikaKey> = new Set([
    ...(await readTypen(store, snapshot.rowId)).keys(),
    ...bundles.map(({ key }) => key),
  ])
  return { snapshot, catalog: new ServiceCatalog({ ozgLeistungen, bundles }), known: { leistungen } }
}

async function loadOffered(
  store: Store,
  { rowId }: Snapshot,
  members: readonly Member[],
  asOf: string,
): Promise<Offered> {
  return offeredBy(members, await readRegionCells(store, rowId, asOf), await readOfferKeys(store, rowId))
}
