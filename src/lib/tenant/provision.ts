import type { Context } from '../context.ts'
import type { DriveResult } from '../journal/drive.ts'
import type { DriveOptions } from '../journal/executor.ts'
import type { ResumeSelection } from '../journal/journal.ts'
import { acquireLease, deadlineUnder, type LeaseOptions } from '../journal/lease.ts'
import type { Run } from '../journal/model.ts'
import { refuseEndedForGood } from '../journal/states.ts'
import type { PortalState } from '../portal/driver.ts'
import { keepCopy } from '../portal/mirror.ts'
import type { Store } from '../store/sqlite.ts'
import {
  type AppliedChange,
  type ApplyRun,
  appliedChanges,
  applyChanges,
  type PortalWork,
  type RunOptions,
  resumeChanges,
} from './apply.ts'
import { withPortal } from './open-portal.ts'
import type { Plan } from './plan.ts'
import { type ProvisionOptions, planWanted, readPlanFile, readWanted, refuseMoved } from './planning.ts'
import type { Selection } from './select.ts'
import { type AdoptChange, type Change, changesOf } from './writes.ts'

/** How to work on a portal. */
export interface WorkOptions extends DriveOptions, Omit<LeaseOptions, 'operation'> {
  /** Asked before a change that takes something away; throws when the answer is no. */
  readonly confirm: (plan: Plan) => Promise<void>
  readonly onRun: (run: Run) => void
}

export interface ApplyResult {
  readonly plan: Plan
  /** undefined for a dry run, and when there was nothing to do. */
  readonly applied: ApplyRun | undefined
  /** Networks first, then tenants; as in the plan. */
  readonly changes: readonly AppliedChange[]
}

/** Makes the portal what the manifests say. */
export async function applyFiles(
  context: Context,
  store: Store,
  options: ProvisionOptions,
  work: WorkOptions,
): Promise<ApplyResult> {
  const wanted = await readWanted(context, store, options)
  return onPortal(context, store, wanted.portal, 'tenant apply', work, async (place) => {
    const { saved, state } = await planWanted(context, wanted, place.driver, options)
    return applyPlan(place, saved.plan, state, work)
  })
}

/** Does what a saved plan says, if all that it was made from is still the same. */
export async function applyPlanFile(
  context: Context,
  store: Store,
  file: string,
  work: WorkOptions,
): Promise<ApplyResult> {
  const saved = await readPlanFile(context, file)
  return onPortal(context, store, saved.plan.portal, 'tenant apply', work, async (place) => {
    const state = await refuseMoved(context, store, saved, place.driver)
    return applyPlan(place, saved.plan, state, work)
  })
}

/** What the same would do: nothing is changed. */
export async function dryRunPlanFile(context: Context, store: Store, file: string): Promise<ApplyResult> {
  const saved = await readPlanFile(context, file)
  return withPortal(saved.plan.portal, { store, context }, async (driver) => {
    await refuseMoved(context, store, saved, driver)
    return dryRun(saved.plan, changesOf(saved.plan))
  })
}

/** What applying a plan would do. */
export function dryRun(plan: Plan, changes: readonly Change[]): ApplyResult {
  return {
    plan,
    applied: undefined,
    changes: changes.map((change) => ({ change, outcome: 'planned', reason: null })),
  }
}

/** Takes tenants that the manifests name and the portal has under management. */
export async function adoptFiles(
  context: Context,
  store: Store,
  options: ProvisionOptions,
  work: WorkOptions,
): Promise<ApplyResult> {
  const wanted = await readWanted(context, store, options)
  return onPortal(context, store, wanted.portal, 'tenant adopt', work, async (place) => {
    const { saved, state } = await planWanted(context, wanted, place.driver, options)
    return runChanges(place, 'adopt', saved.plan, adoptions(saved.plan, options.selection), state, work)
  })
}

/** The changes of an adoption. */
export function adoptions({ unmanaged }: Plan, { limit }: Selection): readonly AdoptChange[] {
  return unmanaged
    .slice(0, limit ?? unmanaged.length)
    .map(({ value: { ars, name }, version }) => ({ kind: 'adopt', tenant: { ars, name }, expected: version }))
}

/**
 * Goes on with a run of changes; of one that is done it repeats what follows the changes.
 * @throws OzgctlError 64 RUN_ENDED for one that was cancelled or superseded
 */
export async function resumeRun(
  context: Context,
  store: Store,
  run: Run,
  selection: ResumeSelection,
  work: Omit<WorkOptions, 'confirm'>,
): Promise<DriveResult> {
  // Before anybody is waited for, or asked for credentials.
  refuseEndedForGood(run)
  const { portal } = run.options as RunOptions
  return onPortal(context, store, portal, `run resume ${run.id}`, work, (place) =>
    resumeChanges(place, run.number, selection, work),
  )
}

/** Does some work as the only one on a portal. */
async function onPortal<T>(
  context: Context,
  store: Store,
  portal: string,
  operation: string,
  options: Pick<WorkOptions, 'leaseMs' | 'waitMs' | 'concurrency'>,
  work: (place: PortalWork) => Promise<T>,
): Promise<T> {
  const { leaseMs, waitMs, concurrency } = options
  const lease = await acquireLease(store, context, `portal/${portal}`, { leaseMs, waitMs, operation })
  try {
    const deadlineMs = deadlineUnder({ leaseMs })
    const access = { store, context, deadlineMs, connections: concurrency }
    return await withPortal(portal, access, (driver) => work({ store, context, lease, driver, deadlineMs }))
  } finally {
    await lease.release()
  }
}

async function applyPlan(
  place: PortalWork,
  plan: Plan,
  state: PortalState,
  work: WorkOptions,
): Promise<ApplyResult> {
  await work.confirm(plan)
  return runChanges(place, 'apply', plan, changesOf(plan), state, work)
}

async function runChanges(
  place: PortalWork,
  kind: 'apply' | 'adopt',
  plan: Plan,
  changes: readonly Change[],
  state: PortalState,
  work: WorkOptions,
): Promise<ApplyResult> {
  if (changes.length === 0) {
    // What was read to find that out is the newest copy there can be.
    await keepCopy(place.store, place.driver.portal, state, () => place.lease.renewNow())
    return { plan, applied: undefined, changes: [] }
  }
  const applied = await applyChanges(place, kind, changes, work)
  return { plan, applied, changes: [...appliedChanges(place.store, applied.run.number)] }
}
