import { HttpResponse, http } from 'msw'
import { expect, test } from 'vitest'
import { Secret } from '../../../src/lib/config/secret.ts'
import { OzgctlError } from '../../../src/lib/errors.ts'
import type { PortalDriver, PortalWrite } from '../../../src/lib/portal/driver.ts'
import { importOrganizations } from '../../../src/lib/portal/liferay/batch.ts'
import { toOrganization } from '../../../src/lib/portal/liferay/mapping.ts'
import { Settled } from '../../../src/lib/portal/liferay/settle.ts'
import type { Tenant } from '../../../src/lib/portal/model.ts'
import { versionOf } from '../../../src/lib/portal/version.ts'
import { failure } from '../../support/failure.ts'
import { answer, faultServer } from '../../support/fault-server.ts'
import { LIFERAY, portalThatAnswers, portalWithOptions } from '../../support/portal-that-answers.ts'
import { liferayPortal } from '../../support/sandbox.ts'
import { BRAMSCHE } from '../../support/tenant.ts'

const USER = LIFERAY.user

/** Waits that are not waited for. */
const PATIENCE = { idleMs: 5000, wholeMs: 60_000, sleep: async () => undefined }

async function all(portal: Awaited<ReturnType<typeof portalThatAnswers>>) {
  const found = []
  for await (const page of portal.list()) found.push(...page)
  return found
}

const page = (ids: readonly string[], number: number, lastPage: number, totalCount: number) => ({
  items: ids.map((id) => ({ id, externalReferenceCode: `0345900140${id}`, name: id })),
  page: number,
  lastPage,
  totalCount,
})

test('a list that moves while it is read is not taken for the whole', async () => {
  const repeated = await portalThatAnswers(
    http.get(`${USER}/organizations`, ({ request }) => {
      const number = Number(new URL(request.url).searchParams.get('page'))
      return HttpResponse.json(page(number === 1 ? ['14', '15'] : ['15', '16'], number, 2, 4))
    }),
  )
  expect(await failure(() => all(repeated))).toMatchObject({ code: 'PORTAL_MOVED', exit: 69 })
  const shrunk = await portalThatAnswers(
    http.get(`${USER}/organizations`, () => HttpResponse.json(page(['14'], 1, 1, 3))),
  )
  expect(await failure(() => all(shrunk))).toMatchObject({ code: 'PORTAL_MOVED' })
})

test('a page without end ends', async () => {
  const endless = await portalThatAnswers(
    http.get(`${USER}/organizations`, () => HttpResponse.json(page([], 1, 9, 0))),
  )
  expect(await all(endless)).toEqual([])
})

test('a login page with status 200 is no answer', async () => {
  const login = () => HttpResponse.html('<!doctype html><title>Sign In</title>')
  const portal = await portalThatAnswers(http.get(`${USER}/organizations*`, login))
  expect(await failure(() => all(portal))).toMatchObject({
    code: 'PORTAL_ANSWER',
    exit: 69,
    message: 'sandbox answers /o/headless-admin-user/v1.0/organizations with an answer that is no JSON',
  })
})

test('a Problem document is shown as it is', async () => {
  const portal = await portalThatAnswers(
    http.get(`${USER}/organizations/*`, () => HttpResponse.json({ status: 'NOT_FOUND' }, { status: 404 })),
    http.put(`${USER}/organizations/*`, () =>
      HttpResponse.json(
        { status: 'BAD_REQUEST', title: 'Name is too long', detail: 'at most 100', type: 'X' },
        { status: 400 },
      ),
    ),
  )
  const land = { ...BRAMSCHE, ars: '03' }
  expect(await portal.write([{ kind: 'create', tenant: land, key: 'k' }])).toEqual([
    { kind: 'refused', reason: 'BAD_REQUEST: Name is too long: at most 100' },
  ])
})

test('a write that is answered with nothing may have been done', async () => {
  const portal = await portalThatAnswers(
    http.get(`${USER}/organizations/*`, () => HttpResponse.json({ status: 'NOT_FOUND' }, { status: 404 })),
    http.put(`${USER}/organizations/*`, () => new HttpResponse(null, { status: 200 })),
  )
  const land = { ...BRAMSCHE, ars: '03' }
  expect(await portal.write([{ kind: 'create', tenant: land, key: 'k' }])).toMatchObject([
    { kind: 'unknown' },
  ])
})

test('missing rights name the scopes that are needed', async () => {
  const portal = await portalThatAnswers(
    http.get(`${USER}/organizations*`, () =>
      HttpResponse.json({ status: 'FORBIDDEN', title: 'no scope' }, { status: 403 }),
    ),
  )
  const error = await failure(() => all(portal))
  expect(error).toMatchObject({
    code: 'UNAUTHORISED',
    exit: 6,
    message: 'sandbox refuses access: FORBIDDEN: no scope',
  })
  expect(error.suggestions.join()).toContain('Liferay.Headless.Admin.User.everything')
})

test('a page where a delete or an import should be confirmed confirms nothing', async () => {
  const body = toOrganization(BRAMSCHE, undefined, { key: 'k', by: 'b' })
  const page = () => HttpResponse.html('<!doctype html><title>Sign In</title>')
  const absent = () => HttpResponse.json({ status: 'NOT_FOUND' }, { status: 404 })
  const portal = await portalThatAnswers(
    http.get(`${USER}/organizations/*`, () => HttpResponse.json(body)),
    http.delete(`${USER}/organizations/*`, page),
  )
  const remove = { kind: 'delete', tenant: BRAMSCHE, expected: versionOf(BRAMSCHE), key: 'd' } as const
  const reason = 'HTTP 200 with a page that is no JSON'
  expect(await portal.write([remove])).toEqual([{ kind: 'unknown', reason }])
  const importing = await portalThatAnswers(
    http.get('*/o/headless-batch-engine/*', absent),
    http.post('*/o/headless-batch-engine/*', page),
  )
  const organizations = [body, body]
  const session = importing.session
  expect(
    await failureOf(() =>
      importOrganizations(session, organizations, ['a', 'b'], new AbortController().signal, PATIENCE),
    ),
  ).toEqual({ kind: 'unknown', reason })
})

test('an import that cannot be asked any more may have been done', async () => {
  let asked = 0
  const task = { executeStatus: 'STARTED' }
  const portal = await portalThatAnswers(
    http.get('*/o/headless-batch-engine/*', () =>
      asked++ === 0
        ? HttpResponse.json({ status: 'NOT_FOUND' }, { status: 404 })
        : HttpResponse.html('<!doctype html><title>Maintenance</title>'),
    ),
    http.post('*/o/headless-batch-engine/*', () => HttpResponse.json(task, { status: 202 })),
  )
  const body = toOrganization(BRAMSCHE, undefined, { key: 'k', by: 'b' })
  const signal = new AbortController().signal
  // Nor can what was to be imported.
  expect(await importOrganizations(portal.session, [body], ['a'], signal, PATIENCE)).toEqual([
    { kind: 'unknown', reason: 'what was imported cannot be read back' },
  ])
})

type Resolver = Parameters<typeof http.put>[1]

const PROBLEM_404 = { status: 'NOT_FOUND' }
const WRONG_404: readonly (readonly [string, Resolver])[] = [
  ['the page of a proxy', () => HttpResponse.html('<title>404</title>', { status: 404 })],
  ['nothing', () => new HttpResponse(null, { status: 404 })],
  [
    'a gateway without a route, in JSON',
    () => HttpResponse.json({ message: 'no Route matched' }, { status: 404 }),
  ],
  [
    'another server, in JSON',
    () => HttpResponse.json({ timestamp: '2026-11-27', status: 404, error: 'Not Found' }, { status: 404 }),
  ],
  ['JSON that is no object', () => HttpResponse.json('NOT_FOUND', { status: 404 })],
]

test.each(WRONG_404)('404 by %s: nothing is known to be absent', async (_, answer) => {
  const tenant: Tenant = { ...BRAMSCHE, ars: '03' }
  const create = { kind: 'create', tenant, key: 'k' } as const
  const remove = { kind: 'delete', tenant, expected: versionOf(tenant), key: 'd' } as const
  const there = toOrganization(tenant, undefined, { key: 'k', by: 'b' })
  const handlers = [
    http.get(`${USER}/organizations*`, answer),
    http.get(`${USER}/organizations/*`, answer),
    http.get(`${LIFERAY.site}/*`, answer),
    http.get(`${LIFERAY.instance}/*`, answer),
    http.all('*/o/*', () => HttpResponse.json({ externalReferenceCode: '03' })),
  ]
  const portal = await portalThatAnswers(...handlers)
  expect(await failure(() => portal.get('03'))).toMatchObject({ exit: 69 })
  expect(await failure(() => all(portal))).toMatchObject({ exit: 69 })
  for (const write of [create, remove]) expect(await isUndecided(portal, write)).toBe(true)
  for (const layout of ['site', 'instance'] as const) {
    const places = await portalWithOptions(
      { layout },
      http.get(`${USER}/organizations/*`, () => HttpResponse.json(there)),
      ...handlers,
    )
    expect(await failure(() => places.places([tenant]))).toMatchObject({ exit: 69 })
    expect(await isUndecided(places, remove)).toBe(true)
  }
})

/** Whether a write is neither said to be done nor given up: tried again later, or ended with the run. */
async function isUndecided(portal: PortalDriver, write: PortalWrite): Promise<boolean> {
  try {
    const [outcome] = await portal.write([write])
    return outcome?.kind === 'later' || outcome?.kind === 'unknown'
  } catch (error) {
    return error instanceof OzgctlError && error.exit === 69
  }
}

test.each([
  ['200 and a page', () => HttpResponse.html('<title>Sign In</title>'), 'unknown'],
  ['202', () => new HttpResponse(null, { status: 202 }), 'unknown'],
  ['404 and a page', () => HttpResponse.html('<title>404</title>', { status: 404 }), 'later'],
  ['502', () => HttpResponse.html('<title>502</title>', { status: 502 }), 'unknown'],
  ['204', () => new HttpResponse(null, { status: 204 }), 'done'],
  ['404 by Liferay', () => HttpResponse.json(PROBLEM_404, { status: 404 }), 'done'],
])('a delete of a site that is answered with %s', async (_, answer, kind) => {
  const portal = await portalWithOptions(
    { layout: 'site' },
    http.get(`${USER}/organizations/*`, () => HttpResponse.json(PROBLEM_404, { status: 404 })),
    http.get(`${USER}/organizations`, () => HttpResponse.json(page([], 1, 1, 0))),
    http.get(`${LIFERAY.site}/sites/*`, () => HttpResponse.json({ externalReferenceCode: BRAMSCHE.ars })),
    http.delete(`${LIFERAY.site}/sites/*`, answer),
  )
  const remove = { kind: 'delete', tenant: BRAMSCHE, expected: versionOf(BRAMSCHE), key: 'd' } as const
  expect(await portal.write([remove])).toMatchObject([{ kind }])
})

test('a list that still has the tenant that is gone does not keep its site', async () => {
  const gone = { id: '1', ...toOrganization(BRAMSCHE, undefined, { key: 'k', by: 'b' }) }
  const portal = await portalWithOptions(
    { layout: 'site' },
    http.get(`${USER}/organizations/*`, () => HttpResponse.json(PROBLEM_404, { status: 404 })),
    http.get(`${USER}/organizations`, () => HttpResponse.json({ items: [gone], lastPage: 1, totalCount: 1 })),
    http.get(`${LIFERAY.site}/sites/*`, () => HttpResponse.json({ externalReferenceCode: BRAMSCHE.ars })),
    http.delete(`${LIFERAY.site}/sites/*`, () => new HttpResponse(null, { status: 204 })),
  )
  const remove = { kind: 'delete', tenant: BRAMSCHE, expected: versionOf(BRAMSCHE), key: 'd' } as const
  expect(await portal.write([remove])).toEqual([{ kind: 'done', repeated: false }])
})

test.each(['site', 'instance'] as const)(
  'a %s that is made and answered with nothing may be there',
  async (layout) => {
    const tenant: Tenant = { ...BRAMSCHE, ars: '03' }
    const portal = await portalWithOptions(
      { layout },
      http.get('*/o/*', () => HttpResponse.json(PROBLEM_404, { status: 404 })),
      http.post('*/o/*', () => new HttpResponse(null, { status: 204 })),
    )
    expect(await portal.write([{ kind: 'create', tenant, key: 'k' }])).toEqual([
      {
        kind: 'unknown',
        reason: expect.stringMatching(
          /^its (site|virtual instance): the portal did not say what it has now$/,
        ),
      },
    ])
  },
)

test('a list of virtual instances that is not whole makes none of them lost', async () => {
  const there = { active: true, portalInstanceId: 'bramsche', virtualHost: 'bramsche.example' }
  const portal = await portalWithOptions(
    { layout: 'instance' },
    http.get(`${LIFERAY.instance}/*`, () =>
      HttpResponse.json({ items: [there], lastPage: 1, totalCount: 2 }),
    ),
  )
  const other: Tenant = { ...BRAMSCHE, ars: '034590024024', slug: 'melle' }
  expect(await failure(() => portal.places([BRAMSCHE, other]))).toMatchObject({
    code: 'PORTAL_ANSWER',
    message: expect.stringContaining('with a list that is not whole'),
  })
})

test.each([
  ['nothing', () => new HttpResponse(null, { status: 200 })],
  ['204', () => new HttpResponse(null, { status: 204 })],
  ['another site', () => HttpResponse.json({ externalReferenceCode: '034590024024' })],
])('a site that is answered with %s is not known to be there', async (_, answer) => {
  const portal = await portalWithOptions({ layout: 'site' }, http.get(`${LIFERAY.site}/*`, answer))
  expect(await failure(() => portal.places([BRAMSCHE]))).toMatchObject({ code: 'PORTAL_ANSWER', exit: 69 })
})

test('the page of a server that is starting is no missing API, once that has answered', async () => {
  let isUp = true
  const portal = await portalThatAnswers(
    http.get(`${USER}/organizations/*`, () =>
      isUp
        ? HttpResponse.json(PROBLEM_404, { status: 404 })
        : HttpResponse.html('<title>404</title>', { status: 404 }),
    ),
  )
  expect(await portal.get('03')).toBeUndefined()
  isUp = false
  expect(await portal.write([{ ...LAND, tenant: { ...LAND.tenant, ars: '04' } }])).toEqual([
    { kind: 'later', reason: 'HTTP 404', afterMs: null },
  ])
  expect(await failure(() => portal.get('03'))).toMatchObject({ code: 'PORTAL_ANSWER', exit: 69 })
})

test('a write that is answered with somebody else may have been done', async () => {
  const land = { ...BRAMSCHE, ars: '03' }
  const other = toOrganization({ ...BRAMSCHE, ars: '04' }, undefined, { key: 'k', by: 'b' })
  const portal = await portalThatAnswers(
    http.get(`${USER}/organizations/*`, () => HttpResponse.json(PROBLEM_404, { status: 404 })),
    http.put(`${USER}/organizations/*`, () => HttpResponse.json(other)),
  )
  expect(await portal.write([{ kind: 'create', tenant: land, key: 'k' }])).toEqual([
    { kind: 'unknown', reason: 'the portal answered with something else than 03' },
  ])
})

const FORBIDDEN = { status: 'FORBIDDEN', title: 'User 20130 must have UPDATE permission' }
const refusing = (answer: Resolver) =>
  portalThatAnswers(
    http.get(`${USER}/organizations/*`, () => HttpResponse.json(PROBLEM_404, { status: 404 })),
    http.put(`${USER}/organizations/*`, answer),
  )
const LAND = { kind: 'create', tenant: { ...BRAMSCHE, ars: '03' }, key: 'k' } as const

test.each([
  [
    'by Liferay in a Problem document',
    () => HttpResponse.json(FORBIDDEN, { status: 403 }),
    'FORBIDDEN: User 20130 must have UPDATE permission',
  ],
  [
    'by a firewall that does not like what is in it',
    () => HttpResponse.html('<title>Request blocked</title>', { status: 403 }),
    'HTTP 403',
  ],
])('a 403 %s is about the one write', async (_, answer, reason) => {
  expect(await (await refusing(answer)).write([LAND])).toEqual([{ kind: 'refused', reason }])
})

test.each([
  ['with nothing in it, as of the check of scopes', () => new HttpResponse(null, { status: 403 })],
  ['with an error of OAuth 2', () => HttpResponse.json({ error: 'insufficient_scope' }, { status: 403 })],
])('a 403 %s is about all', async (_, answer) => {
  const portal = await refusing(answer)
  const error = await failure(() => portal.write([LAND]))
  expect(error).toMatchObject({ code: 'UNAUTHORISED', exit: 6 })
  expect(error.suggestions.join()).toContain('Liferay.Headless.Admin.User.everything')
})

test('what a portal says at length is told on one line, and not all of it', async () => {
  const title = `first\nsecond ${'x'.repeat(10_000)}`
  const portal = await refusing(() => HttpResponse.json({ status: 'BAD_REQUEST', title }, { status: 400 }))
  const [outcome] = await portal.write([LAND])
  expect(outcome).toEqual({
    kind: 'refused',
    reason: `BAD_REQUEST: first second ${'x'.repeat(10_000)}`.slice(0, 500),
  })
})

test('of a secret that what is told would cut nothing is told', async () => {
  const secret = new Secret('a-long-secret-of-the-application')
  const title = `${'x'.repeat(475)}${secret.reveal()}`
  const portal = await refusing(() => HttpResponse.json({ status: 'BAD_REQUEST', title }, { status: 400 }))
  expect(await portal.write([LAND])).toEqual([
    { kind: 'refused', reason: `BAD_REQUEST: ${'x'.repeat(475)}***` },
  ])
})

test('an answer about somebody else is none', async () => {
  const other = toOrganization({ ...BRAMSCHE, ars: '034590024024' }, undefined, { key: 'k', by: 'b' })
  const portal = await portalThatAnswers(http.get(`${USER}/organizations/*`, () => HttpResponse.json(other)))
  expect(await failure(() => portal.get(BRAMSCHE.ars))).toMatchObject({ code: 'PORTAL_ANSWER', exit: 69 })
})

/** The outcome that ended a write. */
async function failureOf(work: () => Promise<unknown>) {
  try {
    await work()
  } catch (error) {
    if (error instanceof Settled) return error.outcome
    throw error
  }
  return undefined
}

test.each(['half \ud800 of a pair', 'two\nlines', 'größer', ''])(
  'a token that no header can carry, %j, is no token: the portal is at fault, and nothing of it is shown',
  async (token) => {
    const given = JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: 300 })
    const server = await faultServer([answer(200, given)])
    const portal = liferayPortal({
      sandbox: { clientId: 'id', clientSecret: 'secret' },
      url: server.origin.origin,
    })
    expect(await failure(() => portal.session.login())).toMatchObject({
      code: 'PORTAL_UNAVAILABLE',
      exit: 69,
      message: `sandbox cannot be reached: ${server.origin.origin} gave no token (200)`,
    })
    expect(server.requests.map(({ path }) => path)).toEqual(['/o/oauth2/token'])
  },
)
