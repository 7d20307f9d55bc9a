import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cancelRun } from '../../src/lib/journal/cancel.ts'
import { beginRun, endRun, reopenRun, requestCancel } from '../../src/lib/journal/journal.ts'
import { RUN_STATES, type RunState } from '../../src/lib/journal/model.ts'
import { readItems, readRun } from '../../src/lib/journal/read.ts'
import { hasNotEnded, moveRun, refuseEndedForGood } from '../../src/lib/journal/states.ts'
import { transaction } from '../../src/lib/store/sqlite.ts'
import { root } from '../support/cli.ts'
import { failure } from '../support/failure.ts'
import { leaseOn, steppingContext } from '../support/journal.ts'
import { temporaryStore } from '../support/store.ts'

const ITEM = { wave: 0, key: 'k', name: 'Item', action: 'create', input: {} }

/** A run that has come into a state in the way that people know it. */
async function runIn(state: RunState) {
  const store = await temporaryStore()
  const context = steppingContext({ actor: 'marta', command: 'ozgctl tenant apply -f n.yaml' })
  const lease = await leaseOn(store, context)
  const begin = () => beginRun(store, context, lease, { kind: 'apply', options: {}, items: [ITEM] })
  await begin()
  if (state === 'superseded') await begin()
  else if (state !== 'running') await endRun(store, context, lease, 1, state, null)
  const all = () => JSON.stringify([readRun(store, 1), [...readItems(store, 1)]])
  return { store, context, lease, all }
}

const WAYS: Readonly<Record<RunState, readonly RunState[]>> = {
  running: ['running', 'stopped', 'done', 'partial', 'cancelled', 'superseded'],
  stopped: ['running', 'cancelled', 'superseded'],
  done: ['running'],
  partial: ['running'],
  cancelled: [],
  superseded: [],
}

describe.each(RUN_STATES)('a run that is %s', (from) => {
  test.each(RUN_STATES)('may become %s, or is refused and stays as it is', async (to) => {
    const { store, context, all } = await runIn(from)
    const before = all()
    const move = () => transaction(store.db, () => moveRun(store, context, 1, to, 'why'))
    if (WAYS[from].includes(to)) {
      await move()
      const endedAt = to === 'running' ? null : context.now().toISOString()
      expect(readRun(store, 1)).toMatchObject({ state: to, reason: 'why', endedAt })
    } else {
      expect(await failure(move)).toMatchObject({ code: 'RUN_ENDED', exit: 64 })
      expect(all()).toBe(before)
    }
  })

  test('says whether it can be gone on with', async () => {
    const { store } = await runIn(from)
    expect(hasNotEnded(readRun(store, 1))).toBe(from === 'running' || from === 'stopped')
  })
})

describe.each(['cancelled', 'superseded'] as const)('a run that was %s stays so', (state) => {
  test.each(['open', 'failed'] as const)('when it is to go on with what is %s', async (selection) => {
    const { store, context, lease, all } = await runIn(state)
    const before = all()
    const held = () => store.db.prepare('SELECT run FROM lock').get()?.run
    const heldBefore = held()
    expect(await failure(() => reopenRun(store, context, lease, 1, selection))).toMatchObject({
      code: 'RUN_ENDED',
      suggestions: [
        'See what was not done: ozgctl run show run-1 --only cancelled',
        'What is left takes a new run: ozgctl tenant apply -f n.yaml',
      ],
    })
    expect(all()).toBe(before)
    expect(held()).toBe(heldBefore)
  })

  test('when it is cancelled', async () => {
    const { store, context, all } = await runIn(state)
    const before = all()
    expect(await failure(() => cancelRun(store, context, readRun(store, 1)))).toMatchObject({
      code: 'RUN_ENDED',
      exit: 64,
    })
    expect(all()).toBe(before)
  })

  test('when somebody still works on it and comes to an end', async () => {
    const { store, context, lease, all } = await runIn(state)
    const before = all()
    for (const end of ['done', 'partial', 'stopped', 'cancelled'] as const)
      expect(await failure(() => endRun(store, context, lease, 1, end, null))).toMatchObject({
        code: 'RUN_ENDED',
      })
    expect(all()).toBe(before)
  })
})

test('what has ended is told with why, before anything is looked at', async () => {
  const { store } = await runIn('superseded')
  expect(await failure(async () => refuseEndedForGood(readRun(store, 1)))).toMatchObject({
    message: 'run-1 has ended for good (superseded: superseded by run-2)',
  })
  for (const state of ['running', 'stopped', 'done', 'partial'] as const) {
    const { store: other } = await runIn(state)
    expect(() => refuseEndedForGood(readRun(other, 1))).not.toThrow()
  }
})

test('with all of its items settled a run that was stopped is still cancelled', async () => {
  const { store, context, lease } = await runIn('running')
  store.db.exec("UPDATE run_item SET state = 'done'")
  await endRun(store, context, lease, 1, 'stopped', 'signal')
  await lease.release()
  expect((await cancelRun(store, context, readRun(store, 1))).run).toMatchObject({
    state: 'cancelled',
    counts: { done: 1, cancelled: 0 },
  })
})

test('a wish to cancel does not survive a resume', async () => {
  const { store, context, lease } = await runIn('running')
  await requestCancel(store, context, readRun(store, 1))
  await endRun(store, context, lease, 1, 'stopped', null)
  expect(await reopenRun(store, context, lease, 1, 'open')).toMatchObject({
    state: 'running',
    cancelRequested: false,
    endedAt: null,
  })
})

test('nothing else in the sources brings a run into another state', () => {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  const writing = files
    .filter((file) => file.endsWith('.ts'))
    .filter((file) => /UPDATE run SET[^'"`]*\bstate\s*=/.test(readFileSync(join(root, 'src', file), 'utf8')))
  expect(writing).toEqual(['lib/journal/states.ts'])
})
