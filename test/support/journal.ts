import { setImmediate } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import type { Context } from '../../src/lib/context.ts'
import { acquireLease, type Lease } from '../../src/lib/journal/lease.ts'
import type { Store } from '../../src/lib/store/sqlite.ts'
import { testContext } from './store.ts'

/** A world whose clock moves only when somebody sleeps, and what was slept. */
export interface SteppingContext extends Context {
  readonly slept: readonly number[]
  advance(milliseconds: number): void
}

export function steppingContext(more: Partial<Context> = {}): SteppingContext {
  let now = 1_000_000
  const slept: number[] = []
  return {
    ...testContext(),
    uptime: () => now,
    sleep: async (milliseconds) => {
      slept.push(milliseconds)
      const end = now + milliseconds
      await setImmediate()
      now = Math.max(now, end)
    },
    ...more,
    slept,
    advance: (milliseconds) => {
      now += milliseconds
    },
  }
}

/** A lease on a scope, given back with the test. */
export async function leaseOn(
  store: Store,
  context: Context,
  scope = 'portal/local',
  waitMs = 0,
): Promise<Lease> {
  const lease = await acquireLease(store, context, scope, { leaseMs: 60_000, waitMs, operation: 'test' })
  onTestFinished(() => lease.release())
  return lease
}
