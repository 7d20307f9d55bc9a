import { type Candidate, canonical, SOURCES, type Source } from '../region/key.ts'
import type { Region } from '../region/model.ts'
import { hasBit } from './bits.ts'
import type { Matrix } from './matrix.ts'
import { ALL_REIFEGRADE } from './report.ts'
import type { ScopedOzg } from './scope.ts'

/** An OZG-Leistung that people in a region cannot use, and what could be done about it. */
export interface Gap {
  readonly ozg: ScopedOzg
  /** The best that there is below the Reifegrad asked for (or, with rule `all`, for some of its keys). */
  readonly best: { readonly reifegrad: number; readonly source: Source } | null
  /** Other regions that offer it themselves, the nearest first: they can be asked how, or share it. */
  readonly elsewhere: { readonly count: number; readonly nearest: readonly Region[] }
}

const NEAREST = 3

/**
 * What is missing in a region, by Themenfeld; within one the OZG-Leistungen first that most others offer already.
 * @param candidates those whose offers count for the region
 * @param regions the whole register, to find who offers what is missing
 */
export function gapsOf(
  matrix: Matrix,
  region: Region,
  candidates: readonly Candidate[],
  minReifegrad: number,
  regions: readonly Region[],
): readonly Gap[] {
  const { covered } = matrix.cover(candidates, minReifegrad)
  const levels = ALL_REIFEGRADE.map((reifegrad) => ({ reifegrad, ...matrix.touched(candidates, reifegrad) }))
  const others = byDistance(region, regions, candidates)
  return matrix.scope
    .map((ozg, at) => ({ ozg, at }))
    .filter(({ at }) => !hasBit(covered, at))
    .map(({ ozg, at }) => {
      const best = levels.findLast((level) => hasBit(level.covered, at))
      const source = SOURCES.find((name) => best !== undefined && hasBit(best.bySource[name], at))
      const offering = others.filter(({ key }) => {
        const own = matrix.own(key, minReifegrad)
        return own !== undefined && hasBit(own, at)
      })
      return {
        ozg,
        best: best === undefined || source === undefined ? null : { reifegrad: best.reifegrad, source },
        elsewhere: {
          count: offering.length,
          nearest: offering.slice(0, NEAREST).map((other) => other.region),
        },
      }
    })
    .sort(
      (a, b) =>
        (a.ozg.themenfeld ?? '').localeCompare(b.ozg.themenfeld ?? '', 'de') ||
        b.elsewhere.count - a.elsewhere.count ||
        (a.ozg.id < b.ozg.id ? -1 : 1),
    )
}

/** Regions outside the chain of this one, those of the same Verband, county and Land first; each authority once. */
function byDistance(
  region: Region,
  regions: readonly Region[],
  candidates: readonly Candidate[],
): readonly { readonly key: string; readonly region: Region }[] {
  const chain = new Set<string>([...candidates.map(({ key }) => key), canonical(region.key)])
  const authorities = new Map<string, Region>()
  for (const other of regions)
    if (!chain.has(canonical(other.key))) authorities.set(canonical(other.key), other)
  return [...authorities]
    .map(([key, other]) => ({ key, region: other, common: commonLevels(region.key, other.key) }))
    .sort((a, b) => b.common - a.common || (a.key < b.key ? -1 : 1))
}

function commonLevels(a: string, b: string): number {
  return [2, 3, 5, 9].filter((length) => a.slice(0, length) === b.slice(0, length)).length
}
