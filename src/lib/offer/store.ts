import type { LeikaKey } from '../leika/key.ts'
import type { RegionKey } from '../region/key.ts'
import type { Store } from '../store/sqlite.ts'
import { cellsOn, dayFrom } from './cells.ts'
import type { Offer } from './model.ts'

/** What a region offers on a day, see `cells.ts`. */
export interface RegionCells {
  readonly region: RegionKey
  readonly cells: Uint32Array
}

/** LeiKa keys of a snapshot; a cell names a key by its place in this list. */
export async function readOfferKeys(store: Store, snapshot: number): Promise<readonly LeikaKey[]> {
  const row = store.db.prepare('SELECT leika_keys FROM offer_keys WHERE snapshot = ?').get(snapshot)
  return String(row?.leika_keys ?? '')
    .split(',')
    .filter((key) => key !== '') as LeikaKey[]
}

/** Regions that a snapshot has offers for, in the order of their keys. */
export function readOfferedRegions(store: Store, snapshot: number): readonly RegionKey[] {
  const select = store.db.prepare('SELECT region_key FROM offer_cells WHERE snapshot = ? ORDER BY region_key')
  return select.all(snapshot).map((row) => String(row.region_key) as RegionKey)
}

/** Packed offers of every region of a snapshot that hold on a day. @param asOf `YYYY-MM-DD` */
export async function readRegionCells(
  store: Store,
  snapshot: number,
  asOf: string,
): Promise<readonly RegionCells[]> {
  const day = dayFrom(asOf)
  const rows = store.db
    .prepare('SELECT region_key, cells, dated FROM offer_cells WHERE snapshot = ? ORDER BY region_key')
    .all(snapshot) as unknown as readonly { region_key: string; cells: Uint8Array; dated: Uint8Array }[]
  return rows.map((row) => ({
    region: row.region_key as RegionKey,
    cells: cellsOn(row.cells, row.dated, day),
  }))
}

export const OFFER_COLUMNS =
  'region_key, leika_key, reifegrad, reifegrad_assumed, url, authority, valid_from, valid_to'

/** Offers made for one region, in the order of their keys. */
export async function readOffersOf(
  store: Store,
  snapshot: number,
  region: RegionKey,
): Promise<readonly Offer[]> {
  return store.db
    .prepare(
      `SELECT ${OFFER_COLUMNS} FROM offer WHERE snapshot = ? AND region_key = ? ORDER BY leika_key, number`,
    )
    .all(snapshot, region)
    .map(toOffer)
}

/**
 * Offers of a snapshot in the order of region and key.
 * @param prefix only those for this region or one in it
 * @param keys only those of these Leistungen
 */
export function* readOffers(
  store: Store,
  snapshot: number,
  prefix = '',
  keys: readonly LeikaKey[] = [],
): Generator<Offer> {
  const ofKeys = keys.length === 0 ? '' : `AND leika_key IN (${keys.map(() => '?').join(', ')})`
  const select = store.db.prepare(
    `SELECT ${OFFER_COLUMNS} FROM offer WHERE snapshot = ? AND region_key >= ? AND region_key < ? ${ofKeys}
     ORDER BY region_key, leika_key, number`,
  )
  for (const row of select.iterate(snapshot, prefix, `${prefix}:`, ...keys)) yield toOffer(row)
}

/** @param row with the columns `OFFER_COLUMNS` */
export function toOffer(row: Readonly<Record<string, unknown>>): Offer {
  return {
    region: String(row.region_key) as RegionKey,
    key: String(row.leika_key) as LeikaKey,
    reifegrad: Number(row.reifegrad),
    assumed: row.reifegrad_assumed === 1,
    url: String(row.url),
    authority: String(row.authority),
    validFrom: orNull(row.valid_from),
    validTo: orNull(row.valid_to),
  }
}

const orNull = (value: unknown): string | null => (value === '' || value === null ? null : String(value))
