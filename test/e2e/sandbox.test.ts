import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { request } from 'undici'
import { expect, onTestFinished, test } from 'vitest'
import { ozgctl } from '../support/cli.ts'
import { temporaryFolder } from '../support/folder.ts'
import { BIN, storeIn } from '../support/provisioning.ts'
import { schemaErrors } from '../support/schema.ts'
import { REGISTER } from '../support/tenant.ts'

interface Started {
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  readonly pid: number
  readonly environment: Readonly<Record<string, string>>
}

/** Starts the server and waits for its document. */
async function startServer(...args: readonly string[]) {
  const cwd = temporaryFolder()
  const child = spawn(process.execPath, [BIN, 'sandbox', 'start', ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, ...storeIn(cwd) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  let text = ''
  for await (const line of createInterface(child.stdout)) {
    text += line
    if (line === '}') break
  }
  return { child, started: JSON.parse(text) as Started }
}

test('the server tells its address and credentials, works with them, and ends on SIGTERM with 0', async () => {
  const { child, started } = await startServer('--json')
  expect(schemaErrors('sandbox-start', started)).toEqual([])
  expect(started.pid).toBe(child.pid)
  expect(started.environment).toEqual({
    OZGCTL_PORTAL: 'sandbox',
    OZGCTL_SANDBOX_URL: started.url,
    OZGCTL_SANDBOX_CLIENT_ID: started.clientId,
    OZGCTL_SANDBOX_CLIENT_SECRET: started.clientSecret,
  })
  const cwd = temporaryFolder()
  const env = { ...storeIn(cwd), ...started.environment }
  const list = await ozgctl(['tenant', 'list'], { cwd, env })
  expect(list).toMatchObject({ code: 0, stderr: '' })
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
  await expect(request(started.url)).rejects.toThrow()
})

test('it listens on this machine only, and a port that is taken is told', async () => {
  const { started } = await startServer()
  const { hostname, port } = new URL(started.url)
  expect(hostname).toBe('127.0.0.1')
  const second = await ozgctl(['sandbox', 'start', '--port', port])
  expect(second).toMatchObject({ code: 69, stdout: '' })
  expect(second.stderr).toContain(`port ${port} cannot be listened at (EADDRINUSE)`)
})

test('--seed fills it before anybody asks', async () => {
  const cwd = temporaryFolder()
  const env = storeIn(cwd)
  await ozgctl(['region', 'import', REGISTER], { cwd, env })
  await ozgctl(['tenant', 'seed', '--in', '034595402', '--out', 'network.yaml'], { cwd, env })
  const drift = [process.execPath, BIN, 'tenant', 'drift', '-f', 'network.yaml', '--detailed-exitcode']
  const run = await ozgctl(['sandbox', 'exec', '--seed', 'network.yaml', '--', ...drift], { cwd, env })
  expect(run).toMatchObject({
    code: 0,
    stdout: 'Keine Abweichung: 8 Mandanten wie in der Datei\n',
    stderr: '',
  })
})

test.each([
  [['sh', '-c', 'exit 7'], 7],
  [['sh', '-c', 'kill -9 $$'], 137],
  [['sh', '-c', 'test "$OZGCTL_PORTAL" = sandbox && test -n "$OZGCTL_SANDBOX_CLIENT_SECRET"'], 0],
] as const)('exec ends with the exit code of its command: %j', async (command, code) => {
  expect(await ozgctl(['sandbox', 'exec', '--', ...command])).toMatchObject({ code, stdout: '', stderr: '' })
})

test('exec hands on what the command reads and prints', async () => {
  const run = await ozgctl(['sandbox', 'exec', '--', 'tr', 'a-z', 'A-Z'], { stdin: 'moin\n' })
  expect(run).toMatchObject({ code: 0, stdout: 'MOIN\n' })
})

test.each([
  [['--', 'no-such-program'], 'no-such-program cannot be run (ENOENT)'],
  [[], 'name a command behind --'],
  [['--fault', '503,evry=2', '--', 'true'], '"evry=2" is no KEY=VALUE'],
  [['--fault', '504', '--', 'true'], '"504" is no fault'],
])('exec %j is a wrong call', async (args, message) => {
  const run = await ozgctl(['sandbox', 'exec', ...args])
  expect(run).toMatchObject({ code: 64, stdout: '' })
  expect(run.stderr).toContain(message)
})

test('--connectors replaces no file, nor one beside it, unless that is meant', async () => {
  const cwd = temporaryFolder()
  const call = (...flags: readonly string[]) =>
    ozgctl(['sandbox', 'exec', '--connectors', 'network.yaml', ...flags, '--', 'true'], { cwd })
  writeFileSync(join(cwd, 'network.yaml'), 'mine')
  expect(await call()).toMatchObject({
    code: 64,
    stderr: 'Error: network.yaml is already there\n  Name another file, or add --force.\n',
  })
  rmSync(join(cwd, 'network.yaml'))
  writeFileSync(join(cwd, 'network.yaml.tls.pem'), 'mine')
  expect(await call()).toMatchObject({ code: 64 })
  expect(readdirSync(cwd)).toEqual(['network.yaml.tls.pem'])
  expect(readFileSync(join(cwd, 'network.yaml.tls.pem'), 'utf8')).toBe('mine')
  expect(await call('--force')).toMatchObject({ code: 0 })
  expect(readFileSync(join(cwd, 'network.yaml.tls.pem'), 'utf8')).toContain('BEGIN CERTIFICATE')
  expect(await call()).toMatchObject({ code: 64 })
})

test('a signal reaches the command, and the server goes with it', async () => {
  const cwd = temporaryFolder()
  writeFileSync(
    join(cwd, 'wait.sh'),
    // Says that it is ready when it is: a signal before would be the end of it.
    'trap "exit 9" TERM; echo $OZGCTL_SANDBOX_URL; while :; do sleep 0.05; done\n',
  )
  const child = spawn(process.execPath, [BIN, 'sandbox', 'exec', '--', 'sh', 'wait.sh'], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([9, null])
  await expect(request(line)).rejects.toThrow()
})

test('the secret is in no list of processes', async () => {
  const script = `printf %s "$OZGCTL_SANDBOX_CLIENT_SECRET" > pattern
    cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' > processes
    grep -cF -f pattern processes; grep -c sandbox processes`
  const cwd = temporaryFolder()
  const run = await ozgctl(['sandbox', 'exec', '--', 'sh', '-c', script], { cwd })
  const [found, ours] = run.stdout.split('\n').map(Number)
  expect(found).toBe(0)
  expect(ours).toBeGreaterThan(0)
})

test('two signals end the command with us, whatever it does about the first', async () => {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'stay.sh'), 'trap "echo no" TERM; echo $$; while :; do sleep 0.05; done\n')
  const child = spawn(process.execPath, [BIN, 'sandbox', 'exec', '--', 'sh', 'stay.sh'], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const ended = once(child, 'exit')
  // The output ends when nobody is left who could write to it.
  const lines: string[] = []
  for await (const line of createInterface(child.stdout)) {
    lines.push(line)
    child.kill('SIGTERM')
  }
  expect(lines.slice(1, 2)).toEqual(['no'])
  expect(await ended).toEqual([143, null])
})
