import { expect, test } from 'vitest'
import { OzgctlError } from '../../src/lib/errors.ts'
import { addUser, byHand, INSTANCES, ORGANIZATIONS, SITES } from '../support/by-hand.ts'
import { type Meddler, recorder } from '../support/recorder.ts'
import { liferayPortal, startSandbox } from '../support/sandbox.ts'
import { BRAMSCHE } from '../support/tenant.ts'
import { drawn, pairs, upTo } from './support/points.ts'

/**
 * A tenant is deleted in a portal that refuses, does not answer, or answers with a page of a proxy. Its place, which holds
 * what people have made, is never gone while its organization stays; a refusal that costs nothing says so, and done is
 * done.
 */
const LAYOUTS = ['site', 'instance'] as const
type Layout = (typeof LAYOUTS)[number]

const problem = (status: number, title: string) => ({
  status,
  contentType: 'application/json',
  body: JSON.stringify({ status: 'REFUSED', title }),
})
const page = (status: number, title: string) => ({
  status,
  contentType: 'text/html',
  body: `<html><title>${title}</title></html>`,
})

/** What one request gets instead of its answer; each says whether it was done all the same. */
const ANSWERS: Readonly<Record<string, Meddler>> = {
  'may not': async () => problem(403, 'may not'),
  conflict: async () => problem(409, 'has children'),
  '404 page': async () => page(404, 'Not Found'),
  '502 page': async () => page(502, 'Bad Gateway'),
  'starting page': async () => page(200, 'Liferay is starting'),
  'no connection': async () => {
    throw new Error('cut')
  },
  'done, and 504': async (_request, pass) => {
    await pass()
    return page(504, 'Gateway Time-out')
  },
  'done, and cut': async (_request, pass) => {
    await pass()
    throw new Error('cut')
  },
}

interface Disturbance {
  /** Which request. */
  readonly at: number
  readonly answer: Meddler
}

async function deleted(layout: Layout, users: number, disturbance?: Disturbance) {
  const place = await startSandbox()
  const open = liferayPortal(place, { layout })
  await open.write([{ kind: 'create', tenant: BRAMSCHE, key: 'new' }])
  for (const number of upTo(users)) await addUser(place, BRAMSCHE.ars, `u${number}`)
  const { version: expected = '' } = (await open.get(BRAMSCHE.ars)) ?? {}
  let count = 0
  const between = await recorder(place.url, (request, pass) => {
    if (request.path.includes('/oauth2/')) return pass()
    return ++count === disturbance?.at ? disturbance.answer(request, pass) : pass()
  })
  const portal = liferayPortal({ ...place, url: between.url }, { layout })
  const outcomes: string[] = []
  const remove = async (through: typeof portal): Promise<void> => {
    try {
      const [outcome] = await through.write([{ kind: 'delete', tenant: BRAMSCHE, expected, key: 'delete' }])
      outcomes.push(outcome?.kind ?? 'nothing')
    } catch (error) {
      // What concerns all tenants, not only this one.
      if (!(error instanceof OzgctlError)) throw error
      outcomes.push(error.code)
    }
  }
  const isThere = async (path: string) => (await byHand(place, 'GET', path)).status === 200
  const look = async () => ({
    organization: await isThere(`${ORGANIZATIONS}/${BRAMSCHE.ars}`),
    place: await isThere(layout === 'site' ? `${SITES}/${BRAMSCHE.ars}` : `${INSTANCES}/${BRAMSCHE.slug}`),
  })
  await remove(portal)
  const first = await look()
  await remove(open)
  return { first, last: await look(), outcomes, count }
}

const GONE = { organization: false, place: false }
const WHOLE = { organization: true, place: true }

test('a refusal costs nothing, and what was done is gone', async () => {
  for (const layout of LAYOUTS) {
    const calm = await deleted(layout, 0)
    expect(calm).toMatchObject({ first: GONE, last: GONE, outcomes: ['done', 'done'] })
    const full = await deleted(layout, 2)
    expect(full).toMatchObject({
      first: WHOLE,
      last: WHOLE,
      outcomes: ['refused', 'refused'],
    })
    const all = pairs(pairs(Object.entries(ANSWERS), upTo(calm.count)), [0, 1])
    for (const [[[name, answer], at], users] of drawn(`deletes of ${layout}s`, all, 20)) {
      const point = `${layout} with ${users} users, request ${at}: ${name}`
      const { first, last, outcomes } = await deleted(layout, users, { at, answer })
      const [outcome] = outcomes
      for (const seen of [first, last])
        expect(seen.organization && !seen.place, `${point}: the place is gone, the organization is not`).toBe(
          false,
        )
      if (outcome === 'done') expect(first, point).toEqual(GONE)
      if (users > 0) expect(first, point).toEqual(WHOLE)
      if (users > 0) expect(last, point).toEqual(WHOLE)
      else expect(last, `${point}, and again: ${outcomes.join(', ')}`).toEqual(GONE)
    }
  }
}, 300_000)
