import { domainToASCII } from 'node:url'
import { badDocument, type Problem, unreachable } from '../errors.ts'
import type { InputDocument } from '../input/document.ts'
import { parseYaml } from '../input/yaml.ts'
import {
  MODULES,
  type Network,
  NO_DETAILS,
  TENANT_STATES,
  type Tenant,
  type TenantState,
} from '../portal/model.ts'
import { closest } from '../text.ts'
import { Fields, type Placed } from './fields.ts'
import { isHostName, isLabel, nameProblem } from './names.ts'
import type { RegionAnswer, TenantRegions } from './regions.ts'

/** What one or several manifests want a portal to be. */
export interface Manifest {
  readonly portal: (typeof PORTALS)[number]
  /** Each account once. */
  readonly networks: readonly Network[]
  /** By key; keys, slugs and host names occur once. */
  readonly tenants: readonly ManifestTenant[]
}

export interface ManifestTenant {
  readonly tenant: Tenant
  /** What no other tenant may have, with its place, for problems that only the portal shows. */
  readonly marks: readonly Mark[]
}

/** Key, slug or host name of a tenant. */
export interface Mark extends Placed<string> {
  readonly field: 'ars' | 'slug' | 'host'
}

/** Portals that a manifest can name. */
export const PORTALS = ['local'] as const

export const MAX_MANIFEST_BYTES = 8 << 20

const FIELDS = ['schemaVersion', 'portal', 'network', 'defaults', 'tenants'] as const
const NETWORK_FIELDS = ['account', 'name', 'anchor'] as const
const DEFAULT_FIELDS = ['modules', 'state'] as const
const TENANT_FIELDS = ['ars', 'slug', 'name', 'hosts', 'modules', 'state'] as const

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
  const tenants = parts.flatMap((part) => part.tenants)
  refuseDuplicates(tenants, problems)
  const networks = uniqueNetworks(
    parts.flatMap((part) => (part.network === undefined ? [] : [part.network])),
    problems,
  )
  if (problems.length > 0)
    throw badDocument('MANIFEST_INVALID', inOrder(await withNewKeys(problems, regions)))
  return {
    portal: PORTALS[0],
    networks,
    tenants: tenants.sort((a, b) => (a.tenant.ars < b.tenant.ars ? -1 : 1)),
  }
}

interface Part {
  readonly network: Placed<Network> | undefined
  readonly tenants: readonly ManifestTenant[]
}

function readPart(fields: Fields, regions: TenantRegions, problems: Problem[]): Part {
  fields.version('schemaVersion')
  fields.choice('portal', PORTALS)
  const network = readNetwork(fields, regions, problems)
  const defaults = fields.map('defaults', DEFAULT_FIELDS, 'optional')
  const common = {
    account: network?.value.account ?? '',
    modules: (defaults === undefined ? undefined : readModules(defaults, problems)) ?? [],
    state: defaults?.choice('state', TENANT_STATES) ?? ('active' as const),
  }
  const tenants = fields
    .maps('tenants', TENANT_FIELDS)
    .map((tenant) => readTenant(tenant, common, regions, problems))
  return { network, tenants }
}

function readNetwork(
  fields: Fields,
  regions: TenantRegions,
  problems: Problem[],
): Placed<Network> | undefined {
  const map = fields.map('network', NETWORK_FIELDS, 'required')
  if (map === undefined) return undefined
  const value = {
    account: readLabel(map.text('account'), problems),
    name: readName(map.text('name'), problems),
    anchor: readRegion(map.digits('anchor'), regions, problems),
    sharing: null,
  }
  return { value, place: map.place, path: map.path }
}

interface Common {
  readonly account: string
  readonly modules: readonly string[]
  readonly state: TenantState
}

function readTenant(
  fields: Fields,
  common: Common,
  regions: TenantRegions,
  problems: Problem[],
): ManifestTenant {
  const ars = fields.digits('ars')
  const slug = fields.text('slug')
  const hosts = fields.texts('hosts') ?? []
  const tenant = {
    ars: readRegion(ars, regions, problems),
    account: common.account,
    slug: readLabel(slug, problems),
    name: readName(fields.text('name'), problems),
    hosts: hosts.map((host) => readHost(host, problems)),
    modules: readModules(fields, problems) ?? common.modules,
    ...NO_DETAILS,
    state: fields.choice('state', TENANT_STATES) ?? common.state,
  }
  const mark = (field: Mark['field'], found: Placed<string> | undefined, value: string): Mark[] =>
    found === undefined || value === '' ? [] : [{ ...found, field, value }]
  const marks = [
    ...mark('ars', ars, tenant.ars),
    ...mark('slug', slug, tenant.slug),
    ...hosts.flatMap((host, at) => mark('host', host, tenant.hosts[at] ?? '')),
  ]
  return { tenant, marks }
}

// The readers answer '' for what is wrong or missing; the problem they report keeps it from going any
// further.

function readRegion(found: Placed<string> | undefined, regions: TenantRegions, problems: Problem[]): string {
  if (found === undefined) return ''
  const answer = regions.find(found.value)
  if (answer.ok) return answer.region.key
  const what =
    answer.reason === 'region-unknown' ? 'is not in the register' : `is no key of a region (${answer.reason})`
  problems.push(problem(answer.reason, found, `${JSON.stringify(found.value)} ${what}`, regionHint(answer)))
  return ''
}

function regionHint({ reason, near }: RegionAnswer & { readonly ok: false }): string | undefined {
  const write = near === undefined ? '' : `Write "${near.key}" (${near.name}).`
  switch (reason) {
    case 'leading-zero-lost':
      return `A zero at the front was lost. ${write}`.trim()
    case 'ags-instead-of-ars':
      return `This is an AGS. ${write}`.trim()
    case 'excel-number':
      return 'A spreadsheet made a number of it and lost digits. Take the key from: ozgctl region show NAME'
    case 'region-unknown':
      return undefined
    case 'region-missing':
    case 'land-unknown':
    case 'region-invalid':
      return 'A key has 2, 3, 5, 9 or 12 digits. Find it with: ozgctl region show NAME'
    default:
      return unreachable(reason)
  }
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

function readLabel(found: Placed<string> | undefined, problems: Problem[]): string {
  if (found === undefined || isLabel(found.value)) return found?.value ?? ''
  problems.push(
    problem(
      'slug-invalid',
      found,
      `${JSON.stringify(found.value)} is no part of an address`,
      'Use a to z, 0 to 9 and hyphens inside, at most 63 characters.',
    ),
  )
  return ''
}

function readName(found: Placed<string> | undefined, problems: Problem[]): string {
  if (found === undefined) return ''
  const what = nameProblem(found.value)
  if (what !== undefined) problems.push(problem('name-invalid', found, what))
  return found.value
}

function readHost(found: Placed<string>, problems: Problem[]): string {
  const host = found.value.toLowerCase()
  if (isHostName(host)) return host
  problems.push(
    problem('host-invalid', found, `${JSON.stringify(found.value)} is no host name`, hostHint(host)),
  )
  return ''
}

function hostHint(host: string): string {
  const bare = host.replace(/^[a-z]+:\/\//, '').replace(/[/:?#].*$/, '')
  const ascii = domainToASCII(bare)
  return ascii !== '' && ascii !== host
    ? `Write ${ascii}`
    : 'A host name is like www.example.de: no https://, no port, no path.'
}

/**
 * Modules, sorted and each once: their order means nothing. A slip of a known one is refused, others are the
 * portal's.
 */
function readModules(fields: Fields, problems: Problem[]): readonly string[] | undefined {
  const found = fields.texts('modules')
  if (found === undefined) return undefined
  for (const module of found) {
    const near = MODULES.includes(module.value) ? undefined : nearModule(module.value)
    if (near !== undefined || !/^[A-Za-z][A-Za-z0-9-]{0,62}$/.test(module.value)) {
      const hint = near === undefined ? `Known are ${MODULES.join(', ')}.` : `Did you mean ${near}?`
      problems.push(problem('module-invalid', module, `${JSON.stringify(module.value)} is no module`, hint))
    }
  }
  return [...new Set(found.map((module) => module.value))].sort()
}

function nearModule(text: string): string | undefined {
  const plain = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, '')
  return MODULES.find((module) => plain(module) === plain(text)) ?? closest(text, MODULES)[0]
}

function problem(code: string, found: Placed<string>, message: string, hint?: string): Problem {
  const { place, path, value } = found
  return { code, place, path, message, value, ...(hint === undefined ? {} : { hint }) }
}

function refuseDuplicates(tenants: readonly ManifestTenant[], problems: Problem[]): void {
  const seen = new Map<string, Mark>()
  for (const mark of tenants.flatMap((item) => item.marks)) {
    const first = seen.get(`${mark.field} ${mark.value}`)
    if (first === undefined) seen.set(`${mark.field} ${mark.value}`, mark)
    else
      problems.push(
        problem(
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
  }
  return [...networks.values()].map((item) => item.value)
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
