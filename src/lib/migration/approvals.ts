import type { Context } from '../context.ts'
import { usageError } from '../errors.ts'
import { writeAudit } from '../journal/audit.ts'
import type { Run } from '../journal/model.ts'
import { type Store, transaction } from '../store/sqlite.ts'

/** Who said yes to a step of a run, and when. */
export interface Approval {
  readonly step: string
  readonly actor: string
  readonly host: string
  /** ISO 8601, UTC. */
  readonly at: string
}

export function approvalOf(store: Store, run: number, step: string): Approval | undefined {
  return approvalsOf(store, run).find((approval) => approval.step === step)
}

export function approvalsOf(store: Store, run: number): readonly Approval[] {
  return store.db
    .prepare('SELECT step, actor, host, at FROM approval WHERE run = ? ORDER BY at, step')
    .all(run)
    .map((row) => ({
      step: String(row.step),
      actor: String(row.actor),
      host: String(row.host),
      at: String(row.at),
    }))
}

/**
 * Says yes to a step, for all tenants of the run. Said twice, the first counts.
 * @param step id of the step, and whether only another person than the beginner of the run may say so
 * @throws OzgctlError 64 APPROVAL_OWN
 */
export async function approve(
  store: Store,
  context: Context,
  run: Run,
  step: { readonly id: string; readonly byAnother: boolean },
): Promise<void> {
  if (step.byAnother && run.actor === context.actor)
    throw usageError('APPROVAL_OWN', `${step.id} wants another person than ${run.actor}, who began ${run.id}`)
  await transaction(store.db, () => {
    const { changes } = store.db
      .prepare(
        'INSERT INTO approval (run, step, actor, host, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
      )
      .run(run.number, step.id, context.actor, context.host, context.now().toISOString())
    if (Number(changes) > 0)
      writeAudit(store, context, { event: 'approved', scope: run.scope, run: run.number, detail: step.id })
  })
}
