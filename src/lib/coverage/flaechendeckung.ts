import type { Candidate } from '../region/key.ts'
import type { Region } from '../region/model.ts'
import { addBits, type Bits, bitsFor, hasBit } from './bits.ts'
import type { Matrix } from './matrix.ts'
import type { ScopedOzg } from './scope.ts'

/** Classes of the federal dashboard "Digitale Verwaltung" (`art_flaechendeckung`), and one for what nobody has. */
export const CLASSES = ['bundesweit', 'landesweit', 'kreisweit', 'mindestens-eine', 'keine'] as const
export type Flaechendeckung = (typeof CLASSES)[number]

export interface OzgFlaechendeckung {
  readonly ozg: ScopedOzg
  readonly class: Flaechendeckung
  /** Gemeinden in the region asked for whose people can use it, and those people. */
  readonly gemeinden: number
  readonly inhabitants: number
}

export interface GemeindeCandidates {
  readonly region: Region
  readonly candidates: readonly Candidate[]
}

/**
 * How far each OZG-Leistung reaches, seen from a region: `bundesweit` when the people of every Gemeinde of the
 * register can use it, `landesweit` when those of every Gemeinde of a Land that the region lies in (or that lies in
 * it) can, `kreisweit` the same by Kreis, `mindestens-eine` when those of any Gemeinde in the region can.
 *
 * @param all every Gemeinde of the register, without gemeindefreie Gebiete
 * @param prefix the region asked for
 */
export function flaechendeckung(
  matrix: Matrix,
  all: readonly GemeindeCandidates[],
  minReifegrad: number,
  prefix: string,
): readonly OzgFlaechendeckung[] {
  const size = matrix.scope.length
  const counts = new Uint32Array(size)
  const inhabitants = new Float64Array(size)
  // Missing in at least one Gemeinde of the area.
  const missing = { bund: bitsFor(size), land: new Map<string, Bits>(), kreis: new Map<string, Bits>() }
  for (const { region, candidates } of all) {
    const { covered } = matrix.cover(candidates, minReifegrad)
    const lacks = covered.map((word) => ~word)
    addBits(missing.bund, lacks)
    if (isRelated(region.key.slice(0, 2), prefix)) addTo(missing.land, region.key.slice(0, 2), lacks, size)
    if (isRelated(region.key.slice(0, 5), prefix)) addTo(missing.kreis, region.key.slice(0, 5), lacks, size)
    if (!region.key.startsWith(prefix)) continue
    for (let at = 0; at < size; at++) {
      if (!hasBit(covered, at)) continue
      counts[at] = (counts[at] ?? 0) + 1
      inhabitants[at] = (inhabitants[at] ?? 0) + (region.inhabitants ?? 0)
    }
  }
  const isWhole = (areas: ReadonlyMap<string, Bits>, at: number): boolean =>
    [...areas.values()].some((lacks) => !hasBit(lacks, at))
  return matrix.scope.map((ozg, at) => ({
    ozg,
    class:
      all.length > 0 && !hasBit(missing.bund, at)
        ? 'bundesweit'
        : isWhole(missing.land, at)
          ? 'landesweit'
          : isWhole(missing.kreis, at)
            ? 'kreisweit'
            : (counts[at] ?? 0) > 0
              ? 'mindestens-eine'
              : 'keine',
    gemeinden: counts[at] ?? 0,
    inhabitants: inhabitants[at] ?? 0,
  }))
}

/** Whether one of two regions lies in the other. */
const isRelated = (area: string, prefix: string): boolean =>
  area.startsWith(prefix) || prefix.startsWith(area)

function addTo(areas: Map<string, Bits>, key: string, bits: Bits, size: number): void {
  const known = areas.get(key) ?? bitsFor(size)
  addBits(known, bits)
  areas.set(key, known)
}
