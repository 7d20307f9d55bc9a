import { execFileSync, spawn as spawnProgram, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RequestHook } from '../../src/lib/sandbox/server.ts'
import { ozgctl, ozgctlJson } from '../support/cli.ts'
import { BIN, contentOf, copyOf, portalEnv, prepareNetwork, start, storeIn } from '../support/provisioning.ts'
import { liferayPortal, type RunningSandbox, startSandbox } from '../support/sandbox.ts'

const TENANTS = 30
const APPLY = ['tenant', 'apply', '-f', 'network.yaml']

let prepared = ''
beforeAll(async () => {
  prepared = mkdtempSync(join(tmpdir(), 'ozgctl-test-'))
  await prepareNetwork(prepared, TENANTS)
})
afterAll(() => rmSync(prepared, { recursive: true, force: true }))

/** A folder and a sandbox, and the command line in it. */
async function workplace(faults: readonly string[] = [], onRequest?: RequestHook) {
  const place = await startSandbox(faults, onRequest === undefined ? {} : { onRequest })
  const cwd = copyOf(prepared)
  const env = { ...storeIn(cwd), ...portalEnv(place) }
  return {
    ...place,
    cwd,
    env,
    run: (...args: readonly string[]) => ozgctl(args, { cwd, env }),
    json: (...args: readonly string[]) => ozgctlJson(args, { cwd, env }),
    start: (...args: readonly string[]) => start(args, cwd, env),
  }
}

/** Everything is there, and nothing was made twice. */
async function expectComplete(place: RunningSandbox): Promise<void> {
  const { tenants } = (await contentOf(liferayPortal(place))) as { tenants: readonly unknown[] }
  expect(tenants).toHaveLength(TENANTS)
  const twice = Object.entries(place.sandbox.stats.creates).filter(([, times]) => times > 1)
  expect(twice).toEqual([])
}

describe('a portal in trouble: the apply copes, everything is done and nothing twice', () => {
  test.each([
    ['429,every=50,retry-after=1'],
    ['429,first=3,retry-after=1d,method=PUT'],
    ['503,every=9'],
    ['500,every=11,method=PUT'],
    ['reset,every=8'],
    ['reset-before,every=8'],
    ['truncate,every=9'],
    ['reset,every=5,method=POST', '503,every=6,method=PUT'],
  ])('%s', async (...faults) => {
    const place = await workplace(faults.filter((fault) => fault !== undefined))
    const run = await place.run(...APPLY, '--concurrency', '8')
    expect(run).toMatchObject({ code: 0, stderr: '' })
    for (const fault of faults)
      if (fault !== undefined) expect(place.sandbox.stats.faults[fault]).toBeGreaterThan(1)
    await expectComplete(place)
  })

  test('an answer that never ends: the request does, and the change is read back', async () => {
    const place = await workplace(['hang,first=2,method=PUT,path=034595402'])
    // A short lease makes short deadlines.
    expect(await place.run(...APPLY, '--lease', '2s')).toMatchObject({ code: 0 })
    expect(place.sandbox.stats.faults).toEqual({ 'hang,first=2,method=PUT,path=034595402': 2 })
    await expectComplete(place)
  })

  test('one that does nothing any more: exit 69, nothing is lost, and a resume does the rest', async () => {
    let isDown = true
    let refused = 0
    const place = await workplace([], (phase, method, path) => {
      if (phase !== 'received' || !isDown || method !== 'PUT' || !path.includes('034595402')) return undefined
      refused++
      return Promise.resolve('drop')
    })
    const run = await place.run(...APPLY, '--concurrency', '2')
    expect(run.code).toBe(69)
    expect(run.stdout).toMatch(/Weiter mit: ozgctl run resume run-1\n$/)
    // It was not stormed.
    expect(refused).toBeLessThan(TENANTS)
    isDown = false
    expect((await place.run('run', 'resume')).code).toBe(0)
    expect((await place.json('run', 'show')).json).toMatchObject({ run: { state: 'done' } })
    await expectComplete(place)
  })
})

describe('two operators', () => {
  test('the second is told who works there, and may wait', async () => {
    let second: Promise<unknown> = Promise.resolve()
    const place = await workplace([], (phase, method) => {
      if (phase !== 'received' || method !== 'POST' || blocked) return undefined
      blocked = true
      // The first is in the middle of its work while the second tries.
      second = place.run(...APPLY)
      return second.then(() => 'go on' as const)
    })
    let blocked = false
    const first = await place.run(...APPLY)
    expect(first.code).toBe(0)
    expect(await second).toMatchObject({ code: 5, stdout: '' })
    expect((await second) as object).toHaveProperty(
      'stderr',
      expect.stringMatching(/^Error: portal\/sandbox is being worked on by .+@.+ \(pid \d+/),
    )
    await expectComplete(place)
  })

  test('one that was stopped for longer than its lease changes nothing when it wakes up', async () => {
    let child: ReturnType<typeof start> | undefined
    let writes = 0
    const place = await workplace([], (phase, method, path) => {
      if (phase !== 'done' || method !== 'PUT' || !path.includes('034595402')) return undefined
      if (++writes === 10) child?.kill('SIGSTOP')
      return undefined
    })
    child = place.start(...APPLY, '--lease', '1s', '--concurrency', '4')
    // Waits for the lease of the one that sleeps, then does the rest.
    const other = await waitFor(async () => {
      if (writes < 10) return undefined
      const run = await place.run('run', 'resume', '--wait', '30s')
      return run.code === 5 ? undefined : run
    })
    expect(other.code).toBe(0)
    await expectComplete(place)
    const before = await contentOf(liferayPortal(place))
    const requests = place.log.length
    child.kill('SIGCONT')
    const woken = await child.ended
    expect(woken.code).toBe(5)
    expect(woken.stderr).toMatch(/portal\/sandbox was taken over by .+; this process stopped/)
    // It may ask, but it writes nothing.
    expect(place.log.slice(requests).filter((line) => !line.startsWith('GET'))).toEqual([])
    expect(await contentOf(liferayPortal(place))).toEqual(before)
    expect((await place.json('run', 'show')).json).toMatchObject({
      run: { state: 'done', counts: { done: TENANTS + 1, running: 0 } },
    })
  })
})

/** Asks until there is an answer: as long as that takes, not a fixed time. */
async function waitFor<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('signals', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    '%s once: what is under way is finished, and the way to go on is printed',
    async (signal, code) => {
      let child: ReturnType<typeof start> | undefined
      let writes = 0
      const place = await workplace([], (phase, method, path) => {
        if (phase === 'done' && method === 'PUT' && path.includes('034595402') && ++writes === 5)
          child?.kill(signal)
        return undefined
      })
      child = place.start(...APPLY, '--concurrency', '2')
      const ended = await child.ended
      expect(ended).toMatchObject({ code, signal: null })
      expect(ended.stderr).toBe(`${signal}: finishing what is under way; once more stops at once\n`)
      const shown = await place.json('run', 'show')
      expect(shown.json).toMatchObject({ run: { state: 'stopped', counts: { unknown: 0, running: 0 } } })
      expect((await place.run('run', 'resume')).code).toBe(0)
      await expectComplete(place)
    },
  )

  test('twice: it ends at once, and a resume finds out what became of the rest', async () => {
    let child: ReturnType<typeof start> | undefined
    let writes = 0
    const place = await workplace([], (phase, method, path) => {
      if (phase !== 'received' || method !== 'PUT' || !path.includes('034595402') || ++writes !== 5)
        return undefined
      child?.kill('SIGINT')
      // The answer does not come before the end of the one who asked.
      child?.stderr?.once('data', () => child?.kill('SIGINT'))
      return child?.ended.then(() => 'go on' as const)
    })
    child = place.start(...APPLY, '--concurrency', '2')
    const ended = await child.ended
    expect(ended).toMatchObject({ code: 130, signal: null })
    expect(ended.stderr).toMatch(/go on with: ozgctl run resume run-1\n$/)
    expect((await place.json('run', 'show')).json).toMatchObject({ run: { state: 'interrupted' } })
    expect((await place.run('run', 'resume')).code).toBe(0)
    await expectComplete(place)
  })
})

describe('a full disk', () => {
  const canTrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0

  test.skipIf(!canTrace)(
    'of the store: nothing more is sent than what has an intent, and a resume does the rest',
    async () => {
      const place = await workplace()
      const failed: number[] = []
      for (let at = 4; at < 40; at += 6) {
        const inject = `inject=pwrite64:error=ENOSPC:when=${at}+`
        const strace = ['-f', '-qq', '-o', '/dev/null', '-e', 'trace=pwrite64', '-e', inject]
        const run = await new Promise<number | null>((resolve) => {
          const child = startProgram('strace', [...strace, process.execPath, BIN, ...APPLY], place)
          child.once('close', resolve)
        })
        if (run !== 0) failed.push(run ?? -1)
        const db = new DatabaseSync(join(place.cwd, 'ozgctl.db'))
        expect(db.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
        db.close()
      }
      expect(failed.length).toBeGreaterThan(2)
      expect(new Set(failed)).toEqual(new Set([74]))
      expect((await place.run(...APPLY)).code).toBe(0)
      await expectComplete(place)
    },
  )

  test('of the output: the work is done, the exit code is 74 and the run can be looked at', async () => {
    const place = await workplace()
    const code = await new Promise<number | null>((resolve) => {
      const child = startProgram(
        'sh',
        ['-c', `exec "$0" "$@" > /dev/full`, process.execPath, BIN, ...APPLY],
        place,
      )
      child.once('close', resolve)
    })
    expect(code).toBe(74)
    await expectComplete(place)
    expect((await place.json('run', 'show')).json).toMatchObject({ run: { state: 'done' } })
  })

  test('a reader that goes away does not stop the work', async () => {
    const place = await workplace()
    const code = await new Promise<number | null>((resolve) => {
      const script = `"$0" "$@" | true; exit \${PIPESTATUS[0]}`
      const child = startProgram('bash', ['-c', script, process.execPath, BIN, ...APPLY], place)
      child.once('close', resolve)
    })
    expect(code).toBe(0)
    await expectComplete(place)
  })
})

function startProgram(
  program: string,
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
) {
  return spawnProgram(program, args, {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, ...env },
    stdio: 'ignore',
  })
}

test('no secret is in the store, in an answer or in the list of processes', async () => {
  let listed = ''
  const place = await workplace([], (phase, method) => {
    if (phase === 'received' && method === 'POST' && listed === '')
      listed = execFileSync('sh', ['-c', 'cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" " "'], {
        encoding: 'utf8',
      })
    return undefined
  })
  const { clientSecret } = place.sandbox
  const runs = [
    await place.run(...APPLY, '--json', '--verbose'),
    await place.run('run', 'log', 'latest', '--json'),
    await place.run('run', 'show', '--json'),
  ]
  expect(listed).toContain('tenant apply')
  const store = join(place.cwd, 'ozgctl.db')
  expect(statSync(store).mode & 0o777).toBe(0o600)
  const dump = execFileSync('sh', ['-c', `cat "${store}"*`], { encoding: 'latin1', maxBuffer: 1 << 28 })
  for (const text of [listed, dump, ...runs.flatMap(({ stdout, stderr }) => [stdout, stderr])])
    expect(text.includes(clientSecret)).toBe(false)
})
