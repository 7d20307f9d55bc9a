import { levelOf, parseRegionKey, type RegionKeyProblem } from '../region/key.ts'
import type { Region } from '../region/model.ts'
import { diffRegions } from '../register/diff.ts'
import { readRegions } from '../register/store.ts'
import { activeSnapshot, listSnapshots, requireActive } from '../snapshot/snapshots.ts'
import type { Store } from '../store/sqlite.ts'

/**
 * The active register as manifests need it: whoever is one authority is one region here, however its key is
 * written.
 */
export interface TenantRegions {
  /** Name of the snapshot, e.g. `region-2`. */
  readonly snapshot: string
  /** Finds the region that somebody names, e.g. by `03459`, `034590000000`, `034590014014`. */
  find(text: string): RegionAnswer
  /**
   * Of keys that this register does not have, those that were given up for another: by the former the present
   * key.
   */
  newKeys(former: readonly string[]): Promise<ReadonlyMap<string, string>>
}

export type RegionAnswer =
  | { readonly ok: true; readonly region: Region }
  | {
      readonly ok: false
      readonly reason: RegionKeyProblem | 'region-unknown'
      /** What was probably meant. */
      readonly near: Region | undefined
    }

/** @throws OzgctlError 64 when no register has been imported */
export async function loadTenantRegions(store: Store): Promise<TenantRegions> {
  const active = await requireActive(store, 'region')
  const regions = await readRegions(store, active.rowId)
  return {
    snapshot: active.id,
    find: regionFinder(regions),
    newKeys: async (former) => {
      const found = new Map<string, string>()
      const left = new Set(former)
      // Newest first. Each comparison reads a whole register, so it ends with the last key that is explained.
      for (const snapshot of (await listSnapshots(store, 'region')).toReversed()) {
        if (left.size === 0) break
        if (snapshot.rowId === active.rowId) continue
        for (const { from, to } of diffRegions(await readRegions(store, snapshot.rowId), regions).keyChanged)
          if (left.delete(from.key)) found.set(from.key, to.key)
      }
      return found
    },
  }
}

/**
 * The same where it matters little who is in the register, as for health checks on a machine that only watches: without
 * one, every key of the right form is taken.
 */
export async function loadRegionsIfAny(store: Store): Promise<TenantRegions> {
  return (await activeSnapshot(store, 'region')) === undefined ? ANY_REGION : loadTenantRegions(store)
}

/** Takes every key of the right form. */
export const ANY_REGION: TenantRegions = {
  snapshot: 'none',
  find: (text) => {
    const key = parseRegionKey(text)
    return key.ok
      ? { ok: true, region: unknownRegion(text.trim()) }
      : { ok: false, reason: key.reason, near: undefined }
  },
  newKeys: async () => new Map(),
}

function unknownRegion(key: string): Region {
  return {
    key,
    level: levelOf(key) as Region['level'],
    ags: null,
    name: key,
    type: null,
    inhabitants: null,
    areaHa: null,
    postcode: null,
    seat: null,
    gemeindefrei: false,
    carriedOver: [],
  }
}

/**
 * Finds regions by any way of writing their key. A kreisfreie Stadt has a row as county and one as Gemeinde,
 * a verbandsfreie Gemeinde one as Verband: all of them are found as the Gemeinde, so that nobody becomes two
 * tenants.
 */
export function regionFinder(regions: readonly Region[]): TenantRegions['find'] {
  const byKey = new Map<string, Region>()
  const byAgs = new Map<string, Region>()
  // Gemeinden come last and so win.
  for (const region of [...regions].sort((a, b) => rank(a) - rank(b))) {
    const key = parseRegionKey(region.key)
    if (key.ok) byKey.set(key.value, region)
    if (region.level === 'gemeinde' && isAlone(region.key)) byKey.set(region.key.slice(0, 9), region)
    if (region.ags !== null) byAgs.set(region.ags, region)
  }
  const known = (text: string): Region | undefined => {
    const key = parseRegionKey(text)
    return key.ok ? byKey.get(key.value) : undefined
  }
  return (text) => {
    const region = known(text)
    if (region !== undefined) return { ok: true, region }
    const parsed = parseRegionKey(text)
    const reason = parsed.ok ? 'region-unknown' : parsed.reason
    const digits = text.trim()
    const meant = reason === 'leading-zero-lost' ? `0${digits}` : digits
    return { ok: false, reason, near: known(meant) ?? byAgs.get(meant) }
  }
}

const rank = (region: Region): number => (levelOf(region.key) === 'gemeinde' ? 1 : 0)

/** Verband numbers 0xxx name one Gemeinde. Those of gemeindefreie Gebiete (9xxx) can name several. */
const isAlone = (ars: string): boolean => ars[5] === '0'
