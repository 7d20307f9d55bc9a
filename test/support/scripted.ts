import { driveRun } from '../../src/lib/journal/drive.ts'
import type { Attempt, DriveOptions, Executor } from '../../src/lib/journal/executor.ts'
import { beginRun } from '../../src/lib/journal/journal.ts'
import type { Lease } from '../../src/lib/journal/lease.ts'
import type { ClaimedItem, NewItem, Run } from '../../src/lib/journal/model.ts'
import { readEffects, readItems, readRun } from '../../src/lib/journal/read.ts'
import type { Store } from '../../src/lib/store/sqlite.ts'
import { leaseOn, type SteppingContext, steppingContext, storeOf } from './journal.ts'
import { temporaryStore } from './store.ts'

export const items = (count: number, waves: readonly number[] = []): readonly NewItem[] =>
  Array.from({ length: count }, (_, at) => ({
    wave: waves[at] ?? 0,
    key: `k${at}`,
    name: `Item ${at}`,
    action: 'create',
    input: { at },
  }))

export const DONE: Attempt = { kind: 'done' }

/** An executor that answers by a script, and remembers what it was asked. */
export function scripted(
  answer: (item: ClaimedItem, attempt: number) => Attempt,
  more: Partial<Executor> = {},
): Executor & { readonly sent: readonly string[]; readonly readBack: readonly string[] } {
  const sent: string[] = []
  const readBack: string[] = []
  return {
    batch: 1,
    concurrency: 4,
    deadlineMs: 1000,
    execute: async (claimed) =>
      claimed.map((item) => {
        sent.push(item.key)
        return answer(item, sent.filter((key) => key === item.key).length)
      }),
    isDone: async (item) => {
      readBack.push(item.key)
      return 'no'
    },
    ...more,
    sent,
    readBack,
  }
}

export interface Place {
  readonly store: ReturnType<typeof storeOf>
  readonly context: SteppingContext
  readonly run: Run
  readonly lease: Lease
  drive(executor: Executor, options?: DriveOptions): ReturnType<typeof driveRun>
}

export async function begun(wanted: readonly NewItem[]): Promise<Place> {
  const context = steppingContext()
  const store = storeOf(await temporaryStore(), context)
  const lease = await leaseOn(store, context)
  const run = await beginRun(store, context, lease, { kind: 'apply', options: {}, items: wanted })
  return {
    store,
    context,
    run,
    lease,
    drive: (executor, options) =>
      driveRun(store, context, lease, readRun(store, run.number), executor, options),
  }
}

export const states = (store: Store): readonly string[] =>
  [...readItems(store, 1)].map(({ key, state, reason }) => [key, state, reason].filter(Boolean).join(' '))
export const effects = (store: Store): readonly string[] =>
  [...readEffects(store, 1)].map(({ ordinal, epoch, outcome }) => `${ordinal}/${epoch} ${outcome}`)
