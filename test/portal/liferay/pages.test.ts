import { HttpResponse, http } from 'msw'
import { expect, test } from 'vitest'
import type { PortalDriver } from '../../../src/lib/portal/driver.ts'
import { failure } from '../../support/failure.ts'
import { LIFERAY, portalThatAnswers } from '../../support/portal-that-answers.ts'

const WINDOW = 10_000

interface Asked {
  readonly page: number
  readonly pageSize: number
  readonly isDescending: boolean
}

interface Hits {
  readonly items: readonly object[]
  readonly lastPage: number
  readonly totalCount: number
}

const organization = (number: number) => ({
  id: String(20_000 + number),
  externalReferenceCode: `03459${String(number).padStart(7, '0')}`,
  name: `Ort ${number}`,
  customFields: [],
})

/** A portal with so many organizations, whose index answers as it is told to. */
async function portalWith(count: number, answer: (asked: Asked, hits: Hits) => Hits | HttpResponse<object>) {
  const all = Array.from({ length: count }, (_, at) => organization(at))
  const asked: Asked[] = []
  const portal = await portalThatAnswers(
    http.get(`${LIFERAY.user}/organizations`, ({ request }) => {
      const { searchParams } = new URL(request.url)
      const [page, pageSize] = [Number(searchParams.get('page')), Number(searchParams.get('pageSize'))]
      const one: Asked = { page, pageSize, isDescending: searchParams.get('sort') === 'id:desc' }
      asked.push(one)
      const ordered = one.isDescending ? all.toReversed() : all
      const hits = {
        items: ordered.slice((page - 1) * pageSize, page * pageSize),
        lastPage: Math.ceil(count / pageSize),
        totalCount: count,
      }
      const found = answer(one, hits)
      return found instanceof HttpResponse ? found : HttpResponse.json(found)
    }),
  )
  return { portal, asked }
}

async function listed(portal: PortalDriver): Promise<readonly string[]> {
  const found: string[] = []
  for await (const page of portal.list()) found.push(...page.map(({ value }) => value.ars))
  return found
}

const everything = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => organization(at).externalReferenceCode)

const isBehind = ({ page, pageSize }: Asked): boolean => page * pageSize > WINDOW
const capped = (hits: Hits): Hits => ({
  ...hits,
  totalCount: Math.min(WINDOW, hits.totalCount),
  lastPage: Math.min(WINDOW / 500, hits.lastPage),
})
const tooLarge = () =>
  HttpResponse.json<object>(
    { status: 'INTERNAL_SERVER_ERROR', title: 'Result window is too large' },
    { status: 500 },
  )
const again = (asked: Asked, hits: Hits): Hits =>
  isBehind(asked) ? { ...hits, items: everything(500).map((_, at) => organization(9500 + at)) } : hits

test.each([
  ['counts no further than its window', (_: Asked, hits: Hits) => capped(hits)],
  ['refuses what is behind its window', (asked: Asked, hits: Hits) => (isBehind(asked) ? tooLarge() : hits)],
  ['gives its last page once more', again],
  [
    'has nothing behind its window',
    (asked: Asked, hits: Hits) => (isBehind(asked) ? { ...hits, items: [] } : hits),
  ],
])('an index that %s: all are read, each once', async (_, answer) => {
  const { portal, asked } = await portalWith(10_957, answer)
  const found = await listed(portal)
  expect(found.toSorted()).toEqual(everything(10_957))
  // 957 from the other end.
  expect(asked.filter(({ isDescending }) => isDescending).map(({ page }) => page)).toEqual([1, 2])
})

test('as many as the window holds, and no more', async () => {
  const { portal, asked } = await portalWith(WINDOW, (_, hits) => capped(hits))
  expect(await listed(portal)).toEqual(everything(WINDOW))
  expect(asked).toHaveLength(21)
})

test('an index that goes as far as it counts is read from one end', async () => {
  const { portal, asked } = await portalWith(21_003, (_, hits) => hits)
  expect(await listed(portal)).toEqual(everything(21_003))
  expect(asked).toHaveLength(43)
})

test.each([
  ['has more than can be read from both ends', 20_001, (_: Asked, hits: Hits) => capped(hits)],
  [
    'gives no other order',
    10_957,
    (asked: Asked, hits: Hits) =>
      capped(
        asked.isDescending ? { ...hits, items: everything(500).map((_, at) => organization(at)) } : hits,
      ),
  ],
  [
    'gives nothing from the other end',
    10_957,
    (asked: Asked, hits: Hits) => capped(asked.isDescending ? { ...hits, items: [] } : hits),
  ],
])('an index that %s: nothing of it is taken for all', async (_, count, answer) => {
  const { portal } = await portalWith(count, answer)
  expect(await failure(() => listed(portal))).toMatchObject({ code: 'PORTAL_LIST_CUT', exit: 69 })
})

test('a page before the window that is refused, or comes again, is no end', async () => {
  const refused = await portalWith(1200, ({ page }, hits) => (page === 3 ? tooLarge() : hits))
  expect(await failure(() => listed(refused.portal))).toMatchObject({ code: 'PORTAL_ANSWER', exit: 69 })
  const twice = await portalWith(1200, ({ page }, hits) =>
    page === 2 ? { ...hits, items: everything(500).map((_, at) => organization(at)) } : hits,
  )
  expect(await failure(() => listed(twice.portal))).toMatchObject({ code: 'PORTAL_MOVED', exit: 69 })
})

const endless = ({ page }: Asked): readonly object[] =>
  Array.from({ length: 500 }, (_, at) => organization(page * 500 + at))

test.each([
  [
    'says that it has a thousand million pages',
    (asked: Asked) => ({ items: endless(asked), lastPage: 1e9, totalCount: 5e11 }),
    'PORTAL_ANSWER',
    1,
  ],
  [
    'goes on beyond its own count',
    (asked: Asked) => ({ items: endless(asked), lastPage: 1e9, totalCount: 1200 }),
    'PORTAL_MOVED',
    3,
  ],
  [
    'counts on as it goes',
    ({ page }: Asked) => {
      const items = Array.from({ length: 5000 }, (_, at) => ({ id: String(page * 5000 + at) }))
      return { items, lastPage: page + 1, totalCount: page * 5000 + 1 }
    },
    'PORTAL_ANSWER',
    20,
  ],
  [
    'has things without ids',
    (asked: Asked) => ({ items: endless(asked).map(() => ({})), lastPage: 1e9, totalCount: 1000 }),
    'PORTAL_ANSWER',
    1,
  ],
])('a list that %s ends', async (_, answer, code, requests) => {
  const { portal, asked } = await portalWith(0, answer)
  expect(await failure(() => listed(portal))).toMatchObject({ code, exit: 69 })
  expect(asked).toHaveLength(requests)
})

test.each([
  ['no items', { lastPage: 1, totalCount: 0 }],
  ['no count', { items: [], lastPage: 1 }],
  ['a count that is none', { items: [], lastPage: 1, totalCount: '0' }],
  ['half a count', { items: [], lastPage: 1, totalCount: 0.5 }],
  ['a count below zero', { items: [], lastPage: 1, totalCount: -1 }],
  ['no object', []],
])('an answer with %s is no list', async (_, json) => {
  const portal = await portalThatAnswers(
    http.get(`${LIFERAY.user}/organizations`, () => HttpResponse.json(json)),
  )
  expect(await failure(() => listed(portal))).toMatchObject({ code: 'PORTAL_ANSWER', exit: 69 })
})

test('more accounts than can be read are an error, too', async () => {
  const account = (id: number) => ({ id, externalReferenceCode: `a${id}`, name: 'a' })
  const portal = await portalThatAnswers(
    http.get(`${LIFERAY.user}/accounts`, ({ request }) => {
      const page = Number(new URL(request.url).searchParams.get('page'))
      const items = Array.from({ length: 500 }, (_, at) => account(page * 500 + at))
      return HttpResponse.json({ items, lastPage: 20, totalCount: WINDOW })
    }),
  )
  expect(await failure(() => portal.networks())).toMatchObject({
    code: 'PORTAL_LIST_CUT',
    message: expect.stringContaining('does not hand out all of its accounts'),
  })
})

test('accounts are read in the order that Liferay gives them: it sorts none by their ids', async () => {
  const asked: string[] = []
  const portal = await portalThatAnswers(
    http.get(`${LIFERAY.user}/accounts`, ({ request }) => {
      asked.push(new URL(request.url).search)
      return HttpResponse.json({ items: [], lastPage: 1, totalCount: 0 })
    }),
  )
  expect(await portal.networks()).toEqual([])
  expect(asked).toEqual(['?page=1&pageSize=500'])
})
