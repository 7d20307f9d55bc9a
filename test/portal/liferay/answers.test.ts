import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getResponse, HttpResponse, http, type RequestHandler } from 'msw'
import { expect, onTestFinished, test } from 'vitest'
import { importOrganizations } from '../../../src/lib/portal/liferay/batch.ts'
import { toOrganization } from '../../../src/lib/portal/liferay/mapping.ts'
import { Settled } from '../../../src/lib/portal/liferay/settle.ts'
import { versionOf } from '../../../src/lib/portal/version.ts'
import { failure } from '../../support/failure.ts'
import { answer, faultServer } from '../../support/fault-server.ts'
import { liferayPortal } from '../../support/sandbox.ts'
import { BRAMSCHE } from '../../support/tenant.ts'

const USER = '*/o/headless-admin-user/v1.0'

/** A server that gives the answers of these handlers, and a driver for it: what no sandbox would ever say. */
async function portalThatAnswers(...handlers: readonly RequestHandler[]) {
  const token = http.post('*/o/oauth2/token', () => HttpResponse.json({ access_token: 't', expires_in: 600 }))
  const server = createServer(async (incoming, outgoing) => {
    const url = `http://portal${incoming.url ?? '/'}`
    const request = new Request(url, { method: incoming.method ?? 'GET' })
    const answer = (await getResponse([token, ...handlers], request)) ?? new Response(null, { status: 501 })
    const body = Buffer.from(await answer.arrayBuffer())
    outgoing.writeHead(answer.status, {
      ...Object.fromEntries(answer.headers),
      'content-length': body.length,
    })
    outgoing.end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const credentials = { clientId: 'id', clientSecret: 'secret' }
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return liferayPortal({ sandbox: credentials, url })
}

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
  const remove = { kind: 'delete', ars: BRAMSCHE.ars, expected: versionOf(BRAMSCHE), key: 'd' } as const
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
      importOrganizations(
        session,
        organizations,
        ['a', 'b'],
        new AbortController().signal,
        async () => undefined,
      ),
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
  expect(
    await failureOf(() => importOrganizations(portal.session, [body], ['a'], signal, async () => undefined)),
  ).toMatchObject({ kind: 'unknown' })
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
