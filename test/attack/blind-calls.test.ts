import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { copyOf, portalEnv, prepareNetwork, storeIn } from '../support/provisioning.ts'
import { type Meddler, recorder } from '../support/recorder.ts'
import { startSandbox } from '../support/sandbox.ts'
import { effectsServer, FAULTS } from './support/effects-server.ts'
import { call } from './support/operator.ts'
import { drawn, pairs } from './support/points.ts'

/**
 * A call that may come once and cannot be looked up is done, and its answer is lost. In the same moment the portal in which
 * the tenants are refuses us, as when credentials are withdrawn. Whoever goes on later, nobody is called twice.
 */
const CALL = (url: string): string => `schemaVersion: 1
id: m
title: T
reason: R
author: A
portal: sandbox
budget: "100%"
steps:
  - { id: call, kind: http, do: { method: POST, url: "${url}/call/\${tenant.slug}", expect: [{ json: $.ok, equals: true }] }, undo: none }
`
const json = (status: number, body: object) => async () => ({
  status,
  contentType: 'application/json',
  body: JSON.stringify(body),
})
const REFUSALS: Readonly<Record<string, Meddler>> = {
  'its log-in': (request, pass) =>
    request.path.includes('/oauth2/') ? json(401, { error: 'invalid_client' })() : pass(),
  'every token': json(401, { error: 'invalid_token' }),
  'every look': json(403, { title: 'may not' }),
}
/** Done, and not told. */
const LOST = FAULTS.filter(
  ({ when, name }) => when === 'after' && !name.includes('log-in') && !/^(empty|no)/.test(name),
)

let prepared = ''
beforeAll(async () => {
  prepared = mkdtempSync(join(tmpdir(), 'ozgctl-test-'))
  await prepareNetwork(prepared, 2)
})
afterAll(() => rmSync(prepared, { recursive: true, force: true }))

test('nobody is called twice', async () => {
  for (const [[name, refuse], fault] of drawn('blind calls', pairs(Object.entries(REFUSALS), LOST), 2)) {
    const point = `${fault.name}, then the portal refuses ${name}`
    const place = await startSandbox()
    let refuses = false
    const portal = await recorder(place.url, (request, pass) => (refuses ? refuse(request, pass) : pass()))
    const server = await effectsServer([])
    const cwd = copyOf(prepared)
    const work = { cwd, env: { ...storeIn(cwd), ...portalEnv({ ...place, url: portal.url }) } }
    writeFileSync(join(cwd, 'm.yaml'), CALL(server.url))
    expect((await call(work, 'tenant', 'apply', '-f', 'network.yaml')).code, point).toBe(0)
    server.meet({ request: 1, fault })
    server.onRequest = (when, number) => {
      if (when === 'after' && number === 1) refuses = true
    }
    const first = await call(work, 'migration', 'run', 'm.yaml', '--concurrency', '1')
    expect(first.code, point).not.toBe(0)
    expect(server.met, point).toBe(true)
    refuses = false
    for (const verb of ['resume', 'retry']) await call(work, 'migration', verb)
    expect(
      [...server.effects].filter(([, times]) => times > 1),
      point,
    ).toEqual([])
  }
}, 300_000)
