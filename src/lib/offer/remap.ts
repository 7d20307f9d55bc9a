import type { Store } from '../store/sqlite.ts'

/** By the former LeiKa key the one that a region's offers count under now. */
export function remapsOf(store: Store, region: string): ReadonlyMap<string, string> {
  const rows = store.db
    .prepare('SELECT from_key, to_key FROM leistung_remap WHERE region_key = ? ORDER BY from_key')
    .all(region)
  return new Map(rows.map((row) => [String(row.from_key), String(row.to_key)]))
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

/** What was said of a region holds for the one that it has become. Call it inside of a transaction. */
export function moveRemaps(store: Store, from: string, to: string): void {
  store.db.prepare('UPDATE OR REPLACE leistung_remap SET region_key = ? WHERE region_key = ?').run(to, from)
}
