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

/** Whether all were asked to the end. */
const isWhole = ({ endpoints }: HealthResult): boolean =>
  endpoints.every(({ report }) => report?.verdicts.every(({ isCut }) => !isCut) ?? false)

/**
 * Checks again and again until everything serves, or the time is over.
 * @param patienceMs how long at most, in milliseconds
 * @returns the last result; where the time cut it short, the one before says more
 */
export async function waitUntilHealthy(
  context: Context,
  bound: Bound,
  limits: RunOptions,
  patienceMs: number,
  { everyMs, signal, onRound }: Repetition,
): Promise<HealthResult> {
  const end = context.uptime() + patienceMs
  let former: HealthResult | undefined
  for (;;) {
    const left = Math.max(1, end - context.uptime())
    const deadlineMs = Math.min(left, limits.deadlineMs ?? left)
    const result = await checkBound(context, bound, { ...limits, deadlineMs, signal })
    onRound(result)
    const isOver = signal.aborted || context.uptime() + everyMs >= end
    if (isHealthy(result) || isOver) return isWhole(result) ? result : (former ?? result)
    if (isWhole(result)) former = result
    await context.sleep(everyMs, signal)
    if (signal.aborted) return former ?? result
  }
}

/** A store that is in the way is waited for no longer: the next round comes soon, and a signal is heard behind it only. */
const PATIENCE_MS = 5000

/** Checks and records again and again until the signal ends it. @returns the last result; undefined when there was none */
export async function watchHealth(
  context: Context,
  store: Store,
  bound: Bound,
  limits: RunOptions,
  { everyMs, signal, onRound }: Repetition,
): Promise<HealthResult | undefined> {
  let last: HealthResult | undefined
  let former: readonly string[] = []
  while (!signal.aborted) {
    const begun = context.uptime()
    const result = await checkBound(context, bound, { ...limits, signal })
    if (signal.aborted) return last
    const left = (limits.deadlineMs ?? Number.POSITIVE_INFINITY) - (context.uptime() - begun)
    const patienceMs = Math.max(0, Math.min(left, PATIENCE_MS))
    const remarks: string[] = []
    const warn = (message: string): void => void remarks.push(message)
    last = await recorded({ now: () => context.now(), warn }, store, result, { patienceMs })
    // The same trouble can last for days.
    for (const remark of remarks) if (!former.includes(remark)) context.warn(remark)
    former = remarks
    onRound(last)
    await context.sleep(everyMs, signal)
  }
  return last
}
