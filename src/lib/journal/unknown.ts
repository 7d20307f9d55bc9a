import type { Store } from '../store/sqlite.ts'
import { OPEN_STATES } from './model.ts'

/**
 * Whether nobody knows what became of an item: its last intent has no outcome, or one that does not say; a condition on
 * `run_item i`. Whatever later becomes of its run, only an outcome settles it.
 */
export const IS_UNKNOWN = `(i.state NOT IN ('done', 'already') AND
  (SELECT coalesce(e.outcome, 'unknown') FROM effect e WHERE e.run = i.run AND e.ordinal = i.ordinal
   ORDER BY e.epoch DESC LIMIT 1) = 'unknown')`

/** Of how many items of a run nobody knows whether they were done. */
export function unknownOutcomes(store: Store, run: number): number {
  const row = store.db
    .prepare(`SELECT count(*) AS n FROM run_item i WHERE i.run = ? AND ${IS_UNKNOWN}`)
    .get(run)
  return Number(row?.n)
}

/** What is not done yet is not done any more; what may have been done says so. Call it inside of a transaction. */
export function closeOpenItems(store: Store, run: number, reason: string): void {
  const states = OPEN_STATES.map((state) => `'${state}'`).join(', ')
  store.db
    .prepare(
      `UPDATE run_item AS i SET reason = CASE WHEN ${IS_UNKNOWN} THEN ?1 || '${MAYBE}' ELSE ?1 END,
       state = 'cancelled', owner = NULL, epoch = epoch + 1
       WHERE run = ?2 AND state IN (${states})`,
    )
    .run(reason, run)
}

const MAYBE = '; whether it was done nobody knows'
