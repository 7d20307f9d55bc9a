import { expect, test } from 'vitest'
import type { CreateWrite } from '../../../src/lib/portal/driver.ts'
import { importOrganizations } from '../../../src/lib/portal/liferay/batch.ts'
import { toOrganization } from '../../../src/lib/portal/liferay/mapping.ts'
import type { Tenant } from '../../../src/lib/portal/model.ts'
import { byHand, ORGANIZATIONS } from '../../support/by-hand.ts'
import { type Meddler, recorder } from '../../support/recorder.ts'
import { liferayPortal, type RunningSandbox, startSandbox } from '../../support/sandbox.ts'
import { BRAMSCHE, MELLE } from '../../support/tenant.ts'

const GHOST: Tenant = { ...MELLE, ars: '034590033033', slug: 'wallenhorst', name: 'Wallenhorst', hosts: [] }
const DONE = { kind: 'done', repeated: false }
const CONFLICT = { kind: 'conflict' }
const DEADLINE_MS = 60_000

const create = (tenant: Tenant): CreateWrite => ({ kind: 'create', tenant, key: `key-${tenant.ars}` })
const BATCH = [create(BRAMSCHE), create(MELLE), create(GHOST)]

const isTask = ({ path }: { readonly path: string }): boolean => path.includes('/import-task/')

/** Changes what the sandbox says of a task. */
const told =
  (change: (task: Readonly<Record<string, unknown>>) => object): Meddler =>
  async (asked, pass) => {
    const answer = await pass()
    if (!isTask(asked) || answer.status >= 300) return answer
    return { ...answer, body: JSON.stringify(change(JSON.parse(answer.body))) }
  }

/** Says that a task was taken, and is over at once, and does nothing. */
const idle =
  (task: object): Meddler =>
  async (asked, pass) =>
    isTask(asked) && asked.method === 'POST'
      ? { status: 202, contentType: 'application/json', body: JSON.stringify(task) }
      : pass()

/** A portal with a liar in front of it. */
async function behind(place: RunningSandbox, meddle: Meddler) {
  const between = await recorder(place.url, meddle)
  return liferayPortal({ ...place, url: between.url }, { batchImport: true, deadlineMs: DEADLINE_MS })
}

async function expectAll(place: RunningSandbox, ...tenants: readonly Tenant[]): Promise<void> {
  const portal = liferayPortal(place)
  for (const tenant of tenants) expect((await portal.get(tenant.ars))?.value).toEqual(tenant)
  expect(Object.values(place.sandbox.stats.creates).filter((times) => times > 1)).toEqual([])
}

const without = (...fields: readonly string[]) =>
  told((task) => Object.fromEntries(Object.entries(task).filter(([name]) => !fields.includes(name))))

test.each<[string, Meddler]>([
  ['stays STARTED, though all of it was done', told((task) => ({ ...task, executeStatus: 'STARTED' }))],
  ['has a state that nobody knows', told((task) => ({ ...task, executeStatus: 'PAUSED' }))],
  ['has no state at all', without('executeStatus')],
  ['does not say how many it did', without('processedItemsCount')],
  ['says that it did none', told((task) => ({ ...task, processedItemsCount: 0 }))],
  ['is told as another one', told((task) => ({ ...task, externalReferenceCode: 'x' }))],
  ['FAILED, though all of it was done', told((task) => ({ ...task, executeStatus: 'FAILED' }))],
])('a task that %s: what is there is done', async (_, meddle) => {
  const place = await startSandbox()
  expect(await (await behind(place, meddle)).write(BATCH)).toEqual([DONE, DONE, DONE])
  await expectAll(place, BRAMSCHE, MELLE, GHOST)
})

test.each([
  ['without a count', { executeStatus: 'COMPLETED' }],
  ['with all of them counted', { executeStatus: 'COMPLETED', processedItemsCount: 3, totalItemsCount: 3 }],
  ['with a failed item that is none of it', { executeStatus: 'COMPLETED', failedItems: [{ itemIndex: 7 }] }],
  ['with failed items that are no list', { executeStatus: 'COMPLETED', failedItems: 'all' }],
  ['FAILED', { executeStatus: 'FAILED', errorMessage: 'cannot be parsed' }],
])('a task that is over %s and made nothing: they are written one by one', async (_, task) => {
  const place = await startSandbox()
  expect(await (await behind(place, idle(task))).write(BATCH)).toEqual([DONE, DONE, DONE])
  await expectAll(place, BRAMSCHE, MELLE, GHOST)
})

test('regions that a task has made are known to the next', async () => {
  const place = await startSandbox()
  const portal = liferayPortal(place, { batchImport: true, deadlineMs: DEADLINE_MS })
  const hessian = (ars: string, slug: string): Tenant => ({ ...MELLE, ars, slug, name: slug, hosts: [] })
  const tasksOf = async (...tenants: readonly Tenant[]): Promise<number> => {
    const before = place.log.length
    expect(await portal.write(tenants.map(create))).toEqual(tenants.map(() => DONE))
    const asked = place.log.slice(before).filter((line) => line.includes('/import-task/by-'))
    return new Set(asked).size
  }
  // The Länder, the counties, the tenants.
  expect(await tasksOf(BRAMSCHE, hessian('064350014014', 'hanau'))).toBe(3)
  expect(await tasksOf(MELLE, hessian('064350015015', 'maintal'))).toBe(1)
})

test('a task that never begins ends, and what it may still do is unknown', async () => {
  const place = await startSandbox()
  const portal = await behind(place, idle({ executeStatus: 'STARTED', processedItemsCount: 0 }))
  const reason = expect.stringMatching(/^the import task [0-9a-f]{32} (does not get on|cannot be asked: )/)
  const unknown = { kind: 'unknown', reason }
  expect(await portal.write(BATCH)).toEqual([unknown, unknown, unknown])
})

test('a part of a task that was done is done, a part that failed is tried singly, the rest is unknown', async () => {
  const place = await startSandbox()
  await byHand(place, 'PUT', `${ORGANIZATIONS}/${MELLE.ars}`, { name: 'Melle (alt)' })
  const failedItems = [{ itemIndex: 1, message: 'Duplicate organization' }]
  // It makes the first in its own time, and no more.
  const portal = await behind(place, async (asked, pass) => {
    if (!isTask(asked)) return pass()
    if (asked.method === 'POST') {
      const body = toOrganization(BRAMSCHE, '03459', { key: create(BRAMSCHE).key, by: 'tester@test' })
      await byHand(place, 'PUT', `${ORGANIZATIONS}/${BRAMSCHE.ars}`, body)
    } else if ((await pass()).status !== 404) throw new Error('the sandbox knows the task')
    const task = { executeStatus: 'STARTED', processedItemsCount: 2, failedItems }
    const isAbsent =
      asked.method === 'GET' && place.sandbox.stats.creates[`organizations ${BRAMSCHE.ars}`] !== 1
    return isAbsent
      ? { status: 404, contentType: 'application/json', body: JSON.stringify({ status: 'NOT_FOUND' }) }
      : { status: 200, contentType: 'application/json', body: JSON.stringify(task) }
  })
  expect(await portal.write(BATCH)).toEqual([
    DONE,
    CONFLICT,
    { kind: 'unknown', reason: expect.stringContaining('import task') },
  ])
})

test('a task that gets on is waited for as long as it does', async () => {
  const place = await startSandbox()
  const slept: number[] = []
  let processedItemsCount = 0
  const between = await recorder(
    place.url,
    told((task) => ({
      ...task,
      executeStatus: processedItemsCount < 400 ? 'STARTED' : 'COMPLETED',
      processedItemsCount: ++processedItemsCount,
    })),
  )
  const portal = liferayPortal({ ...place, url: between.url })
  const wait = (idleMs: number, wholeMs: number) => {
    const sleep = async (milliseconds: number): Promise<void> => {
      slept.push(milliseconds)
    }
    const body = toOrganization({ ...BRAMSCHE, ars: '03' }, undefined, { key: 'k', by: 'b' })
    const signal = new AbortController().signal
    return importOrganizations(portal.session, [body], ['k'], signal, { idleMs, wholeMs, sleep })
  }
  expect(await wait(4000, 60_000)).toEqual([DONE])
  // Far longer than nothing may happen, and no longer than all may take.
  const whole = slept.reduce((sum, one) => sum + one, 0)
  expect(whole).toBeGreaterThanOrEqual(60_000)
  expect(whole).toBeLessThan(62_001)
})

test('credentials that end while what was left out is tried singly hide nothing that was done', async () => {
  const place = await startSandbox()
  await byHand(place, 'PUT', `${ORGANIZATIONS}/${MELLE.ars}`, { name: 'Melle (alt)' })
  let imported = false
  const portal = await behind(place, async (asked, pass) => {
    if (imported && asked.path.endsWith(MELLE.ars))
      return { status: 401, contentType: 'application/json', body: '{}' }
    if (isTask(asked) && asked.method === 'POST') imported = true
    return pass()
  })
  const reason = 'sandbox refuses access: it does not accept its own token'
  expect(await portal.write(BATCH)).toEqual([DONE, { kind: 'unknown', reason }, DONE])
})

test('credentials that end in the middle leave what may have been done unknown', async () => {
  const place = await startSandbox()
  let isOver = false
  const portal = await behind(place, async (asked, pass) => {
    if (isOver) return { status: 401, contentType: 'application/json', body: '{}' }
    const answer = await pass()
    if (isTask(asked) && asked.method === 'POST') isOver = true
    return answer
  })
  expect(await portal.write(BATCH)).toEqual(
    BATCH.map(() => ({ kind: 'unknown', reason: 'what was imported cannot be read back' })),
  )
})
