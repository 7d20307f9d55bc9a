import { type Ags, BUND, canonical, levelOf, type RegionKey } from '../region/key.ts'
import type { Region } from '../region/model.ts'
import type { Store } from '../store/sqlite.ts'

/** Writes the regions of a snapshot; called inside its transaction. */
export function insertRegions(store: Store, snapshot: number, regions: readonly Region[]): void {
  const insert = store.db.prepare('INSERT INTO region VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
  for (const region of regions) {
    insert.run(
      snapshot,
      region.key,
      region.ags,
      region.name,
      region.type,
      region.inhabitants,
      region.areaHa,
      region.postcode,
      region.seat,
      region.gemeindefrei ? 1 : 0,
      region.carriedOver.join(','),
    )
  }
}

/** Regions of a snapshot in the order of their keys; `prefix` keeps those in one region. */
export async function readRegions(store: Store, snapshot: number, prefix = ''): Promise<readonly Region[]> {
  const select = store.db.prepare(
    'SELECT * FROM region WHERE snapshot = ? AND region_key >= ? AND region_key < ? ORDER BY region_key',
  )
  return select.all(snapshot, prefix, `${prefix}:`).map(toRegion)
}

/** Whether a snapshot has a region, or one in it. */
export async function hasRegion(store: Store, snapshot: number, prefix: string): Promise<boolean> {
  const select = store.db.prepare(
    'SELECT 1 FROM region WHERE snapshot = ? AND region_key >= ? AND region_key < ? LIMIT 1',
  )
  return select.get(snapshot, prefix, `${prefix}:`) !== undefined
}

/** Keys of all regions of a snapshot and the Bund: whether a region exists, without reading what it is. */
export async function readRegionKeys(store: Store, snapshot: number): Promise<ReadonlySet<RegionKey>> {
  const rows = store.db.prepare('SELECT region_key FROM region WHERE snapshot = ?').all(snapshot)
  return new Set([BUND, ...rows.map((row) => canonical(String(row.region_key)))])
}

/** Names by canonical key; an authority that is several levels at once bears the name of its Gemeinde. */
export async function readRegionNames(
  store: Store,
  snapshot: number,
): Promise<ReadonlyMap<RegionKey, string>> {
  const rows = store.db
    .prepare('SELECT region_key, name FROM region WHERE snapshot = ? ORDER BY region_key')
    .all(snapshot)
  return new Map(rows.map((row) => [canonical(String(row.region_key)), String(row.name)]))
}

/** Keys of the Gemeinden by their AGS, for sources that know nothing else. */
export async function readArsByAgs(store: Store, snapshot: number): Promise<ReadonlyMap<Ags, string>> {
  const rows = store.db
    .prepare('SELECT ags, region_key FROM region WHERE snapshot = ? AND ags IS NOT NULL')
    .all(snapshot)
  return new Map(rows.map((row) => [String(row.ags) as Ags, String(row.region_key)]))
}

function toRegion(row: Readonly<Record<string, unknown>>): Region {
  const key = String(row.region_key)
  const level = levelOf(key)
  return {
    key,
    level: level === 'bund' ? 'land' : level,
    ags: text(row.ags) as Ags | null,
    name: String(row.name),
    type: text(row.type),
    inhabitants: number(row.inhabitants),
    areaHa: number(row.area_ha),
    postcode: text(row.postcode),
    seat: text(row.seat),
    gemeindefrei: row.gemeindefrei === 1,
    carriedOver: String(row.carried_over)
      .split(',')
      .filter((field) => field !== ''),
  }
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)
const number = (value: unknown): number | null => (typeof value === 'number' ? value : null)
