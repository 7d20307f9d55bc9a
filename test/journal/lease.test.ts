import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { driveRun } from '../../src/lib/journal/drive.ts'
import type { Executor } from '../../src/lib/journal/executor.ts'
import { holderOf } from '../../src/lib/journal/holder.ts'
import { beginRun, noteItems, reopenRun, stepRun } from '../../src/lib/journal/journal.ts'
import { acquireLease, deadlineUnder, holderOfScope } from '../../src/lib/journal/lease.ts'
import { readEffects, readItems, readRun } from '../../src/lib/journal/read.ts'
import { StoreDatabase } from '../../src/lib/store/database.ts'
import { MIGRATIONS } from '../../src/lib/store/migrations.ts'
import { openStore, transaction } from '../../src/lib/store/sqlite.ts'
import { upgrade } from '../../src/lib/store/upgrade.ts'
import { failure } from '../support/failure.ts'
import { temporaryFolder } from '../support/folder.ts'
import { leaseOn, steppingContext, storeOf } from '../support/journal.ts'
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

test('who works on a scope is said while somebody does', async () => {
  const context = steppingContext({ actor: 'marta', host: 'other' })
  const store = storeOf(await temporaryStore(), context)
  const holder = () => holderOfScope(store, context.neighbour({ host: 'third' }), 'portal/local')
  expect(await holder()).toBeUndefined()
  const lease = await leaseOn(store, context)
  const marta = `marta@other (pid ${process.pid}, test, since 2026-11-23T12:00:00.000Z)`
  expect(await holder()).toBe(marta)
  context.advance(59_999)
  expect(await holder()).toBe(marta)
  context.advance(1)
  expect(await holder()).toBeUndefined()
  await lease.renew()
  expect(await holder()).toBe(marta)
  await lease.release()
  expect(await holder()).toBeUndefined()
})

test('each holder of a scope has a number of its own', async () => {
  const store = await temporaryStore()
  const epochs: unknown[] = []
  for (let holder = 0; holder < 3; holder++) {
    const lease = await acquireLease(store, steppingContext(), 'portal/local', OPTIONS)
    epochs.push(store.db.prepare('SELECT epoch FROM lock').get()?.epoch)
    await lease.release()
  }
  expect(epochs).toEqual([1, 2, 3])
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
  const here = steppingContext()
  const store = storeOf(await temporaryStore(), here)
  await leaseOn(store, here.neighbour({ host: 'other', pid: 999_999_999 }))
  const refused = () => failure(() => acquireLease(store, here, 'portal/local', OPTIONS))
  expect(await refused()).toMatchObject({ code: 'SCOPE_LOCKED' })
  here.advance(59_999)
  expect(await refused()).toMatchObject({ code: 'SCOPE_LOCKED' })
  here.advance(1)
  const next = await acquireLease(store, here, 'portal/local', OPTIONS)
  await next.release()
})

describe('the lease of a live holder', () => {
  test('is not over for a machine that has been up for longer', async () => {
    const here = steppingContext()
    const store = storeOf(await temporaryStore(), here)
    const there = steppingContext({ host: 'other' })
    there.advance(30 * 86_400_000)
    const lease = await leaseOn(store, there)
    expect(lease.lasts(20_000)).toBe(true)
    expect(await failure(() => acquireLease(store, here, 'portal/local', OPTIONS))).toMatchObject({
      code: 'SCOPE_LOCKED',
    })
  })

  test('is not over for a neighbour when the clock is set forward', async () => {
    const here = steppingContext()
    const store = storeOf(await temporaryStore(), here)
    const lease = await leaseOn(store, here)
    store.setClock(86_400_000)
    expect(await failure(() => acquireLease(store, here, 'portal/local', OPTIONS))).toMatchObject({
      code: 'SCOPE_LOCKED',
    })
    // It asks before it sends anything more.
    expect(lease.lasts(1)).toBe(false)
    await lease.renew()
    expect(lease.lasts(20_000)).toBe(true)
  })

  test('is over for a neighbour that was silent for as long as it lasts, wherever the clock is set', async () => {
    const here = steppingContext()
    const store = storeOf(await temporaryStore(), here)
    const lease = await leaseOn(store, here)
    store.setClock(-86_400_000)
    here.advance(59_999)
    expect(lease.lasts(0)).toBe(true)
    here.advance(1)
    expect(lease.lasts(0)).toBe(false)
    const next = await acquireLease(store, here, 'portal/local', OPTIONS)
    await next.release()
  })

  test('that was written by a clock that was ahead lasts as long as ever, and no longer', async () => {
    const here = steppingContext()
    const store = storeOf(await temporaryStore(), here)
    await leaseOn(store, here.neighbour({ host: 'other' }))
    store.setClock(-2 * 365 * 86_400_000)
    const refused = () => failure(() => acquireLease(store, here, 'portal/local', OPTIONS))
    expect(await refused()).toMatchObject({ code: 'SCOPE_LOCKED' })
    here.advance(59_999)
    expect(await refused()).toMatchObject({ code: 'SCOPE_LOCKED' })
    here.advance(1)
    const next = await acquireLease(store, here, 'portal/local', OPTIONS)
    await next.release()
  })

  test('is what is on disk: a renewal that does not get there prolongs nothing', async () => {
    const here = steppingContext()
    const store = storeOf(await temporaryStore(), here)
    const lease = await leaseOn(store, here)
    here.advance(50_000)
    const broken = transaction(store.db, () => {
      lease.renewNow()
      throw new Error('the disk is full')
    })
    await expect(broken).rejects.toThrow('the disk is full')
    expect(lease.lasts(9_999)).toBe(true)
    expect(lease.lasts(10_000)).toBe(false)
    await lease.renew()
    expect(lease.lasts(59_999)).toBe(true)
    expect(lease.lasts(60_000)).toBe(false)
  })
})

describe('a lease that a former version keeps, by the uptime of its machine', () => {
  /** A store of schema 4 in which such a process holds a scope, as this version finds it. */
  async function former(boot: (own: string) => string) {
    const path = join(temporaryFolder(), 'ozgctl.db')
    const here = steppingContext()
    const old = new StoreDatabase(path)
    await upgrade(old, path, MIGRATIONS.slice(0, 4))
    old
      .prepare(
        `INSERT INTO lock (scope, epoch, holder, run, actor, host, pid, process_start, boot, operation, since, lease_until)
         VALUES ('portal/local', 7, 'uuid', NULL, 'marta', 'test', 99, '100', ?, 'tenant apply', 'today', ?)`,
      )
      .run(boot(holderOf('test', process.pid).boot), here.uptime() + 10_000)
    old.close()
    const opened = await openStore(path)
    onTestFinished(() => opened.close())
    const store = storeOf(opened, here)
    return { here, take: () => acquireLease(store, here, 'portal/local', OPTIONS) }
  }

  test('is kept to', async () => {
    const { here, take } = await former((own) => own)
    expect(await failure(take)).toMatchObject({ code: 'SCOPE_LOCKED' })
    here.advance(9_999)
    expect(await failure(take)).toMatchObject({ code: 'SCOPE_LOCKED' })
    here.advance(1)
    await (await take()).release()
  })

  test('of another start of a machine ends one lease later', async () => {
    const { here, take } = await former(() => 'another')
    expect(await failure(take)).toMatchObject({ code: 'SCOPE_LOCKED' })
    here.advance(59_999)
    expect(await failure(take)).toMatchObject({ code: 'SCOPE_LOCKED' })
    here.advance(1)
    await (await take()).release()
  })
})

test('a process of a former version that still has the store open leaves a row that is understood', async () => {
  const here = steppingContext()
  const store = storeOf(await temporaryStore(), here)
  await (await acquireLease(store, here, 'portal/local', OPTIONS)).release()
  expect(store.db.prepare('SELECT holder, lease_until, lease_ms, renewed_at FROM lock').get()).toEqual({
    holder: null,
    lease_until: 0,
    lease_ms: null,
    renewed_at: null,
  })
})

test.each([
  [60_000, 20_000],
  [600_000, 20_000],
  [30_000, 10_000],
  [2_000, 666],
])(
  'under a lease of %i ms a request takes %i ms at most: it is over before the lease is',
  (leaseMs, deadline) => {
    expect(deadlineUnder({ leaseMs })).toBe(deadline)
    // The last that begins does so just before a beat that finds out that the lease was lost.
    expect(leaseMs / 4 + deadline).toBeLessThan(leaseMs)
  },
)

test('a holder that slept over its lease changes nothing any more and is told so', async () => {
  const sleeper = steppingContext({ host: 'other' })
  const store = storeOf(await temporaryStore(), sleeper)
  const lease = await leaseOn(store, sleeper)
  const { number } = await beginRun(store, sleeper, lease, { kind: 'apply', options: {}, items: [ITEM] })
  const [claimed] = await stepRun(store, sleeper, lease, number, [], 1)
  expect(claimed).toMatchObject({ epoch: 1, unknown: false })
  expect(lease.lasts(20_000)).toBe(true)

  const other = sleeper.neighbour({ actor: 'jan' })
  sleeper.advance(61_000)
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

test('what became of a former claim has no effect, also where the holder is the same', async () => {
  const context = steppingContext()
  const store = storeOf(await temporaryStore(), context)
  const lease = await leaseOn(store, context)
  const { number } = await beginRun(store, context, lease, { kind: 'apply', options: {}, items: [ITEM] })
  const [first] = await stepRun(store, context, lease, number, [], 1)
  if (first === undefined) throw new Error('nothing was claimed')
  const later = { kind: 'later', reason: 'busy', notBefore: 0 } as const
  const [second] = await stepRun(store, context, lease, number, [{ item: first, outcome: later }], 1)
  if (second === undefined) throw new Error('nothing was claimed')
  await noteItems(store, lease, number, [{ item: second, memo: 'of the second' }])
  await noteItems(store, lease, number, [{ item: first, memo: 'of the first' }])
  const stale = { kind: 'failed', reason: 'stale' } as const
  await stepRun(store, context, lease, number, [{ item: first, outcome: stale }], 0)
  expect([...readItems(store, number)]).toMatchObject([
    { state: 'running', reason: 'busy', memo: 'of the second' },
  ])
  await stepRun(store, context, lease, number, [{ item: second, outcome: { kind: 'done' } }], 0)
  expect([...readEffects(store, number)].map(({ epoch, outcome }) => [epoch, outcome])).toEqual([
    [1, 'later'],
    [2, 'done'],
  ])
})

test('a lease in a store that was taken away is lost, also while nothing is written', async () => {
  const store = await temporaryStore()
  const options = { ...OPTIONS, leaseMs: 80 }
  const lease = await acquireLease(store, { ...steppingContext(), uptime: () => 1 }, 'portal/local', options)
  rmSync(store.db.location() ?? '')
  await once(lease.lost, 'abort')
  expect(lease.lost.reason).toMatchObject({ code: 'STORE_REPLACED' })
  expect(lease.lasts(0)).toBe(false)
  await lease.release()
})

test('the engine sends nothing once the lease is over, and tells who has it now', async () => {
  const context = steppingContext({ host: 'other' })
  const store = storeOf(await temporaryStore(), context)
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
      const other = context.neighbour({ actor: 'jan' })
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
