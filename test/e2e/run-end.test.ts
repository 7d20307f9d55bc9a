import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RequestHook } from '../../src/lib/sandbox/server.ts'
import { ozgctl, ozgctlJson } from '../support/cli.ts'
import {
  BIN,
  contentOf,
  copyOf,
  manyTenants,
  portalEnv,
  prepareNetwork,
  start,
  storeIn,
} from '../support/provisioning.ts'
import { liferayPortal, startSandbox } from '../support/sandbox.ts'
import { schemaErrors } from '../support/schema.ts'

const TENANTS = 2
const APPLY = ['tenant', 'apply', '-f', 'network.yaml', '--concurrency', '1'] as const
const MIGRATION = `id: m
title: T
reason: R
author: A
portal: sandbox
steps:
  - { id: name, kind: tenant.set, set: { name: "New \${tenant.slug}" } }
`
const MIGRATE = ['migration', 'run', 'm.yaml', '--concurrency', '1'] as const

let prepared = ''
beforeAll(async () => {
  prepared = mkdtempSync(join(tmpdir(), 'ozgctl-test-'))
  await prepareNetwork(prepared, TENANTS)
})
afterAll(() => rmSync(prepared, { recursive: true, force: true }))

/** A folder with a store, a manifest and a migration, a sandbox, and the command line between them. */
async function workplace(onRequest?: RequestHook) {
  const sandbox = await startSandbox([], onRequest === undefined ? {} : { onRequest })
  const cwd = copyOf(prepared)
  writeFileSync(join(cwd, 'm.yaml'), MIGRATION)
  const env = { ...storeIn(cwd), ...portalEnv(sandbox, 'organization') }
  return {
    ...sandbox,
    cwd,
    env,
    run: (...args: readonly string[]) => ozgctl(args, { cwd, env }),
    start: (...args: readonly string[]) => start(args, cwd, env),
    /** Rows of the store. */
    rows: (sql: string) => rowsIn(cwd, sql),
    /** Whether a run is being worked on and nothing of it is open: only its copy is left to make. */
    isCopying: (): boolean =>
      rowsIn(
        cwd,
        `SELECT 1 FROM run WHERE id = (SELECT max(id) FROM run) AND state = 'running' AND NOT EXISTS
         (SELECT 1 FROM run_item i WHERE i.run = run.id AND i.state NOT IN ('done', 'already'))`,
      ).length > 0,
  }
}

function rowsIn(folder: string, sql: string): readonly (readonly unknown[])[] {
  const db = new DatabaseSync(join(folder, 'ozgctl.db'), { readOnly: true })
  try {
    return db
      .prepare(sql)
      .all()
      .map((row) => Object.values(row))
  } finally {
    db.close()
  }
}

type Workplace = Awaited<ReturnType<typeof workplace>>

const lastRun = ({ rows }: Workplace): string =>
  String(rows('SELECT state FROM run ORDER BY id DESC LIMIT 1')[0]?.[0])
const copiedNames = ({ rows }: Workplace): readonly string[] =>
  rows("SELECT json_extract(document, '$.name') FROM tenant WHERE portal = 'sandbox' ORDER BY ars").map(
    ([name]) => String(name),
  )

/** The copy in the store has what the portal has, and nothing was created twice. */
async function expectTrueEnd(place: Workplace): Promise<void> {
  expect(lastRun(place)).toBe('done')
  const { tenants } = (await contentOf(liferayPortal(place))) as {
    tenants: readonly { value: { name: string } }[]
  }
  expect(copiedNames(place)).toEqual(tenants.map(({ value }) => value.name))
  expect(Object.entries(place.sandbox.stats.creates).filter(([, times]) => times > 1)).toEqual([])
}

interface Target {
  child?: ChildProcess
  at: number
  seen: number
}

/** Does something to a process at one of its requests. */
const atRequest = (target: Target, act: (child: ChildProcess) => void): RequestHook => {
  return (phase) => {
    if (phase === 'done' && target.child !== undefined && ++target.seen === target.at) act(target.child)
    return undefined
  }
}

const MANY = { timeout: 300_000 }

describe.each([
  ['tenant apply', APPLY, 'run'],
  ['migration run', MIGRATE, 'migration'],
] as const)('%s', (_name, command, topic) => {
  test('SIGTERM at each request: it is done, or can be gone on with until it is', MANY, async () => {
    const states: string[] = []
    for (let at = 1; ; at++) {
      const target: Target = { at, seen: 0 }
      const place = await workplace(atRequest(target, (child) => child.kill('SIGTERM')))
      if (topic === 'migration') expect((await place.run(...APPLY)).code).toBe(0)
      const runs = place.rows('SELECT id FROM run').length
      target.child = place.start(...command)
      const ended = await (target.child as ReturnType<typeof start>).ended
      if (target.seen < at) {
        expect(ended.code).toBe(0)
        break
      }
      // Before there is a run it ends at once, and nothing was changed.
      const hasBegun = place.rows('SELECT id FROM run').length > runs
      const state = hasBegun ? lastRun(place) : 'none'
      const isOpen = place.rows("SELECT 1 FROM run_item WHERE state NOT IN ('done', 'already')").length > 0
      states.push(state === 'stopped' && !isOpen ? 'stopped before its copy' : state)
      expect(ended.code, `at ${at}: ${state}`).toBe(state === 'done' ? 0 : 143)
      expect(['none', 'stopped', 'done']).toContain(state)
      if (state === 'none') expect(ended.stderr).toBe('SIGTERM: stopped; nothing was changed\n')
      const again = state === 'none' ? command : state === 'done' ? ['run', 'list'] : [topic, 'resume']
      expect(await place.run(...again)).toMatchObject({ code: 0, stderr: '' })
      await expectTrueEnd(place)
    }
    // Each kind of end was met.
    expect(states[0]).toBe('none')
    expect(states).toContain('stopped')
    expect(states).toContain('stopped before its copy')
  })

  test('killed while its copy is made: it is not done, and a resume makes it', async () => {
    const target: Target = { at: 0, seen: 0 }
    let killed: Promise<unknown> | undefined
    const place: Workplace = await workplace((phase, method) => {
      const { child } = target
      if (phase !== 'received' || method !== 'GET' || child === undefined || killed !== undefined)
        return undefined
      if (!place.isCopying()) return undefined
      child.kill('SIGKILL')
      killed = (child as ReturnType<typeof start>).ended
      return killed.then(() => 'drop' as const)
    })
    if (topic === 'migration') await place.run(...APPLY)
    target.child = place.start(...command)
    expect(await (target.child as ReturnType<typeof start>).ended).toMatchObject({ signal: 'SIGKILL' })
    expect(killed).toBeDefined()
    expect(copiedNames(place)).not.toContain(topic === 'migration' ? 'New s001' : 'A 0')
    expect(await place.run(topic, 'resume')).toMatchObject({ code: 0, stderr: '' })
    await expectTrueEnd(place)
  })

  test('the portal is gone while its copy is made: what was done is told, and how to go on', async () => {
    let isDown = false
    const place: Workplace = await workplace((phase, method) =>
      phase === 'received' && isDown && method === 'GET' && place.isCopying()
        ? Promise.resolve('drop' as const)
        : undefined,
    )
    if (topic === 'migration') await place.run(...APPLY)
    isDown = true
    const run = await place.run(...command, '--lang', 'en')
    const id = topic === 'migration' ? 'run-2' : 'run-1'
    expect(run).toMatchObject({ code: 69, stderr: '' })
    expect(run.stdout).toMatch(
      new RegExp(
        `\\nIn the portal everything is done; but its copy in the store was not refreshed: .+\\nGo on with: ozgctl ${topic} resume ${id}\\n$`,
      ),
    )
    expect(lastRun(place)).toBe('stopped')
    const again = await ozgctlJson([topic, 'resume'], { cwd: place.cwd, env: place.env })
    expect(again).toMatchObject({
      code: 69,
      json: {
        run: { state: 'stopped', reason: expect.stringMatching(/^nothing is left to do in the portal, but/) },
      },
    })
    const shown = await place.run('run', 'show', '--lang', 'en')
    expect(shown.stdout).toContain(`Go on with: ozgctl ${topic} resume ${id}\n`)
    isDown = false
    expect(await place.run(topic, 'resume')).toMatchObject({ code: 0, stderr: '' })
    await expectTrueEnd(place)
  })

  test('cancelled or superseded it is not gone on with, and stays as it ended', async () => {
    const target: Target = { at: 0, seen: 0 }
    let writes = 0
    const place = await workplace((phase, method, path) => {
      if (phase === 'done' && method !== 'GET' && /organizations\/by-external/.test(path) && ++writes === 1)
        target.child?.kill('SIGTERM')
      return undefined
    })
    if (topic === 'migration') await place.run(...APPLY)
    writes = 0
    target.child = place.start(...command)
    await (target.child as ReturnType<typeof start>).ended
    expect(lastRun(place)).toBe('stopped')
    const id = topic === 'migration' ? 'run-2' : 'run-1'
    if (topic === 'run') expect((await place.run(...APPLY)).code).toBe(0)
    else expect((await place.run('run', 'cancel', id)).code).toBe(0)
    const before = place.rows('SELECT * FROM run')
    const ways = [
      [topic, 'resume', id],
      [topic, 'resume', id, '--dry-run'],
      topic === 'run' ? ['run', 'resume', id, '--only', 'failed'] : ['migration', 'retry', id],
      ['run', 'cancel', id],
    ]
    for (const way of ways) {
      const refused = await place.run(...way)
      expect(refused, way.join(' ')).toMatchObject({ code: 64, stdout: '' })
      expect(refused.stderr).toContain('What is left takes a new run: ozgctl ')
    }
    expect(place.rows('SELECT * FROM run')).toEqual(before)
  })
})

test('a signal ends a process at once that waits for another run', async () => {
  let second: ReturnType<typeof start> | undefined
  let ended: Promise<unknown> | undefined
  const place: Workplace = await workplace((phase, method) => {
    if (phase !== 'received' || method === 'GET' || ended !== undefined || !isHeld()) return undefined
    // The first is in the middle of its work.
    second = place.start(...APPLY, '--wait', '1h')
    const { child } = { child: second }
    ended = untilWaiting(child).then(() => {
      child.kill('SIGTERM')
      return child.ended
    })
    return ended.then(() => 'go on' as const)
  })
  function isHeld(): boolean {
    return place.rows('SELECT count(*) FROM lock WHERE holder IS NOT NULL')[0]?.[0] === 1
  }
  /** It waits when it has opened the store: then its reads of the manifest are behind it, and its lock is refused. */
  async function untilWaiting({ pid }: ChildProcess): Promise<void> {
    const { readdirSync, readlinkSync } = await import('node:fs')
    for (;;) {
      const files = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
        try {
          return [readlinkSync(`/proc/${pid}/fd/${fd}`)]
        } catch {
          return []
        }
      })
      if (files.some((file) => file.endsWith('ozgctl.db-wal'))) return
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const first = await place.run(...APPLY)
  expect(first.code).toBe(0)
  expect(await ended).toMatchObject({ code: 143, stderr: 'SIGTERM: stopped; nothing was changed\n' })
  await expectTrueEnd(place)
})

test('a terminal that is closed (SIGHUP) is a signal like another: a clean stop, and 129', async () => {
  const target: Target = { at: 0, seen: 0 }
  let writes = 0
  const place = await workplace((phase, method) => {
    if (phase === 'done' && method !== 'GET' && target.child !== undefined && ++writes === 3)
      target.child.kill('SIGHUP')
    return undefined
  })
  target.child = place.start(...APPLY)
  expect(await (target.child as ReturnType<typeof start>).ended).toEqual({
    code: 129,
    signal: null,
    stderr: 'SIGHUP: finishing what is under way; once more stops at once\n',
  })
  expect(lastRun(place)).toBe('stopped')
  expect((await place.run('run', 'resume')).code).toBe(0)
  await expectTrueEnd(place)
})

const canTrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0

describe.skipIf(!canTrace)('a disk that fills up on the way (needs strace)', () => {
  test('ends the process, which says what was done, and how to go on', MANY, async () => {
    const seen = new Set<string>()
    for (let at = 12; ; at += 3) {
      const place = await workplace()
      const inject = `inject=pwrite64:error=ENOSPC:when=${at}+`
      const strace = ['-f', '-qq', '-o', '/dev/null', '-e', 'trace=pwrite64', '-e', inject]
      const child = spawn('strace', [...strace, process.execPath, BIN, ...APPLY.slice(0, -1), '2'], {
        cwd: place.cwd,
        env: { PATH: process.env.PATH, HOME: place.cwd, ...place.env },
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      let stderr = ''
      child.stderr.setEncoding('utf8').on('data', (part: string) => {
        stderr += part
      })
      const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
      if (code === 0) break
      expect(code, `at ${at}`).toBe(74)
      const [said, ...hints] = stderr.trimEnd().split('\n')
      const [, what = ''] = /^Error: the store .+ cannot be written \(.+\); (.+)$/.exec(said ?? '') ?? []
      seen.add(what.replace(/^\d+/, 'N'))
      const hasBegun = place.rows('SELECT id FROM run').length > 0
      expect(hints).toEqual(
        hasBegun && what !== 'nothing was changed'
          ? ['  Make room on the disk first.', '  Go on with: ozgctl run resume run-1']
          : ['  Make room on the disk and run the command again.'],
      )
      if (what === 'nothing was changed')
        expect(place.log.filter((line) => !line.startsWith('GET'))).toEqual([])
      const again = await place.run(...(hasBegun ? ['run', 'resume'] : APPLY))
      expect(again, `after ${at}: ${stderr}`).toMatchObject({ code: 0, stderr: '' })
      await expectTrueEnd(place)
    }
    expect([...seen].toSorted()).toEqual(['N changes were dealt with', 'nothing was changed'])
  })
})

const hasTerminal = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0

describe.skipIf(!hasTerminal)('a question (needs script)', () => {
  test.each([
    ['Ctrl-C', 130, 'SIGINT: stopped; nothing was changed'],
    ['Ctrl-D', 64, 'Error: not confirmed; nothing was changed'],
    ['SIGTERM', 143, 'SIGTERM: stopped; nothing was changed'],
    ['SIGHUP', 129, 'SIGHUP: stopped; nothing was changed'],
  ] as const)('is left by %s at once, and nothing was changed', async (key, code, says) => {
    const place = await workplace()
    const env = { ...storeIn(place.cwd), OZGCTL_LANG: 'en', NO_COLOR: '1' }
    expect((await ozgctl(APPLY, { cwd: place.cwd, env })).code).toBe(0)
    writeFileSync(join(place.cwd, 'network.yaml'), manyTenants(1, 'A'))
    // Its number, then itself: `exec` keeps it.
    const call = `echo $$; exec '${process.execPath}' '${BIN}' ${APPLY.join(' ')} --max-delete 1`
    const child = spawn('script', ['-qefc', call, '/dev/null'], {
      cwd: place.cwd,
      env: { PATH: process.env.PATH, HOME: place.cwd, SHELL: '/bin/sh', ...env },
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    let shown = ''
    let isAsked = false
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      shown += part
      if (isAsked || !shown.includes('Type local to confirm: ')) return
      isAsked = true
      if (key === 'Ctrl-C') child.stdin.write('\x03')
      else if (key === 'Ctrl-D') child.stdin.write('\x04')
      else process.kill(Number(/^\d+/.exec(shown)?.[0]), key)
    })
    const ended = await new Promise<number | null>((resolve) => child.once('close', resolve))
    expect(shown).toContain(`${says}\r\n`)
    expect(ended).toBe(code)
    expect(place.rows("SELECT count(*) FROM tenant WHERE portal = 'local'")).toEqual([[TENANTS]])
    expect(place.rows('SELECT count(*) FROM run')).toEqual([[1]])
  })
})

describe('an answer that cannot be written does not hide what was done', () => {
  /** Runs a call in a shell that does something with its standard output. */
  async function shell(place: Workplace, call: readonly string[], redirect: string) {
    const script = `set -o pipefail; "$0" "$@" ${redirect}`
    const child = spawn('bash', ['-c', script, process.execPath, BIN, ...call], {
      cwd: place.cwd,
      env: { PATH: process.env.PATH, HOME: place.cwd, ...place.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      stderr += part
    })
    child.stdout.resume()
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
    return { code, stderr }
  }

  const FULL = 'Error: standard output cannot be written: the disk is full'

  test.each(['', '--json'])('on a full disk %s: 74, and the run by its name', async (json) => {
    const place = await workplace()
    const flags = json === '' ? [] : [json]
    expect(await shell(place, [...APPLY, ...flags], '> /dev/full')).toEqual({
      code: 74,
      stderr: `${FULL}; run-1 is done\n  See: ozgctl run show run-1\n`,
    })
    expect(await shell(place, [...MIGRATE, ...flags], '> /dev/full')).toEqual({
      code: 74,
      stderr: `${FULL}; run-2 is done\n  See: ozgctl run show run-2\n`,
    })
    await expectTrueEnd(place)
    expect(await shell(place, ['migration', 'rollback', '--yes', ...flags], '> /dev/full')).toMatchObject({
      code: 74,
      stderr: expect.stringContaining(`${FULL}; run-3 is done\n  See: ozgctl run show run-3\n`),
    })
    // What only reads has nothing to tell.
    expect(await shell(place, ['run', 'list', ...flags], '> /dev/full')).toEqual({
      code: 74,
      stderr: `${FULL}\n  Make room on the disk and repeat.\n`,
    })
  })

  test('nor does a file that cannot be made', async () => {
    const place = await workplace()
    expect(await place.run(...APPLY, '--out', 'missing/applied.csv')).toMatchObject({
      code: 74,
      stdout: '',
      stderr:
        'Error: missing/applied.csv cannot be written: its folder does not exist; run-1 is done\n  See: ozgctl run show run-1\n',
    })
    await expectTrueEnd(place)
  })

  test('nor does a reader who has gone: the exit code is that of the work', async () => {
    const place = await workplace()
    const gone = (what: string, next: string): string =>
      `The reader of the answer has gone; ${what}\n  See: ozgctl ${next}\n`
    const register = ['region', 'import', join(prepared, 'register.txt')]
    for (const [call, what, next] of [
      [APPLY, 'run-1 is done', 'run show run-1'],
      [register, 'region-2 is active', 'region history'],
    ] as const)
      expect(await shell(place, call, '| true')).toEqual({ code: 0, stderr: gone(what, next) })
    expect(await shell(place, ['run', 'list'], '| true')).toEqual({ code: 0, stderr: '' })
  })

  test('of a run that was stopped it says how to go on', async () => {
    let isDown = true
    const place: Workplace = await workplace((phase, method) =>
      phase === 'received' && isDown && method === 'GET' && place.isCopying()
        ? Promise.resolve('drop' as const)
        : undefined,
    )
    const run = await shell(place, APPLY, '> /dev/full')
    expect(run).toEqual({
      code: 74,
      stderr: `${FULL}; run-1 was stopped\n  Go on with: ozgctl run resume run-1\n`,
    })
    isDown = false
    expect((await place.run('run', 'resume')).code).toBe(0)
    isDown = true
    writeFileSync(join(place.cwd, 'network.yaml'), manyTenants(TENANTS, 'B'))
    const told = await ozgctlJson(APPLY, { cwd: place.cwd, env: place.env })
    expect(schemaErrors('tenant-apply', told.json)).toEqual([])
    expect(told).toMatchObject({
      code: 69,
      json: {
        run: 'run-2',
        state: 'stopped',
        reason: expect.stringMatching(/^nothing is left to do in the portal, but/),
        outcomes: { done: TENANTS, open: 0 },
      },
    })
  })

  test('whatever else is kept is said, too', async () => {
    const place = await workplace()
    const secret = join(place.cwd, 'secret')
    writeFileSync(secret, `${place.sandbox.clientSecret}\n`)
    await place.run(...MIGRATE)
    const id = place.sandbox.clientId
    for (const [call, redirect, what] of [
      [
        ['auth', 'login', 'test', '--url', place.url, '--client-id', id],
        `< '${secret}' > /dev/full`,
        'the credentials of test are kept\n  See: ozgctl auth status',
      ],
      [
        ['auth', 'logout', 'test'],
        '> /dev/full',
        'the credentials of test are erased\n  See: ozgctl auth status',
      ],
    ] as const)
      expect(await shell(place, call, redirect)).toEqual({ code: 74, stderr: `${FULL}; ${what}\n` })
  })
})
