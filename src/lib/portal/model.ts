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
  /** Who shows whose services. null: all members that have OR-Connect show all services of each other. */
  readonly sharing: readonly SharingRule[] | null
}

/** Some services of some members are shown in the portals of others. */
export interface SharingRule {
  /** Unique in its network; what reports name. A label like a slug. */
  readonly name: string
  readonly from: Party
  readonly to: Party
  /** `both`: also from `to` to `from`. */
  readonly direction: 'one-way' | 'both'
  readonly services: ServiceSelection | 'all'
  readonly except: SharingException
}

/**
 * Members of a network: the tenant of its anchor region, all others that are its members, or those with these
 * raw register keys.
 */
export type Party = 'anchor' | 'members' | readonly string[]

/** Services that any of the lists names. Each list is sorted. */
export interface ServiceSelection {
  /** LeiKa keys, 14 digits. */
  readonly leistungen: readonly string[]
  /** Ids of OZG-Leistungen, 5 digits. */
  readonly ozg: readonly string[]
  /** Names of Themenfelder. */
  readonly themenfelder: readonly string[]
}

/** What a rule leaves out: services, and members on either side by raw register key. */
export interface SharingException extends ServiceSelection {
  readonly tenants: readonly string[]
}

/** Whom to ask at a municipality. */
export interface Contact {
  readonly name: string
  readonly email: string
  readonly phone: string | null
}

/** Settings of connectors as manifests write them, by name of the connector and name of the field. */
export type ConnectorSettings = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** A municipality's portal as it is meant to be, or as a portal has it. */
export interface Tenant {
  /**
   * Raw register key and external reference code: 12 digits for a Gemeinde (also one that is its own county
   * or Verband), 9 for a Verband with several members, 5 for a county, 3 or 2 above.
   */
  readonly ars: string
  /** Account of its network; empty for one that ozgctl does not manage. */
  readonly account: string
  /** Short name in addresses, a DNS label, unique in the portal; empty for one that ozgctl does not manage. */
  readonly slug: string
  readonly name: string
  /** Host names, lower case, unique in the portal. The first is the main one, the others redirect to it. */
  readonly hosts: readonly string[]
  /** Sorted, each once. */
  readonly modules: readonly string[]
  /** Names of the connectors that are bound to it; sorted, each once. */
  readonly connectors: readonly string[]
  /**
   * What it has otherwise than its connectors are declared, by the name of the connector; no secrets, only names of
   * profiles. Missing, and never empty, where it has nothing of its own: so it has no part in the version then.
   */
  readonly connectorSettings?: ConnectorSettings
  readonly contact: Contact | null
  /** Legal notice (Impressum, § 5 DDG). */
  readonly imprintUrl: string | null
  /** Privacy notice (Art. 13 DSGVO). */
  readonly privacyUrl: string | null
  /** Statement on accessibility (§ 12b BGG and the laws of the Länder). */
  readonly accessibilityUrl: string | null
  readonly state: TenantState
}

/** What a tenant has of the fields that need not be given. */
export const NO_DETAILS = {
  connectors: [],
  contact: null,
  imprintUrl: null,
  privacyUrl: null,
  accessibilityUrl: null,
} as const satisfies Partial<Tenant>

/** Name of the portal that lives in the store. */
export const LOCAL_PORTAL = 'local'
