import { usageError } from '../errors.ts'
import type { BrokenNow } from '../health/read.ts'
import { readBroken } from '../health/read.ts'
import type { LeikaKey } from '../leika/key.ts'
import { keyIndexOf } from '../offer/cells.ts'
import type { RegionCells } from '../offer/store.ts'
import { canonical } from '../region/key.ts'
import type { Store } from '../store/sqlite.ts'

/** Checks that are older say nothing of now. */
const MAX_AGE_MS = 24 * 3_600_000

/**
 * What does not work now, by the checks of the last day.
 * @throws OzgctlError 64 NO_HEALTH when there is none
 */
export function brokenNow(store: Store, now: Date): BrokenNow {
  const found = readBroken(store, now.getTime(), MAX_AGE_MS)
  if (found.asOf !== null) return found
  const isAhead = found.stale.some(({ lastAt }) => lastAt > now.getTime())
  const what = isAhead
    ? 'how old the checks of connectors are is not known, for the clock was set back since'
    : 'no connector has been checked in the last day'
  throw usageError('NO_HEALTH', what, ['Run: ozgctl health check -f network.yaml'])
}

/**
 * The offers without those that cannot be used now: of a region, what a broken connector of its tenant takes down. Its own
 * offers only, for what others offer there goes over their connectors.
 * @param offerKeys the keys that cells refer to
 * @param keysOf LeiKa keys of an OZG-Leistung
 */
export function withoutBroken(
  offers: readonly RegionCells[],
  { broken }: Pick<BrokenNow, 'broken'>,
  offerKeys: readonly LeikaKey[],
  keysOf: (ozgId: string) => readonly LeikaKey[],
): readonly RegionCells[] {
  const down = new Map<string, 'all' | Set<string>>()
  for (const { ars, affects } of broken) {
    if (affects === 'none') continue
    const region = canonical(ars)
    const known = down.get(region)
    if (affects === 'all' || known === 'all') down.set(region, 'all')
    else down.set(region, new Set([...(known ?? []), ...affects.leistungen, ...affects.ozg.flatMap(keysOf)]))
  }
  return offers.map((offer) => {
    const keys = down.get(offer.region)
    if (keys === undefined) return offer
    if (keys === 'all') return { ...offer, cells: new Uint32Array() }
    return { ...offer, cells: offer.cells.filter((cell) => !keys.has(offerKeys[keyIndexOf(cell)] ?? '')) }
  })
}
