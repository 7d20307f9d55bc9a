import type { LeikaKey } from '../leika/key.ts'
import { keyIndexOf, reifegradOf } from '../offer/cells.ts'
import type { RegionCells } from '../offer/store.ts'
import { type Candidate, SOURCES, type Source } from '../region/key.ts'
import { addBits, type Bits, bitsFor, hasBit, setBit } from './bits.ts'
import type { ScopedOzg } from './scope.ts'

/**
 * When an OZG-Leistung is covered: `any` or `all` of its LeiKa keys in scope have an offer of the Reifegrad asked
 * for. `share` counts like `any` and reports the fraction of the keys besides.
 */
export const RULES = ['any', 'all', 'share'] as const
export type Rule = (typeof RULES)[number]

/** What people in one region can use from a Reifegrad on. Bits stand for OZG-Leistungen in the order of the scope. */
export interface Cover {
  readonly covered: Bits
  /** The covered ones by the most specific source that contributes an offer; each in one source only. */
  readonly bySource: Readonly<Record<Source, Bits>>
  /** Mean over the OZG-Leistungen of the share of their keys that are offered, 0 to 1; with rule `share` only. */
  readonly share: number | undefined
}

/**
 * Offers of all regions as bitsets: per region and Reifegrad, which OZG-Leistungen its own offers touch. A region
 * inherits by uniting the bits of its candidates, so the cost is words, not offers. The bits of a region for one
 * threshold stand behind those for the former, in one array.
 */
export class Matrix {
  readonly scope: readonly ScopedOzg[]
  /** Reifegrade asked for, e.g. 2 (online) and 3 (OZG-konform). */
  readonly thresholds: readonly number[]
  readonly rule: Rule
  readonly #ozg = new Map<string, Bits>()
  /** Of a source that contributes nothing; never written to. */
  readonly #none: Bits
  /** The same by pairs of OZG-Leistung and key; kept only where the rule looks at keys. */
  readonly #pairs = new Map<string, Bits>()
  /** First pair of each OZG-Leistung; the pairs of one stand together. */
  readonly #firstPair: readonly number[]

  /**
   * @param offerKeys the keys that cells refer to
   * @param offers what each region offers
   */
  constructor(
    scope: readonly ScopedOzg[],
    offerKeys: readonly LeikaKey[],
    offers: readonly RegionCells[],
    thresholds: readonly number[],
    rule: Rule,
  ) {
    this.scope = scope
    this.thresholds = thresholds
    this.rule = rule
    this.#none = bitsFor(scope.length)
    this.#firstPair = firstPairs(scope)
    const targets = targetsOf(scope, offerKeys, this.#firstPair)
    for (const { region, cells } of offers) {
      this.#ozg.set(region, this.#bits(cells, targets.ozg, scope.length))
      if (rule !== 'any')
        this.#pairs.set(region, this.#bits(cells, targets.pairs, this.#firstPair.at(-1) ?? 0))
    }
  }

  /** What the region itself offers any key of, not what it inherits; undefined where it offers nothing. */
  own(region: string, minReifegrad: number): Bits | undefined {
    const words = this.#none.length
    const start = this.#threshold(minReifegrad) * words
    return this.#ozg.get(region)?.subarray(start, start + words)
  }

  /** What reaches someone through these regions, by the rule. @param minReifegrad one of `thresholds` */
  cover(candidates: readonly Candidate[], minReifegrad: number): Cover {
    if (this.rule === 'any') return { ...this.touched(candidates, minReifegrad), share: undefined }
    const pairs = this.#united(candidates, this.#threshold(minReifegrad))
    return this.rule === 'share'
      ? { ...this.touched(candidates, minReifegrad), share: this.#share(pairs) }
      : { ...this.touched(candidates, minReifegrad, this.#complete(pairs)), share: undefined }
  }

  /**
   * OZG-Leistungen of which any key is offered, by the most specific source.
   * @param within only these count
   */
  touched(candidates: readonly Candidate[], minReifegrad: number, within?: Bits): Omit<Cover, 'share'> {
    const words = this.#none.length
    const start = this.#threshold(minReifegrad) * words
    // One piece of memory for all sets of the answer: small ones cost more to get than to fill.
    const memory = new Uint32Array(words * (SOURCES.length + 1))
    const covered = memory.subarray(0, words)
    const bySource: Record<Source, Bits> = {
      own: this.#none,
      verband: this.#none,
      kreis: this.#none,
      bezirk: this.#none,
      land: this.#none,
      bund: this.#none,
      member: this.#none,
    }
    let used = words
    for (const { key, source } of candidates) {
      const own = this.#ozg.get(key)
      if (own === undefined) continue
      if (bySource[source] === this.#none) {
        bySource[source] = memory.subarray(used, used + words)
        used += words
      }
      const to = bySource[source]
      for (let word = 0; word < words; word++) {
        const before = covered[word] ?? 0
        const added = (own[start + word] ?? 0) & (within?.[word] ?? -1) & ~before
        to[word] = (to[word] ?? 0) | added
        covered[word] = before | added
      }
    }
    return { covered, bySource }
  }

  #threshold(minReifegrad: number): number {
    const at = this.thresholds.indexOf(minReifegrad)
    if (at < 0) throw new Error(`the matrix was built without Reifegrad ${minReifegrad}`)
    return at
  }

  #bits(cells: Uint32Array, targets: Targets, size: number): Bits {
    const words = bitsFor(size).length
    const bits = new Uint32Array(words * this.thresholds.length)
    setTargets(bits, words, this.thresholds, cells, targets)
    return bits
  }

  #united(candidates: readonly Candidate[], threshold: number): Bits {
    const all = bitsFor(this.#firstPair.at(-1) ?? 0)
    const start = threshold * all.length
    for (const { key } of candidates) {
      const own = this.#pairs.get(key)
      if (own !== undefined) addBits(all, own.subarray(start, start + all.length))
    }
    return all
  }

  #complete(pairs: Bits): Bits {
    const complete = bitsFor(this.scope.length)
    this.scope.forEach(({ keys }, at) => {
      // One without keys is complete, but never touched by an offer.
      if (this.#offered(pairs, at) === keys.length) setBit(complete, at)
    })
    return complete
  }

  #share(pairs: Bits): number {
    const sum = this.scope.reduce(
      (total, { keys }, at) => total + (keys.length === 0 ? 0 : this.#offered(pairs, at) / keys.length),
      0,
    )
    return this.scope.length === 0 ? 0 : sum / this.scope.length
  }

  #offered(pairs: Bits, ozg: number): number {
    let offered = 0
    const end = this.#firstPair[ozg + 1] ?? 0
    for (let pair = this.#firstPair[ozg] ?? 0; pair < end; pair++) if (hasBit(pairs, pair)) offered++
    return offered
  }
}

/** Where the pairs of each OZG-Leistung begin, and at the end the number of all pairs. */
function firstPairs(scope: readonly ScopedOzg[]): readonly number[] {
  const first = [0]
  for (const { keys } of scope) first.push((first.at(-1) ?? 0) + keys.length)
  return first
}

/** The bits that each key of the offers sets: `list` from `start[key]` to `start[key + 1]`; none for a key not in scope. */
interface Targets {
  readonly start: Uint32Array
  readonly list: Uint32Array
}

/**
 * Runs once for every stored offer, five million times for a country. It never asks whether a Reifegrad is enough: the
 * answer, 0 or 1, is what it shifts into place. A question would be answered by chance, and cost four times as much.
 */
function setTargets(
  bits: Bits,
  words: number,
  thresholds: readonly number[],
  cells: Uint32Array,
  { start, list }: Targets,
): void {
  for (let at = 0; at < cells.length; at++) {
    const cell = cells[at] ?? 0
    const key = keyIndexOf(cell)
    const reifegrad = reifegradOf(cell)
    const end = start[key + 1] ?? 0
    for (let place = start[key] ?? 0; place < end; place++) {
      const target = list[place] ?? 0
      let word = target >>> 5
      for (let threshold = 0; threshold < thresholds.length; threshold++) {
        const isEnough = ((thresholds[threshold] ?? 0) - 1 - reifegrad) >>> 31
        bits[word] = (bits[word] ?? 0) | (isEnough << (target & 31))
        word += words
      }
    }
  }
}

function targetsOf(
  scope: readonly ScopedOzg[],
  offerKeys: readonly LeikaKey[],
  firstPair: readonly number[],
): { readonly ozg: Targets; readonly pairs: Targets } {
  const places = new Map<LeikaKey, { ozg: number[]; pairs: number[] }>()
  scope.forEach(({ keys }, ozg) => {
    keys.forEach((key, at) => {
      const place = places.get(key) ?? { ozg: [], pairs: [] }
      place.ozg.push(ozg)
      place.pairs.push((firstPair[ozg] ?? 0) + at)
      places.set(key, place)
    })
  })
  return {
    ozg: toTargets(offerKeys.map((key) => places.get(key)?.ozg ?? [])),
    pairs: toTargets(offerKeys.map((key) => places.get(key)?.pairs ?? [])),
  }
}

function toTargets(lists: readonly (readonly number[])[]): Targets {
  const start = new Uint32Array(lists.length + 1)
  lists.forEach((list, key) => {
    start[key + 1] = (start[key] ?? 0) + list.length
  })
  return { start, list: Uint32Array.from(lists.flat()) }
}
