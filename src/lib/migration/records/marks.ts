/** Which of many rows have been seen: a bit for each id, so that a million take an eighth of a megabyte. */
export class Marks {
  readonly #first: number
  readonly #bits: Uint8Array

  /** @param first the lowest id @param last the highest */
  constructor(first: number, last: number) {
    this.#first = first
    this.#bits = new Uint8Array(Math.ceil((last - first + 1) / 8))
  }

  /** @returns whether it had no mark before */
  add(id: number): boolean {
    const [at, bit] = this.#placeOf(id)
    const before = this.#bits[at] ?? 0
    this.#bits[at] = before | bit
    return (before & bit) === 0
  }

  has(id: number): boolean {
    const [at, bit] = this.#placeOf(id)
    return ((this.#bits[at] ?? 0) & bit) !== 0
  }

  #placeOf(id: number): readonly [number, number] {
    const number = id - this.#first
    return [Math.floor(number / 8), 1 << (number % 8)]
  }
}
