/**
 * What a status that says no means for a request that changes something. `refused`: it was not done, and never will be
 * like this. `later`: certainly not done, and it may work later. `unknown`: perhaps done.
 */
export type Denial = 'refused' | 'later' | 'unknown'

/**
 * 429 is certainly not done. Any 5xx, and 408, may come from something in between that lost sight of a request which
 * was done all the same; the time to come back (Retry-After) says when to ask again, and not that nothing was done.
 */
export function denialOf(status: number): Denial {
  if (status === 429) return 'later'
  return status >= 500 || status === 408 ? 'unknown' : 'refused'
}
