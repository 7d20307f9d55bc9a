import { describe, expect, test, vi } from 'vitest'
import { OzgctlError } from '../../src/lib/errors.ts'
import { cancelRun } from '../../src/lib/journal/cancel.ts'
import { reopenRun, requestCancel, requestPause } from '../../src/lib/journal/journal.ts'
import type { Run } from '../../src/lib/journal/model.ts'
import { readRun } from '../../src/lib/journal/read.ts'
import { begun, DONE, items, type Place, scripted } from '../support/scripted.ts'

const COUNT = 9

/** Goes on with the run of a place, with nobody in the way. */
async function resumed({ store, context, lease, drive }: Place): Promise<Run> {
  await reopenRun(store, context, lease, 1, 'open')
  return (await drive(scripted(() => DONE))).run
}

const cancelled = async ({ store, context, lease }: Place): Promise<Run> => {
  await lease.release()
  return (await cancelRun(store, context, readRun(store, 1))).run
}

type Asking = (place: Place, operator: AbortController) => Promise<void>
const ASKING: Readonly<Record<'signal' | 'paused' | 'cancelled', Asking>> = {
  signal: async (_place, operator) => operator.abort(),
  paused: ({ store, context, run }) => requestPause(store, context, run),
  cancelled: ({ store, context, run }) => requestCancel(store, context, run),
}

/** Drives a run of which somebody wants the end when an item is sent, or has just been settled. */
async function askedAt(ask: Asking, at: number, moment: 'sent' | 'settled') {
  const place = await begun(items(COUNT))
  const operator = new AbortController()
  let asked: Promise<void> | undefined
  let settled = 0
  const executor = scripted(() => DONE, {
    concurrency: 1,
    execute: async ([item]) => {
      if (moment === 'sent' && item?.ordinal === at) await ask(place, operator)
      return [DONE]
    },
  })
  const result = await place.drive(executor, {
    signal: operator.signal,
    onSettled: (_item, { kind }) => {
      if (kind === 'done' && settled++ === at && moment === 'settled') asked = ask(place, operator)
    },
  })
  await asked
  return { place, ...result }
}

const EVERY = Array.from({ length: COUNT }, (_, at) => at)
const WAYS = [
  ...EVERY.map((at) => ['signal', at, 'sent'] as const),
  ...EVERY.map((at) => ['signal', at, 'settled'] as const),
  // Such a wish is looked for between two steps: of few items all are done by then.
  ...EVERY.map((at) => ['paused', at, 'sent'] as const),
  ...EVERY.map((at) => ['cancelled', at, 'sent'] as const),
]

test.each(WAYS)(
  'asked to end (%s) when item %i is %s: it is done, or can be gone on with',
  async (...way) => {
    const [kind, at, moment] = way
    const { place, run, stopped } = await askedAt(ASKING[kind], at, moment)
    if (run.counts.done === COUNT) {
      // Whoever asked came too late.
      expect(stopped).toBeUndefined()
      expect(run).toMatchObject({ state: 'done', reason: null })
    } else {
      expect(stopped).toEqual({ kind })
      expect(run).toMatchObject({
        state: kind === 'cancelled' ? 'cancelled' : 'stopped',
        counts: { unknown: 0, running: 0 },
      })
      if (kind !== 'cancelled')
        expect(await resumed(place)).toMatchObject({ state: 'done', counts: { done: COUNT } })
    }
    const isLate = at === COUNT - 1
    if (kind === 'signal' || isLate) expect(run.state === 'done').toBe(isLate)
    if (at === 0) expect(run.counts.done).toBeLessThan(COUNT)
  },
)

test('stopped before the end it can be cancelled', async () => {
  const { place } = await askedAt(ASKING.signal, 2, 'settled')
  expect(await cancelled(place)).toMatchObject({ state: 'cancelled', counts: { done: 3, cancelled: 6 } })
})

test('enough failures with the last item have stopped nothing: the run has ended, with failures', async () => {
  const { drive } = await begun(items(2))
  const executor = scripted(() => ({ kind: 'failed', reason: 'no' }), { concurrency: 1 })
  const { run, stopped } = await drive(executor, { maxFailures: () => 2 })
  expect(stopped).toBeUndefined()
  expect(run).toMatchObject({ state: 'partial', counts: { failed: 2 } })
})

describe('what follows the items', () => {
  const DOWN = new OzgctlError('PORTAL_UNAVAILABLE', 'nobody listens', { exit: 69 })

  test('comes after the last of them and before the run is done', async () => {
    const { store, drive } = await begun(items(3))
    const seen: string[] = []
    const executor = scripted(() => DONE, {
      finish: async () => {
        const { state, counts } = readRun(store, 1)
        seen.push(`${state} ${counts.done}`)
        return 'done'
      },
    })
    expect((await drive(executor)).run.state).toBe('done')
    expect(seen).toEqual(['running 3'])
  })

  test('comes after failures, too, and not while something is open', async () => {
    const finish = vi.fn(async () => 'done' as const)
    const failing = await begun(items(2))
    const fails = scripted((item) => (item.key === 'k1' ? { kind: 'failed', reason: 'no' } : DONE), {
      finish,
    })
    expect((await failing.drive(fails)).run.state).toBe('partial')
    expect(finish).toHaveBeenCalledTimes(1)
    const stopping = await begun(items(2))
    const halts = scripted((item) => (item.key === 'k1' ? { kind: 'halt', reason: 'wait' } : DONE), {
      finish,
    })
    expect((await stopping.drive(halts)).run.state).toBe('stopped')
    expect(finish).toHaveBeenCalledTimes(1)
  })

  test('when it cannot be done the run is not done: a resume does it, and nothing else', async () => {
    const place = await begun(items(3))
    const { run, stopped } = await place.drive(scripted(() => DONE, { finish: () => Promise.reject(DOWN) }))
    expect(stopped).toEqual({ kind: 'unfinished', error: DOWN })
    expect(run).toMatchObject({
      state: 'stopped',
      reason:
        'nothing is left to do in the portal, but its copy in the store was not refreshed: nobody listens',
      counts: { done: 3 },
    })
    const finish = vi.fn(async () => 'done' as const)
    const again = scripted(() => DONE, { finish })
    await reopenRun(place.store, place.context, place.lease, 1, 'open')
    expect((await place.drive(again)).run).toMatchObject({ state: 'done', reason: null })
    expect(finish).toHaveBeenCalledTimes(1)
    expect([again.sent, again.readBack]).toEqual([[], []])
  })

  test('or the run is cancelled', async () => {
    const place = await begun(items(3))
    await place.drive(scripted(() => DONE, { finish: () => Promise.reject(DOWN) }))
    expect(await cancelled(place)).toMatchObject({ state: 'cancelled', counts: { done: 3, cancelled: 0 } })
  })

  test('a fault in it is no outage, and leaves the run to be gone on with', async () => {
    const place = await begun(items(1))
    const fault = new TypeError('not a function')
    const { run, stopped } = await place.drive(scripted(() => DONE, { finish: () => Promise.reject(fault) }))
    expect(stopped).toEqual({ kind: 'error', error: fault })
    expect(run.state).toBe('stopped')
    expect((await resumed(place)).state).toBe('done')
  })

  test('an operator who wants the end meanwhile gets it', async () => {
    const place = await begun(items(2))
    const operator = new AbortController()
    const executor = scripted(() => DONE, {
      finish: async (stop) => {
        operator.abort()
        return stop?.aborted === true ? 'stopped' : 'done'
      },
    })
    const { run, stopped } = await place.drive(executor, { signal: operator.signal })
    expect(stopped).toEqual({ kind: 'signal' })
    expect(run).toMatchObject({ state: 'stopped', reason: 'signal', counts: { done: 2 } })
    expect((await resumed(place)).state).toBe('done')
  })
})

describe('whatever ends the work', () => {
  /** Timers of this process that were begun and not ended while `work` ran. */
  async function leftRunning(work: () => Promise<unknown>): Promise<number> {
    const running = new Set<unknown>()
    const begin = globalThis.setInterval
    const end = globalThis.clearInterval
    vi.stubGlobal('setInterval', (...args: Parameters<typeof begin>) => {
      const timer = begin(...args)
      running.add(timer)
      return timer
    })
    vi.stubGlobal('clearInterval', (timer: Parameters<typeof end>[0]) => {
      running.delete(timer)
      end(timer)
    })
    try {
      await work().catch(() => undefined)
    } finally {
      vi.unstubAllGlobals()
    }
    for (const timer of running) end(timer as Parameters<typeof end>[0])
    return running.size
  }

  test.each([
    ['its end', undefined],
    ['a disk that is full at the first outcome', 'k0'],
    ['one that is full at the last', 'k1'],
  ])('%s leaves no timer and no listener that keep the process alive', async (_name, full) => {
    const { store, drive } = await begun(items(2))
    const operator = new AbortController()
    const removed = vi.spyOn(operator.signal, 'removeEventListener')
    const executor = scripted(() => DONE, {
      concurrency: 2,
      execute: async ([item], _signal, { stop }) => {
        if (item?.key === full) store.db.exec('PRAGMA query_only = ON')
        // The other one is under way until the work is given up, and comes back when nothing can be written any more.
        else if (full === 'k0') await new Promise((resolve) => stop.addEventListener('abort', resolve))
        return [DONE]
      },
    })
    expect(await leftRunning(() => drive(executor, { signal: operator.signal }))).toBe(0)
    expect(removed).toHaveBeenCalledTimes(1)
    store.db.exec('PRAGMA query_only = OFF')
  })
})

test('an error with the last item done is told, and the run can be gone on with', async () => {
  const place = await begun(items(1))
  const prepare = place.store.db.prepare.bind(place.store.db)
  const fault = new Error('disk I/O error')
  let isDone = false
  vi.spyOn(place.store.db, 'prepare').mockImplementation((sql) => {
    // The look for the wishes of others, after the last outcome has been written.
    if (isDone && sql.includes('cancel_requested, pause_requested')) throw fault
    return prepare(sql)
  })
  const executor = scripted(() => {
    isDone = true
    return DONE
  })
  const { run, stopped } = await place.drive(executor)
  expect(stopped).toEqual({ kind: 'error', error: fault })
  expect(run).toMatchObject({ state: 'stopped', reason: 'disk I/O error', counts: { done: 1 } })
  vi.restoreAllMocks()
  expect((await resumed(place)).state).toBe('done')
})
