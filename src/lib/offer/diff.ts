import type { LeikaKey } from '../leika/key.ts'
import type { RegionKey } from '../region/key.ts'
import type { Store } from '../store/sqlite.ts'

/** What an offer is apart from the region, key and address that name it. */
export interface OfferTerms {
  readonly reifegrad: number
  readonly authority: string
  readonly validFrom: string | null
  readonly validTo: string | null
}

export interface OfferChange {
  readonly change: 'added' | 'removed' | 'changed'
  readonly region: RegionKey
  readonly key: LeikaKey
  readonly url: string
  readonly from: OfferTerms | null
  readonly to: OfferTerms | null
}

export interface OfferDiff {
  readonly counts: Readonly<Record<OfferChange['change'], number>>
  /** The first ones by region, key and address; `counts` counts all. */
  readonly changes: readonly OfferChange[]
}

const MAX_CHANGES = 100_000

const SIDE = `SELECT region_key, leika_key, url, max(reifegrad) AS reifegrad, max(authority) AS authority,
  min(valid_from) AS valid_from, max(valid_to) AS valid_to
  FROM offer WHERE snapshot = ? GROUP BY region_key, leika_key, url`

/**
 * Compares two snapshots of offers by region, key and address; of several offers alike in those the best Reifegrad
 * counts. The work is the database's, so that millions of offers can be compared.
 */
export async function diffOffers(store: Store, from: number, to: number): Promise<OfferDiff> {
  const { db } = store
  db.exec('DROP TABLE IF EXISTS temp.offer_change')
  db.prepare(
    `CREATE TEMP TABLE offer_change AS
     WITH a AS (${SIDE}), b AS (${SIDE})
     SELECT region_key, leika_key, url, a.reifegrad AS from_reifegrad, a.authority AS from_authority,
       a.valid_from AS from_valid_from, a.valid_to AS from_valid_to, b.reifegrad AS to_reifegrad,
       b.authority AS to_authority, b.valid_from AS to_valid_from, b.valid_to AS to_valid_to
     FROM a FULL JOIN b USING (region_key, leika_key, url)
     WHERE a.reifegrad IS NOT b.reifegrad OR a.authority IS NOT b.authority
       OR a.valid_from IS NOT b.valid_from OR a.valid_to IS NOT b.valid_to`,
  ).run(from, to)
  const count = (where: string): number =>
    Number(db.prepare(`SELECT count(*) AS n FROM offer_change WHERE ${where}`).get()?.n)
  const rows = db
    .prepare('SELECT * FROM offer_change ORDER BY region_key, leika_key, url LIMIT ?')
    .all(MAX_CHANGES)
  return {
    counts: {
      added: count('from_reifegrad IS NULL'),
      removed: count('to_reifegrad IS NULL'),
      changed: count('from_reifegrad IS NOT NULL AND to_reifegrad IS NOT NULL'),
    },
    changes: rows.map(toChange),
  }
}

type Row = Readonly<Record<string, unknown>>

function toChange(row: Row): OfferChange {
  const from = terms(row, 'from')
  const to = terms(row, 'to')
  return {
    change: from === null ? 'added' : to === null ? 'removed' : 'changed',
    region: String(row.region_key) as RegionKey,
    key: String(row.leika_key) as LeikaKey,
    url: String(row.url),
    from,
    to,
  }
}

function terms(row: Row, side: 'from' | 'to'): OfferTerms | null {
  if (row[`${side}_reifegrad`] === null) return null
  const day = (name: string): string | null => String(row[`${side}_${name}`]) || null
  return {
    reifegrad: Number(row[`${side}_reifegrad`]),
    authority: String(row[`${side}_authority`]),
    validFrom: day('valid_from'),
    validTo: day('valid_to'),
  }
}
