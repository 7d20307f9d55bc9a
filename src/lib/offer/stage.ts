import type { Place } from '../errors.ts'
import type { LeikaKey } from '../leika/key.ts'
import type { RegionKey } from '../region/key.ts'
import type { Store } from '../store/sqlite.ts'
import { CellPacker } from './cells.ts'
import type { Offer } from './model.ts'

const COLUMNS = 'region_key, leika_key, reifegrad, reifegrad_assumed, url, authority, valid_from, valid_to'

/** Offers of one region, packed. */
interface PackedRegion {
  readonly region: RegionKey
  readonly cells: Uint8Array
  readonly dated: Uint8Array
}

export interface StagedOffers {
  /** Distinct offers. */
  readonly count: number
  readonly regions: readonly RegionKey[]
  readonly keys: readonly LeikaKey[]
  /** Writes everything under a snapshot; runs inside its transaction. */
  write(snapshot: number): void
}

/**
 * Holds the offers of an import until all files are read: in a temporary table of the connection, so that five million
 * rows need little memory, and nobody else waits for the store while files are read, sorted and packed.
 */
export class OfferStage {
  readonly #store: Store
  readonly #insert: ReturnType<Store['db']['prepare']>
  readonly #files: string[] = []

  constructor(store: Store) {
    this.#store = store
    store.db.exec(`
      DROP TABLE IF EXISTS temp.staged;
      DROP TABLE IF EXISTS temp.sorted;
      CREATE TEMP TABLE staged (${COLUMNS}, file INTEGER, line INTEGER);
      BEGIN`)
    this.#insert = store.db.prepare('INSERT INTO staged VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
  }

  add(offer: Offer, place: Place): void {
    const file = place.file ?? ''
    if (this.#files.at(-1) !== file) this.#files.push(file)
    this.#insert.run(
      offer.region,
      offer.key,
      offer.reifegrad,
      offer.assumed ? 1 : 0,
      offer.url,
      offer.authority,
      offer.validFrom ?? '',
      offer.validTo ?? '',
      this.#files.length - 1,
      place.line ?? null,
    )
  }

  /** Sorts, finds identical rows and packs. @param onDuplicate is told of each row that repeats an earlier one */
  finish(
    onDuplicate: (offer: { readonly region: string; readonly key: string }, place: Place) => void,
  ): StagedOffers {
    const { db } = this.#store
    // `copy` is 1 for the first of identical rows; `rowid` numbers the offers in the order in which they are stored.
    db.exec(`
      CREATE TEMP TABLE sorted AS
        SELECT *, row_number() OVER (PARTITION BY ${COLUMNS} ORDER BY rowid) AS copy
        FROM staged ORDER BY ${COLUMNS}, copy;
      DROP TABLE staged;
      COMMIT`)
    const copies = db.prepare('SELECT region_key, leika_key, file, line FROM sorted WHERE copy > 1')
    for (const row of copies.iterate())
      onDuplicate(
        { region: String(row.region_key), key: String(row.leika_key) },
        {
          file: this.#files[Number(row.file)],
          line: row.line === null ? undefined : Number(row.line),
        },
      )
    const { regions, keys, count } = this.#pack()
    return {
      count,
      regions: regions.map(({ region }) => region),
      keys,
      write: (snapshot) => this.#write(snapshot, regions, keys),
    }
  }

  /** Gives back what the connection holds, also after a failed import. */
  close(): void {
    const { db } = this.#store
    if (db.isTransaction) db.exec('ROLLBACK')
    db.exec('DROP TABLE IF EXISTS temp.staged; DROP TABLE IF EXISTS temp.sorted')
  }

  #pack() {
    const rows = this.#store.db
      .prepare('SELECT region_key, leika_key, reifegrad, valid_from, valid_to FROM sorted WHERE copy = 1')
      .iterate() as Iterable<Readonly<Record<string, string>>>
    const indexes = new Map<string, number>()
    const regions: PackedRegion[] = []
    let count = 0
    let current: string | undefined
    let packer = new CellPacker()
    const flush = (): void => {
      if (current !== undefined) regions.push({ region: current as RegionKey, ...packer.pack() })
    }
    for (const { region_key: region = '', leika_key: key = '', reifegrad, valid_from, valid_to } of rows) {
      if (region !== current) {
        flush()
        current = region
        packer = new CellPacker()
      }
      const index = indexes.get(key) ?? indexes.size
      if (index === indexes.size) indexes.set(key, index)
      packer.add(index, Number(reifegrad), valid_from ?? '', valid_to ?? '')
      count++
    }
    flush()
    return { regions, keys: [...indexes.keys()] as LeikaKey[], count }
  }

  #write(snapshot: number, regions: readonly PackedRegion[], keys: readonly LeikaKey[]): void {
    const { db } = this.#store
    db.prepare(
      `INSERT INTO offer (snapshot, region_key, leika_key, number, reifegrad, reifegrad_assumed, url, authority, valid_from, valid_to)
       SELECT ?, region_key, leika_key, rowid, reifegrad, reifegrad_assumed, url, authority, valid_from, valid_to
       FROM sorted WHERE copy = 1 ORDER BY rowid`,
    ).run(snapshot)
    const cells = db.prepare('INSERT INTO offer_cells VALUES (?, ?, ?, ?)')
    for (const { region, cells: always, dated } of regions) cells.run(snapshot, region, always, dated)
    db.prepare('INSERT INTO offer_keys VALUES (?, ?)').run(snapshot, keys.join(','))
  }
}
