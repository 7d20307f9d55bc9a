import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { ozgctl, ozgctlJson, root } from '../support/cli.ts'
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

test.each(['000', '002', '007', '077'])('under umask %s a login writes what it accepts', (umask) => {
  const script = `umask ${umask}; ozgctl() { "${process.execPath}" "${root}/bin/run.js" "$@"; }
    echo secret | ozgctl auth login test --url ${place.url} --client-id sandbox --no-verify &&
    echo secret | ozgctl auth login more --url ${place.url} --client-id sandbox --no-verify && ozgctl auth status test`
  const run = spawnSync('bash', ['-c', script], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd },
    encoding: 'utf8',
  })
  expect(run).toMatchObject({ status: 0, stderr: '' })
  expect(statSync(join(config(), 'config.yaml')).mode & 0o777).toBe(
    umask === '077' ? 0o600 : umask === '007' ? 0o640 : 0o644,
  )
  expect(statSync(join(config(), 'credentials.json')).mode & 0o777).toBe(0o600)
})

test('addresses that others can change are refused before a secret is asked for, with the way out', async () => {
  await login(`${place.sandbox.clientSecret}\n`)
  const file = join(config(), 'config.yaml')
  for (const mode of [0o664, 0o646]) {
    chmodSync(file, mode)
    const run = await ozgctlJson(['auth', 'login', 'test', '--client-id', 'sandbox'], { cwd, stdin: '' })
    expect(run).toMatchObject({
      code: 6,
      json: { error: { code: 'CONFIG_EXPOSED', suggestions: [`Mend it: chmod go-w '${file}'`] } },
    })
  }
  execFileSync('bash', ['-c', `chmod go-w '${file}'`])
  expect((await ozgctl(['auth', 'status', 'test'], { cwd })).code).toBe(0)
})

test('of logins at the same time each is kept, profile and secret', async () => {
  const names = Array.from({ length: 6 }, (_, at) => `p${at}`)
  const runs = names.map((name) =>
    ozgctl(['auth', 'login', name, '--url', place.url, '--client-id', 'sandbox', '--no-verify'], {
      cwd,
      stdin: `secret-of-${name}`,
    }),
  )
  expect((await Promise.all(runs)).map(({ code, stderr }) => ({ code, stderr }))).toEqual(
    names.map(() => ({ code: 0, stderr: '' })),
  )
  expect((await ozgctl(['auth', 'status', '--json'], { cwd })).code).toBe(0)
  const kept = JSON.parse(readFileSync(join(config(), 'credentials.json'), 'utf8')) as object
  expect(Object.keys(kept).sort()).toEqual(names)
  for (const name of names) expect((await ozgctl(['auth', 'status', name], { cwd })).code).toBe(0)
})

const canTrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0
test.skipIf(!canTrace).each(['login', 'logout'])(
  'a secret that a kill in the middle of a login left behind goes with the next %s (needs strace)',
  async (next) => {
    const args = ['auth', 'login', 'test', '--url', place.url, '--client-id', 'sandbox', '--no-verify']
    await ozgctl(args, { cwd, stdin: 'first-secret' })
    const strace = [
      '-f',
      '-qq',
      '-o',
      '/dev/null',
      '-e',
      'trace=rename',
      '-e',
      'inject=rename:signal=SIGKILL:when=2',
    ]
    spawnSync('strace', [...strace, process.execPath, `${root}/bin/run.js`, ...args], {
      cwd,
      env: { PATH: process.env.PATH, HOME: cwd, NODE_DISABLE_COMPILE_CACHE: '1' },
      input: 'second-secret',
    })
    const holders = () =>
      spawnSync('grep', ['-rlE', 'first-secret|second-secret', config()], { encoding: 'utf8' })
        .stdout.trim()
        .split('\n')
        .filter((name) => name !== '')
        .sort()
    expect(holders()).toEqual([
      join(config(), 'credentials.json'),
      expect.stringMatching(/credentials\.json\..*\.new$/),
    ])
    const call = next === 'login' ? args : ['auth', 'logout', 'test']
    expect(await ozgctl(call, { cwd, stdin: 'second-secret' })).toMatchObject({ code: 0, stderr: '' })
    expect(holders()).toEqual(next === 'login' ? [join(config(), 'credentials.json')] : [])
  },
)
