import { isMap } from '../settings.ts'

/** One side of a reconciliation. */
export interface Side {
  readonly count: number
  /** Hash of the set of its records, 32 hexadecimal digits. */
  readonly digest: string
}

const COMPARISONS = ['whole', 'by-key', 'no'] as const
/**
 * How the target was looked at: read from its first record to its last, asked for each record of the source (what else it
 * has is not known then), or not at all.
 */
export type Comparison = (typeof COMPARISONS)[number]

const FINDINGS = ['missing', 'different', 'twice', 'extra'] as const
export type Finding = (typeof FINDINGS)[number]

/** A record that is not as it should be. */
export interface Sample {
  readonly key: string
  readonly what: Finding
}

/** What the two sides were found to be after a transfer; null for what was not looked at. */
export interface Reconciliation {
  readonly compared: Comparison
  readonly source: Side
  /** All that the target showed. */
  readonly target: Side | null
  /** Of the records of the source: not in the target. */
  readonly missing: number | null
  /** There, but otherwise. */
  readonly different: number | null
  /** Further sights of a record that the target had shown already. */
  readonly twice: number | null
  /** In the target, and not at the source. */
  readonly extra: number | null
  /** Copied, and no longer at the source. */
  readonly gone: number
  /** The first few of each that is not as it should be. */
  readonly samples: readonly Sample[]
}

/**
 * What can be said of both sides. `same`: both were read, and have the same keys with the same contents, each once. `more`:
 * the same, but for records of others in the target. `by-key`: the target has each record of the source just so; what else
 * it has was not looked at. `different`: they are not the same. `not-compared`: nothing is known.
 */
export type Verdict = 'same' | 'more' | 'by-key' | 'different' | 'not-compared'

/** @param found null where there has been none */
export function verdictOf(found: Reconciliation | null): Verdict {
  if (found === null || found.compared === 'no') return 'not-compared'
  const { compared, source, target, missing, different, twice, extra } = found
  if (missing !== 0 || different !== 0) return 'different'
  if (compared === 'by-key') return 'by-key'
  if (twice !== 0 || extra === null) return 'different'
  if (extra > 0) return 'more'
  return source.count === target?.count && source.digest === target.digest ? 'same' : 'different'
}

/**
 * A reconciliation as it was kept.
 * @returns null for none. One that an earlier version kept counted and did not compare, so nothing is known by it
 */
export function reconciliationIn(kept: unknown): Reconciliation | null {
  if (!isMap(kept)) return null
  const source = sideIn(kept.source)
  if (source === null) return null
  const compared = COMPARISONS.find((one) => one === kept.compared) ?? 'no'
  const figure = (value: unknown): number | null =>
    compared !== 'no' && typeof value === 'number' ? value : null
  return {
    compared,
    source,
    target: compared === 'no' ? null : sideIn(kept.target),
    missing: figure(kept.missing),
    different: figure(kept.different),
    twice: figure(kept.twice),
    extra: figure(kept.extra),
    gone: typeof kept.gone === 'number' ? kept.gone : 0,
    samples: (Array.isArray(kept.samples) ? kept.samples : []).flatMap(sampleIn),
  }
}

const sideIn = (value: unknown): Side | null =>
  isMap(value) && typeof value.count === 'number' && typeof value.digest === 'string'
    ? { count: value.count, digest: value.digest }
    : null

function sampleIn(value: unknown): readonly Sample[] {
  if (!isMap(value) || typeof value.key !== 'string') return []
  const what = FINDINGS.find((one) => one === value.what)
  return what === undefined ? [] : [{ key: value.key, what }]
}
