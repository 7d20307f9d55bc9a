import type { Context } from '../context.ts'
import { driveRun } from '../journal/drive.ts'
import type { DriveOptions, Executor, StopCause } from '../journal/executor.ts'
import { beginRun, type ResumeSelection, reopenRun } from '../journal/journal.ts'
import type { Lease } from '../journal/lease.ts'
import type { ItemState, Run, RunItem, RunKind } from '../journal/model.ts'
import { readItems } from '../journal/read.ts'
import type { PortalDriver } from '../portal/driver.ts'
import { mirrorPortal } from '../portal/mirror.ts'
import type { Store } from '../store/sqlite.ts'
import { tenantExecutor } from './executor.ts'
import { type Change, itemsOf } from './writes.ts'

/** A change and what became of it. */
export interface AppliedChange {
  readonly change: Change
  /** `already`: it was so before. `open`: not done yet. `planned` with `--dry-run`. */
  readonly outcome: 'done' | 'already' | 'failed' | 'open' | 'cancelled' | 'planned'
  /** Why it failed, or waits. */
  readonly reason: string | null
}

/** A run of changes as far as it has come. */
export interface ApplyRun {
  readonly run: Run
  readonly stopped: StopCause | undefined
}

/**
 * What a process needs to work on a portal: the right to do so, and the way there.
 * @property deadlineMs how long one request of the driver can take
 */
export interface PortalWork {
  readonly store: Store
  readonly context: Context
  readonly lease: Lease
  readonly driver: PortalDriver
  readonly deadlineMs: number
}

/** Options of a run that a resume needs, too. */
export interface RunOptions {
  readonly portal: string
}

/** Writes changes down as a run and carries them out. @param onRun is told the run before anything is sent */
export async function applyChanges(
  work: PortalWork,
  kind: RunKind,
  changes: readonly Change[],
  options: DriveOptions & { readonly onRun?: (run: Run) => void },
): Promise<ApplyRun> {
  const { store, context, lease, driver } = work
  const runOptions: RunOptions = { portal: driver.portal }
  const items = itemsOf(changes, driver.capabilities)
  const run = await beginRun(store, context, lease, { kind, options: runOptions, items })
  options.onRun?.(run)
  return drive(work, run, options)
}

/** Goes on with a run. */
export async function resumeChanges(
  work: PortalWork,
  number: number,
  selection: ResumeSelection,
  options: DriveOptions & { readonly onRun?: (run: Run) => void },
): Promise<ApplyRun> {
  const run = await reopenRun(work.store, work.context, work.lease, number, selection)
  options.onRun?.(run)
  return drive(work, run, options)
}

async function drive(work: PortalWork, run: Run, options: DriveOptions): Promise<ApplyRun> {
  const { store, context, lease, driver, deadlineMs } = work
  const executor: Executor = {
    ...tenantExecutor(driver, deadlineMs),
    finish: (stop) => mirrorPortal(store, driver, { guard: () => lease.renewNow(), stop }),
  }
  return driveRun(store, context, lease, run, executor, options)
}

/** The changes of a run with what became of each. */
export function* appliedChanges(store: Store, run: number): Generator<AppliedChange> {
  for (const item of readItems(store, run)) yield appliedChange(item)
}

const appliedChange = ({ input, state, reason }: RunItem): AppliedChange => ({
  change: input as Change,
  outcome: OUTCOMES[state],
  reason,
})

const OUTCOMES: Readonly<Record<ItemState, AppliedChange['outcome']>> = {
  pending: 'open',
  running: 'open',
  unknown: 'open',
  done: 'done',
  already: 'already',
  failed: 'failed',
  cancelled: 'cancelled',
}
