import { expect, test } from 'vitest'
import { firstBrokenEntry, readAudit } from '../../src/lib/journal/audit.ts'
import { cancelRun } from '../../src/lib/journal/cancel.ts'
import { beginRun, endRun } from '../../src/lib/journal/journal.ts'
import { findRun, listRuns, readRun } from '../../src/lib/journal/read.ts'
import { failure } from '../support/failure.ts'
import { leaseOn, steppingContext } from '../support/journal.ts'
import { temporaryStore } from '../support/store.ts'

const ITEM = { wave: 0, key: 'k', name: 'Item', action: 'create', input: {} }

async function threeRuns() {
  const store = await temporaryStore()
  const context = steppingContext({ actor: 'marta', host: 'pc1', command: 'ozgctl tenant apply -f n.yaml' })
  const lease = await leaseOn(store, context)
  const begin = () => beginRun(store, context, lease, { kind: 'apply', options: {}, items: [ITEM] })
  await begin()
  await begin()
  await endRun(store, context, lease, 2, 'stopped', 'signal')
  const other = await leaseOn(store, context, 'portal/other')
  await beginRun(store, context, other, { kind: 'adopt', options: {}, items: [ITEM] })
  await lease.release()
  await other.release()
  return { store, context }
}

test('the trail names person, host, command and time; a later run on the scope supersedes an unfinished one', async () => {
  const { store } = await threeRuns()
  const trail = await readAudit(store)
  expect(trail.map(({ seq, scope, run, event, detail }) => [seq, scope, run, event, detail])).toEqual([
    [1, 'portal/local', 1, 'started', '1 items'],
    [2, 'portal/local', 1, 'superseded', 'by run-2'],
    [3, 'portal/local', 2, 'started', '1 items'],
    [4, 'portal/local', 2, 'stopped', 'signal'],
    [5, 'portal/other', 3, 'started', '1 items'],
  ])
  expect(trail[0]).toMatchObject({
    actor: 'marta',
    host: 'pc1',
    command: 'ozgctl tenant apply -f n.yaml',
    at: '2026-11-23T12:00:00.000Z',
  })
  expect((await readAudit(store, 2)).map(({ seq }) => seq)).toEqual([3, 4])
  expect((await listRuns(store)).map(({ id, state }) => `${id} ${state}`)).toEqual([
    'run-3 running',
    'run-2 stopped',
    'run-1 superseded',
  ])
  expect(readRun(store, 1).counts).toMatchObject({ pending: 0, cancelled: 1 })
})

test.each([
  ["UPDATE audit SET actor = 'nobody' WHERE seq = 2", 2],
  ['DELETE FROM audit WHERE seq = 2', 3],
  ['DELETE FROM audit WHERE seq = 1', 2],
  ["UPDATE audit SET detail = '2 items' WHERE seq = 5", 5],
])('an entry that was changed or taken out is found: %s', async (sql, broken) => {
  const { store } = await threeRuns()
  expect(await firstBrokenEntry(store)).toBeUndefined()
  store.db.exec(sql)
  expect(await firstBrokenEntry(store)).toBe(broken)
})

test('a run is found by its name, its number, or as the latest', async () => {
  const { store } = await threeRuns()
  expect((await findRun(store, 'run-2')).number).toBe(2)
  expect((await findRun(store, '1')).number).toBe(1)
  expect((await findRun(store, 'latest')).number).toBe(3)
  expect(await failure(() => findRun(store, 'run-9'))).toMatchObject({
    code: 'RUN_UNKNOWN',
    exit: 64,
    suggestions: ['The latest are: run-3, run-2, run-1. See: ozgctl run list'],
  })
})

test('a run that nobody works on is cancelled at once, and only once', async () => {
  const { store, context } = await threeRuns()
  const { run } = await cancelRun(store, context, readRun(store, 2))
  expect(run).toMatchObject({ state: 'cancelled', reason: 'cancelled by marta', counts: { cancelled: 1 } })
  expect(await failure(() => cancelRun(store, context, run))).toMatchObject({ code: 'RUN_ENDED', exit: 64 })
})

test('one that somebody works on is asked to stop', async () => {
  const { store, context } = await threeRuns()
  await leaseOn(store, context, 'portal/other')
  const { run } = await cancelRun(store, context, readRun(store, 3))
  expect(run).toMatchObject({ state: 'running', cancelRequested: true, counts: { pending: 1 } })
})
