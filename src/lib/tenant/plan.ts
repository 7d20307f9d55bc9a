import { badDocument, badInput, type Problem } from '../errors.ts'
import type { Kept, Place, PortalState } from '../portal/driver.ts'
import type { Network, Tenant } from '../portal/model.ts'
import { canonicalJson } from '../text.ts'
import type { Manifest, ManifestTenant } from './manifest.ts'

/** What an apply would do. Made of values alone: planning writes nothing and reads nothing. */
export interface Plan {
  readonly portal: string
  readonly networks: readonly NetworkChange[]
  /** By key. */
  readonly tenants: readonly TenantChange[]
  /** Tenants of these networks that the manifest does not name; nothing happens to them. By key. */
  readonly leftAlone: readonly Tenant[]
  /** Tenants that the manifest names and ozgctl does not manage yet; nothing happens to them. By key. */
  readonly unmanaged: readonly Kept<Tenant>[]
  /** Changes that the selection left out. */
  readonly notSelected: number
  /** Tenants that are as they should be. */
  readonly unchanged: number
}

export type FieldValue = string | null | readonly string[]

export interface FieldChange {
  readonly field: string
  readonly from: FieldValue
  readonly to: FieldValue
}

export interface NetworkChange {
  readonly kind: 'network-create' | 'network-change'
  readonly network: Network
  /** null when the portal does not have it. */
  readonly expected: string | null
  readonly fields: readonly FieldChange[]
}

export type TenantChange = CreateChange | UpdateChange | DeleteChange

export interface CreateChange {
  readonly kind: 'create'
  readonly tenant: Tenant
}

/**
 * A tenant that stays and becomes different. `move` changes its key and perhaps more, `suspend` takes it off
 * the web.
 */
export interface UpdateChange {
  readonly kind: 'change' | 'move' | 'suspend'
  readonly former: Tenant
  readonly expected: string
  readonly tenant: Tenant
  readonly fields: readonly FieldChange[]
  /** Somebody else than ozgctl changed it in the portal since ozgctl wrote it. */
  readonly changedOutside: boolean
}

export interface DeleteChange {
  readonly kind: 'delete'
  /** As it is in the portal. */
  readonly tenant: Tenant
  readonly expected: string
}

export interface PlanOptions {
  /** How many tenants that the manifest does not name may be deleted; 0 leaves all of them alone. */
  readonly maxDelete: number
  /** By the former key of a Gemeinde its key in the active register. */
  readonly formerKeys: ReadonlyMap<string, string>
}

/** What is wanted of a portal, which may be another than the one that the manifests name. */
type Wanted = Pick<Manifest, 'portal' | 'networks'> & { readonly tenants: readonly WantedTenant[] }
type WantedTenant = Pick<ManifestTenant, 'tenant' | 'marks'>

/**
 * Compares a manifest with a portal.
 * @throws OzgctlError 65 when more tenants would be deleted than allowed, or a key, slug or host name of the manifest
 * belongs to a tenant of another network
 */
export function planTenants(manifest: Wanted, portal: PortalState, options: PlanOptions): Plan {
  const accounts = new Set(manifest.networks.map((network) => network.account))
  const wanted = new Set(manifest.tenants.map((item) => item.tenant.ars))
  const unmanaged = portal.tenants.filter(({ managed, value }) => !managed && wanted.has(value.ars))
  // One that has just been adopted belongs to no network yet.
  const isOurs = ({ managed, value: { account } }: Kept<Tenant>): boolean =>
    managed && (accounts.has(account) || account === '')
  const managed = portal.tenants.filter(isOurs)
  const byKey = new Map(managed.map((tenant) => [tenant.value.ars, tenant]))
  const moving = movesOf(managed, wanted, byKey, options.formerKeys)
  const foreign = new Set(unmanaged.map(({ value }) => value.ars))
  const changes = manifest.tenants
    .filter(({ tenant }) => !foreign.has(tenant.ars))
    .map(({ tenant }) => {
      const found = byKey.get(tenant.ars) ?? moving.get(tenant.ars)
      return compareTenant(found, tenant, portal.places?.get(found?.value.ars ?? ''))
    })
  const moved = new Set([...moving.values()].map((tenant) => tenant.value.ars))
  const missing = managed.filter(
    ({ value: { ars, account } }) => account !== '' && !wanted.has(ars) && !moved.has(ars),
  )
  if (options.maxDelete > 0 && missing.length > options.maxDelete) throw tooManyDeletes(missing, options)
  const deletes = options.maxDelete > 0 ? missing : []
  const gone = new Set([...deletes.map(({ value }) => value.ars), ...wanted, ...moved])
  refuseTaken(
    manifest,
    portal.tenants.filter(
      (tenant) => !foreign.has(tenant.value.ars) && !(isOurs(tenant) && gone.has(tenant.value.ars)),
    ),
  )
  return {
    portal: manifest.portal,
    networks: manifest.networks.flatMap((network) => compareNetwork(portal.networks, network)),
    tenants: [
      ...changes.filter((change) => change !== undefined),
      ...deletes.map(({ value, version }) => ({ kind: 'delete', tenant: value, expected: version }) as const),
    ].sort((a, b) => (a.tenant.ars < b.tenant.ars ? -1 : 1)),
    leftAlone: options.maxDelete > 0 ? [] : missing.map((tenant) => tenant.value),
    unmanaged,
    notSelected: 0,
    unchanged: changes.filter((change) => change === undefined).length,
  }
}

/**
 * Tenants whose Gemeinde got a new key that the manifest names and the portal does not have yet; by the new
 * key.
 */
function movesOf(
  managed: readonly Kept<Tenant>[],
  wanted: ReadonlySet<string>,
  byKey: ReadonlyMap<string, unknown>,
  formerKeys: ReadonlyMap<string, string>,
): ReadonlyMap<string, Kept<Tenant>> {
  return new Map(
    managed.flatMap((tenant) => {
      const key = formerKeys.get(tenant.value.ars)
      return key !== undefined && wanted.has(key) && !wanted.has(tenant.value.ars) && !byKey.has(key)
        ? [[key, tenant] as const]
        : []
    }),
  )
}

/** @param place of the tenant, where it was looked at */
function compareTenant(
  found: Kept<Tenant> | undefined,
  tenant: Tenant,
  place: Place | undefined,
): TenantChange | undefined {
  if (found === undefined) return { kind: 'create', tenant }
  const { value: former, version: expected } = found
  const lost = (place?.differences ?? []).map(({ field, present, wanted }) => ({
    field,
    from: present,
    to: wanted,
  }))
  const fields = [...differences(tenantFields(former), tenantFields(tenant)), ...lost]
  if (fields.length === 0) return undefined
  const suspended = former.state === 'active' && tenant.state === 'suspended'
  const kind = suspended ? 'suspend' : former.ars === tenant.ars ? 'change' : 'move'
  return { kind, former, expected, tenant, fields, changedOutside: found.changedOutside || lost.length > 0 }
}

function compareNetwork(found: readonly Kept<Network>[], network: Network): readonly NetworkChange[] {
  const former = found.find((item) => item.value.account === network.account)
  if (former === undefined) return [{ kind: 'network-create', network, expected: null, fields: [] }]
  const fields = differences(networkFields(former.value), networkFields(network))
  return fields.length === 0 ? [] : [{ kind: 'network-change', network, expected: former.version, fields }]
}

/** Fields as people compare them, in the order of a manifest. */
function tenantFields(tenant: Tenant): Readonly<Record<string, FieldValue>> {
  const { ars, slug, name, hosts, modules, connectors, contact, state, account } = tenant
  return {
    ars,
    slug,
    name,
    hosts,
    modules,
    connectors,
    'contact.name': contact?.name ?? null,
    'contact.email': contact?.email ?? null,
    'contact.phone': contact?.phone ?? null,
    imprintUrl: tenant.imprintUrl,
    privacyUrl: tenant.privacyUrl,
    accessibilityUrl: tenant.accessibilityUrl,
    state,
    account,
    ...settingFields(tenant),
  }
}

/** What it has otherwise of its connectors, a field each, e.g. `connectors.dms.url`. */
function settingFields({ connectorSettings = {} }: Tenant): Readonly<Record<string, FieldValue>> {
  return Object.fromEntries(
    Object.entries(connectorSettings).flatMap(([connector, settings]) =>
      Object.entries(settings).map(([field, value]) => [
        `connectors.${connector}.${field}`,
        typeof value === 'string' ? value : canonicalJson(value),
      ]),
    ),
  )
}

function networkFields({ name, anchor, sharing }: Network): Readonly<Record<string, FieldValue>> {
  return { name, anchor, sharing: sharing?.map((rule) => canonicalJson(rule)) ?? null }
}

function differences(
  former: Readonly<Record<string, FieldValue>>,
  next: Readonly<Record<string, FieldValue>>,
): readonly FieldChange[] {
  return [...new Set([...Object.keys(next), ...Object.keys(former)])].flatMap((field) => {
    const [from, to] = [former[field] ?? null, next[field] ?? null]
    return JSON.stringify(from) === JSON.stringify(to) ? [] : [{ field, from, to }]
  })
}

function tooManyDeletes(missing: readonly Kept<Tenant>[], { maxDelete }: PlanOptions): Error {
  const some = missing.slice(0, 10).map(({ value }) => `${value.ars}  ${value.name}`)
  return badInput(
    'TOO_MANY_DELETES',
    `${missing.length} tenants are not in the file, --max-delete allows ${maxDelete}; nothing was changed`,
    {},
    [...some, ...(missing.length > some.length ? [`… and ${missing.length - some.length} more`] : [])],
  )
}

/** A key, slug or host name that stays with a tenant which the manifest does not manage. */
function refuseTaken(manifest: Wanted, others: readonly Kept<Tenant>[]): void {
  const owners = new Map(
    others.flatMap(({ value }) =>
      [`ars ${value.ars}`, `slug ${value.slug}`, ...value.hosts.map((host) => `host ${host}`)].map(
        (mark) => [mark, value] as const,
      ),
    ),
  )
  const problems = manifest.tenants.flatMap((item) => takenMarks(item, owners))
  if (problems.length > 0) throw badDocument('NAME_TAKEN', problems)
}

function takenMarks({ marks }: WantedTenant, owners: ReadonlyMap<string, Tenant>): readonly Problem[] {
  return marks.flatMap(({ field, value, place, path }) => {
    const owner = owners.get(`${field} ${value}`)
    if (owner === undefined) return []
    const who = `${owner.ars} ${owner.name} of the network ${owner.account}`
    return [{ code: `${field}-taken`, place, path, message: `${value} belongs to ${who} in the portal` }]
  })
}
