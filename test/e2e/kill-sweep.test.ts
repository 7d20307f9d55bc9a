import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RequestHook } from '../../src/lib/sandbox/server.ts'
import { ozgctl } from '../support/cli.ts'
import {
  BIN,
  contentOf,
  copyOf,
  intendedKeys,
  portalEnv,
  prepareNetwork,
  start,
  storeIn,
} from '../support/provisioning.ts'
import { liferayPortal, startSandbox } from '../support/sandbox.ts'

/**
 * An apply of 50 tenants is killed at every request and at every durable write, and resumed. Whatever the moment, the
 * portal ends as after an uninterrupted run, nothing is created twice, and nothing was done without an intent on disk.
 */
const TENANTS = 50
const APPLY = ['tenant', 'apply', '-f', 'network.yaml']

let prepared = ''
let uninterrupted: Reference | undefined

interface Reference {
  readonly content: unknown
  readonly creates: object
  readonly requests: number
}

beforeAll(async () => {
  prepared = mkdtempSync(join(tmpdir(), 'ozgctl-test-'))
  await prepareNetwork(prepared, TENANTS)
})
afterAll(() => rmSync(prepared, { recursive: true, force: true }))

/** The uninterrupted run that all others are compared with. */
async function reference(): Promise<Reference> {
  const place = await startSandbox()
  const folder = copyOf(prepared)
  const run = await ozgctl(APPLY, { cwd: folder, env: { ...storeIn(folder), ...portalEnv(place) } })
  expect(run).toMatchObject({ code: 0, stderr: '' })
  const { creates, requests } = place.sandbox.stats
  // A network, the county and the Land above, the Verband, and for each tenant a site and an organization.
  expect(Object.keys(creates)).toHaveLength(1 + 3 + 2 * TENANTS)
  return { content: await contentOf(liferayPortal(place)), creates, requests }
}

/** Kills at one request, before or after it was done, then resumes. */
async function killAt(number: number, fate: 'done' | 'drop'): Promise<void> {
  let seen = 0
  let child: ReturnType<typeof start> | undefined
  const written: string[] = []
  const hook: RequestHook = (phase, method, path) => {
    if (phase === 'done' && method !== 'GET' && path !== '/o/oauth2/token') written.push(path)
    if (phase !== (fate === 'done' ? 'done' : 'received') || ++seen !== number) return undefined
    child?.kill('SIGKILL')
    return child?.ended.then(() => (fate === 'drop' ? 'drop' : 'go on'))
  }
  const place = await startSandbox([], { onRequest: hook })
  const folder = copyOf(prepared)
  child = start(APPLY, folder, portalEnv(place))
  const { signal } = await child.ended
  expect(signal, `killed at request ${number}`).toBe('SIGKILL')

  const intended = intendedKeys(folder)
  const withoutIntent = written
    .map(codeIn)
    .filter((code) => code !== undefined && !isIntended(code, intended))
  expect(withoutIntent, `written without an intent, killed at ${number}`).toEqual([])

  const env = { ...storeIn(folder), ...portalEnv(place) }
  const runs = await ozgctl(['run', 'list', '--json'], { cwd: folder, env })
  const [begun] = (JSON.parse(runs.stdout) as { runs: { state: string }[] }).runs
  // Before the run was written down, nothing was done either; the apply is simply repeated.
  if (begun === undefined) expect(written).toEqual([])
  // The last requests are for the copy in the store, which belongs to the run.
  else expect(begun.state).toBe('interrupted')
  const resumed = await ozgctl(begun === undefined ? APPLY : ['run', 'resume'], { cwd: folder, env })
  expect(resumed, `resumed after ${number}`).toMatchObject({ code: 0, stderr: '' })
  expect(place.sandbox.stats.creates).toEqual(uninterrupted?.creates)
  expect(await contentOf(liferayPortal(place))).toEqual(uninterrupted?.content)
}

/** External reference code in the address of a write; undefined for the collection that sites are posted to. */
const codeIn = (path: string): string | undefined => /by-external-reference-code\/([^/]+)/.exec(path)?.[1]

/** A region above a tenant is made on the way to it. */
const isIntended = (code: string, intended: ReadonlySet<string>): boolean =>
  intended.has(code) || [...intended].some((key) => /^\d/.test(key) && key.startsWith(code))

/** The others are tried by `OZGCTL_PROOF=1 vitest run test/e2e/kill-sweep.test.ts`. */
const STEP = process.env.OZGCTL_PROOF === undefined ? 3 : 1

const MANY_PROCESSES = { timeout: 900_000 }

test('killed at every request, done by the portal or not', MANY_PROCESSES, async () => {
  uninterrupted ??= await reference()
  expect(uninterrupted.requests).toBeGreaterThan(4 * TENANTS)
  // The very first is for the token: not answered, it is asked for again, which is no matter of this test.
  for (let number = 2; number <= uninterrupted.requests; number += STEP)
    await Promise.all([killAt(number, 'done'), killAt(number + (STEP >> 1), 'drop')])
})

const canTrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0

describe.skipIf(!canTrace)('killed at every durable write (needs strace)', () => {
  test('fsync', MANY_PROCESSES, async () => {
    uninterrupted ??= await reference()
    let kills = 0
    for (let at = 1; ; at++) {
      const place = await startSandbox()
      const folder = copyOf(prepared)
      const env = { ...storeIn(folder), ...portalEnv(place) }
      const traced = await tracedApply(at, folder, env)
      if (traced === 0) break
      expect(traced).toBe('SIGKILL')
      kills++
      const runs = await ozgctl(['run', 'list', '--output', 'csv'], { cwd: folder, env })
      const again = runs.stdout.includes('run-1') ? ['run', 'resume'] : APPLY
      expect(await ozgctl(again, { cwd: folder, env })).toMatchObject({ code: 0, stderr: '' })
      expect(place.sandbox.stats.creates).toEqual(uninterrupted?.creates)
      expect(await contentOf(liferayPortal(place))).toEqual(uninterrupted?.content)
    }
    expect(kills).toBeGreaterThan(4)
  })
})

/** Runs the apply and kills it at its n-th fsync. @returns the signal, or the exit code */
async function tracedApply(number: number, cwd: string, env: Readonly<Record<string, string>>) {
  const { spawn } = await import('node:child_process')
  const inject = `inject=fsync,fdatasync:signal=SIGKILL:when=${number}`
  const strace = ['-f', '-qq', '-o', '/dev/null', '-e', 'trace=fsync,fdatasync', '-e', inject]
  const child = spawn('strace', [...strace, process.execPath, BIN, ...APPLY], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, ...env },
    stdio: 'ignore',
  })
  return new Promise<string | number | null>((resolve) => {
    child.once('close', (code, signal) => resolve(signal ?? code))
  })
}
