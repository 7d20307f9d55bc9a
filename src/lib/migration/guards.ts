import { OzgctlError, usageError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import type { ResumeSelection } from '../journal/journal.ts'
import { type Run, runId } from '../journal/model.ts'
import { hasNotEnded, refuseEndedForGood } from '../journal/states.ts'
import type { Store } from '../store/sqlite.ts'
import type { Definition } from './definition.ts'
import { busyTenant, type MigrationRunOptions } from './read.ts'
import { failuresBorne } from './waves.ts'

/** Two runs on one tenant exclude each other. Call it inside of a transaction. @throws OzgctlError 5 TENANT_BUSY */
export function refuseBusy(store: Store, run: number, portal: string, keys: readonly string[]): void {
  const busy = busyTenant(store, run, portal, keys)
  if (busy === undefined) return
  const id = runId(busy.run)
  throw new OzgctlError(
    'TENANT_BUSY',
    `${id} has not finished with tenant ${busy.key}; nothing was changed`,
    {
      exit: EXIT.locked,
      suggestions: [
        `See how far it is: ozgctl migration status ${id}`,
        `Let it go on: ozgctl migration resume ${id}`,
        `Or end it for good: ozgctl run cancel ${id}`,
      ],
    },
  )
}

/** Keys of tenants that a resume works on. */
export function openKeys(store: Store, run: Run, selection: ResumeSelection): readonly string[] {
  const states = selection === 'failed' ? "('failed')" : "('pending', 'running', 'unknown')"
  return store.db
    .prepare(`SELECT DISTINCT item_key FROM run_item WHERE run = ? AND state IN ${states}`)
    .all(run.number)
    .map(({ item_key }) => String(item_key))
}

/** @throws OzgctlError 64 RUN_ENDED where nothing is left */
export function refuseEnded(run: Run, selection: ResumeSelection): void {
  refuseEndedForGood(run)
  const { failed } = run.counts
  // With the last item done a run is not done yet: its process died, or was stopped, before what follows the items.
  if (selection === 'failed' ? failed > 0 : hasNotEnded(run)) return
  throw usageError(
    'RUN_ENDED',
    selection === 'failed'
      ? `nothing has failed in ${run.id} (${run.state})`
      : `${run.id} has ended (${run.state}); there is nothing left to do`,
    failed > 0 ? [`Try what failed again: ozgctl migration retry ${run.id}`] : [],
  )
}

/** A budget holds for the whole run: it is not new with each resume. */
export function refuseSpent(
  run: Run,
  { budget }: Definition,
  { tenants, of }: MigrationRunOptions,
  resume: { readonly selection: ResumeSelection; readonly budget: Definition['budget'] | undefined },
): void {
  const borne = failuresBorne(resume.budget ?? budget, tenants)
  const { failed } = run.counts
  if (of !== null || resume.selection === 'failed' || failed <= borne) return
  throw new OzgctlError('BUDGET_SPENT', `${failed} tenants of ${run.id} have failed, ${borne} are borne`, {
    exit: EXIT.unmet,
    suggestions: [
      `Mend the cause, then: ozgctl migration retry ${run.id}`,
      `Or bear more: ozgctl migration resume ${run.id} --budget ${failed}`,
    ],
  })
}

/** The step that is approved. @throws OzgctlError 64 STEP_UNKNOWN */
export function approvalStep({ steps }: Definition, id: string) {
  const step = steps.find((one) => one.id === id && one.kind === 'approve')
  if (step !== undefined) return { id, byAnother: step.written.by === 'another' }
  const known = steps.filter(({ kind }) => kind === 'approve').map((one) => one.id)
  throw usageError('STEP_UNKNOWN', `there is no step "${id}" to approve`, [
    known.length === 0 ? 'This migration asks nobody.' : `There are: ${known.join(', ')}.`,
  ])
}
