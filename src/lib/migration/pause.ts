import type { Context } from '../context.ts'
import { usageError } from '../errors.ts'
import { requestPause } from '../journal/journal.ts'
import { holderOfScope } from '../journal/lease.ts'
import type { Run } from '../journal/model.ts'
import type { Store } from '../store/sqlite.ts'

/** Asks whoever works on a run to stop. @throws OzgctlError 64 NOT_RUNNING where nobody does */
export async function pauseMigration(store: Store, context: Context, run: Run): Promise<void> {
  const holder = await holderOfScope(store, context, run.scope)
  if (run.state === 'running' && holder !== undefined) return requestPause(store, context, run)
  throw usageError('NOT_RUNNING', `nobody is working on ${run.id} (${run.state})`, [
    `See how far it is: ozgctl migration status ${run.id}`,
  ])
}
