import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { STAND_INS } from '../../src/lib/sandbox/stand-ins/index.ts'
import { startedSandbox } from '../support/built-sandbox.ts'
import { ozgctl, ozgctlJson, root } from '../support/cli.ts'
import { deadOrigin } from '../support/fault-server.ts'
import { temporaryFolder } from '../support/folder.ts'
import { schemaErrors } from '../support/schema.ts'

const KINDS = Object.keys(STAND_INS).sort()

interface Answer {
  readonly status: string
  readonly checks: number
  readonly bindings: number
  readonly endpoints: readonly {
    readonly connector: string
    readonly verdicts: readonly { readonly status: string; readonly since: string | null }[]
  }[]
}

test('every kind through the sandbox: healthy, wrong, history, uptime, waiting', async () => {
  const { folder, manifest, env } = await startedSandbox()
  const call = (...args: readonly string[]) => ozgctlJson(args, { cwd: folder, env })

  const first = await call('health', 'check', '-f', manifest)
  expect(schemaErrors('health-check', first.json)).toEqual([])
  const answer = first.json as unknown as Answer
  expect(answer.endpoints.map(({ connector }) => connector).sort()).toEqual(KINDS)
  expect(answer.endpoints.flatMap(({ verdicts }) => verdicts.map(({ status }) => status))).not.toContain(
    'critical',
  )
  expect([first.code, answer.status, answer.checks, answer.bindings]).toEqual([
    0,
    'ok',
    KINDS.length,
    KINDS.length * 2,
  ])

  for (const [call_, code] of [
    [['connector', 'list', '-f', manifest], 0],
    [['connector', 'show', 'oidc', '-f', manifest], 0],
    [['connector', 'lint', '-f', manifest], 0],
    [['connector', 'systems'], 0],
    [['sandbox', 'set', 'oidc', 'wrong'], 0],
    [['health', 'check', 'oidc', 'cmis', '-f', manifest], 2],
    [['health', 'check', 'oidc', '-f', manifest], 2],
    [['health', 'history'], 0],
    [['health', 'uptime', '--min', '100'], 4],
    [['health', 'wait', 'oidc', '-f', manifest, '--for', '1s', '--every', '100ms'], 2],
    [['sandbox', 'set', 'oidc', 'healthy'], 0],
    [['sandbox', 'set', 'cmis', 'healthy', '--documents', '3'], 0],
    [['health', 'wait', 'oidc', '-f', manifest, '--for', '30s'], 0],
  ] as const) {
    const run = await call(...call_)
    const name = `${call_[0]}-${call_[1]}`
    expect.soft([call_.join(' '), run.code]).toEqual([call_.join(' '), code])
    expect.soft(schemaErrors(name, run.json), call_.join(' ')).toEqual([])
  }
  const { json } = await call('health', 'history', 'oidc', '--part', 'service')
  const { transitions } = json as {
    transitions: readonly { from: string | null; to: string; lasts: boolean }[]
  }
  expect(transitions.map(({ from, to, lasts }) => [from, to, lasts])).toEqual([
    [null, 'ok', false],
    ['ok', 'critical', true],
  ])
})

test('in the languages of monitoring and CI', async () => {
  const { folder, manifest, env } = await startedSandbox()
  const run = (...args: readonly string[]) => ozgctl(args, { cwd: folder, env })
  await run('sandbox', 'set', 'dvelop', 'wrong')
  const words = ['health', 'check', '-f', manifest, 'dvelop', 'enaio']

  const nagios = await run(...words, '--output', 'nagios')
  expect(nagios.code).toBe(2)
  expect(nagios.stdout.split('\n')[0]).toMatch(/^CRITICAL - .*dvelop.* \| /)

  const file = join(folder, 'health.prom')
  expect((await run(...words, '--output', 'prometheus', '--out', file)).code).toBe(2)
  expect(readFileSync(file, 'utf8')).toMatch(/^ozgctl_connector_up\{connector="enaio",.*\} 1$/m)
  expect(readFileSync(file, 'utf8')).toMatch(/^ozgctl_connector_up\{connector="dvelop",.*\} 0$/m)

  const junit = await run(...words, '--output', 'junit')
  expect(junit.stdout).toContain('tests="2" failures="1" errors="0"')

  const ndjson = await run(...words, '--output', 'ndjson')
  expect(
    ndjson.stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { type: string }).type),
  ).toEqual(['endpoint', 'endpoint', 'summary'])
  expect((await run(...words)).stdout).toMatch(/1 OK, 1 KRITISCH\n$/)
})

const NETWORK = 'network: { account: lkos, name: Landkreis Osnabrück, anchor: "03459" }\n'
const TENANTS = `tenants:
  - { ars: "034590014014", slug: bramsche, name: Stadt Bramsche }
  - { ars: "034590024024", slug: melle, name: Stadt Melle }
`

function manifestWith(folder: string, connectors: string): string {
  const file = join(folder, 'network.yaml')
  writeFileSync(file, `${NETWORK}${connectors}${TENANTS}`)
  return file
}

const inFolder = () => {
  const folder = temporaryFolder()
  return { folder, options: { cwd: folder, env: { OZGCTL_STORE: join(folder, 'ozgctl.db') } } }
}

test('whatever keeps us from asking is UNKNOWN, for monitoring on stdout', async () => {
  const { folder, options } = inFolder()
  const file = manifestWith(
    folder,
    'connectors:\n  - { name: dms, kind: cmiss, url: "https://dms.example/" }\n',
  )
  const check = (...more: readonly string[]) => ozgctl(['health', 'check', '-f', file, ...more], options)
  expect(await check('--output', 'nagios')).toMatchObject({
    code: 3,
    stdout: `UNKNOWN - network.yaml:3:24: connectors[0].kind: "cmiss" is not one of: ${KIND_LIST}\n`,
  })
  expect(await check('--nonsense', '-o', 'nagios')).toMatchObject({
    code: 3,
    stdout: 'UNKNOWN - Nonexistent flag: --nonsense\n',
  })
  expect(await check()).toMatchObject({ code: 3, stdout: '' })
  expect((await ozgctlJson(['health', 'check', '-f', file], options)).json).toMatchObject({
    error: { code: 'MANIFEST_INVALID' },
  })
})

const KIND_LIST =
  'http, health-json, cmis, enaio, dvelop, epaybl, oidc, oauth2, fitconnect, liferay, saml, soap, xzufi, tcp, tls, sftp, smtp'

test('an endpoint of many tenants is asked once, and templates make one for each', async () => {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.end('{"status":"UP"}')
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const up = 'kind: http, conditions: [{ status: 200 }, { json: status, equals: UP }]'
  const { folder, options } = inFolder()
  const file = manifestWith(
    folder,
    `connectors:
  - { name: shared, url: ${base}/shared, ${up} }
  - { name: each, url: "${base}/{slug}/{ags}", ${up} }
  - { name: same, url: ${base}/shared, title: The same by another name, ${up} }
defaults: { connectors: [shared, each, same] }
`,
  )
  const { code, json } = await ozgctlJson(['health', 'check', '-f', file], options)
  expect([code, json.checks, json.bindings]).toEqual([0, 3, 6])
  expect(asked.sort()).toEqual(['/bramsche/03459014', '/melle/03459024', '/shared'])
  // Only those of a region, and what is remembered of the others stays.
  await ozgctlJson(['health', 'check', '-f', file, '--in', '034590014014'], options)
  const uptime = await ozgctlJson(['health', 'uptime', 'shared'], options)
  expect(uptime.json).toMatchObject({ endpoints: [{ connector: 'shared', tenants: 2 }] })
})

/** A manifest with a connector for each tenant, of a server that takes connections and says nothing. */
async function silentNetwork() {
  const silent = createTcpServer((socket) => void socket.on('error', () => undefined)).listen(0, '127.0.0.1')
  onTestFinished(() => void silent.close())
  await new Promise((resolve) => silent.once('listening', resolve))
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
  const { folder, options } = inFolder()
  const file = manifestWith(
    folder,
    `connectors:
  - { name: silent, url: "${url}/{slug}", kind: http, conditions: [{ status: 200 }] }
defaults: { connectors: [silent] }
`,
  )
  return { file, folder, options }
}

test('silence ends at the deadline: whatever had no time to answer is UNKNOWN, in every language, and no outage', async () => {
  const { file, options } = await silentNetwork()
  const words = ['health', 'check', '-f', file, '--per-host', '1', '--deadline', '300ms']
  const { code, json } = await ozgctlJson(words, options)
  const { endpoints } = json as unknown as Answer
  expect([code, endpoints.map(({ verdicts }) => verdicts)]).toMatchObject([
    3,
    [
      [
        {
          status: 'unknown',
          summary: 'cut short: the time was over before its answer was whole',
          since: null,
        },
      ],
      [{ status: 'unknown', summary: 'not asked: the time was over before its turn', since: null }],
    ],
  ])
  const [nagios, prometheus, junit] = await Promise.all(
    ['nagios', 'prometheus', 'junit'].map((output) => ozgctl([...words, '--output', output], options)),
  )
  expect([nagios?.code, nagios?.stdout]).toEqual([
    3,
    expect.stringMatching(/^UNKNOWN - services: 2 unknown; /),
  ])
  expect([prometheus?.code, prometheus?.stdout]).toEqual([
    3,
    expect.not.stringContaining('ozgctl_connector_up{'),
  ])
  expect([junit?.code, junit?.stdout]).toEqual([
    3,
    expect.stringContaining('tests="2" failures="0" errors="2"'),
  ])
  expect((await ozgctlJson(['health', 'history'], options)).json).toMatchObject({ transitions: [] })
  expect((await ozgctlJson(['health', 'uptime'], options)).json).toMatchObject({ endpoints: [] })
})

test('its own timeout is an outage, be there a deadline or not', async () => {
  const { file, options } = await silentNetwork()
  const words = ['health', 'check', '-f', file, '--timeout', '50ms', '--deadline', '100s']
  expect((await ozgctlJson(words, options)).code).toBe(2)
  expect((await ozgctlJson(['health', 'uptime'], options)).json).toMatchObject({
    endpoints: [
      { now: 'critical', outages: 1 },
      { now: 'critical', outages: 1 },
    ],
  })
})

/** A manifest with a connector of an address at which nobody listens. */
async function deadNetwork() {
  const { folder, options } = inFolder()
  const dead = await deadOrigin()
  const file = manifestWith(
    folder,
    `connectors:
  - { name: dead, url: "${dead.href}", kind: http, conditions: [{ status: 200 }] }
defaults: { connectors: [dead] }
`,
  )
  return { file, store: join(folder, 'ozgctl.db'), options }
}

test('CRITICAL stays CRITICAL with a store that another process writes to, and the deadline holds', async () => {
  const { file, store, options } = await deadNetwork()
  await ozgctl(['health', 'check', '-f', file], options)
  const other = new DatabaseSync(store)
  onTestFinished(() => other.close())
  other.exec('BEGIN EXCLUSIVE')
  const words = ['health', 'check', '-f', file, '--deadline', '2s']
  const { code, json } = await ozgctlJson(words, options)
  expect([code, json.status, json.warnings]).toEqual([
    2,
    'critical',
    [
      expect.stringMatching(
        /^the result is not recorded: another ozgctl has been writing to .* for more than [01]\.\d+ s$/,
      ),
    ],
  ])
  const nagios = await ozgctl([...words, '--output', 'nagios'], options)
  expect(nagios.stdout).toMatch(/^CRITICAL - [^\n]*\n(.*\n)*the result is not recorded: /)
  for (const verb of ['wait', 'check']) {
    const more = verb === 'wait' ? ['--for', '1s'] : ['--no-record']
    expect((await ozgctlJson(['health', verb, '-f', file, ...more], options)).code).toBe(2)
  }
})

test('and with one that is damaged', async () => {
  const { file, store, options } = await deadNetwork()
  writeFileSync(store, 'this is no database any more. '.repeat(200))
  const { code, json } = await ozgctlJson(['health', 'check', '-f', file], options)
  expect([code, json.status, json.warnings]).toEqual([
    2,
    'critical',
    [
      expect.stringMatching(
        /^connectors are asked without the store, and nothing is recorded: .* is no readable store/,
      ),
    ],
  ])
  expect(readFileSync(store, 'utf8')).toMatch(/^this is no database any more/)
})

test('a helper program that thinks for longer than the deadline is ended with it', async () => {
  const { file, folder, options } = await silentNetwork()
  writeFileSync(file, readFileSync(file, 'utf8').replace('kind: http,', 'kind: http, credentials: vault,'))
  const program = join(folder, 'ozgctl-credential-slow')
  writeFileSync(program, '#!/bin/sh\nexec sleep 1000\n', { mode: 0o755 })
  const env = { ...options.env, OZGCTL_VAULT_HELPER: 'slow', PATH: `${folder}:${process.env.PATH}` }
  const { code, json } = await ozgctlJson(
    ['health', 'check', '-f', file, '--deadline', '1s', '--no-record'],
    { ...options, env },
  )
  expect([code, (json as unknown as Answer).endpoints.map(({ verdicts }) => verdicts)]).toMatchObject([
    3,
    [[{ summary: 'cut short: the time was over before its answer was whole' }], [{ status: 'unknown' }]],
  ])
})

test('credentials that are missing are our mistake and nobody else’s', async () => {
  const { folder, options } = inFolder()
  const file = manifestWith(
    folder,
    `connectors:
  - { name: token, url: "http://127.0.0.1:1/token", kind: oauth2, credentials: nobody }
defaults: { connectors: [token] }
`,
  )
  const { code, json } = await ozgctlJson(['health', 'check', '-f', file, '--no-record'], options)
  expect(code).toBe(3)
  expect(json).toMatchObject({
    status: 'unknown',
    endpoints: [{ verdicts: [{ status: 'unknown', summary: 'there are no credentials for nobody' }] }],
  })
  expect(existsSync(join(folder, 'ozgctl.db'))).toBe(false)
})

test('watched in a pipe: a line whenever something changes, until it is stopped', async () => {
  const { folder, manifest, env } = await startedSandbox()
  const words = ['health', 'watch', 'oidc', '-f', manifest, '--every', '50ms', '--lang', 'en']
  const child = spawn(process.execPath, [`${root}/bin/run.js`, ...words], {
    env: { PATH: process.env.PATH, HOME: folder, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const lines: string[] = []
  for await (const line of createInterface(child.stdout)) {
    lines.push(line)
    if (lines.length === 1) await ozgctl(['sandbox', 'set', 'oidc', 'wrong'], { cwd: folder, env })
    if (lines.length === 2) child.kill('SIGINT')
  }
  const code = child.exitCode ?? (await new Promise((resolve) => child.once('exit', resolve)))
  expect([lines, code]).toEqual([['1 OK', '1 CRITICAL: oidc'], 0])
})
