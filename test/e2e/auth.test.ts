import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { ozgctl, ozgctlJson } from '../support/cli.ts'
import { temporaryFolder } from '../support/folder.ts'
import { type RunningSandbox, startSandbox } from '../support/sandbox.ts'
import { schemaErrors } from '../support/schema.ts'

let place: RunningSandbox
let cwd = ''
beforeEach(async () => {
  place = await startSandbox()
  cwd = temporaryFolder()
})

const config = () => join(cwd, '.config', 'ozgctl')
const login = (stdin: string, ...more: readonly string[]) =>
  ozgctlJson(['auth', 'login', 'test', '--url', place.url, '--client-id', 'sandbox', ...more], { cwd, stdin })

test('logged in, used, looked at, logged out', async () => {
  const done = await login(`${place.sandbox.clientSecret}\n`, '--layout', 'organization')
  expect(done).toMatchObject({ code: 0, json: { profile: 'test', credentials: 'store', verified: true } })
  expect(schemaErrors('auth-login', done.json)).toEqual([])
  expect(statSync(join(config(), 'credentials.json')).mode & 0o777).toBe(0o600)
  expect(readFileSync(join(config(), 'config.yaml'), 'utf8')).toBe(
    `profiles:\n  test:\n    driver: liferay\n    url: ${place.url}\n    layout: organization\n`,
  )
  expect(await ozgctl(['tenant', 'list', '--portal', 'test'], { cwd })).toMatchObject({ code: 0, stderr: '' })
  const status = await ozgctlJson(['auth', 'status'], { cwd })
  expect(schemaErrors('auth-status', status.json)).toEqual([])
  expect(status).toMatchObject({
    code: 0,
    json: {
      profiles: [{ profile: 'test', layout: 'organization', clientId: 'sandbox', credentials: 'store' }],
    },
  })
  const out = await ozgctlJson(['auth', 'logout', 'test'], { cwd })
  expect(schemaErrors('auth-logout', out.json)).toEqual([])
  expect(out.json).toMatchObject({ erasedFrom: 'store' })
  expect((await ozgctl(['auth', 'status', 'test'], { cwd })).code).toBe(6)
  const refused = await ozgctl(['tenant', 'list', '--portal', 'test'], { cwd })
  expect(refused).toMatchObject({ code: 6, stdout: '' })
  expect(refused.stderr).toContain('Run: ozgctl auth login test')
})

test('what the portal does not accept is not kept, and neither is a dry run', async () => {
  const wrong = await login('hunter2\n')
  expect(wrong).toMatchObject({ code: 6, json: { error: { code: 'UNAUTHORISED' } } })
  const dry = await login(`${place.sandbox.clientSecret}\n`, '--dry-run')
  expect(dry).toMatchObject({ code: 0, json: { dryRun: true, verified: true, credentials: null } })
  expect(existsSync(config())).toBe(false)
  const unverified = await login('hunter2\n', '--no-verify')
  expect(unverified).toMatchObject({ code: 0, json: { verified: false } })
})

test('a profile keeps what people wrote around it', async () => {
  await login(`${place.sandbox.clientSecret}\n`)
  const file = join(config(), 'config.yaml')
  writeFileSync(file, `# ours\n${readFileSync(file, 'utf8')}  prod: {url: https://prod.example.de} # live\n`)
  await login(`${place.sandbox.clientSecret}\n`, '--layout', 'instance')
  const text = readFileSync(file, 'utf8')
  expect(text).toContain('# ours')
  expect(text).toMatch(/prod: \{ ?url: https:\/\/prod\.example\.de ?\} # live/)
  expect(text).toContain('layout: instance')
})

test('an empty list of profiles, and a file that is a link, are written to', async () => {
  const real = join(cwd, 'ours.yaml')
  mkdirSync(config(), { recursive: true })
  writeFileSync(real, '# ours\nprofiles:\n')
  symlinkSync(real, join(config(), 'config.yaml'))
  expect((await login(`${place.sandbox.clientSecret}\n`)).code).toBe(0)
  expect(lstatSync(join(config(), 'config.yaml')).isSymbolicLink()).toBe(true)
  expect(readFileSync(real, 'utf8')).toContain(`url: ${place.url}`)
})

test('a folder that cannot be written to is told', async () => {
  writeFileSync(join(cwd, '.config'), 'a file')
  const run = await login(`${place.sandbox.clientSecret}\n`)
  expect(run).toMatchObject({ code: 74, json: { error: { code: 'OUTPUT_FAILED' } } })
})

test.each([
  [['auth', 'login', 'local', '--url', 'https://x.example', '--client-id', 'i'], 'PROFILE_INVALID'],
  [['auth', 'login', 'Test', '--url', 'https://x.example', '--client-id', 'i'], 'PROFILE_INVALID'],
  [['auth', 'login', 'new', '--client-id', 'i'], 'PROFILE_UNKNOWN'],
  [['auth', 'login', 'new', '--url', 'http://x.example', '--client-id', 'i'], 'PROFILE_INVALID'],
  [
    ['auth', 'login', 'new', '--url', 'https://x.example', '--client-id', 'i', '--no-verify'],
    'SECRET_MISSING',
  ],
  [['auth', 'logout', 'none'], 'PROFILE_UNKNOWN'],
  [['tenant', 'list', '--portal', 'none'], 'PROFILE_UNKNOWN'],
])('%j is a wrong call', async (args, code) => {
  const run = await ozgctlJson(args, { cwd, stdin: '' })
  expect(run).toMatchObject({ code: 64, json: { error: { code } } })
})

test('a secret is nowhere but in its file', async () => {
  const secret = place.sandbox.clientSecret
  const env = { OZGCTL_STORE: join(cwd, 'ozgctl.db') }
  const runs = [
    await login(`${secret}\n`, '--verbose'),
    await ozgctl(['auth', 'status', '--json', '--verbose'], { cwd, env }),
    await ozgctl(['tenant', 'list', '--portal', 'test', '--verbose', '--json'], { cwd, env }),
  ]
  await place.sandbox.stop()
  runs.push(await ozgctl(['tenant', 'list', '--portal', 'test', '--verbose'], { cwd, env }))
  expect(runs.map(({ code }) => code)).toEqual([0, 0, 0, 69])
  for (const { stdout, stderr } of runs) expect(`${stdout}${stderr}`).not.toContain(secret)
  const holders = execFileSync('grep', ['-rlF', secret, '.'], { cwd, encoding: 'utf8' })
  expect(holders).toBe('./.config/ozgctl/credentials.json\n')
})

test('a helper that gives away the secret in its complaint is not repeated', async () => {
  const bin = temporaryFolder()
  const script = '#!/bin/sh\nread line; case "$1" in store) echo "cannot keep $line" >&2; exit 1;; esac\n'
  writeFileSync(join(bin, 'ozgctl-credential-leaky'), script, { mode: 0o755 })
  const run = await ozgctl(
    ['auth', 'login', 'x', '--url', place.url, '--client-id', 'sandbox', '--helper', 'leaky'],
    { cwd, stdin: place.sandbox.clientSecret, env: { PATH: `${bin}:${process.env.PATH}` } },
  )
  expect(run.code).toBe(6)
  expect(run.stderr).toContain('cannot keep {"profile":"x"')
  expect(run.stderr).not.toContain(place.sandbox.clientSecret)
})
