import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { beginOwnRun, beginRun, endRun } from '../../src/lib/journal/journal.ts'
import { acquireLease } from '../../src/lib/journal/lease.ts'
import { listRuns, readItems, readRun } from '../../src/lib/journal/read.ts'
import { openStore, type Store } from '../../src/lib/store/sqlite.ts'
import { failure } from '../support/failure.ts'
import { temporaryFolder } from '../support/folder.ts'
import { leaseOn, steppingContext } from '../support/journal.ts'
import { temporaryStore } from '../support/store.ts'

const ITEM = { wave: 0, key: 'k', name: 'Item', action: 'create', input: {} }
const OPTIONS = { leaseMs: 60_000, operation: 'migration run' }
const WANTED = { kind: 'migration', options: {}, items: [ITEM] } as const

const begin = (store: Store, prefix: string, context = steppingContext()) =>
  beginOwnRun(store, context, prefix, OPTIONS, WANTED)

test('runs that begin at the same time never get the same scope, and none supersedes another', async () => {
  const path = join(temporaryFolder(), 'ozgctl.db')
  const stores = [await openStore(path), await openStore(path)] as const
  onTestFinished(() => {
    for (const store of stores) store.close()
  })
  const begun = await Promise.all(
    Array.from({ length: 12 }, (_, at) => begin(stores[at % 2 === 0 ? 0 : 1], 'migration/m')),
  )
  const scopes = begun.map(({ run }) => run.scope)
  expect(scopes.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))).toEqual(
    Array.from({ length: 12 }, (_, at) => `migration/m#${at + 1}`),
  )
  expect(begun.map(({ lease }) => lease.scope)).toEqual(scopes)
  expect((await listRuns(stores[0])).map(({ state }) => state)).toEqual(Array(12).fill('running'))
  for (const { lease } of begun) await lease.release()
})

test('numbers go on after the highest, each kind and name for itself', async () => {
  const store = await temporaryStore()
  const scopes: string[] = []
  for (const prefix of [
    'migration/m',
    'migration/m',
    'migration/mm',
    'migration/_',
    'rollback/m',
    'migration/m',
  ]) {
    const { run, lease } = await begin(store, prefix)
    scopes.push(run.scope)
    await lease.release()
    // A store that somebody has cleared of old runs.
    store.db.prepare("UPDATE run SET scope = 'migration/m#41' WHERE scope = 'migration/m#2'").run()
  }
  expect(scopes).toEqual([
    'migration/m#1',
    'migration/m#2',
    'migration/mm#1',
    'migration/_#1',
    'rollback/m#1',
    'migration/m#42',
  ])
})

test('the scope is held from the first moment, for this run', async () => {
  const store = await temporaryStore()
  const { run, lease } = await begin(store, 'migration/m', steppingContext({ actor: 'marta' }))
  const error = await failure(() =>
    acquireLease(store, steppingContext(), run.scope, { ...OPTIONS, waitMs: 0 }),
  )
  expect(error.message).toMatch(
    /^migration\/m#1 is being worked on by marta@test \(pid \d+, run-1, migration run/,
  )
  expect(lease.lasts(59_000)).toBe(true)
  await endRun(store, steppingContext(), lease, run.number, 'done', null)
  await lease.release()
  await (await acquireLease(store, steppingContext(), run.scope, { ...OPTIONS, waitMs: 0 })).release()
})

test('a run that is refused leaves nothing: no number, no scope, no run', async () => {
  const store = await temporaryStore()
  const refuse = () => {
    throw new Error('busy')
  }
  const refused = beginOwnRun(store, steppingContext(), 'migration/m', OPTIONS, { ...WANTED, before: refuse })
  await expect(refused).rejects.toThrow('busy')
  expect(
    store.db.prepare('SELECT (SELECT count(*) FROM run) + (SELECT count(*) FROM lock) AS n').get(),
  ).toEqual({
    n: 0,
  })
})

test('who guards the beginning of a run sees what the former ones have left', async () => {
  const store = await temporaryStore()
  const context = steppingContext()
  const lease = await leaseOn(store, context)
  const former = await beginRun(store, context, lease, { kind: 'apply', options: {}, items: [ITEM] })
  const seen: unknown[] = []
  const look = (run: number) => {
    seen.push(readRun(store, former.number).state, [...readItems(store, run)].length)
  }
  await beginRun(store, context, lease, { kind: 'apply', options: {}, items: [ITEM], before: look })
  expect(seen).toEqual(['running', 1])
  expect(readRun(store, former.number).state).toBe('superseded')
})
