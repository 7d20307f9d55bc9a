import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { driveRun } from '../../src/lib/journal/drive.ts'
import type { Executor } from '../../src/lib/journal/executor.ts'
import { beginRun, reopenRun, stepRun } from '../../src/lib/journal/journal.ts'
import { acquireLease } from '../../src/lib/journal/lease.ts'
import { readEffects, readItems, readRun } from '../../src/lib/journal/read.ts'
import { failure } from '../support/failure.ts'
import { leaseOn, steppingContext } from '../support/journal.ts'
import { temporaryStore } from '../support/store.ts'

const OPTIONS = { leaseMs: 60_000, waitMs: 0, operation: 'tenant apply' }
const ITEM = { wave: 0, key: 'k', name: 'Item', action: 'create', input: {} }

test('one at a time: the second is told who works there since when, and how to go on', async () => {
  const store = await temporaryStore()
  const context = steppingContext({ actor: 'marta' })
  const lease = await leaseOn(store, context)
  await beginRun(store, context, lease, { kind: 'apply', options: {}, items: [ITEM] })
  const error = await failure(() =>
    acquireLease(store, steppingContext({ actor: 'jan' }), 'portal/local', OPTIONS),
  )
  expect(error).toMatchObject({
    code: 'SCOPE_LOCKED',
    exit: 5,
    message: `portal/local is being worked on by marta@test (pid ${process.pid}, run-1, test, since 2026-11-23T12:00:00.000Z)`,
  })
  await leaseOn(store, context, 'portal/other')
  await lease.release()
  await leaseOn(store, steppingContext({ actor: 'jan' }))
})

test('who may wait gets it as soon as it is free', async () => {
  const store = await temporaryStore()
  const first = await leaseOn(store, steppingContext())
  const waiting = steppingContext()
  const sleep = waiting.sleep
  const patient = {
    ...waiting,
    sleep: async (ms: number) => {
      await first.release()
      await sleep(ms)
    },
  }
  const second = await acquireLease(store, patient, 'portal/local', { ...OPTIONS, waitMs: 60_000 })
  expect(second.lasts(1)).toBe(true)
  await second.release()
})

test('a holder on this machine that is dead is succeeded at once', async () => {
  const store = await temporaryStore()
  const child = spawn('sleep', ['1000'])
  await leaseOn(store, steppingContext({ pid: child.pid ?? 0 }))
  expect(await failure(() => acquireLease(store, steppingContext(), 'portal/local', OPTIONS))).toMatchObject({
    code: 'SCOPE_LOCKED',
  })
  child.kill('SIGKILL')
  await once(child, 'exit')
  const next = await acquireLease(store, steppingContext(), 'portal/local', OPTIONS)
  await next.release()
})

test('one elsewhere is believed dead only when its lease is over', async () => {
  const store = await temporaryStore()
  const there = steppingContext({ host: 'other', pid: 999_999_999 })
  await leaseOn(store, there)
  const here = steppingContext()
  expect(await failure(() => acquireLease(store, here, 'portal/local', OPTIONS))).toMatchObject({
    code: 'SCOPE_LOCKED',
  })
  here.advance(60_000)
  const next = await acquireLease(store, here, 'portal/local', OPTIONS)
  await next.release()
})

test('a holder that slept over its lease changes nothing any more and is told so', async () => {
  const store = await temporaryStore()
  const sleeper = steppingContext({ host: 'other' })
  const lease = await leaseOn(store, sleeper)
  const { number } = await beginRun(store, sleeper, lease, { kind: 'apply', options: {}, items: [ITEM] })
  const [claimed] = await stepRun(store, sleeper, lease, number, [], 1)
  expect(claimed).toMatchObject({ epoch: 1, unknown: false })
  expect(lease.lasts(20_000)).toBe(true)

  const other = steppingContext({ actor: 'jan' })
  sleeper.advance(61_000)
  other.advance(61_000)
  expect(lease.lasts(20_000)).toBe(false)
  const taken = await acquireLease(store, other, 'portal/local', OPTIONS)
  await reopenRun(store, other, taken, number, 'open')
  const [again] = await stepRun(store, other, taken, number, [], 1)
  expect(again).toMatchObject({ epoch: 3, unknown: true })

  if (claimed === undefined || again === undefined) throw new Error('nothing was claimed')
  const late = [{ item: claimed, outcome: { kind: 'failed', reason: 'stale' } }] as const
  expect(await failure(() => stepRun(store, sleeper, lease, number, late, 9))).toMatchObject({
    code: 'LEASE_LOST',
    exit: 5,
  })
  expect(lease.lost.aborted).toBe(true)
  expect([...readItems(store, number)]).toMatchObject([{ state: 'running', reason: null }])

  await stepRun(store, other, taken, number, [{ item: again, outcome: { kind: 'done' } }], 0)
  // Even with a valid lease, an outcome of a former claim has no effect.
  await stepRun(
    store,
    other,
    taken,
    number,
    [{ item: claimed, outcome: { kind: 'failed', reason: 'old' } }],
    0,
  )
  expect([...readItems(store, number)]).toMatchObject([{ state: 'done', reason: null }])
  expect([...readEffects(store, number)].map(({ epoch, outcome }) => [epoch, outcome])).toEqual([
    [1, null],
    [3, 'done'],
  ])
  await taken.release()
})

test('the engine sends nothing once the lease is over, and tells who has it now', async () => {
  const store = await temporaryStore()
  const context = steppingContext({ host: 'other' })
  const lease = await leaseOn(store, context)
  const items = [ITEM, { ...ITEM, key: 'l' }, { ...ITEM, key: 'm' }]
  const { number } = await beginRun(store, context, lease, { kind: 'apply', options: {}, items })
  const sent: string[] = []
  const executor: Executor = {
    batch: 1,
    concurrency: 1,
    deadlineMs: 1000,
    execute: async ([item]) => {
      sent.push(item?.key ?? '')
      // The process is stopped for a while, and somebody takes over.
      context.advance(61_000)
      const other = steppingContext({ actor: 'jan' })
      other.advance(61_000)
      const taken = await acquireLease(store, other, 'portal/local', OPTIONS)
      await taken.release()
      return [{ kind: 'done' }]
    },
    isDone: async () => 'no',
  }
  const error = await failure(() => driveRun(store, context, lease, readRun(store, number), executor))
  expect(error).toMatchObject({ code: 'LEASE_LOST' })
  expect(error.message).toContain('taken over by jan@test')
  expect(sent).toEqual(['k'])
})
