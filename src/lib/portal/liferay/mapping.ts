import { parseRegionKey } from '../../region/key.ts'
import {
  type ConnectorSettings,
  type Contact,
  type Network,
  NO_DETAILS,
  type SharingRule,
  type Tenant,
} from '../model.ts'
import { versionOf } from '../version.ts'
import type { Account, CustomField, Organization } from './types.ts'

/**
 * Custom fields of organizations and accounts. An administrator defines them once, as texts, in the control panel:
 * Liferay's documented APIs cannot.
 */
const TENANT_FIELDS = {
  managed: 'ozgctl-managed',
  hash: 'ozgctl-hash',
  key: 'ozgctl-key',
  changedBy: 'ozgctl-changed-by',
  account: 'ozgctl-account',
  slug: 'ozgctl-slug',
  hosts: 'ozgctl-hosts',
  modules: 'ozgctl-modules',
  connectors: 'ozgctl-connectors',
  connectorSettings: 'ozgctl-connector-settings',
  contact: 'ozgctl-contact',
  imprintUrl: 'ozgctl-imprint-url',
  privacyUrl: 'ozgctl-privacy-url',
  accessibilityUrl: 'ozgctl-accessibility-url',
  state: 'ozgctl-state',
} as const

const NETWORK_FIELDS = {
  managed: 'ozgctl-managed',
  hash: 'ozgctl-hash',
  key: 'ozgctl-key',
  changedBy: 'ozgctl-changed-by',
  anchor: 'ozgctl-anchor',
  sharing: 'ozgctl-sharing',
} as const

/**
 * What ozgctl says of an organization: a tenant, a region that only holds tenants together, or, without a mark,
 * somebody else's.
 */
export type Mark = 'tenant' | 'structure' | 'none'

/** How a write is signed: its idempotency key, and who did it. */
export interface Signature {
  readonly key: string
  readonly by: string
}

/** What the custom fields of a resource hold, by their names. */
type Fields = ReadonlyMap<string, string>

/** The body that makes an organization a tenant. @param parent external reference code of the region above */
export function toOrganization(
  tenant: Tenant,
  parent: string | undefined,
  { key, by }: Signature,
): Organization {
  const values: Readonly<Record<keyof typeof TENANT_FIELDS, string>> = {
    managed: 'tenant',
    hash: versionOf(tenant),
    key,
    changedBy: by,
    account: tenant.account,
    slug: tenant.slug,
    hosts: JSON.stringify(tenant.hosts),
    modules: JSON.stringify(tenant.modules),
    connectors: JSON.stringify(tenant.connectors),
    connectorSettings: tenant.connectorSettings === undefined ? '' : JSON.stringify(tenant.connectorSettings),
    contact: tenant.contact === null ? '' : JSON.stringify(tenant.contact),
    imprintUrl: tenant.imprintUrl ?? '',
    privacyUrl: tenant.privacyUrl ?? '',
    accessibilityUrl: tenant.accessibilityUrl ?? '',
    state: tenant.state,
  }
  return {
    externalReferenceCode: tenant.ars,
    name: tenant.name,
    ...(parent === undefined ? {} : { parentOrganization: { externalReferenceCode: parent } }),
    customFields: toCustomFields(TENANT_FIELDS, values),
  }
}

/** The body of an organization that only holds others together. */
export function toStructure(ars: string, name: string, parent: string | undefined, by: string): Organization {
  return {
    externalReferenceCode: ars,
    name,
    ...(parent === undefined ? {} : { parentOrganization: { externalReferenceCode: parent } }),
    customFields: [field(TENANT_FIELDS.managed, 'structure'), field(TENANT_FIELDS.changedBy, by)],
  }
}

/** The body that takes an organization under management as it is. */
export function toAdopted(tenant: Tenant, { key, by }: Signature): Organization {
  return {
    customFields: [
      field(TENANT_FIELDS.managed, 'tenant'),
      field(TENANT_FIELDS.hash, versionOf(tenant)),
      field(TENANT_FIELDS.key, key),
      field(TENANT_FIELDS.changedBy, by),
    ],
  }
}

/** What an organization says of a tenant; fields that it lacks are empty. */
export function toTenant(organization: Organization): Tenant {
  const fields = fieldsOf(organization.customFields)
  const text = (name: string): string | null => fields.get(name) || null
  const connectorSettings = settingsIn(fields.get(TENANT_FIELDS.connectorSettings))
  return {
    ars: organization.externalReferenceCode ?? '',
    account: fields.get(TENANT_FIELDS.account) ?? '',
    slug: fields.get(TENANT_FIELDS.slug) ?? '',
    name: organization.name ?? '',
    hosts: textsIn(fields.get(TENANT_FIELDS.hosts)),
    modules: textsIn(fields.get(TENANT_FIELDS.modules)),
    connectors: textsIn(fields.get(TENANT_FIELDS.connectors)),
    ...(connectorSettings === undefined ? {} : { connectorSettings }),
    contact: contactIn(fields.get(TENANT_FIELDS.contact)),
    imprintUrl: text(TENANT_FIELDS.imprintUrl),
    privacyUrl: text(TENANT_FIELDS.privacyUrl),
    accessibilityUrl: text(TENANT_FIELDS.accessibilityUrl),
    state: fields.get(TENANT_FIELDS.state) === 'suspended' ? 'suspended' : 'active',
  }
}

/** The body of a network's account. */
export function toAccount(network: Network, { key, by }: Signature): Account {
  const values: Readonly<Record<keyof typeof NETWORK_FIELDS, string>> = {
    managed: 'network',
    hash: versionOf(network),
    key,
    changedBy: by,
    anchor: network.anchor,
    sharing: network.sharing === null ? '' : JSON.stringify(network.sharing),
  }
  return {
    externalReferenceCode: network.account,
    name: network.name,
    type: 'business',
    customFields: toCustomFields(NETWORK_FIELDS, values),
  }
}

/** The network of an account. */
export function toNetwork(account: Account): Network {
  const fields = fieldsOf(account.customFields)
  const sharing = fields.get(NETWORK_FIELDS.sharing) ?? ''
  return {
    account: account.externalReferenceCode ?? '',
    name: account.name ?? '',
    anchor: fields.get(NETWORK_FIELDS.anchor) ?? '',
    sharing: sharing === '' ? null : (jsonIn(sharing) as readonly SharingRule[]),
  }
}

/** Whether an organization can be a tenant's: its external reference code is the key of a region. */
export const hasRegionKey = ({ externalReferenceCode = '' }: Organization): boolean =>
  /^\d+$/.test(externalReferenceCode) && parseRegionKey(externalReferenceCode).ok

export function markOf({ customFields }: Organization | Account): Mark | 'network' {
  const mark = fieldsOf(customFields).get(TENANT_FIELDS.managed)
  return mark === 'tenant' || mark === 'structure' || mark === 'network' ? mark : 'none'
}

/** The hash that ozgctl left when it last wrote, the key of that write, and who it was. */
export function writtenBy({ customFields }: Organization | Account) {
  const fields = fieldsOf(customFields)
  return {
    hash: fields.get(TENANT_FIELDS.hash),
    key: fields.get(TENANT_FIELDS.key),
    by: fields.get(TENANT_FIELDS.changedBy) ?? null,
  }
}

/** Custom fields that were sent and are not in the answer: the portal does not define them. */
export function lostFields(
  sent: readonly CustomField[] | undefined,
  answered: readonly CustomField[] | undefined,
): readonly string[] {
  const kept = fieldsOf(answered)
  return (sent ?? [])
    .filter(({ name, customValue }) => customValue.data !== '' && !kept.has(name))
    .map(({ name }) => name)
}

function toCustomFields<Key extends string>(
  names: Readonly<Record<Key, string>>,
  values: Readonly<Record<Key, string>>,
): readonly CustomField[] {
  return (Object.keys(names) as Key[]).map((key) => field(names[key], values[key]))
}

const field = (name: string, data: string): CustomField => ({ name, customValue: { data } })

function fieldsOf(customFields: readonly CustomField[] | undefined): Fields {
  return new Map(
    (customFields ?? []).flatMap(({ name, customValue }) =>
      typeof customValue?.data === 'string' ? [[name, customValue.data] as const] : [],
    ),
  )
}

/** What people wrote there by hand counts as nothing where it is no list. */
function textsIn(text: string | undefined): readonly string[] {
  const value = jsonIn(text ?? '')
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

function settingsIn(text: string | undefined): ConnectorSettings | undefined {
  const value = jsonIn(text ?? '')
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const maps = Object.entries(value).filter(([, inner]) => typeof inner === 'object' && inner !== null)
  return maps.length === 0 ? undefined : (Object.fromEntries(maps) as ConnectorSettings)
}

function contactIn(text: string | undefined): Contact | null {
  const value = jsonIn(text ?? '')
  if (typeof value !== 'object' || value === null) return NO_DETAILS.contact
  const { name, email, phone } = value as Partial<Contact>
  return { name: String(name ?? ''), email: String(email ?? ''), phone: phone ?? null }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
