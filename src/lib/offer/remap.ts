import type { LeikaKey } from '../leika/key.ts'
import type { RegionKey } from '../region/key.ts'
import type { Store } from '../store/sqlite.ts'
import { keyIndexOf, packCell, reifegradOf } from './cells.ts'
import type { RegionCells } from './store.ts'

/** By the former LeiKa key the one that a region's offers count under now, also those under its former keys. */
export function remapsOf(store: Store, region: string): ReadonlyMap<string, string> {
  const overlay = readOverlay(store)
  return (overlay && remapsByRegion(overlay).get(region)) ?? new Map()
}

/** A region and the former keys of it, under which offers of it may still be. */
export function keysOfRegion(store: Store, region: string): readonly string[] {
  const regions = readOverlay(store)?.regions ?? new Map<string, string>()
  return [region, ...[...regions.keys()].filter((key) => lastOf(regions, key) === region)]
}

/** Lets offers of a region count under another key. Call it inside of a transaction. */
export function setRemap(store: Store, region: string, from: string, to: string, run: number | null): void {
  store.db
    .prepare(
      `INSERT INTO leistung_remap (region_key, from_key, to_key, run) VALUES (?, ?, ?, ?)
       ON CONFLICT (region_key, from_key) DO UPDATE SET to_key = excluded.to_key, run = excluded.run`,
    )
    .run(region, from, to, run)
}

/** Lets offers of a region count under their own key again. Call it inside of a transaction. */
export function removeRemap(store: Store, region: string, from: string): void {
  store.db.prepare('DELETE FROM leistung_remap WHERE region_key = ? AND from_key = ?').run(region, from)
}

/**
 * Offers of a region count for the one that it has become, and what was said of its keys holds there, too. The way back
 * takes that away again. Call it inside of a transaction.
 */
export function rekeyOffers(store: Store, from: string, to: string, run: number | null): void {
  const { changes } = store.db
    .prepare('DELETE FROM region_rekey WHERE from_key = ? AND to_key = ?')
    .run(to, from)
  if (Number(changes) === 0)
    store.db
      .prepare(
        `INSERT INTO region_rekey (from_key, to_key, run) VALUES (?, ?, ?)
         ON CONFLICT (from_key) DO UPDATE SET to_key = excluded.to_key, run = excluded.run`,
      )
      .run(from, to, run)
}

/** Whether the offers of a region count for this other one. */
export const offersMoved = (store: Store, from: string, to: string): boolean =>
  store.db.prepare('SELECT to_key FROM region_rekey WHERE from_key = ?').get(from)?.to_key === to

/** What offers count as that are called otherwise in their snapshot. */
export interface OfferOverlay {
  /** Present keys of regions by former ones. */
  readonly regions: ReadonlyMap<string, string>
  /** By region, present LeiKa keys by former ones. */
  readonly keys: ReadonlyMap<string, ReadonlyMap<string, string>>
}

/** @returns undefined where everything counts as what it is called */
export function readOverlay(store: Store): OfferOverlay | undefined {
  const regions = store.db.prepare('SELECT from_key, to_key FROM region_rekey').all()
  const rows = store.db.prepare('SELECT region_key, from_key, to_key FROM leistung_remap').all()
  if (regions.length === 0 && rows.length === 0) return undefined
  const keys = new Map<string, Map<string, string>>()
  for (const { region_key, from_key, to_key } of rows) {
    const own = keys.get(String(region_key)) ?? new Map<string, string>()
    keys.set(String(region_key), own.set(String(from_key), String(to_key)))
  }
  return { regions: new Map(regions.map((row) => [String(row.from_key), String(row.to_key)])), keys }
}

/**
 * Offers as they count. Of several that come together under one key and region the best Reifegrad wins.
 * @param offers packed by the places of their keys in `leikaKeys`
 * @returns with the list of keys, to which those are added that no offer of the snapshot has
 */
export function withOverlay(
  offers: readonly RegionCells[],
  leikaKeys: readonly LeikaKey[],
  overlay: OfferOverlay | undefined,
): { readonly offers: readonly RegionCells[]; readonly keys: readonly LeikaKey[] } {
  if (overlay === undefined) return { offers, keys: leikaKeys }
  const keys = [...leikaKeys]
  const places = new Map(keys.map((key, at) => [String(key), at]))
  const placeOf = (key: string): number => {
    const known = places.get(key)
    if (known !== undefined) return known
    places.set(key, keys.length)
    return keys.push(key as LeikaKey) - 1
  }
  const remaps = remapsByRegion(overlay)
  const merged = new Map<string, Map<number, number>>()
  for (const { region, cells } of offers) {
    const to = lastOf(overlay.regions, region)
    const own = remaps.get(to)
    const best = merged.get(to) ?? new Map<number, number>()
    for (const cell of cells) {
      const key = keys[keyIndexOf(cell)] ?? ''
      const at = own === undefined ? keyIndexOf(cell) : placeOf(lastOf(own, key))
      best.set(at, Math.max(best.get(at) ?? 0, reifegradOf(cell)))
    }
    merged.set(to, best)
  }
  return {
    keys,
    offers: [...merged].map(([region, best]) => ({
      region: region as RegionKey,
      cells: Uint32Array.from([...best].map(([at, reifegrad]) => packCell(at, reifegrad))),
    })),
  }
}

/** What is said of the keys of a region, whichever of its own keys it was said under; the present one has the last word. */
function remapsByRegion({ regions, keys }: OfferOverlay): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const found = new Map<string, Map<string, string>>()
  const isPresent = (region: string): number => (regions.has(region) ? 0 : 1)
  for (const [region, own] of [...keys].sort(([a], [b]) => isPresent(a) - isPresent(b))) {
    const to = lastOf(regions, region)
    found.set(to, new Map([...(found.get(to) ?? []), ...own]))
  }
  return found
}

/** Follows a chain of keys to its end; one that leads in a ring ends where it began. */
function lastOf(next: ReadonlyMap<string, string>, first: string): string {
  const seen = new Set([first])
  for (let at = first; ; ) {
    const to = next.get(at)
    if (to === undefined) return at
    if (seen.has(to)) return first
    seen.add(to)
    at = to
  }
}
