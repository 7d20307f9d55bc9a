import { setImmediate } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import type { Context } from '../../src/lib/context.ts'
import { acquireLease, type Lease } from '../../src/lib/journal/lease.ts'
import type { Store } from '../../src/lib/store/sqlite.ts'
import { testContext } from './store.ts'

/** A world whose clock moves only when somebody sleeps, and what was slept. */
export interface SteppingContext extends Context {
  readonly slept: readonly number[]
  readonly warnings: readonly string[]
  advance(milliseconds: number): void
  /** Another process on the same machine: its clock is the same. */
  neighbour(more?: Partial<Context>): SteppingContext
}

export function steppingContext(more: Partial<Context> = {}): SteppingContext {
  return onMachine({ now: 1_000_000 }, more)
}

function onMachine(clock: { now: number }, more: Partial<Context>): SteppingContext {
  const slept: number[] = []
  return {
    ...testContext(),
    uptime: () => clock.now,
    sleep: async (milliseconds) => {
      slept.push(milliseconds)
      const end = clock.now + milliseconds
      await setImmediate()
      clock.now = Math.max(clock.now, end)
    },
    ...more,
    slept,
    advance: (milliseconds) => {
      clock.now += milliseconds
    },
    neighbour: (own = {}) => onMachine(clock, own),
  }
}

const CALENDAR = Date.UTC(2026, 10, 23, 12)

/** A store on whose clock the time of a world passes, as long as nobody sets it. */
export function storeOf(
  store: Store,
  { uptime }: Pick<Context, 'uptime'>,
): Store & { setClock(forward: number): void } {
  let offset = CALENDAR - uptime()
  return {
    ...store,
    now: () => uptime() + offset,
    setClock: (forward) => {
      offset += forward
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
