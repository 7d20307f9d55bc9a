import type { Place } from '../errors.ts'
import type { LeikaKey } from '../leika/key.ts'
import type { RegionKey } from '../region/key.ts'
import type { Store } from '../store/sqlite.ts'
import { CellPacker } from './cells.ts'
import type { Offer } from './model.ts'
import { OFFER_COLUMNS } from './store.ts'

const columnsOf = (alias: string): string => OFFER_COLUMNS.replace(/\w+/g, `${alias}.$&`)

/** Offers of one region, packed. */
interface PackedRegion {
  readonly region: RegionKey
  readonly cells: Uint8Array
  readonly dated: Uint8Array
}

export interface StagedOffers {
  /** Distinct offers. */
  readonly count: number
  /** Those of them whose Reifegrad is assumed. */
  readonly assumed: number
  readonly regions: readonly RegionKey[]
  readonly keys: readonly LeikaKey[]
  /** Writes everything under a snapshot; runs inside its transaction. */
  write(snapshot: number): void
}

/** Is told of each row that repeats an earlier one. */
export type OnDuplicate = (offer: { readonly region: string; readonly key: string }, place: Place) => void

/**
 * Holds the offers of an import until all files are read: in temporary tables of the connection, so that five million
 * rows need little memory, and nobody else waits for the store while files are read, sorted and packed.
 */
export class OfferStage {
  readonly #store: Store
  readonly #insert: ReturnType<Store['db']['prepare']>
  readonly #files: string[] = []

  constructor(store: Store) {
    this.#store = store
    this.close()
    store.db.exec(`
      CREATE TEMP TABLE staged (region_key, leika_key, reifegrad INTEGER, reifegrad_assumed INTEGER, url, authority,
        valid_from, valid_to, file INTEGER, line INTEGER);
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

  /** Sorts, drops what repeats an earlier row, and packs. */
  finish(onDuplicate: OnDuplicate): StagedOffers {
    // `rowid` numbers the offers in the order in which they are stored.
    this.#store.db.exec(`
      CREATE TEMP TABLE sorted AS SELECT * FROM staged ORDER BY ${OFFER_COLUMNS}, rowid;
      DROP TABLE staged;
      COMMIT`)
    this.#dropDuplicates(onDuplicate)
    const { regions, keys, count } = this.#pack()
    const assumed = this.#store.db.prepare('SELECT sum(reifegrad_assumed) AS n FROM sorted').get()?.n
    return {
      count,
      assumed: Number(assumed),
      regions: regions.map(({ region }) => region),
      keys,
      write: (snapshot) => this.#write(snapshot, regions, keys),
    }
  }

  /** Gives back what the connection holds, also after a failed import. */
  close(): void {
    const { db } = this.#store
    if (db.isTransaction) db.exec('ROLLBACK')
    for (const table of ['staged', 'sorted', 'repeated']) db.exec(`DROP TABLE IF EXISTS temp.${table}`)
  }

  /** Sorted rows that are the same stand one after another. */
  #dropDuplicates(onDuplicate: OnDuplicate): void {
    const { db } = this.#store
    db.exec(`
      CREATE TEMP TABLE repeated AS
        SELECT b.rowid AS number, b.region_key, b.leika_key, b.file, b.line
        FROM sorted a JOIN sorted b ON b.rowid = a.rowid + 1
        WHERE (${columnsOf('a')}) = (${columnsOf('b')});
      DELETE FROM sorted WHERE rowid IN (SELECT number FROM repeated)`)
    for (const row of db.prepare('SELECT * FROM repeated ORDER BY file, line, number').iterate())
      onDuplicate(
        { region: String(row.region_key), key: String(row.leika_key) },
        {
          file: this.#files[Number(row.file)],
          line: row.line === null ? undefined : Number(row.line),
        },
      )
  }

  #pack() {
    const select = this.#store.db.prepare(
      'SELECT region_key, leika_key, reifegrad, valid_from, valid_to FROM sorted ORDER BY rowid',
    )
    select.setReturnArrays(true)
    const indexes = new Map<string, number>()
    const regions: PackedRegion[] = []
    let count = 0
    let current: string | undefined
    let packer = new CellPacker()
    const flush = (): void => {
      if (current !== undefined) regions.push({ region: current as RegionKey, ...packer.pack() })
    }
    const rows = select.iterate() as Iterable<unknown> as Iterable<
      readonly [string, string, number, string, string]
    >
    for (const [region, key, reifegrad, validFrom, validTo] of rows) {
      if (region !== current) {
        flush()
        current = region
        packer = new CellPacker()
      }
      const index = indexes.get(key) ?? indexes.size
      if (index === indexes.size) indexes.set(key, index)
      packer.add(index, reifegrad, validFrom, validTo)
      count++
    }
    flush()
    return { regions, keys: [...indexes.keys()] as LeikaKey[], count }
  }

  #write(snapshot: number, regions: readonly PackedRegion[], keys: readonly LeikaKey[]): void {
    const { db } = this.#store
    db.prepare(
      `INSERT INTO offer (snapshot, number, ${OFFER_COLUMNS})
       SELECT ?, rowid, ${OFFER_COLUMNS} FROM sorted ORDER BY rowid`,
    ).run(snapshot)
    const cells = db.prepare('INSERT INTO offer_cells VALUES (?, ?, ?, ?)')
    for (const { region, cells: always, dated } of regions) cells.run(snapshot, region, always, dated)
    db.prepare('INSERT INTO offer_keys VALUES (?, ?)').run(snapshot, keys.join(','))
  }
}
