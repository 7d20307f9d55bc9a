import { hash } from 'node:crypto'
import { failing, type Interrupted } from './interrupted.ts'
import type { RecordPage } from './model.ts'

/** So many pages in a row may bring nothing new. */
const MAX_IDLE = 100
/** So often a page may be the same as an earlier one: a key that is there twice can make two pages the same. */
const MAX_SAME = 3

/**
 * Sees to it that the reading of a collection ends, whatever the other side gives: one that does not know its own
 * paging gives the same page for ever, one whose pages lead in a ring the same pages, and some invent new records. What
 * it keeps does not grow with what is read.
 */
export class Reading {
  readonly #side: 'source' | 'target'
  readonly #most: number
  #records: number
  #idle = 0
  #same = 0
  /** A page to hold later ones against, moved on ever more seldom (Brent's algorithm): it is in the ring some day. */
  #kept = ''
  #left = 1
  #power = 1

  /** @param most so many records are read, one more is an error @param records that were read before */
  constructor(side: 'source' | 'target', most: number, records = 0) {
    this.#side = side
    this.#most = most
    this.#records = records
  }

  /**
   * Takes notice of a page.
   * @param fresh how many of its records this reading has not seen before
   * @throws Interrupted when it leads nowhere
   */
  took({ records, faults = [] }: Pick<RecordPage, 'records' | 'faults'>, fresh: number): void {
    this.#records += records.length + faults.length
    if (this.#records > this.#most)
      throw this.#endless(
        `has more than ${this.#most} records; if that is meant, name a larger number as most`,
      )
    this.#idle = fresh > 0 ? 0 : this.#idle + 1
    if (this.#idle > MAX_IDLE) throw this.#endless(`gave nothing new on ${MAX_IDLE} pages in a row`)
    if (records.length + faults.length > 0 && this.#isKept([...records, ...faults]))
      throw this.#endless('gives the same pages again and again; does it know its paging as it is set?')
  }

  #isKept(entries: readonly { readonly key: string }[]): boolean {
    const page = hash('sha256', entries.map(({ key }) => key).join('\n'), 'base64')
    if (page === this.#kept) return ++this.#same >= MAX_SAME
    if (--this.#left > 0) return false
    this.#power *= 2
    this.#left = this.#power
    this.#kept = page
    this.#same = 0
    return false
  }

  #endless(what: string): Interrupted {
    return failing(`the ${this.#side} ${what}`)
  }
}
