import type { Place } from '../errors.ts'

/**
 * What is wrong with one row of an input. `rejected`: the row is not used. `kept`: the row is used, with the field
 * in question left empty.
 */
export interface Defect {
  readonly action: 'rejected' | 'kept'
  /** Stable kebab-case word, the key of `byReason`. */
  readonly reason: string
  readonly place: Place
  readonly field: string
  readonly value: string
}

export interface DefectSummary {
  readonly total: number
  readonly byReason: Readonly<Record<string, number>>
}

const SAMPLES_PER_REASON = 3

const HINTS: Readonly<Record<string, string>> = {
  'leading-zero-lost':
    'A spreadsheet dropped the leading zeros: have the column exported as text. They are never filled in.',
  'excel-number':
    'A spreadsheet turned the keys into numbers, and digits are lost: have the column exported as text.',
  'ars-in-ags-column': 'These are keys of 12 digits (ARS) in a column of AGS, which have 8.',
  'ags-instead-of-ars': 'These are keys of 8 digits (AGS) where an ARS is wanted.',
  'ars-unknown': 'Import a newer GV100AD or list of Regionalschlüssel first: it says the Verband.',
  'reifegrad-missing': 'Give these rows a Reifegrad with --reifegrad N; they are marked as assumed.',
  'onlinedienst-unknown': 'The objects of a transfer point to each other: name all its files in one call.',
  'leistung-unknown': 'The objects of a transfer point to each other: name all its files in one call.',
  'column-count': 'The rows have another delimiter than the header, or quotation marks are missing.',
}

/** What an operator can do about all rows of a reason; undefined where only a look at them helps. */
export function hintFor(reason: string): string | undefined {
  return HINTS[reason]
}

/** Counts defects by reason, keeps a few of each for the screen and hands every one on (to a file, where asked for). */
export class DefectLog {
  readonly #counts: Record<Defect['action'], Map<string, number>> = { rejected: new Map(), kept: new Map() }
  readonly #samples: Defect[] = []
  readonly #sink: ((defect: Defect) => void) | undefined

  constructor(sink?: (defect: Defect) => void) {
    this.#sink = sink
  }

  add(defect: Defect): void {
    const counts = this.#counts[defect.action]
    const count = (counts.get(defect.reason) ?? 0) + 1
    counts.set(defect.reason, count)
    if (count <= SAMPLES_PER_REASON) this.#samples.push(defect)
    this.#sink?.(defect)
  }

  /** At most three defects of each reason, in the order of the input. */
  get samples(): readonly Defect[] {
    return this.#samples
  }

  summary(action: Defect['action']): DefectSummary {
    const counts = this.#counts[action]
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
    return { total, byReason: Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1))) }
  }
}
