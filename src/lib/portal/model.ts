export const TENANT_STATES = ['active', 'suspended'] as const
/** A suspended tenant is kept with all its settings but not served. */
export type TenantState = (typeof TENANT_STATES)[number]

/** Tenants with this module exchange services with the other members of their network that have it too. */
export const OR_CONNECT = 'OR-Connect'

/** Modules that ozgctl knows; a portal may have others. */
export const MODULES: readonly string[] = [OR_CONNECT, 'OR-Finanz', 'OR-DMS', 'Nutzerkonto']

/** A network (Verbund): tenants that share one account. */
export interface Network {
  /** Name of the shared account in the portal; what tells one network from another there. */
  readonly account: string
  readonly name: string
  /** Raw register key of the region the network is built around, e.g. the county `03459`. */
  readonly anchor: string
}

/** A municipality's portal as it is meant to be, or as a portal has it. */
export interface Tenant {
  /**
   * Raw register key and external reference code: 12 digits for a Gemeinde (also one that is its own county
   * or Verband), 9 for a Verband with several members, 5 for a county, 3 or 2 above.
   */
  readonly ars: string
  /** Account of its network. */
  readonly account: string
  /** Short name in addresses, a DNS label, unique in the portal. */
  readonly slug: string
  readonly name: string
  /** Host names, lower case, unique in the portal. The first is the main one, the others redirect to it. */
  readonly hosts: readonly string[]
  /** Sorted, each once. */
  readonly modules: readonly string[]
  readonly state: TenantState
}
