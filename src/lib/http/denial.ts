/**
 * What a status that says no means for a request that changes something. `refused`: it was not done, and never will be
 * like this. `later`: certainly not done, and it may work later. `unknown`: perhaps done.
 */
export type Denial = 'refused' | 'later' | 'unknown'

/**
 * 429 is certainly not done, 503 only with the time to come back (RFC 9110 §15.6.4). Any other 5xx, and 408, may come
 * from something in between that lost sight of a request which was done all the same.
 * @param afterMs what the answer asks to wait; null where it asks nothing
 */
export function denialOf(status: number, afterMs: number | null): Denial {
  if (status === 429 || (status === 503 && afterMs !== null)) return 'later'
  return status >= 500 || status === 408 ? 'unknown' : 'refused'
}
