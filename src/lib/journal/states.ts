import type { Context } from '../context.ts'
import { type OzgctlError, usageError } from '../errors.ts'
import type { Store } from '../store/sqlite.ts'
import type { Run, RunState } from './model.ts'
import { readRun } from './read.ts'

/**
 * From which states a run may come into each. Whatever was cancelled or superseded stays so: part of it never happened, and
 * no way leads from there to `done`.
 */
const FROM: Readonly<Record<RunState, readonly RunState[]>> = {
  // One that is `running` and is begun again lost its process.
  running: ['running', 'stopped', 'done', 'partial'],
  stopped: ['running'],
  done: ['running'],
  partial: ['running'],
  cancelled: ['running', 'stopped'],
  superseded: ['running', 'stopped'],
}

/** Whether a run can still be gone on with, or be ended for good. */
export const hasNotEnded = ({ state }: Pick<Run, 'state'>): boolean => FROM.cancelled.includes(state)

/**
 * Brings a run into another state: the only way by which one gets there. Call it inside of a transaction.
 * @throws OzgctlError 64 RUN_ENDED when there is no way from its present state; then nothing was changed
 */
export function moveRun(
  store: Store,
  { now }: Pick<Context, 'now'>,
  run: number,
  to: RunState,
  reason: string | null,
): void {
  const { changes } = store.db
    .prepare(
      `UPDATE run SET state = ?, reason = ?, ended_at = ?
       WHERE id = ? AND state IN (SELECT value FROM json_each(?))`,
    )
    .run(to, reason, to === 'running' ? null : now().toISOString(), run, JSON.stringify(FROM[to]))
  if (Number(changes) === 0) throw runEnded(readRun(store, run))
}

/** @throws OzgctlError 64 RUN_ENDED for a run that was cancelled or superseded */
export function refuseEndedForGood(run: Run): void {
  if (!FROM.running.includes(run.state)) throw runEnded(run)
}

function runEnded({ id, state, reason, command }: Run): OzgctlError {
  const why = reason === null ? '' : `: ${reason}`
  return usageError('RUN_ENDED', `${id} has ended for good (${state}${why})`, [
    `See what was not done: ozgctl run show ${id} --only cancelled`,
    `What is left takes a new run: ${command}`,
  ])
}
