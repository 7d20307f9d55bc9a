import type { Place } from '../../errors.ts'
import type { DefectLog } from '../../input/defects.ts'

export interface KeyedRow<T> {
  readonly key: string
  /** What the row says about its key; rows of one key must agree on it. */
  readonly content: string
  /** What a key may have several of, e.g. OZG-Leistungen: rows that differ only here belong together. */
  readonly variant: string
  readonly place: Place
  readonly field: string
  readonly value: T
}

/**
 * Rows of one table by key. A row that stands twice counts once and is reported as `duplicate-row`. Rows that
 * contradict each other are all rejected as `duplicate-key`, each naming the line of another: which of them is right
 * cannot be guessed.
 */
export class UniqueRows<T> {
  readonly #byKey = new Map<
    string,
    { readonly first: KeyedRow<T>; readonly rows: Map<string, T>; contradicted: boolean }
  >()
  readonly #defects: DefectLog

  constructor(defects: DefectLog) {
    this.#defects = defects
  }

  add(row: KeyedRow<T>): void {
    const known = this.#byKey.get(row.key)
    if (known === undefined) {
      this.#byKey.set(row.key, { first: row, rows: new Map([[row.variant, row.value]]), contradicted: false })
      return
    }
    if (known.contradicted || known.first.content !== row.content) {
      if (!known.contradicted) this.#reject(known.first, row)
      known.contradicted = true
      this.#reject(row, known.first)
    } else if (known.rows.has(row.variant)) {
      this.#defects.add({
        action: 'kept',
        reason: 'duplicate-row',
        place: row.place,
        field: `${row.field} (as line ${known.first.place.line})`,
        value: row.key,
      })
    } else {
      known.rows.set(row.variant, row.value)
    }
  }

  values(): readonly T[] {
    return [...this.#byKey.values()].flatMap(({ rows, contradicted }) =>
      contradicted ? [] : [...rows.values()],
    )
  }

  #reject(row: KeyedRow<T>, other: KeyedRow<T>): void {
    this.#defects.add({
      action: 'rejected',
      reason: 'duplicate-key',
      place: row.place,
      field: `${row.field} (differs from line ${other.place.line})`,
      value: row.key,
    })
  }
}
