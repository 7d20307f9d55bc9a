import { usageError } from '../errors.ts'
import type { Kept } from '../portal/driver.ts'
import type { Network, Tenant } from '../portal/model.ts'

/** What one network of a portal is, as a manifest of it says it. */
export interface NetworkExport {
  readonly portal: string
  readonly network: Network
  /** What most tenants have; the others say what they have instead. */
  readonly defaults: Pick<Tenant, 'modules' | 'state'>
  /** By key. */
  readonly tenants: readonly Tenant[]
}

/**
 * The manifest of one network.
 * @param account of the network; undefined when there is only one
 * @throws OzgctlError 64 NETWORK_UNKNOWN, EXPORT_EMPTY
 */
export function exportNetwork(
  portal: string,
  networks: readonly Network[],
  tenants: readonly Kept<Tenant>[],
  account: string | undefined,
): NetworkExport {
  const network =
    account === undefined && networks.length === 1
      ? networks[0]
      : networks.find((one) => one.account === account)
  const names = networks.map((one) => `${one.account}  ${one.name}`)
  if (networks.length === 0)
    throw usageError('EXPORT_EMPTY', `there is no network in the portal ${portal}`, [
      'See what there is: ozgctl tenant list',
    ])
  if (network === undefined)
    throw usageError(
      'NETWORK_UNKNOWN',
      account === undefined
        ? 'there are several networks; name one with --network'
        : `there is no network "${account}"`,
      names,
    )
  const members = tenants
    .filter(({ value, managed }) => managed && value.account === network.account)
    .map(({ value }) => value)
    .sort((a, b) => (a.ars < b.ars ? -1 : 1))
  return {
    portal,
    network,
    defaults: { modules: mostFrequent(members.map(({ modules }) => modules)) ?? [], state: 'active' },
    tenants: members,
  }
}

function mostFrequent<T>(values: readonly T[]): T | undefined {
  const groups = Map.groupBy(values, (value) => JSON.stringify(value))
  return [...groups.values()].sort((a, b) => b.length - a.length)[0]?.[0]
}
