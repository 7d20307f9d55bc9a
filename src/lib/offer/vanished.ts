import { badInput, type OzgctlError } from '../errors.ts'
import { printRegionKey, type RegionKey } from '../region/key.ts'
import { readRegionNames } from '../register/store.ts'
import { activeSnapshot, type Snapshot } from '../snapshot/snapshots.ts'
import type { Store } from '../store/sqlite.ts'
import { readOfferedRegions } from './store.ts'

const SHOWN = 8

/**
 * An import takes the place of all offers. Whoever imports the list of one town seldom means that nobody else offers
 * anything any more, and no count would tell: the list is whole.
 * @param regions that the new offers are for
 * @returns the error when regions of the former snapshot are not among them
 */
export async function offersVanish(
  store: Store,
  former: Snapshot,
  regions: readonly RegionKey[],
): Promise<OzgctlError | undefined> {
  const kept = new Set(regions)
  const before = readOfferedRegions(store, former.rowId)
  const gone = before.filter((region) => !kept.has(region))
  if (gone.length === 0) return undefined
  const register = await activeSnapshot(store, 'region')
  const names = register === undefined ? new Map() : await readRegionNames(store, register.rowId)
  const some = gone
    .slice(0, SHOWN)
    .map((region) =>
      region === '' ? 'DE  Bund' : `${printRegionKey(region)}  ${names.get(region) ?? ''}`.trim(),
    )
  return badInput(
    'OFFERS_VANISH',
    `${gone.length} of ${before.length} regions with offers in ${former.id} have none here; nothing was imported`,
    {},
    [
      ...some,
      ...(gone.length > SHOWN ? [`… and ${gone.length - SHOWN} more`] : []),
      'An import takes the place of all offers: name the files of all sources in one call.',
      'If these are to be all offers there are, repeat with --replace.',
    ],
  )
}
