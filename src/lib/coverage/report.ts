import { KONFORM, MAX_REIFEGRAD, ONLINE } from '../offer/model.ts'
import { type Candidate, SOURCES, type Source } from '../region/key.ts'
import type { Region } from '../region/model.ts'
import { addBits, type Bits, bitsFor, countBits, setBit } from './bits.ts'
import type { Cover, Matrix } from './matrix.ts'

export const GROUPINGS = ['themenfeld', 'lage', 'source', 'reifegrad'] as const
export type Grouping = (typeof GROUPINGS)[number]

/** Thresholds of the distribution by best Reifegrad. */
export const ALL_REIFEGRADE: readonly number[] = Array.from({ length: MAX_REIFEGRAD + 1 }, (_, at) => at)

export type BySource = Readonly<Record<Source, number>>

/** OZG-Leistungen that people in one region can use. */
export interface RegionCoverage {
  readonly region: Region
  /** OZG-Leistungen in scope: the denominator of every percentage. */
  readonly total: number
  /** From Reifegrad 2 on. */
  readonly online: number
  /** From Reifegrad 3 on. */
  readonly konform: number
  /** From the Reifegrad asked for on. */
  readonly covered: number
  /** The online ones by the most specific authority that offers them; sums to `online`. */
  readonly bySource: BySource
  /** Mean share of the keys that are offered, 0 to 1; null but with rule `share`. */
  readonly onlineShare: number | null
  readonly konformShare: number | null
  readonly groups: readonly GroupCoverage[]
  /** Over the Gemeinden in a county or Land; null for a Gemeinde. */
  readonly members: MemberCoverage | null
}

/** A part of the OZG-Leistungen: a Themenfeld, a Lage, a source or a best Reifegrad. */
export interface GroupCoverage {
  readonly group: string
  readonly total: number
  readonly online: number
  readonly konform: number
}

/** What the people in a county or Land can use, each in their own Gemeinde. Gemeindefreie Gebiete are left out. */
export interface MemberCoverage {
  readonly count: number
  readonly onlineMin: number
  readonly onlineMean: number
  readonly onlineMax: number
  /** OZG-Leistungen that are online in every one of them. */
  readonly onlineEverywhere: number
  readonly konformEverywhere: number
}

/** Counts what the candidates of one region cover. @param minReifegrad of `covered` */
export function regionCoverage(
  matrix: Matrix,
  region: Region,
  candidates: readonly Candidate[],
  minReifegrad: number,
  grouping: Grouper | undefined,
): RegionCoverage {
  const online = matrix.cover(candidates, ONLINE)
  const konform = matrix.cover(candidates, KONFORM)
  const covered =
    minReifegrad === ONLINE
      ? online
      : minReifegrad === KONFORM
        ? konform
        : matrix.cover(candidates, minReifegrad)
  return {
    region,
    total: matrix.scope.length,
    online: countBits(online.covered),
    konform: countBits(konform.covered),
    covered: countBits(covered.covered),
    bySource: countSources(online),
    onlineShare: online.share ?? null,
    konformShare: konform.share ?? null,
    groups: grouping?.({ matrix, candidates, online, konform }) ?? [],
    members: null,
  }
}

function countSources({ bySource }: Cover): BySource {
  return Object.fromEntries(SOURCES.map((source) => [source, countBits(bySource[source])])) as BySource
}

interface GroupInput {
  readonly matrix: Matrix
  readonly candidates: readonly Candidate[]
  readonly online: Cover
  readonly konform: Cover
}

export type Grouper = (input: GroupInput) => readonly GroupCoverage[]

/** How a report divides the OZG-Leistungen; what belongs to a Themenfeld or Lage is worked out once for all regions. */
export function grouper(matrix: Matrix, by: Grouping): Grouper {
  switch (by) {
    case 'themenfeld':
      return byLabel(matrix, (ozg) => ozg.themenfeld)
    case 'lage':
      return byLabel(matrix, (ozg) => ozg.lage)
    case 'source':
      return bySource
    case 'reifegrad':
      return byReifegrad
  }
}

function byLabel(matrix: Matrix, label: (ozg: Matrix['scope'][number]) => string | null): Grouper {
  const masks = new Map<string, Bits>()
  matrix.scope.forEach((ozg, at) => {
    const name = label(ozg) ?? ''
    const mask = masks.get(name) ?? bitsFor(matrix.scope.length)
    setBit(mask, at)
    masks.set(name, mask)
  })
  const groups = [...masks].sort(([a], [b]) => a.localeCompare(b, 'de'))
  return ({ online, konform }) =>
    groups.map(([group, mask]) => ({
      group,
      total: countBits(mask),
      online: countBits(online.covered, mask),
      konform: countBits(konform.covered, mask),
    }))
}

const bySource: Grouper = ({ matrix, online, konform }) =>
  SOURCES.map((group) => ({
    group,
    total: matrix.scope.length,
    online: countBits(online.bySource[group]),
    konform: countBits(konform.bySource[group]),
  }))

/** OZG-Leistungen by the best Reifegrad that reaches the region; those without any offer come first, as `–`. */
const byReifegrad: Grouper = ({ matrix, candidates }) => {
  const reached = ALL_REIFEGRADE.map((reifegrad) => countBits(matrix.cover(candidates, reifegrad).covered))
  const none = matrix.scope.length - (reached[0] ?? 0)
  return [
    { group: '–', total: none, online: 0, konform: 0 },
    ...reached.map((count, reifegrad) => {
      const exactly = count - (reached[reifegrad + 1] ?? 0)
      return {
        group: String(reifegrad),
        total: exactly,
        online: reifegrad >= ONLINE ? exactly : 0,
        konform: reifegrad >= KONFORM ? exactly : 0,
      }
    }),
  ]
}

/**
 * What the Gemeinden of a county or Land have in common. @param candidates those of each Gemeinde in it
 */
export function memberCoverage(matrix: Matrix, members: readonly (readonly Candidate[])[]): MemberCoverage {
  const all = members.map((candidates) => ({
    online: matrix.cover(candidates, ONLINE).covered,
    konform: matrix.cover(candidates, KONFORM).covered,
  }))
  const counts = all.map(({ online }) => countBits(online))
  return {
    count: members.length,
    onlineMin: counts.length === 0 ? 0 : counts.reduce((least, count) => Math.min(least, count)),
    onlineMean: counts.length === 0 ? 0 : counts.reduce((sum, count) => sum + count, 0) / counts.length,
    onlineMax: counts.reduce((most, count) => Math.max(most, count), 0),
    onlineEverywhere: everywhere(
      all.map(({ online }) => online),
      matrix.scope.length,
    ),
    konformEverywhere: everywhere(
      all.map(({ konform }) => konform),
      matrix.scope.length,
    ),
  }
}

function everywhere(covers: readonly Bits[], size: number): number {
  if (covers.length === 0) return 0
  const missing = bitsFor(size)
  for (const covered of covers)
    addBits(
      missing,
      covered.map((word) => ~word),
    )
  const inScope = bitsFor(size)
  for (let at = 0; at < size; at++) setBit(inScope, at)
  return size - countBits(missing, inScope)
}
