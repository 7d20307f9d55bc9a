import type { Context } from '../context.ts'
import { unreachable } from '../errors.ts'
import type { Store } from '../store/sqlite.ts'
import { Engine } from './engine.ts'
import type { DriveOptions, Executor, StopCause } from './executor.ts'
import { endRun } from './journal.ts'
import type { Lease } from './lease.ts'
import { openItems, type Run } from './model.ts'
import { readRun } from './read.ts'

export interface DriveResult {
  readonly run: Run
  /** undefined when all items are settled. */
  readonly stopped: StopCause | undefined
}

/**
 * Works on a run until all its items are settled or something stops it: claims items, writes their intents, does
 * them, writes what became of them, in groups that share one wait for the disk. Of an item that may have been done
 * by a former attempt it finds that out before it sends anything again.
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
  const stopped = await new Engine(store, context, lease, run, executor, options).drive()
  switch (stopped?.kind) {
    case undefined: {
      const now = readRun(store, run.number)
      // Of a retry of what failed the rest is left.
      const state = openItems(now) > 0 ? 'stopped' : now.counts.failed > 0 ? 'partial' : 'done'
      return { run: await endRun(store, context, lease, run.number, state, null), stopped }
    }
    case 'cancelled':
      return { run: await endRun(store, context, lease, run.number, 'cancelled', 'cancelled'), stopped }
    case 'error':
      if (lease.lost.aborted) throw stopped.error
      return {
        run: await endRun(store, context, lease, run.number, 'stopped', textOf(stopped.error)),
        stopped,
      }
    case 'halted':
      return { run: await endRun(store, context, lease, run.number, 'stopped', stopped.reason), stopped }
    case 'signal':
    case 'paused':
    case 'failures':
    case 'unavailable':
      return { run: await endRun(store, context, lease, run.number, 'stopped', stopped.kind), stopped }
    default:
      return unreachable(stopped)
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
