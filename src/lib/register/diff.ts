import type { Region } from '../region/model.ts'

/** What changed between two states of the register. Every change names both keys, so that data can follow. */
export interface RegionDiff {
  readonly added: readonly RegionRef[]
  readonly dissolved: readonly RegionRef[]
  readonly renamed: readonly RegionChange[]
  /** The same Gemeinde under another key: another Verband, another Kreis, or kreisfrei. */
  readonly keyChanged: readonly RegionChange[]
}

export interface RegionRef {
  readonly key: string
  readonly name: string
}

export interface RegionChange {
  readonly from: RegionRef
  readonly to: RegionRef
}

/**
 * Compares the Gemeinden of two registers. A key that disappeared and one that appeared belong together when the AGS
 * is the same, or else when exactly one of each in a Land bears the same name.
 */
export function diffRegions(before: readonly Region[], after: readonly Region[]): RegionDiff {
  const old = gemeindenByKey(before)
  const now = gemeindenByKey(after)
  const gone = [...old.values()].filter((region) => !now.has(region.key))
  const fresh = [...now.values()].filter((region) => !old.has(region.key))
  const keyChanged = pairs(gone, fresh, (region) => region.ags)
  const left = (
    list: readonly Region[],
    side: 'from' | 'to',
    changes: readonly RegionChange[],
  ): readonly Region[] => list.filter((region) => !changes.some((change) => change[side].key === region.key))
  const byName = pairs(
    left(gone, 'from', keyChanged),
    left(fresh, 'to', keyChanged),
    (region) => region.key.slice(0, 2) + plainName(region),
  )
  const moved = [...keyChanged, ...byName].sort((a, b) => (a.from.key < b.from.key ? -1 : 1))
  return {
    added: left(fresh, 'to', moved).map(ref),
    dissolved: left(gone, 'from', moved).map(ref),
    renamed: [...now.values()].flatMap((region) => {
      const former = old.get(region.key)
      return former !== undefined && oneSpaced(former.name) !== oneSpaced(region.name)
        ? [{ from: ref(former), to: ref(region) }]
        : []
    }),
    keyChanged: moved,
  }
}

function gemeindenByKey(regions: readonly Region[]): ReadonlyMap<string, Region> {
  return new Map(
    regions.filter((region) => region.level === 'gemeinde').map((region) => [region.key, region]),
  )
}

/** Pairs what bears the same mark on both sides and is the only one that does. */
function pairs(
  gone: readonly Region[],
  fresh: readonly Region[],
  mark: (region: Region) => string | null,
): readonly RegionChange[] {
  const candidates = Map.groupBy(fresh, mark)
  const leaving = Map.groupBy(gone, mark)
  return gone.flatMap((from) => {
    const key = mark(from)
    const to = key === null ? undefined : candidates.get(key)
    return to?.[0] !== undefined && to.length === 1 && leaving.get(key)?.length === 1
      ? [{ from: ref(from), to: ref(to[0]) }]
      : []
  })
}

const ref = (region: Region): RegionRef => ({ key: region.key, name: region.name })
const oneSpaced = (name: string): string => name.replace(/\s+/g, ' ')
const plainName = (region: Region): string => oneSpaced(region.name).toLowerCase()
