import type { Store } from '../store/sqlite.ts'

/**
 * Chains of items: one that is chained begins only when the item before it in its run is done. So several tenants go
 * their ways side by side, and each takes its steps in order.
 */

/** Time of the store's clock that never comes: of items that this process leaves alone. */
export const PARKED = 9_000_000_000_000_000

/** Whether what an item hangs on is done; a condition on `run_item i`. */
export const IS_FREE = `(i.chained = 0 OR EXISTS (SELECT 1 FROM run_item p
  WHERE p.run = i.run AND p.ordinal = i.ordinal - 1 AND p.state IN ('done', 'already')))`

const CHAIN_BROKEN = 'an earlier step failed'

/** Where the chain of item ?2 of run ?1 ends: the first item after it that hangs on nothing. */
const CHAIN_END = `coalesce((SELECT min(o.ordinal) FROM run_item o
  WHERE o.run = ?1 AND o.ordinal > ?2 AND o.chained = 0), ${PARKED})`

/** What hangs on an item that failed will not be done. Call it inside of a transaction. */
export function cancelChain(store: Store, run: number, ordinal: number): void {
  store.db
    .prepare(
      `UPDATE run_item SET state = 'cancelled', reason = '${CHAIN_BROKEN}'
       WHERE run = ?1 AND ordinal > ?2 AND ordinal < ${CHAIN_END} AND state = 'pending'`,
    )
    .run(run, ordinal)
}

/** What hung on items that failed is to be done again with them. Call it inside of a transaction. */
export function reopenChains(store: Store, run: number): void {
  const reopen = store.db.prepare(
    `UPDATE run_item SET state = 'pending', reason = NULL, next_at = 0, attempts = 0
     WHERE run = ?1 AND ordinal > ?2 AND ordinal < ${CHAIN_END} AND state = 'cancelled' AND reason = '${CHAIN_BROKEN}'`,
  )
  for (const { ordinal } of store.db
    .prepare("SELECT ordinal FROM run_item WHERE run = ? AND state = 'failed'")
    .all(run))
    reopen.run(run, Number(ordinal))
}

/** What did not fail waits until the run is resumed as a whole. Call it inside of a transaction. */
export function parkOthers(store: Store, run: number): void {
  store.db
    .prepare(`UPDATE run_item SET next_at = ${PARKED} WHERE run = ? AND state IN ('pending', 'unknown')`)
    .run(run)
}
