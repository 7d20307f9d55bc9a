import type { LeikaKey } from '../leika/key.ts'
import type { RegionKey } from '../region/key.ts'
import type { Store } from '../store/sqlite.ts'
import type { Offer } from './model.ts'
import { OFFER_COLUMNS, toOffer } from './store.ts'

/** What an offer is apart from the region and key that name it. */
export type OfferTerms = Omit<Offer, 'region' | 'key'>

export interface OfferChange {
  readonly change: 'added' | 'removed' | 'changed'
  readonly region: RegionKey
  readonly key: LeikaKey
  readonly from: OfferTerms | null
  readonly to: OfferTerms | null
  /** What differs; empty for an offer that was added or removed. */
  readonly fields: readonly (keyof OfferTerms)[]
}

export interface OfferDiff {
  readonly counts: Readonly<Record<OfferChange['change'], number>>
  /** By region and key; the first ones only, where there are more than can be listed. `counts` counts all. */
  readonly changes: readonly OfferChange[]
}

const MAX_CHANGES = 100_000

/** Offers of one snapshot that the other does not have just so; both sides come in the order of region and key. */
const ONLY_IN = `
  SELECT ? AS side, ${OFFER_COLUMNS} FROM offer AS one WHERE snapshot = ? AND NOT EXISTS (
    SELECT 1 FROM offer AS other WHERE other.snapshot = ? AND other.region_key = one.region_key
      AND other.leika_key = one.leika_key AND other.url = one.url AND other.reifegrad = one.reifegrad
      AND other.reifegrad_assumed = one.reifegrad_assumed AND other.authority = one.authority
      AND other.valid_from = one.valid_from AND other.valid_to = one.valid_to)`

/**
 * Compares two snapshots of offers. Of one region and key, offers with the same address are compared with each other,
 * then what is left in its order; so a service that moved is one change. The database finds what differs: millions
 * of offers that stayed cost little memory.
 */
export async function diffOffers(store: Store, from: number, to: number): Promise<OfferDiff> {
  const counts = { added: 0, removed: 0, changed: 0 }
  const changes: OfferChange[] = []
  const rows = store.db
    .prepare(`${ONLY_IN} UNION ALL ${ONLY_IN} ORDER BY region_key, leika_key`)
    .iterate('from', from, to, 'to', to, from)
  for (const { gone, come } of groups(rows)) {
    for (const change of pair(gone, come)) {
      counts[change.change]++
      if (changes.length < MAX_CHANGES) changes.push(change)
    }
  }
  return { counts, changes }
}

interface Group {
  readonly gone: Offer[]
  readonly come: Offer[]
}

/** What differs of one region and key. */
function* groups(rows: Iterable<Readonly<Record<string, unknown>>>): Generator<Group> {
  let group: Group = { gone: [], come: [] }
  let open: Offer | undefined
  for (const row of rows) {
    const offer = toOffer(row)
    if (open !== undefined && (open.region !== offer.region || open.key !== offer.key)) {
      yield group
      group = { gone: [], come: [] }
    }
    open = offer
    group[row.side === 'from' ? 'gone' : 'come'].push(offer)
  }
  yield group
}

function pair(gone: readonly Offer[], come: readonly Offer[]): readonly OfferChange[] {
  const left = [...come]
  const take = (fits: (offer: Offer) => boolean): Offer | undefined => {
    const at = left.findIndex(fits)
    return at < 0 ? undefined : left.splice(at, 1)[0]
  }
  const sameAddress = gone.map((from) => ({ from, to: take(({ url }) => url === from.url) }))
  const pairs = sameAddress.map(({ from, to }) => ({ from, to: to ?? take(() => true) }))
  return [...pairs, ...left.map((to) => ({ from: undefined, to }))].map(({ from, to }) => change(from, to))
}

function change(from: Offer | undefined, to: Offer | undefined): OfferChange {
  const { region, key } = (to ?? from) as Offer
  return {
    change: from === undefined ? 'added' : to === undefined ? 'removed' : 'changed',
    region,
    key,
    from: termsOf(from),
    to: termsOf(to),
    fields: from === undefined || to === undefined ? [] : TERMS.filter((term) => from[term] !== to[term]),
  }
}

const TERMS = ['reifegrad', 'assumed', 'url', 'authority', 'validFrom', 'validTo'] as const

function termsOf(offer: Offer | undefined): OfferTerms | null {
  if (offer === undefined) return null
  const { region: _, key: __, ...terms } = offer
  return terms
}
