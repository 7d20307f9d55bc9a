import { unreachable, usageError } from '../errors.ts'
import { LOCAL_PORTAL, type Network, OR_CONNECT, type TenantState } from '../portal/model.ts'
import { isOwnVerband, type RegionKey } from '../region/key.ts'
import type { Region } from '../region/model.ts'
import { readRegions } from '../register/store.ts'
import { requireActive } from '../snapshot/snapshots.ts'
import type { Store } from '../store/sqlite.ts'
import { cutLabel, MAX_LABEL, nameProblem, slugOf } from './names.ts'
import { regionFinder } from './regions.ts'

/** A manifest to begin with: everything a network of this region would have, for a person to review. */
export interface Seed {
  readonly portal: string
  readonly network: Network
  readonly defaults: { readonly modules: readonly string[]; readonly state: TenantState }
  readonly tenants: readonly SeedTenant[]
}

export interface SeedTenant {
  readonly region: Region
  readonly slug: string
  readonly name: string
  readonly hosts: readonly string[]
}

export interface SeedOptions {
  /** Name of the network; else that of the region. */
  readonly name?: string | undefined
  /** Host names become `slug.domain`. */
  readonly domain?: string | undefined
}

/**
 * Makes a manifest of the part of the active register that lies in one region.
 * @throws OzgctlError 64 when there is no register, no such region in it, or no authority
 */
export async function seedFromRegister(
  store: Store,
  key: RegionKey,
  options: SeedOptions,
): Promise<{ readonly seed: Seed; readonly snapshot: string }> {
  if (options.name !== undefined) refuseName(options.name)
  const snapshot = await requireActive(store, 'region')
  const regions = await readRegions(store, snapshot.rowId, key)
  const anchor = regionFinder(regions)(key)
  if (!anchor.ok)
    throw usageError('REGION_NOT_FOUND', `${key === '' ? 'The Bund' : key} is no region of the register`, [
      'List what there is: ozgctl region list',
    ])
  const seed = seedManifest(anchor.region, regions, options)
  if (seed.tenants.length === 0)
    throw usageError('SEED_EMPTY', `there is no municipality in ${key} ${anchor.region.name}`)
  return { seed, snapshot: snapshot.id }
}

function refuseName(name: string): void {
  const what = nameProblem(name) ?? (slugOf(name) === '' ? 'has no letter for an address' : undefined)
  if (what !== undefined) throw usageError('NAME_INVALID', `the name of the network ${what}`)
}

/**
 * Makes a manifest of a part of the register: counties, Verbände with several members and Gemeinden, in the
 * order of their keys, members behind their Verband. An authority that is several levels at once comes as its
 * Gemeinde. Gemeindefreie Gebiete are left out.
 * @param anchor the region the network is for
 * @param regions rows of the register in it, by key
 */
export function seedManifest(anchor: Region, regions: readonly Region[], options: SeedOptions): Seed {
  const keys = new Set(regions.map((region) => region.key))
  const wanted = regions.filter((region) => isAuthority(region, keys))
  const slugs = uniqueSlugs(wanted, new Map(regions.map((region) => [region.key, region])))
  const name = options.name ?? tenantName(anchor)
  return {
    portal: LOCAL_PORTAL,
    network: { account: slugOf(name), name, anchor: anchor.key, sharing: null },
    defaults: { modules: [OR_CONNECT, 'Nutzerkonto'].sort(), state: 'active' },
    tenants: wanted.map((region, at) => {
      const slug = slugs[at] ?? ''
      const hosts = options.domain === undefined ? [] : [`${slug}.${options.domain}`]
      return { region, slug, name: tenantName(region), hosts }
    }),
  }
}

function isAuthority({ key, level, gemeindefrei }: Region, keys: ReadonlySet<string>): boolean {
  switch (level) {
    case 'gemeinde':
      return !gemeindefrei
    case 'verband':
      return !isOwnVerband(key)
    case 'kreis':
      return !keys.has(key.padEnd(12, '0'))
    case 'land':
    case 'bezirk':
      return false
    default:
      return unreachable(level)
  }
}

/** As people say it: "Bramsche, Stadt" is Bramsche, the county Osnabrück is Landkreis Osnabrück. */
function tenantName({ name, type, level }: Region): string {
  const plain = name.replace(/,.*/, '').replace(/\s+/g, ' ').trim()
  const saysIt = level === 'kreis' ? /kreis|region|verband/i.test(plain) : /^(GVV|VVG|VG) /.test(plain)
  return (level === 'kreis' || level === 'verband') && type !== null && !saysIt ? `${type} ${plain}` : plain
}

/**
 * A slug for each region. Where several would be the same, all of them get their county's name behind, and if
 * that is not enough their key: which one comes first must not matter.
 */
function uniqueSlugs(wanted: readonly Region[], byKey: ReadonlyMap<string, Region>): readonly string[] {
  const plain = wanted.map((region) => slugOf(tenantName(region)))
  const withCounty = wanted.map((region, at) =>
    suffixed(plain[at] ?? '', slugOf(byKey.get(region.key.slice(0, 5))?.name.replace(/,.*/, '') ?? '')),
  )
  const withKey = wanted.map((region, at) => suffixed(plain[at] ?? '', region.key))
  return [withCounty, withKey].reduce(resolveRepeated, plain)
}

function resolveRepeated(slugs: readonly string[], longer: readonly string[]): readonly string[] {
  const groups = Map.groupBy(slugs, (slug) => slug)
  return slugs.map((slug, at) => ((groups.get(slug)?.length ?? 0) > 1 ? (longer[at] ?? slug) : slug))
}

const suffixed = (label: string, suffix: string): string =>
  suffix === '' ? label : `${cutLabel(label, MAX_LABEL - suffix.length - 1)}-${suffix}`
