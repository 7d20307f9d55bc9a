import type { Context } from '../context.ts'
import { messageOf, OzgctlError, unreachable } from '../errors.ts'
import type { Store } from '../store/sqlite.ts'
import { Engine } from './engine.ts'
import type { DriveOptions, Executor, StopCause } from './executor.ts'
import { endRun } from './journal.ts'
import type { Lease } from './lease.ts'
import { openItems, type Run, type RunState } from './model.ts'
import { readRun } from './read.ts'

export interface DriveResult {
  readonly run: Run
  /** undefined when nothing is left: all items are settled, and what follows them is done. */
  readonly stopped: StopCause | undefined
}

/**
 * Works on a run until all its items are settled or something stops it: claims items, writes their intents, does
 * them, writes what became of them, in groups that share one wait for the disk. Of an item that may have been done
 * by a former attempt it finds that out before it sends anything again. What follows the items belongs to the run, which
 * is not done before it.
 * @param lease on the scope of the run; stays the caller's to release
 * @throws what the store or the lease throw when not even the end can be written
 */
export async function driveRun(
  store: Store,
  context: Context,
  lease: Lease,
  run: Run,
  executor: Executor,
  options: DriveOptions = {},
): Promise<DriveResult> {
  const asked = await new Engine(store, context, lease, run, executor, options).drive()
  if (asked?.kind === 'error' && lease.lost.aborted) throw asked.error
  const { counts } = readRun(store, run.number)
  const isOpen = openItems({ counts }) > 0
  const stopped = await stopOf(asked, isOpen, executor, options.signal)
  const state = stateOf(stopped, isOpen, counts.failed > 0)
  const reason = stopped === undefined ? null : reasonOf(stopped)
  return { run: await endRun(store, context, lease, run.number, state, reason), stopped }
}

/** What keeps a run from its end. Who asked for a stop when nothing was left to stop came too late. */
async function stopOf(
  asked: StopCause | undefined,
  isOpen: boolean,
  { finish }: Executor,
  signal: AbortSignal | undefined,
): Promise<StopCause | undefined> {
  if (asked !== undefined && (isOpen || asked.kind === 'error')) return asked
  if (finish === undefined) return undefined
  try {
    return (await finish(signal)) === 'done' ? undefined : { kind: 'signal' }
  } catch (error) {
    return error instanceof OzgctlError ? { kind: 'unfinished', error } : { kind: 'error', error }
  }
}

function stateOf(
  stopped: StopCause | undefined,
  isOpen: boolean,
  hasFailed: boolean,
): Exclude<RunState, 'running' | 'superseded'> {
  if (stopped?.kind === 'cancelled') return 'cancelled'
  // Without a reason something is open after a retry of what failed: the rest waits for a resume.
  if (stopped !== undefined || isOpen) return 'stopped'
  return hasFailed ? 'partial' : 'done'
}

function reasonOf(stopped: StopCause): string {
  switch (stopped.kind) {
    case 'error':
      return messageOf(stopped.error)
    case 'unfinished':
      return `nothing is left to do in the portal, but its copy in the store was not refreshed: ${stopped.error.message}`
    case 'halted':
      return stopped.reason
    case 'signal':
    case 'paused':
    case 'failures':
    case 'unavailable':
    case 'cancelled':
      return stopped.kind
    default:
      return unreachable(stopped)
  }
}
