import type { Context } from '../context.ts'
import type { Store } from '../store/sqlite.ts'
import { type Bound, checkBound, recorded } from './health.ts'
import { type HealthResult, statusOfPart } from './model.ts'
import type { RunOptions } from './run.ts'

export interface Repetition {
  /** Milliseconds from the end of one round to the begin of the next. */
  readonly everyMs: number
  readonly signal: AbortSignal
  /** Is told of each round. */
  readonly onRound: (result: HealthResult) => void
}

/** Whether everything serves; certificates that end soon keep nobody waiting. */
export const isHealthy = ({ endpoints }: HealthResult): boolean =>
  endpoints.every((health) => ['ok', 'warning'].includes(statusOfPart(health, 'service') ?? 'unknown'))

/**
 * Checks again and again until everything serves, or the time is over.
 * @param patienceMs how long at most, in milliseconds
 * @returns the last result
 */
export async function waitUntilHealthy(
  context: Context,
  bound: Bound,
  limits: RunOptions,
  patienceMs: number,
  { everyMs, signal, onRound }: Repetition,
): Promise<HealthResult> {
  const end = context.uptime() + patienceMs
  for (;;) {
    const left = Math.max(1, end - context.uptime())
    const deadlineMs = Math.min(left, limits.deadlineMs ?? left)
    const result = await checkBound(context, bound, { ...limits, deadlineMs, signal })
    onRound(result)
    if (isHealthy(result) || signal.aborted || context.uptime() + everyMs >= end) return result
    await context.sleep(everyMs, signal)
    if (signal.aborted) return result
  }
}

/** Checks and records again and again until the signal ends it. @returns the last result; undefined when there was none */
export async function watchHealth(
  context: Context,
  store: Store,
  bound: Bound,
  limits: RunOptions,
  { everyMs, signal, onRound }: Repetition,
): Promise<HealthResult | undefined> {
  let last: HealthResult | undefined
  while (!signal.aborted) {
    const result = await checkBound(context, bound, { ...limits, signal })
    if (signal.aborted) return last
    last = await recorded(store, result)
    onRound(last)
    await context.sleep(everyMs, signal)
  }
  return last
}
