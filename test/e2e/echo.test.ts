import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { ozgctl, root } from '../support/cli.ts'
import { type EchoServer, echoServer, tracesOf } from '../support/echo-server.ts'
import { temporaryFolder } from '../support/folder.ts'

// Some sixty processes, on a machine that may have other things to do.
vi.setConfig({ testTimeout: 240_000 })

// With all that encodings differ in.
const SECRET = `c4n4ry geheim+ß/!'()~*"<&>\\%41=ende`
const TOKEN = "t0k3n-issued-to-us/+='(~)-ende"
const FORMATS = ['table', 'csv', 'json', 'ndjson', 'nagios', 'prometheus', 'junit']
const BASIC = Buffer.from(`reader:${SECRET}`).toString('base64')

/** A place to work in, and all that came out of it and was left there. */
async function place() {
  const server = await echoServer(TOKEN)
  const cwd = temporaryFolder()
  const env = {
    OZGCTL_STORE: join(cwd, 'ozgctl.db'),
    OZGCTL_READER_CLIENT_ID: 'reader',
    OZGCTL_READER_CLIENT_SECRET: SECRET,
    OZGCTL_READER_URL: server.url,
    OZGCTL_READER_LAYOUT: 'organization',
  }
  const outputs: string[] = []
  const call = async (...args: readonly string[]) => {
    const run = await ozgctl(args, { cwd, env })
    outputs.push(`$ ${args.join(' ')}\n${run.stdout}${run.stderr}`)
    return run
  }
  await call('region', 'import', `${root}/fixtures/region/GV100AD_osnabrueck_301123.txt`)
  return { server, cwd, call, outputs }
}

type Place = Awaited<ReturnType<typeof place>>

/** Nothing that was printed or left in a file gives away a secret, a token, or the header in which it went. */
function expectSilence({ cwd, outputs }: Place): void {
  const files = readdirSync(cwd).map((name) => readFileSync(join(cwd, name), 'latin1'))
  const texts = [...outputs, ...outputs.map((text) => Buffer.from(text).toString('latin1')), ...files]
  for (const secret of [SECRET, TOKEN, BASIC])
    for (const trace of tracesOf(secret))
      for (const written of [
        trace,
        Buffer.from(trace).toString('latin1'),
        JSON.stringify(trace).slice(1, -1),
      ])
        expect(texts.filter((text) => text.includes(written)).map((text) => text.slice(0, 60))).toEqual([])
}

function heard(server: EchoServer, ...paths: readonly string[]): void {
  for (const path of paths) expect(server.logins.get(path), path).toBeDefined()
}

const NETWORK = `network: { account: n, name: N, anchor: "034595402" }
tenants: [ { ars: "034595402", slug: a, name: A } ]
`

test('migrations: requests that fail, values that are saved, records that are refused', async () => {
  const here = await place()
  const { server, cwd, call, outputs } = here
  const to = `{ kind: json-http, url: "${server.url}/records", credentials: reader, item: "${server.url}/records/\${record.key}" }`
  const steps = {
    basic: `kind: http, do: { method: POST, url: "${server.url}/basic", credentials: reader, expect: [ { json: $.message, equals: ok } ] }, undo: none`,
    text: `kind: http, do: { method: PUT, url: "${server.url}/ok-text", credentials: reader, expect: [ { text: body, contains: nowhere } ] }, undo: none`,
    header: `kind: http, do: { method: PUT, url: "${server.url}/ok-header", credentials: reader, expect: [ { header: x-echo, equals: ok } ] }, undo: none`,
    bearer: `kind: http, do: { method: PUT, url: "${server.url}/bearer", credentials: reader, login: bearer, expect: [ { json: $.title, equals: ok } ] }, undo: none`,
    saved: `kind: http, do: { method: PUT, url: "${server.url}/saved", credentials: reader }, save: { id: $.id }, undo: none`,
    records: `kind: records.transfer, tolerate: 9, from: { kind: json-http, url: "${server.url}/source", records: $.items, credentials: reader }, to: ${to}`,
    read: `kind: records.transfer, from: { kind: json-http, url: "${server.url}/page", records: $.items, credentials: reader }, to: { kind: file, path: out.ndjson }`,
  }
  writeFileSync(join(cwd, 'network.yaml'), NETWORK)
  expect((await call('tenant', 'apply', '-f', 'network.yaml', '--yes')).code).toBe(0)
  for (const [id, step] of Object.entries(steps)) {
    const text = `schemaVersion: 1\nid: m-${id}\ntitle: M\nreason: r\nauthor: a\nsteps:\n  - { id: ${id}, ${step} }\n`
    writeFileSync(join(cwd, `${id}.yaml`), text)
    if (id === 'read') await call('migration', 'plan', `${id}.yaml`)
    const run = await call('migration', 'run', `${id}.yaml`, '--verbose')
    const said = `${run.stdout}${run.stderr}`
    if (!['saved', 'records', 'read'].includes(id)) expect(said, id).toContain('***')
    await call('migration', 'report', '--output', 'html')
    await call('run', 'log', '--json')
  }
  await call('migration', 'status', '--json')
  await call('run', 'show', '--json')
  heard(server, '/basic', '/ok-text', '/ok-header', '/bearer', '/saved', '/source', '/page', '/records/a')
  expect(outputs.length).toBe(5 + 3 * Object.keys(steps).length)
  expectSilence(here)
})

test('health: conditions, tokens that are refused, tokens that are given, in every form', async () => {
  const here = await place()
  const { server, cwd, call } = here
  const http = (name: string, path: string, condition: string) =>
    `  - { name: ${name}, kind: http, url: "${server.url}/${path}", credentials: reader, conditions: [ ${condition} ] }\n`
  const connectors = [
    http('json', 'json', '{ json: $.detail, equals: ok }'),
    http('header', 'head', '{ header: x-echo, equals: ok }'),
    http('text', 'text', '{ text: body, contains: nowhere }'),
    http('page', 'page', '{ json: $.x, equals: 1 }'),
    `  - { name: cmis, kind: cmis, url: "${server.url}/page", credentials: reader }\n`,
    `  - { name: dvelop, kind: dvelop, url: "${server.url}/", credentials: reader }\n`,
    `  - { name: oauth2, kind: oauth2, url: "${server.url}/token", credentials: reader }\n`,
    `  - { name: post, kind: oauth2, url: "${server.url}/a/token", credentials: reader, clientAuthentication: post }\n`,
    `  - { name: liferay, kind: liferay, url: "${server.url}/", credentials: reader }\n`,
  ]
  const names = connectors.map((text) => /name: (\w+)/.exec(text)?.[1]).join(', ')
  writeFileSync(
    join(cwd, 'health.yaml'),
    `connectors:\n${connectors.join('')}defaults: { connectors: [${names}] }\n${NETWORK}`,
  )
  for (const givesTokens of [false, true]) {
    server.givesTokens = givesTokens
    for (const output of givesTokens ? ['json'] : FORMATS) {
      const run = await call('health', 'check', '-f', 'health.yaml', '--output', output, '--verbose')
      expect(run.code, run.stdout + run.stderr).toBe(2)
    }
    expect((await call('health', 'check', '-f', 'health.yaml', '--details')).stdout).toContain('***')
    await call('health', 'history', '--json')
  }
  heard(server, '/json', '/head', '/text', '/page', '/token', '/a/token')
  expectSilence(here)
})

test('a portal that repeats the token in what it refuses', async () => {
  const here = await place()
  const { server, cwd, call } = here
  writeFileSync(join(cwd, 'network.yaml'), NETWORK)
  expect((await call('tenant', 'apply', '-f', 'network.yaml', '--portal', 'reader', '--yes')).code).toBe(3)
  for (const args of [
    ['run', 'show'],
    ['run', 'show', '--json'],
    ['run', 'log'],
    ['tenant', 'list', '--portal', 'reader'],
  ])
    await call(...args)
  server.givesTokens = false
  for (const more of [[], ['--json'], ['--verbose']])
    expect((await call('tenant', 'list', '--portal', 'reader', ...more)).code).toBe(6)
  expect(here.outputs.join('')).toContain('***')
  heard(server, '/o/oauth2/token')
  expectSilence(here)
})
