import { expect, test } from 'vitest'
import type { ItemState } from '../../src/lib/journal/model.ts'
import { findRun, listRuns, readItems, readRun } from '../../src/lib/journal/read.ts'
import { failure } from '../support/failure.ts'
import { begun, DONE, items, scripted } from '../support/scripted.ts'
import { temporaryStore } from '../support/store.ts'

test('a run is found by its name, its number, or as the latest', async () => {
  const { store, run } = await begun(items(2))
  for (const text of ['run-1', '1', 'latest']) expect(await findRun(store, text)).toEqual(run)
  expect(await listRuns(store)).toEqual([run])
  for (const text of ['run-2', '0', '-1', 'run-', '1.0', 'x1'])
    expect(await failure(() => findRun(store, text))).toMatchObject({
      code: 'RUN_UNKNOWN',
      exit: 64,
      message: `there is no run "${text}"`,
      suggestions: ['The latest are: run-1. See: ozgctl run list'],
    })
})

test('where there has been none yet, that is said', async () => {
  const store = await temporaryStore()
  expect(await listRuns(store)).toEqual([])
  expect(await failure(() => findRun(store, 'latest'))).toMatchObject({
    code: 'RUN_UNKNOWN',
    suggestions: ['There has been no run in this store yet.'],
  })
  expect(() => readRun(store, 7)).toThrow('no run 7')
})

test('items are read in their order, all or those in some states', async () => {
  const { store, run, drive } = await begun(items(3))
  await drive(scripted(({ key }) => (key === 'k1' ? { kind: 'failed', reason: 'no' } : DONE)))
  const keys = (...states: ItemState[]): readonly string[] =>
    [...readItems(store, run.number, states)].map(({ key }) => key)
  expect(keys()).toEqual(['k0', 'k1', 'k2'])
  expect(keys('failed')).toEqual(['k1'])
  expect(keys('done', 'pending')).toEqual(['k0', 'k2'])
  expect(readRun(store, run.number).counts).toEqual({
    pending: 0,
    running: 0,
    unknown: 0,
    done: 2,
    already: 0,
    failed: 1,
    cancelled: 0,
  })
})
