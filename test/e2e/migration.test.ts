import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { ozgctl, ozgctlJson } from '../support/cli.ts'
import { temporaryFolder } from '../support/folder.ts'
import { start } from '../support/provisioning.ts'
import { recordServer, records } from '../support/record-server.ts'
import { schemaErrors } from '../support/schema.ts'
import { REGISTER } from '../support/tenant.ts'

const HOSTILE = '<script>alert(1)</script> | [x](javascript:y) \u001b[31m'

let folder = ''
let env: Record<string, string> = {}

const call = (...args: readonly string[]) => ozgctl(args, { cwd: folder, env })

const migration = (steps: string, more = ''): void =>
  writeFileSync(
    join(folder, 'm.yaml'),
    `id: m\ntitle: ${JSON.stringify(HOSTILE)}\nreason: R\nauthor: A\n${more}steps:\n${steps}`,
  )

const SET = '  - { id: imprint, kind: tenant.set, set: { imprintUrl: "https://x.example.de/" } }\n'

beforeEach(async () => {
  folder = temporaryFolder()
  env = { OZGCTL_STORE: join(folder, 'ozgctl.db'), OZGCTL_LANG: 'en' }
  await call('region', 'import', REGISTER)
  writeFileSync(
    join(folder, 'network.yaml'),
    `network: { account: lkos, name: Landkreis, anchor: "03459" }\ntenants:\n  - { ars: "034590014014", slug: bramsche, name: ${JSON.stringify('<b>Bramsche</b>')} }\n  - { ars: "034590024024", slug: melle, name: Melle }\n`,
  )
  await call('tenant', 'apply', '-f', 'network.yaml')
})

test('what is wrong with a file is told with its place, and nothing is done', async () => {
  migration('  - { id: a, kind: tenant.st, set: { name: x } }\n')
  for (const verb of ['lint', 'plan', 'run']) {
    const run = await call('migration', verb, 'm.yaml')
    expect(run).toMatchObject({ code: 65, stdout: '' })
    expect(run.stderr).toMatch(
      /^Error: m\.yaml:6:20: steps\[0\]\.kind: "tenant\.st" is no kind of step\n {2}Did you mean tenant\.set\?\n$/,
    )
  }
})

test('the way from plan to rollback, each with its exit code', async () => {
  migration(SET, 'waves: { canary: 1, pause: true }\n')
  expect((await call('migration', 'plan', 'm.yaml', '--detailed-exitcode')).code).toBe(2)
  expect((await call('migration', 'run', 'm.yaml', '--dry-run')).stdout).toMatch(
    /^Dry run: nothing is changed\.\n/,
  )
  const run = await call('migration', 'run', 'm.yaml')
  expect(run.code).toBe(3)
  expect(run.stdout).toMatch(/\nGo on with: ozgctl migration resume run-2\n$/)
  expect((await call('run', 'resume', 'run-2')).stderr).toContain('Go on with: ozgctl migration resume run-2')
  expect((await call('migration', 'resume')).code).toBe(0)
  expect((await call('migration', 'plan', 'm.yaml', '--detailed-exitcode')).code).toBe(0)
  expect(await call('migration', 'rollback')).toMatchObject({ code: 64, stdout: '' })
  expect((await call('migration', 'rollback', '--yes')).code).toBe(0)
  expect((await call('migration', 'plan', 'm.yaml', '--detailed-exitcode')).code).toBe(2)
})

test('a changed file is refused; repair shows what is different, and asks', async () => {
  migration(SET)
  await call('migration', 'run', 'm.yaml')
  migration(SET.replace('x.example', 'y.example'))
  const refused = await call('migration', 'run', 'm.yaml')
  expect(refused.code).toBe(65)
  expect(refused.stderr).toContain(
    'steps.imprint.set.imprintUrl: "https://x.example.de/" → "https://y.example.de/"',
  )
  expect((await call('migration', 'repair', 'm.yaml')).code).toBe(64)
  const { json } = await ozgctlJson(['migration', 'repair', 'm.yaml', '--dry-run'], { cwd: folder, env })
  expect(schemaErrors('migration-repair', json)).toEqual([])
  expect(json.differences).toEqual([
    {
      path: 'steps.imprint.set.imprintUrl',
      former: '"https://x.example.de/"',
      present: '"https://y.example.de/"',
    },
  ])
  expect((await call('migration', 'repair', 'm.yaml', '--yes')).code).toBe(0)
  expect((await call('migration', 'run', 'm.yaml')).code).toBe(0)
})

test('names from outside act in no report', async () => {
  migration(SET)
  await call('migration', 'run', 'm.yaml')
  const html = (await call('migration', 'report', '--output', 'html')).stdout
  expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  expect(html).toContain('&lt;b&gt;Bramsche&lt;/b&gt;')
  expect(html).not.toMatch(/<script|<b>/)
  expect(html).not.toContain('\u001b')
  const markdown =
    (await call('migration', 'report', '--out', 'r.md')).code === 0
      ? readFileSync(join(folder, 'r.md'), 'utf8')
      : ''
  expect(markdown).toContain('&lt;script>alert(1)&lt;/script>'.replaceAll('>', '\\>'))
  expect(markdown).not.toMatch(/<script/)
  expect(markdown).not.toContain('\u001b')
})

test('a process that is killed in the middle of a transfer leaves nothing twice and nothing out', async () => {
  const server = await recordServer(records(60), { most: 5 })
  migration(
    `  - id: copy\n    kind: records.transfer\n    ordered: true\n    from: { kind: json-http, url: "${server.url}/source/offset", records: $.items, paging: { style: offset, size: 5 } }\n    to: { kind: json-http, url: "${server.url}/target", item: "${server.url}/target/\${record.key}", method: POST, list: { url: "${server.url}/listed/offset", records: $.items, paging: { style: offset } } }\n`,
    'select: { keys: ["034590014014"] }\n',
  )
  const child = start(['migration', 'run', 'm.yaml'], folder, env)
  server.fate = ({ method }) => {
    if (method === 'POST' && server.target.length === 33) child.kill('SIGKILL')
    return 'do'
  }
  expect((await child.ended).signal).toBe('SIGKILL')
  server.fate = () => 'do'
  const { code, json } = await ozgctlJson(['migration', 'resume'], { cwd: folder, env })
  expect(code).toBe(0)
  expect(schemaErrors('migration-resume', json)).toEqual([])
  expect(server.target).toEqual(records(60))
  expect(json.transfers).toMatchObject([{ clean: true, records: { quarantined: 0 } }])
})

test('SIGTERM stops after the page, with the command that goes on', async () => {
  const server = await recordServer(records(60), { most: 5 })
  migration(
    `  - id: copy\n    kind: records.transfer\n    from: { kind: json-http, url: "${server.url}/source/offset", records: $.items, paging: { style: offset, size: 5 } }\n    to: { kind: json-http, url: "${server.url}/target", item: "${server.url}/target/\${record.key}" }\n`,
    'select: { keys: ["034590014014"] }\n',
  )
  const child = start(['migration', 'run', 'm.yaml'], folder, env)
  server.fate = ({ method }) => {
    if (method === 'PUT' && server.target.length === 7) child.kill('SIGTERM')
    return 'do'
  }
  expect((await child.ended).code).toBe(143)
  expect(server.target.length).toBeLessThan(60)
  expect(server.target.length % 5).toBe(0)
  server.fate = () => 'do'
  expect((await call('migration', 'resume')).code).toBe(0)
  expect(server.target).toHaveLength(60)
})

describe('a transfer', () => {
  const copy = (url: string, more = ''): string =>
    `  - id: copy\n    kind: records.transfer\n${more}    from: { kind: json-http, url: "${url}/source/offset", records: $.items, paging: { style: offset } }\n    to: { kind: json-http, url: "${url}/target", method: POST, idempotencyHeader: Idempotency-Key, list: { url: "${url}/listed/offset", records: $.items, paging: { style: offset } } }\n`
  const ONE = 'select: { keys: ["034590014014"] }\n'

  test('to a target that lost a record and has another twice ends with 3, and says which', async () => {
    const server = await recordServer(records(5))
    server.fate = ({ path }) => {
      if (path.startsWith('/listed') && server.target.length === 5)
        server.target.splice(1, 1, ...records(1), ...records(1))
      return 'do'
    }
    migration(copy(server.url), ONE)
    const { code, json } = await ozgctlJson(['migration', 'run', 'm.yaml'], { cwd: folder, env })
    expect(code).toBe(3)
    expect(schemaErrors('migration-run', json)).toEqual([])
    expect(json.transfers).toMatchObject([
      { clean: false, verdict: 'different', reconciliation: { missing: 1, twice: 2, target: { count: 6 } } },
    ])
    const { stdout } = await call('migration', 'status')
    expect(stdout).toContain('5 → 6, not the same: 1 missing (r00002), 2 twice (r00001, r00001)\n')
  })

  test('that is not to compare says that it did not, in text and JSON', async () => {
    const server = await recordServer(records(5))
    migration(copy(server.url, '    verify: false\n'), ONE)
    const { stdout } = await call('migration', 'run', 'm.yaml')
    expect(stdout).toContain('5 → ?, not compared\n')
    const { code, json } = await ozgctlJson(['migration', 'status'], { cwd: folder, env })
    expect(code).toBe(0)
    expect(schemaErrors('migration-status', json)).toEqual([])
    expect(json.transfers).toMatchObject([
      { clean: false, verdict: 'not-compared', reconciliation: { missing: null, twice: null, target: null } },
    ])
  })
})
