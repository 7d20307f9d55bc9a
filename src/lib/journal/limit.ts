/** Until a lower number of requests shows. */
const SETTLE_MS = 500

/**
 * How many requests at once: it grows slowly while all goes well and halves when the other side has too much to do
 * (additive increase, multiplicative decrease, as TCP does it: RFC 5681 §3.1).
 */
export class AdaptiveLimit {
  readonly max: number
  #current: number
  /** Nothing begins before; on the clock of the caller. */
  #pausedUntil = 0
  #deafUntil = 0

  /** @param max never more than this at once */
  constructor(max: number) {
    this.max = max
    this.#current = max
  }

  get current(): number {
    return Math.max(1, Math.floor(this.#current))
  }

  get pausedUntil(): number {
    return this.#pausedUntil
  }

  succeeded(): void {
    this.#current = Math.min(this.max, this.#current + 1 / this.#current)
  }

  /**
   * The other side asked for less, or gave no answer.
   * @param now of the caller's clock, in milliseconds
   * @param pauseMs nothing more is sent for so long
   * @returns whether this is news: answers to requests that left before the last halving say nothing about it
   */
  overloaded(now: number, pauseMs: number): boolean {
    const isNews = now >= this.#deafUntil
    if (isNews) this.#current = Math.max(1, this.#current / 2)
    this.#pausedUntil = Math.max(this.#pausedUntil, now + pauseMs)
    if (isNews) this.#deafUntil = Math.max(this.#pausedUntil, now) + SETTLE_MS
    return isNews
  }
}
