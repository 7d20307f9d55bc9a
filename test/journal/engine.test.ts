import { rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { OzgctlError } from '../../src/lib/errors.ts'
import { driveRun } from '../../src/lib/journal/drive.ts'
import { reopenRun, requestCancel } from '../../src/lib/journal/journal.ts'
import type { ClaimedItem, ItemOutcome } from '../../src/lib/journal/model.ts'
import { readRun } from '../../src/lib/journal/read.ts'
import { begun, DONE, effects, items, scripted, states } from '../support/scripted.ts'

test('every item is done once, its intent and its outcome are written down', async () => {
  const { store, drive } = await begun(items(3))
  const executor = scripted(() => DONE)
  const progress: string[] = []
  const { run, stopped } = await drive(executor, {
    onProgress: (done, failed) => progress.push(`${done}/${failed}`),
  })
  expect(stopped).toBeUndefined()
  expect(run).toMatchObject({ id: 'run-1', state: 'done', counts: { done: 3, pending: 0, failed: 0 } })
  expect(executor.sent).toEqual(['k0', 'k1', 'k2'])
  expect(executor.readBack).toEqual([])
  expect(effects(store)).toEqual(['0/1 done', '1/1 done', '2/1 done'])
  expect(progress).toEqual(['0/0', '1/0', '2/0', '3/0'])
})

test('an item of a later wave waits for all of the former', async () => {
  const { drive } = await begun(items(4, [2, 1, 2, 1]))
  const executor = scripted((item, attempt) =>
    item.key === 'k3' && attempt === 1 ? { kind: 'later', reason: 'busy', afterMs: null } : DONE,
  )
  await drive(executor)
  expect(executor.sent).toEqual(['k1', 'k3', 'k3', 'k0', 'k2'])
})

test('also for one of which nobody knows yet whether it was done', async () => {
  const { drive } = await begun(items(2, [0, 1]))
  let asked = 0
  const executor = scripted(
    ({ key }, attempt) => (key === 'k0' && attempt === 1 ? { kind: 'unknown', reason: 'cut' } : DONE),
    { isDone: async () => (asked++ < 2 ? 'unclear' : 'no') },
  )
  await drive(executor)
  expect(executor.sent).toEqual(['k0', 'k0', 'k1'])
})

test('items go in batches of the size that the executor takes', async () => {
  const sizes: number[] = []
  const { drive } = await begun(items(5))
  await drive(
    scripted(() => DONE, {
      batch: 2,
      execute: async (claimed) => {
        sizes.push(claimed.length)
        return claimed.map(() => DONE)
      },
    }),
  )
  expect(sizes).toEqual([2, 2, 1])
})

test('a pause that was asked for is kept by all; then the same item is sent again', async () => {
  const { store, context, drive } = await begun(items(2))
  const executor = scripted((item, attempt) =>
    item.key === 'k0' && attempt === 1 ? { kind: 'later', reason: 'too many', afterMs: 7000 } : DONE,
  )
  const { run } = await drive(executor, { concurrency: 1 })
  expect(run.state).toBe('done')
  expect(executor.sent).toEqual(['k0', 'k1', 'k0'])
  expect(context.uptime()).toBe(1_007_000)
  expect(effects(store)).toEqual(['0/1 later', '0/2 done', '1/1 done'])
})

const DAY_MS = 86_400_000

test.each(['before', 'while'])(
  'nothing waits longer than it was told to: the clock is set back %s it waits',
  async (when) => {
    const { store, context, run, lease } = await begun(items(1))
    const executor = scripted((_, attempt) =>
      attempt === 1 ? { kind: 'wait', reason: 'not yet', afterMs: 7000 } : DONE,
    )
    const sleep: typeof context.sleep = async (milliseconds) => {
      if (when === 'while') store.setClock(-DAY_MS)
      await context.sleep(milliseconds)
    }
    const onSettled = (_: ClaimedItem, { kind }: ItemOutcome): void => {
      if (when === 'before' && kind === 'later') store.setClock(-DAY_MS)
    }
    const { run: ended } = await driveRun(
      store,
      { ...context, sleep },
      lease,
      readRun(store, run.number),
      executor,
      { onSettled },
    )
    expect(ended.state).toBe('done')
    expect(context.slept).toEqual([7000])
  },
)

test('an item is tried again as soon as its time has come on the clock of the store', async () => {
  const { store, context, run, lease } = await begun(items(2))
  const executor = scripted((item, attempt) =>
    attempt === 1 ? { kind: 'wait', reason: 'not yet', afterMs: item.key === 'k0' ? 5000 : 9000 } : DONE,
  )
  const { run: ended } = await driveRun(store, context, lease, readRun(store, run.number), executor, {})
  expect(ended.state).toBe('done')
  expect(context.slept).toEqual([5000, 4000])
  expect(executor.sent).toEqual(['k0', 'k1', 'k0', 'k1'])
})

test('what fails does not stop the others', async () => {
  const { store, drive } = await begun(items(3))
  const { run } = await drive(
    scripted((item) => (item.key === 'k1' ? { kind: 'failed', reason: 'no' } : DONE)),
  )
  expect(run).toMatchObject({ state: 'partial', counts: { done: 2, failed: 1 } })
  expect(states(store)).toEqual(['k0 done', 'k1 failed no', 'k2 done'])
})

test('enough failures begin nothing more; what is left can be resumed', async () => {
  const { store, drive } = await begun(items(9))
  const executor = scripted(() => ({ kind: 'failed', reason: 'no' }), { concurrency: 1 })
  const { run, stopped } = await drive(executor, { maxFailures: (total) => Math.ceil(total * 0.2) })
  expect(stopped).toEqual({ kind: 'failures', failed: 2 })
  expect(executor.sent).toEqual(['k0', 'k1'])
  expect(run).toMatchObject({ state: 'stopped', counts: { failed: 2, pending: 7, running: 0 } })
  // Claimed, but not sent: the intent says so.
  expect(effects(store).slice(1, 4)).toEqual(['1/1 failed', '2/1 later', '3/1 later'])
})

test('without an answer an item is read back: done is done, not done is sent again', async () => {
  const { store, drive } = await begun(items(2))
  const executor = scripted((_, attempt) => (attempt === 1 ? { kind: 'unknown', reason: 'cut' } : DONE), {
    isDone: async ({ key }) => (key === 'k0' ? 'yes' : 'no'),
  })
  await drive(executor)
  expect(executor.sent).toEqual(['k0', 'k1', 'k1'])
  expect(effects(store)).toEqual(['0/1 done', '1/1 later', '1/2 done'])
})

test('what cannot be read back stays unknown, and is read back before it is sent again', async () => {
  const { store, drive } = await begun(items(1))
  const answers = ['unclear', 'unclear', 'no'] as const
  let asked = 0
  const executor = scripted((_, attempt) => (attempt === 1 ? { kind: 'unknown', reason: 'cut' } : DONE), {
    isDone: async () => answers[asked++] ?? 'no',
  })
  await drive(executor)
  expect(executor.sent).toEqual(['k0', 'k0'])
  expect(asked).toBe(3)
  expect(effects(store)).toEqual(['0/1 unknown', '0/2 unknown', '0/3 done'])
})

test('a portal that refuses everything for long is left alone', async () => {
  const { drive } = await begun(items(50))
  const executor = scripted(() => ({ kind: 'later', reason: 'maintenance', afterMs: 60_000 }))
  const { run, stopped } = await drive(executor)
  expect(stopped).toEqual({ kind: 'unavailable', reason: 'maintenance' })
  expect(run).toMatchObject({ state: 'stopped', counts: { pending: 50, failed: 0 } })
  // A few each time, not all of them again and again.
  expect(executor.sent.length).toBeLessThan(20)
})

test('one refusal concerns its item; when nothing has worked since, the next lets all wait', async () => {
  const { context, drive } = await begun(items(4))
  const begin = context.uptime()
  const sent: string[] = []
  const executor = scripted(
    ({ key }, attempt) => {
      sent.push(`${key} ${context.uptime() - begin}`)
      return attempt === 1 && key !== 'k3' ? { kind: 'later', reason: 'busy', afterMs: null } : DONE
    },
    { concurrency: 1 },
  )
  await drive(executor)
  expect(sent).toEqual(['k0 0', 'k1 0', 'k2 250', 'k3 500', 'k0 500', 'k1 500', 'k2 500'])
})

test('a pause that is too long is told and not waited for', async () => {
  const { context, drive } = await begun(items(1))
  const { stopped } = await drive(
    scripted(() => ({ kind: 'later', reason: 'in an hour', afterMs: 3_600_000 })),
  )
  expect(stopped).toEqual({ kind: 'unavailable', reason: 'in an hour' })
  expect(context.slept).toEqual([])
})

test('an item that never gets through is given up, and the others are done', async () => {
  const { store, drive } = await begun(items(2))
  const executor = scripted(
    (item) => (item.key === 'k0' ? { kind: 'later', reason: 'busy', afterMs: null } : DONE),
    { concurrency: 1 },
  )
  await drive(executor)
  expect(states(store)).toEqual(['k0 failed busy (6 attempts)', 'k1 done'])
  expect(executor.sent).toEqual(['k0', 'k1', 'k0', 'k0', 'k0', 'k0', 'k0'])
})

test('a signal: what was sent is waited for, nothing more is sent', async () => {
  const { store, drive } = await begun(items(40))
  const operator = new AbortController()
  const executor = scripted((item) => {
    if (item.key === 'k1') operator.abort()
    return DONE
  })
  const { run, stopped } = await drive(executor, { signal: operator.signal, concurrency: 2 })
  expect(stopped).toEqual({ kind: 'signal' })
  expect(executor.sent).toEqual(['k0', 'k1'])
  expect(run).toMatchObject({ state: 'stopped', counts: { done: 2, pending: 38, unknown: 0 } })
  expect(states(store)[2]).toBe('k2 pending stopped before it was sent')
})

test('a cancelled run ends for good', async () => {
  const { store, context, run, drive } = await begun(items(40))
  const executor = scripted(() => DONE, { concurrency: 1 })
  await requestCancel(store, context, run)
  const { run: ended, stopped } = await drive(executor)
  expect(stopped).toEqual({ kind: 'cancelled' })
  expect(ended).toMatchObject({ state: 'cancelled', counts: { pending: 0 } })
  expect(ended.counts.done + ended.counts.cancelled).toBe(40)
})

test('an error that concerns everything stops at once and is told', async () => {
  const { drive } = await begun(items(9))
  const error = new OzgctlError('UNAUTHORISED', 'no', { exit: 6 })
  const { run, stopped } = await drive(
    scripted(() => DONE, { concurrency: 1, execute: async () => Promise.reject(error) }),
  )
  expect(stopped).toEqual({ kind: 'error', error })
  // Of the one that was handed over nobody knows what became of it.
  expect(run).toMatchObject({ state: 'stopped', reason: 'no', counts: { pending: 8, unknown: 1, failed: 0 } })
})

test('a store that cannot be written: nothing more is sent', async () => {
  const { store, drive } = await begun(items(40))
  const executor = scripted(
    (item) => {
      if (item.key === 'k0') store.db.exec('PRAGMA query_only = ON')
      return DONE
    },
    { concurrency: 1 },
  )
  await expect(drive(executor)).rejects.toThrow(/readonly/)
  store.db.exec('PRAGMA query_only = OFF')
  // Those of the first window; their intents were on disk.
  expect(executor.sent).toEqual(['k0', 'k1', 'k2', 'k3', 'k4'])
  expect(states(store).slice(0, 5)).toEqual(executor.sent.map((key) => `${key} running`))
})

test('a store that is taken away under a run: nothing more is sent, and it is told', async () => {
  const { store, drive } = await begun(items(40))
  const executor = scripted(
    (item) => {
      if (item.key === 'k0') rmSync(store.db.location() ?? '')
      return DONE
    },
    { concurrency: 1 },
  )
  await expect(drive(executor)).rejects.toMatchObject({ code: 'STORE_REPLACED', exit: 74 })
  // Not even what has been claimed.
  expect(executor.sent).toEqual(['k0'])
})

test('a request that could outlast the lease is not even begun', async () => {
  const { drive } = await begun(items(1))
  const executor = scripted(() => DONE, { deadlineMs: 20_001 })
  await expect(drive(executor)).rejects.toThrow('20001 ms for a request are too long for a lease of 60000 ms')
  expect(executor.sent).toEqual([])
})

test('resumed after a kill: what was in hand is read back, what was done is not touched', async () => {
  const { store, context, run, lease, drive } = await begun(items(6))
  // What a process leaves that is killed: claims without outcomes.
  store.db.exec(`UPDATE run_item SET state = 'done' WHERE ordinal = 0;
    UPDATE run_item SET state = 'running', owner = 'gone', epoch = 1, lease_until = 9e15 WHERE ordinal IN (1, 2)`)
  await reopenRun(store, context, lease, run.number, 'open')
  const executor = scripted(() => DONE, { isDone: async ({ key }) => (key === 'k1' ? 'yes' : 'no') })
  const { run: ended } = await drive(executor)
  expect(executor.sent.toSorted()).toEqual(['k2', 'k3', 'k4', 'k5'])
  expect(ended).toMatchObject({ state: 'done', counts: { done: 6 } })
})

test('resumed for what failed, and only that', async () => {
  const { store, context, run, lease, drive } = await begun(items(3))
  await drive(scripted((item) => (item.key === 'k1' ? { kind: 'failed', reason: 'no' } : DONE)))
  await reopenRun(store, context, lease, run.number, 'failed')
  const executor = scripted(() => DONE)
  const { run: ended } = await drive(executor)
  expect(executor.sent).toEqual(['k1'])
  expect(ended).toMatchObject({ state: 'done', counts: { done: 3, failed: 0 } })
})
