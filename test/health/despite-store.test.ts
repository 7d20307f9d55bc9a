import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { openedDespite } from '../../src/lib/health/despite-store.ts'
import { recorded } from '../../src/lib/health/health.ts'
import { readIntervals } from '../../src/lib/health/history.ts'
import { withImpact } from '../../src/lib/health/impact.ts'
import { openStore } from '../../src/lib/store/sqlite.ts'
import { temporaryFile, temporaryFolder } from '../support/folder.ts'
import { healthOf, resultOf } from '../support/health.ts'
import { temporaryStore, testContext } from '../support/store.ts'

const BROKEN = resultOf(healthOf({ service: 'critical' }))

test('a store that another process writes to: the result stays, and what is missing is told', async () => {
  const store = await temporaryStore()
  const other = new DatabaseSync(store.path)
  onTestFinished(() => other.close())
  other.exec('BEGIN IMMEDIATE')
  const context = testContext()
  expect(await recorded(context, store, BROKEN, { patienceMs: 20 })).toEqual(BROKEN)
  expect(context.warnings).toEqual([
    `the result is not recorded: another ozgctl has been writing to ${store.path} for more than 0.02 s`,
  ])
  other.exec('ROLLBACK')
  const known = await recorded(context, store, BROKEN, { patienceMs: 20 })
  expect(known.endpoints).toMatchObject([{ since: { service: { before: null } } }])
})

test('a store that is full: the same, and nothing is written by half', async () => {
  const store = await temporaryStore()
  const pages = Number(store.db.prepare('PRAGMA page_count').get()?.page_count)
  store.db.exec(`PRAGMA max_page_count = ${pages}`)
  const context = testContext()
  const many = resultOf(...Array.from({ length: 500 }, (_, at) => healthOf({ connector: `c${at}` })))
  expect(await recorded(context, store, many)).toEqual(many)
  expect(context.warnings).toEqual([
    `the result is not recorded: the store ${store.path} cannot be written (database or disk is full)`,
  ])
  expect(readIntervals(store, 'c0-1')).toEqual([])
})

test('a store that is damaged where it is read: titles are missing, and the result is not recorded', async () => {
  const store = await temporaryStore()
  store.db.exec('DROP TABLE health_clock; DROP TABLE snapshot')
  const context = testContext()
  expect(await recorded(context, store, BROKEN)).toEqual(BROKEN)
  expect(await withImpact(context, store, BROKEN)).toMatchObject({
    result: BROKEN,
    impact: [{ connector: 'dms' }],
  })
  expect(context.warnings).toEqual([
    'the result is not recorded: no such table: health_clock',
    'titles of services are missing: no such table: snapshot',
  ])
})

test('a file that is no store any more is none, and stays as it is', async () => {
  const path = temporaryFile(
    'ozgctl.db',
    'not a database, but some text of more than a hundred bytes'.repeat(4),
  )
  const context = { ...testContext(), storePath: path }
  const store = await openedDespite(context, () => openStore(path))
  expect(context.warnings).toEqual([
    `connectors are asked without the store, and nothing is recorded: ${path} is no readable store (file is not a database)`,
  ])
  await recorded(context, store, BROKEN)
  store.close()
  expect(readFileSync(path, 'utf8')).toMatch(/^not a database/)
})

test('a store that cannot be made is none; one of another application is a mistake of ours', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'file'), '')
  const path = join(folder, 'file', 'ozgctl.db')
  const context = { ...testContext(), storePath: path }
  ;(await openedDespite(context, () => openStore(path))).close()
  expect(context.warnings).toHaveLength(1)
  const foreign = join(folder, 'other.db')
  const other = new DatabaseSync(foreign)
  other.exec('CREATE TABLE a (b)')
  other.close()
  await expect(openedDespite(context, () => openStore(foreign))).rejects.toMatchObject({
    code: 'STORE_FOREIGN',
  })
})
