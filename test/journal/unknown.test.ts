import { describe, expect, test } from 'vitest'
import { OzgctlError } from '../../src/lib/errors.ts'
import { cancelRun } from '../../src/lib/journal/cancel.ts'
import { beginRun, reopenRun } from '../../src/lib/journal/journal.ts'
import { readRun } from '../../src/lib/journal/read.ts'
import { unknownOutcomes } from '../../src/lib/journal/unknown.ts'
import { begun, DONE, effects, items, type Place, scripted, states } from '../support/scripted.ts'

const DENIED = new OzgctlError('UNAUTHORISED', 'denied', { exit: 6 })
const CUT = { kind: 'unknown', reason: 'cut' } as const

/** Goes on with a run. @returns what was sent, and what was read back before */
async function resumed({ store, context, lease, drive }: Place, isDone: 'yes' | 'no' | 'ask') {
  await reopenRun(store, context, lease, 1, 'open')
  const asked: string[] = []
  const executor = scripted(() => DONE, {
    isDone: async ({ key }) => {
      asked.push(key)
      return isDone
    },
  })
  const { run } = await drive(executor)
  return { run, asked, sent: executor.sent }
}

describe('what was sent and not answered', () => {
  test('stays unknown when nothing can be read back: it is read back before it is sent again', async () => {
    const place = await begun(items(1))
    const executor = scripted(() => CUT, { isDone: () => Promise.reject(DENIED) })
    const { stopped } = await place.drive(executor)
    expect(stopped).toEqual({ kind: 'error', error: DENIED })
    expect(states(place.store)).toEqual(['k0 unknown cut; it could not be read back: denied'])
    expect(effects(place.store)).toEqual(['0/1 unknown'])
    const { run, asked, sent } = await resumed(place, 'yes')
    expect([asked, sent, run.state]).toEqual([['k0'], [], 'done'])
  })

  test('so does each of a batch, and what of it is known is kept', async () => {
    const place = await begun(items(3))
    const executor = scripted((item) => (item.key === 'k1' ? CUT : DONE), {
      batch: 3,
      isDone: () => Promise.reject(DENIED),
    })
    await place.drive(executor)
    expect(states(place.store)).toEqual([
      'k0 done',
      'k1 unknown cut; it could not be read back: denied',
      'k2 done',
    ])
  })

  test('is no reason to send anything else, and that was not sent', async () => {
    const place = await begun(items(8))
    const executor = scripted(() => CUT, { concurrency: 1, isDone: () => Promise.reject(DENIED) })
    await place.drive(executor)
    expect(executor.sent).toEqual(['k0'])
    expect(states(place.store).slice(1)).toEqual(
      Array.from({ length: 7 }, (_, at) => `k${at + 1} pending stopped before it was sent`),
    )
  })

  test('is asked of a person when only a person can know, and settled by nobody else', async () => {
    const place = await begun(items(2))
    const executor = scripted((item) => (item.key === 'k0' ? CUT : DONE), { isDone: async () => 'ask' })
    expect((await place.drive(executor)).run.state).toBe('partial')
    expect(states(place.store)[0]).toMatch(/^k0 failed cut; whether it was done cannot be found out/)
    expect(effects(place.store)).toEqual(['0/1 unknown', '1/1 done'])
    expect(unknownOutcomes(place.store, 1)).toBe(1)
  })
})

test('whatever is thrown once items are handed over: nobody knows whether they were done', async () => {
  const place = await begun(items(3))
  let calls = 0
  const executor = scripted(() => DONE, {
    batch: 2,
    concurrency: 1,
    execute: () => {
      calls++
      return Promise.reject(DENIED)
    },
  })
  await place.drive(executor)
  expect(calls).toBe(1)
  expect(states(place.store)).toEqual([
    'k0 unknown denied',
    'k1 unknown denied',
    'k2 pending stopped before it was sent',
  ])
  expect(effects(place.store)).toEqual(['0/1 unknown', '1/1 unknown', '2/1 later'])
  const { asked, sent } = await resumed(place, 'no')
  expect([asked, sent.toSorted()]).toEqual([
    ['k0', 'k1'],
    ['k0', 'k1', 'k2'],
  ])
})

describe('a run that ends for good', () => {
  /** One item done, one unknown, one that was certainly not sent, one that a killed process had in hand. */
  async function leftBehind(): Promise<Place> {
    const place = await begun(items(4))
    const executor = scripted((item) => (item.key === 'k1' ? CUT : DONE), {
      concurrency: 1,
      isDone: () => Promise.reject(DENIED),
    })
    await place.drive(executor)
    place.store.db.exec(`UPDATE run_item SET state = 'running', epoch = 2 WHERE ordinal = 3;
      INSERT INTO effect (run, ordinal, epoch, intent_at, intent_by) VALUES (1, 3, 2, '', '')`)
    return place
  }
  const CLOSED = (why: string): readonly string[] => [
    'k0 done',
    `k1 cancelled ${why}; whether it was done nobody knows`,
    `k2 cancelled ${why}`,
    `k3 cancelled ${why}; whether it was done nobody knows`,
  ]

  test('by a cancel says of what nobody knows whether it was done', async () => {
    const { store, context, lease } = await leftBehind()
    await lease.release()
    const { run } = await cancelRun(store, context, readRun(store, 1))
    expect(run.reason).toBe('cancelled by tester; of 2 items nobody knows whether they were done')
    expect(states(store)).toEqual(CLOSED('cancelled by tester'))
    expect(unknownOutcomes(store, 1)).toBe(2)
  })

  test('by another run says so, and so does that one', async () => {
    const { store, context, lease } = await leftBehind()
    await beginRun(store, context, lease, { kind: 'apply', options: {}, items: items(1) })
    expect(readRun(store, 1)).toMatchObject({
      state: 'superseded',
      reason: 'superseded by run-2; of 2 items nobody knows whether they were done',
    })
    expect(states(store)).toEqual(CLOSED('superseded by run-2'))
    expect(context.warnings).toEqual([
      'run-1 left 2 items of which nobody knows whether they were done; run-2 begins from what there is now',
    ])
  })

  test('with everything known says nothing of it', async () => {
    const place = await begun(items(2))
    await place.drive(scripted(() => ({ kind: 'halt', reason: 'wait' })))
    await beginRun(place.store, place.context, place.lease, { kind: 'apply', options: {}, items: items(1) })
    expect(readRun(place.store, 1).reason).toBe('superseded by run-2')
    expect(place.context.warnings).toEqual([])
  })
})
