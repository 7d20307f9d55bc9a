/** Who asks for a longer pause is asked again by the operator, not by us. */
export const LONGEST_PAUSE_MS = 300_000

const BASE_MS = 500
const CAP_MS = 30_000

/**
 * How long to wait before the next attempt, in milliseconds: anything up to a bound that doubles with each, so that
 * many who failed together do not come back together ("full jitter").
 * @param attempt how many there were, from 1
 */
export function backoffMs(attempt: number, random: () => number): number {
  return random() * Math.min(CAP_MS, BASE_MS * 2 ** Math.min(16, attempt - 1))
}
