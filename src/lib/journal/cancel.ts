import type { Context } from '../context.ts'
import { OzgctlError, usageError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import type { Store } from '../store/sqlite.ts'
import { endRun, requestCancel } from './journal.ts'
import { acquireLease, DEFAULT_LEASE_MS } from './lease.ts'
import type { Run } from './model.ts'
import { runNow } from './now.ts'
import { hasNotEnded, refuseEndedForGood } from './states.ts'

/**
 * Ends a run: at once where nobody works on it, else by asking whoever does.
 * @throws OzgctlError 64 RUN_ENDED when there is nothing to end
 */
export async function cancelRun(store: Store, context: Context, run: Run) {
  refuseEndedForGood(run)
  if (!hasNotEnded(run))
    throw usageError('RUN_ENDED', `${run.id} has ended (${run.state}); there is nothing to cancel`)
  try {
    const options = { leaseMs: DEFAULT_LEASE_MS, waitMs: 0, operation: `run cancel ${run.id}` }
    const lease = await acquireLease(store, context, run.scope, options)
    try {
      await endRun(store, context, lease, run.number, 'cancelled', `cancelled by ${context.actor}`)
    } finally {
      await lease.release()
    }
  } catch (error) {
    if (!(error instanceof OzgctlError) || error.exit !== EXIT.locked) throw error
    await requestCancel(store, context, run)
  }
  return runNow(store, context, run.id)
}
