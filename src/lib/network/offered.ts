import type { LeikaKey } from '../leika/key.ts'
import { keyIndexOf } from '../offer/cells.ts'
import type { RegionCells } from '../offer/store.ts'
import type { RegionKey } from '../region/key.ts'
import type { Flow, Member } from './resolve.ts'
import { includesService, type ServiceSet } from './services.ts'

/** Leistungen that members offer, by the key of the region; of whatever Reifegrad. */
export type Offered = ReadonlyMap<RegionKey, ReadonlySet<LeikaKey>>

/** @param keys the LeiKa keys that cells refer to */
export function offeredBy(
  members: readonly Member[],
  cells: readonly RegionCells[],
  keys: readonly LeikaKey[],
): Offered {
  const wanted = new Set<RegionKey>(members.flatMap((member) => member.keys))
  return new Map(
    cells
      .filter(({ region }) => wanted.has(region))
      .map(({ region, cells: own }) => [
        region,
        new Set(Array.from(own, (cell) => keys[keyIndexOf(cell)]).filter((key) => key !== undefined)),
      ]),
  )
}

/** Leistungen that one member offers of these. */
function offeredOf(member: Member, services: ServiceSet, offered: Offered): ReadonlySet<LeikaKey> {
  const all = member.keys.flatMap((key) => [...(offered.get(key) ?? [])])
  return new Set(all.filter((key) => includesService(services, key)))
}

/** How many Leistungen a flow shares, each counted once for every member that offers it. */
export const countOffers = ({ from, services }: Flow, offered: Offered): number =>
  from.reduce((sum, member) => sum + offeredOf(member, services, offered).size, 0)
