import { readBundles, readNames } from '../catalog/store.ts'
import { usageError } from '../errors.ts'
import type { LeikaKey } from '../leika/key.ts'
import type { RegionKey } from '../region/key.ts'
import { readRegionNames } from '../register/store.ts'
import { activeSnapshot, requireActive, type Snapshot } from '../snapshot/snapshots.ts'
import type { Store } from '../store/sqlite.ts'
import type { Offer } from './model.ts'
import { readOffers } from './store.ts'

/** An offer with the names that register and catalogue have for it; empty where they have none. */
export interface NamedOffer extends Offer {
  readonly regionName: string
  readonly name: string
}

export interface OfferListOptions {
  /** Offers for this region and everything in it. */
  readonly prefix: RegionKey
  readonly key?: LeikaKey | undefined
  readonly ozgId?: string | undefined
}

const MAX_LISTED = 100_000

/**
 * Offers of the active snapshot by region and key.
 * @throws OzgctlError 64 for an OZG-Leistung that the catalogue does not have, and for more offers than can be listed
 */
export async function listOffers(
  store: Store,
  { prefix, key, ozgId }: OfferListOptions,
): Promise<{ readonly snapshot: Snapshot; readonly offers: readonly NamedOffer[] }> {
  const snapshot = await requireActive(store, 'offer')
  const register = await activeSnapshot(store, 'region')
  const catalog = await activeSnapshot(store, 'catalog')
  const regions =
    register === undefined ? new Map<string, string>() : await readRegionNames(store, register.rowId)
  const names = catalog === undefined ? new Map<LeikaKey, string>() : await readNames(store, catalog.rowId)
  const ofOzg = ozgId === undefined ? undefined : await keysOf(store, ozgId)
  const keys = key === undefined ? ofOzg : [key].filter((one) => ofOzg?.includes(one) !== false)
  const offers: NamedOffer[] = []
  // A key that the OZG-Leistung does not bundle leaves nothing to look for.
  const found = keys?.length === 0 ? [] : readOffers(store, snapshot.rowId, prefix, keys)
  for (const offer of found) {
    if (offers.length === MAX_LISTED)
      throw usageError('TOO_MANY_OFFERS', `more than ${MAX_LISTED} offers are too many for a list`, [
        'Narrow it with --in, --key or --ozg.',
      ])
    const regionName = offer.region === '' ? 'Bund' : (regions.get(offer.region) ?? '')
    offers.push({ ...offer, regionName, name: names.get(offer.key) ?? '' })
  }
  return { snapshot, offers }
}

async function keysOf(store: Store, ozgId: string): Promise<readonly LeikaKey[]> {
  const catalog = await requireActive(store, 'catalog')
  const bundles = (await readBundles(store, catalog.rowId)).filter((bundle) => bundle.ozgId === ozgId)
  if (bundles.length === 0)
    throw usageError('OZG_UNKNOWN', `${catalog.id} has no Leistungen of an OZG-Leistung "${ozgId}"`, [
      'Look for it: ozgctl catalog search TEXT',
    ])
  return bundles.map(({ key }) => key)
}
