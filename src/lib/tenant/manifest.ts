import type { Definition } from '../connector/definition.ts'
import { badDocument, type Problem } from '../errors.ts'
import type { InputDocument } from '../input/document.ts'
import { Fields, type Placed } from '../input/fields.ts'
import { parseYaml } from '../input/yaml.ts'
import {
  type ConnectorSettings,
  LOCAL_PORTAL,
  type Network,
  NO_DETAILS,
  TENANT_STATES,
  type Tenant,
} from '../portal/model.ts'
import { canonicalJson } from '../text.ts'
import {
  ConnectorReader,
  declareConnectors,
  type ManifestConnectors,
  ownDefinitions,
} from './manifest-connectors.ts'
import { readSharing } from './manifest-sharing.ts'
import {
  problemAt,
  readContact,
  readHost,
  readLabel,
  readModules,
  readName,
  readRegion,
  readUrl,
} from './manifest-values.ts'
import type { TenantRegions } from './regions.ts'

/** What one or several manifests want a portal to be. */
export interface Manifest {
  /** Name of its profile. */
  readonly portal: string
  /** Each account once. */
  readonly networks: readonly Network[]
  /** By key; keys, slugs and host names occur once. */
  readonly tenants: readonly ManifestTenant[]
  readonly connectors: ManifestConnectors
}

export interface ManifestTenant {
  readonly tenant: Tenant
  /** Connectors that it has otherwise than declared, or for itself, by name. */
  readonly ownConnectors: ReadonlyMap<string, Definition>
  /** What no other tenant may have, with its place, for problems that only the portal shows. */
  readonly marks: readonly Mark[]
}

/** Key, slug or host name of a tenant. */
export interface Mark extends Placed<string> {
  readonly field: 'ars' | 'slug' | 'host'
}

export const MAX_MANIFEST_BYTES = 8 << 20

const FIELDS = ['schemaVersion', 'portal', 'network', 'connectors', 'sharing', 'defaults', 'tenants'] as const
const NETWORK_FIELDS = ['account', 'name', 'anchor', 'connectors'] as const
const DEFAULT_FIELDS = [
  'modules',
  'connectors',
  'contact',
  'imprintUrl',
  'privacyUrl',
  'accessibilityUrl',
  'state',
] as const
const TENANT_FIELDS = ['ars', 'slug', 'name', 'hosts', ...DEFAULT_FIELDS] as const

/**
 * Reads manifests that describe one portal together.
 * @throws OzgctlError 65 with every problem of every file
 */
export async function readManifests(
  documents: readonly InputDocument[],
  regions: TenantRegions,
): Promise<Manifest> {
  const problems: Problem[] = []
  const parts = []
  for (const document of documents) {
    const parsed = await parseYaml(document)
    problems.push(...parsed.problems)
    if (!parsed.ok) continue
    if (parsed.root.kind === 'map')
      parts.push(readPart(new Fields(parsed.root, '', FIELDS, problems), regions, problems))
    else
      problems.push({
        code: 'wrong-type',
        place: parsed.root.place,
        path: '',
        message: 'a manifest is a map with network and tenants',
        hint: 'Start from: ozgctl tenant seed --in PREFIX',
      })
  }
  const readers = parts.map(({ connectors }) => connectors)
  const declared = await declareConnectors(readers, problems)
  const tenants: ManifestTenant[] = []
  for (const { own, ...tenant } of parts.flatMap((part) => part.tenants))
    tenants.push({ ...tenant, ownConnectors: await ownDefinitions(own, readers, declared, problems) })
  refuseDuplicates(tenants, problems)
  const networks = uniqueNetworks(
    parts.flatMap((part) => (part.network === undefined ? [] : [part.network])),
    problems,
  )
  const portal = onePortal(parts, problems)
  refuseStrangers(parts, tenants, problems)
  if (problems.length > 0)
    throw badDocument('MANIFEST_INVALID', inOrder(await withNewKeys(problems, regions)))
  return {
    portal,
    networks,
    tenants: tenants.sort((a, b) => (a.tenant.ars < b.tenant.ars ? -1 : 1)),
    connectors: { declared, ofNetworks: connectorsOfNetworks(parts) },
  }
}

interface Part {
  readonly portal: Placed<string> | undefined
  readonly network: Placed<Network> | undefined
  /** Every key that a sharing rule names, with its place. */
  readonly named: readonly Placed<string>[]
  readonly connectors: ConnectorReader
  readonly tenants: readonly PartTenant[]
}

type PartTenant = Omit<ManifestTenant, 'ownConnectors'> & {
  readonly own: Parameters<typeof ownDefinitions>[0]
}

function connectorsOfNetworks(parts: readonly Part[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  for (const { network, connectors } of parts) {
    const account = network?.value.account ?? ''
    const names = connectors.ofNetwork.map(({ value }) => value)
    found.set(account, [...new Set([...(found.get(account) ?? []), ...names])].sort())
  }
  return found
}

function readPart(fields: Fields, regions: TenantRegions, problems: Problem[]): Part {
  fields.version('schemaVersion')
  const portal = fields.optionalText('portal')
  readLabel(portal, problems)
  const sharing = readSharing(fields, regions, problems)
  const map = fields.map('network', NETWORK_FIELDS, 'required')
  const network = map === undefined ? undefined : readNetwork(map, sharing?.rules ?? null, regions, problems)
  const connectors = new ConnectorReader(fields, map, problems)
  const defaults = fields.map('defaults', DEFAULT_FIELDS, 'optional')
  const common: Common = {
    account: network?.value.account ?? '',
    modules: [],
    ...NO_DETAILS,
    state: 'active',
    ...(defaults === undefined ? {} : readSettings(defaults, connectors, problems).settings),
  }
  const tenants = fields.maps('tenants', TENANT_FIELDS, 'required') ?? []
  return {
    portal,
    network,
    named: sharing?.named ?? [],
    connectors,
    tenants: tenants.map((tenant) => readTenant(tenant, common, connectors, regions, problems)),
  }
}

function readNetwork(
  map: Fields,
  sharing: Network['sharing'],
  regions: TenantRegions,
  problems: Problem[],
): Placed<Network> {
  const value = {
    account: readLabel(map.text('account'), problems),
    name: readName(map.text('name'), problems),
    anchor: readRegion(map.digits('anchor'), regions, problems),
    sharing,
  }
  return { value, place: map.place, path: map.path }
}

/** What tenants share that say nothing else themselves. */
type Common = Pick<Tenant, 'account' | (typeof DEFAULT_FIELDS)[number]>

/** The settings that defaults and tenants have in common, as far as they are given. */
function readSettings(fields: Fields, connectors: ConnectorReader, problems: Problem[]) {
  const bound = connectors.ofTenant(fields)
  const settings: Partial<Common> = given({
    modules: readModules(fields, problems),
    connectors: bound?.names,
    contact: readContact(fields, problems),
    imprintUrl: readUrl(fields, 'imprintUrl', problems),
    privacyUrl: readUrl(fields, 'privacyUrl', problems),
    accessibilityUrl: readUrl(fields, 'accessibilityUrl', problems),
    state: fields.choice('state', TENANT_STATES),
  })
  return { settings, own: bound?.own ?? [] }
}

/** Without the fields that are undefined. */
function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}

function readTenant(
  fields: Fields,
  common: Common,
  connectors: ConnectorReader,
  regions: TenantRegions,
  problems: Problem[],
): PartTenant {
  const { settings, own } = readSettings(fields, connectors, problems)
  const ars = fields.digits('ars')
  const slug = fields.text('slug')
  const hosts = fields.texts('hosts') ?? []
  const tenant: Tenant = {
    ...common,
    ...settings,
    ars: readRegion(ars, regions, problems),
    slug: readLabel(slug, problems),
    name: readName(fields.text('name'), problems),
    hosts: hosts.map((host) => readHost(host, problems)),
    ...(own.length === 0 ? {} : { connectorSettings: settingsIn(own) }),
  }
  const mark = (field: Mark['field'], found: Placed<string> | undefined, value: string): Mark[] =>
    found === undefined || value === '' ? [] : [{ ...found, field, value }]
  const marks = [
    ...mark('ars', ars, tenant.ars),
    ...mark('slug', slug, tenant.slug),
    ...hosts.flatMap((host, at) => mark('host', host, tenant.hosts[at] ?? '')),
  ]
  return { tenant, marks, own }
}

/** What a tenant writes for itself of its connectors, by their names. */
function settingsIn(own: PartTenant['own']): ConnectorSettings {
  return Object.fromEntries(
    own.map(({ name, map }) => {
      const { name: _name, ...settings } = map.value
      return [name.value, settings]
    }),
  )
}

/** Adds to keys that the register does not have what became of them. */
async function withNewKeys(
  problems: readonly Problem[],
  regions: TenantRegions,
): Promise<readonly Problem[]> {
  const unknown = problems.flatMap(({ code, value }) =>
    code === 'region-unknown' && value !== undefined ? [value] : [],
  )
  if (unknown.length === 0) return problems
  const newKeys = await regions.newKeys(unknown)
  return problems.map((item) => {
    if (item.code !== 'region-unknown') return item
    const key = newKeys.get(item.value ?? '')
    const found = key === undefined ? undefined : regions.find(key)
    const hint =
      found?.ok === true
        ? `The key has changed. Write "${found.region.key}" (${found.region.name}).`
        : 'Look for it with: ozgctl region show NAME'
    return { ...item, hint }
  })
}

function refuseDuplicates(tenants: readonly ManifestTenant[], problems: Problem[]): void {
  const seen = new Map<string, Mark>()
  for (const mark of tenants.flatMap((item) => item.marks)) {
    const first = seen.get(`${mark.field} ${mark.value}`)
    if (first === undefined) seen.set(`${mark.field} ${mark.value}`, mark)
    else
      problems.push(
        problemAt(
          `duplicate-${mark.field}`,
          mark,
          `${mark.value} is already at ${first.path} (${first.place.file}:${first.place.line})`,
        ),
      )
  }
}

/** Several files may describe one network; they must agree on it. */
function uniqueNetworks(found: readonly Placed<Network>[], problems: Problem[]): readonly Network[] {
  const networks = new Map<string, Placed<Network>>()
  for (const item of found) {
    const first = networks.get(item.value.account)
    if (first === undefined) networks.set(item.value.account, item)
    else if (first.value.name !== item.value.name || first.value.anchor !== item.value.anchor)
      problems.push({
        code: 'network-differs',
        place: item.place,
        path: item.path,
        message: `${item.value.account} has another name or anchor in ${first.place.file}:${first.place.line}`,
      })
    else if (first.value.sharing === null) networks.set(item.value.account, item)
    else if (item.value.sharing !== null && !isEqual(first.value.sharing, item.value.sharing))
      problems.push({
        code: 'sharing-differs',
        place: item.place,
        path: 'sharing',
        message: `${item.value.account} has other sharing rules in ${first.place.file}:${first.place.line}`,
        hint: 'Write the rules of a network into one file only.',
      })
  }
  return [...networks.values()].map((item) => item.value)
}

const isEqual = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b)

/** Files that are read together describe one portal. */
function onePortal(parts: readonly Part[], problems: Problem[]): string {
  const [first, ...others] = parts.flatMap(({ portal }) => portal ?? [])
  for (const other of others)
    if (other.value !== first?.value)
      problems.push(
        problemAt(
          'portal-differs',
          other,
          `${other.value} is another portal than in ${first?.place.file}:${first?.place.line}`,
        ),
      )
  return first?.value ?? LOCAL_PORTAL
}

/** Rules name members of their network. */
function refuseStrangers(
  parts: readonly Part[],
  tenants: readonly ManifestTenant[],
  problems: Problem[],
): void {
  for (const { network, named } of parts) {
    const members = new Set(
      tenants
        .filter(({ tenant }) => tenant.account === network?.value.account)
        .map(({ tenant }) => tenant.ars),
    )
    for (const key of named)
      if (!members.has(key.value))
        problems.push(
          problemAt(
            'no-member',
            key,
            `${key.value} is no tenant of this network`,
            'Rules share between tenants of one network.',
          ),
        )
  }
}

/** As an editor shows them: file by file in the order they were named, from top to bottom. */
function inOrder(problems: readonly Problem[]): readonly Problem[] {
  const files = [...new Set(problems.map((item) => item.place.file))]
  return [...problems].sort(
    (a, b) =>
      files.indexOf(a.place.file) - files.indexOf(b.place.file) ||
      (a.place.line ?? 0) - (b.place.line ?? 0) ||
      (a.place.column ?? 0) - (b.place.column ?? 0),
  )
}
