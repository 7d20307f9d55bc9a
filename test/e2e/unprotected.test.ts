import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { ozgctl, ozgctlJson, root } from '../support/cli.ts'
import { temporaryFolder } from '../support/folder.ts'

const REGISTER = `${root}/fixtures/region/GV100AD_osnabrueck_301123.txt`
const SECRET = 'a-secret-that-stays-here'

/** A server that others than this machine could be, with the requests that it saw. */
async function elsewhere(): Promise<{ readonly url: string; readonly requests: readonly string[] }> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.headers.authorization ?? 'without login'}`)
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.2', resolve))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.2:${(server.address() as AddressInfo).port}`, requests }
}

let server: Awaited<ReturnType<typeof elsewhere>>
let cwd = ''
let env: Record<string, string> = {}
beforeEach(async () => {
  server = await elsewhere()
  cwd = temporaryFolder()
  env = {
    OZGCTL_STORE: join(cwd, 'ozgctl.db'),
    OZGCTL_READER_CLIENT_ID: 'reader',
    OZGCTL_READER_CLIENT_SECRET: SECRET,
  }
})
const call = (...args: readonly string[]) => ozgctlJson(args, { cwd, env })
const REFUSED = () => `the credentials of reader are not sent to ${server.url}: others could read them`

const NETWORK = `network: { account: n, name: N, anchor: "034595402" }
tenants: [ { ars: "034595402", slug: a, name: A } ]
`

test('a connector: lint says so, a check says why it knows nothing, the others are checked', async () => {
  const connectors = `connectors:
  - { name: open, kind: http, url: "${server.url}/", conditions: [ { status: 200 } ] }
  - { name: login, kind: http, url: "${server.url}/", credentials: reader, conditions: [ { status: 200 } ] }
  - { name: token, kind: oauth2, url: "${server.url}/token", credentials: reader }
  - { name: proxied, kind: http, url: "https://portal.example.de/", proxy: "${server.url}", proxyCredentials: reader, conditions: [ { status: 200 } ] }
defaults: { connectors: [open, login, token, proxied] }
`
  writeFileSync(join(cwd, 'h.yaml'), connectors + NETWORK)
  const lint = await call('connector', 'lint', '-f', 'h.yaml')
  expect(lint.json).toMatchObject({
    findings: expect.arrayContaining(
      ['login', 'proxied', 'token'].map((connector) =>
        expect.objectContaining({ code: 'credentials-unprotected', connector }),
      ),
    ),
  })
  const { json, code } = await call('health', 'check', '-f', 'h.yaml')
  const { endpoints } = json as unknown as {
    endpoints: readonly { connector: string; verdicts: readonly { status: string; summary: string }[] }[]
  }
  expect(
    endpoints.map(({ connector, verdicts: [verdict] }) => [connector, verdict?.status, verdict?.summary]),
  ).toEqual([
    ['login', 'unknown', REFUSED()],
    ['proxied', 'unknown', REFUSED()],
    ['token', 'unknown', REFUSED()],
    ['open', 'ok', '1 conditions met'],
  ])
  expect(code).toBe(3)
  expect(server.requests).toEqual(['GET without login'])
})

test('a migration: lint, plan and run name the places, before anything begins', async () => {
  const steps = `steps:
  - id: request
    kind: http
    do: { method: PUT, url: "${server.url}/x", credentials: reader }
    check: { url: "http://127.0.0.1:9/x", credentials: reader }
    undo: { url: "${server.url}/x", credentials: reader }
  - id: records
    kind: records.transfer
    from: { kind: json-http, url: "${server.url}/s", credentials: reader }
    to: { kind: json-http, url: "${server.url}/t", item: "${server.url}/t/\${record.key}" }
`
  writeFileSync(join(cwd, 'm.yaml'), `id: m\ntitle: T\nreason: R\nauthor: A\n${steps}`)
  await ozgctl(['region', 'import', REGISTER], { cwd, env })
  for (const verb of ['lint', 'plan', 'run']) {
    const { code, json } = await call('migration', verb, 'm.yaml')
    expect(json.error, verb).toMatchObject({
      problems: ['steps[0].do.url', 'steps[0].undo.url', 'steps[1].from.url'].map((path) => ({
        code: 'credentials-unprotected',
        path,
        message: 'would be sent credentials that others can read',
        hint: 'They go by https only, or by http to this machine.',
      })),
    })
    expect(code).toBe(65)
  }
  expect(server.requests).toEqual([])
})

test('a migration whose address is found out only for a tenant: the run stops before it sends', async () => {
  const manifest = `connectors:
  - { name: target, kind: http, url: "${server.url}/", conditions: [ { status: 200 } ] }
defaults: { connectors: [target] }
${NETWORK}`
  writeFileSync(join(cwd, 'network.yaml'), manifest)
  writeFileSync(
    join(cwd, 'm.yaml'),
    'id: m\ntitle: T\nreason: R\nauthor: A\nmanifest: [network.yaml]\nsteps:\n  - { id: r, kind: http, do: { method: PUT, url: "${connector.target.url}x", credentials: reader }, undo: none }\n',
  )
  await ozgctl(['region', 'import', REGISTER], { cwd, env })
  expect((await call('tenant', 'apply', '-f', 'network.yaml', '--yes')).code).toBe(0)
  const { code, json } = await call('migration', 'run', 'm.yaml')
  expect(json.error).toMatchObject({ code: 'CREDENTIALS_UNPROTECTED', message: REFUSED() })
  expect(code).toBe(6)
  expect(server.requests).toEqual([])
})

test('a portal: no login, and none that the environment names', async () => {
  const login = await call('auth', 'login', 'reader', '--url', server.url, '--client-id', 'x')
  expect(login).toMatchObject({ code: 64, json: { error: { code: 'PROFILE_INVALID' } } })
  env = { ...env, OZGCTL_READER_URL: server.url }
  const list = await call('tenant', 'list', '--portal', 'reader')
  expect(list).toMatchObject({ code: 64, json: { error: { code: 'PROFILE_INVALID' } } })
  expect(server.requests).toEqual([])
})
