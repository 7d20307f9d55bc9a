import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { migrationWorld, outcomeOf } from '../support/migration.ts'
import { contentOf, copyOf, portalEnv, prepareNetwork, start, storeIn } from '../support/provisioning.ts'
import { liferayPortal, startSandbox } from '../support/sandbox.ts'
import { effectsServer } from './support/effects-server.ts'
import { call, copiedFrom, goOn, latestRun } from './support/operator.ts'
import { drawn, pairs, upTo } from './support/points.ts'

/**
 * A signal at any moment: the process ends by itself at the first one, and what it leaves behind is over, or can be
 * resumed, or can be cancelled. After the resume everything is there once.
 */
const RECORDS = upTo(7).map((number) => ({ id: `r0${number}`, name: `Sömmerda ${number}` }))

describe('a migration, signalled at each request', () => {
  const text = (url: string): string => `waves: { canary: 1, sizes: [1] }
steps:
  - { id: imprint, kind: tenant.set, set: { imprintUrl: "https://\${tenant.slug}.example.de/" } }
  - id: rec
    kind: records.transfer
    from: { kind: json-http, url: "${url}/source", records: $, paging: { style: offset, size: 3 } }
    to: { kind: json-http, url: "${url}/put", item: "${url}/put/\${tenant.slug}-\${record.key}" }
  - { id: last, kind: http, do: { method: PUT, url: "${url}/mark/last-\${tenant.slug}", body: { id: last }, expect: [{ status: 200 }] }, undo: none }
`

  async function signalled(at: number | undefined, when: 'before' | 'after' = 'before') {
    const server = await effectsServer(RECORDS)
    const process = await (await migrationWorld(3)).process()
    const stop = new AbortController()
    server.onRequest = (phase, number) => {
      if (number === at && phase === when) stop.abort()
    }
    await process.run(text(server.url), { work: { signal: stop.signal } })
    const count = server.requests.length
    const cut = await process.status()
    let now = cut
    for (let tries = 0; tries < 3 && now.run.state !== 'done'; tries++) now = await process.resume()
    return { count, cut, now, content: Object.fromEntries([...server.content].sort()) }
  }

  test('it is over, or goes on and ends as if nothing had been', async () => {
    const calm = await signalled(undefined)
    expect(calm.now.run.state).toBe('done')
    const points = drawn('signals of a migration', pairs(upTo(calm.count), ['before', 'after'] as const), 30)
    for (const [at, when] of points) {
      const { cut, now, content } = await signalled(at, when)
      const point = `${when} request ${at}`
      expect(['done', 'stopped'], point).toContain(cut.run.state)
      expect(now.run.state, point).toBe('done')
      expect(outcomeOf(now), point).toEqual(outcomeOf(calm.now))
      expect(content, point).toEqual(calm.content)
    }
  }, 600_000)
})

describe('an apply on a portal, signalled at each request', () => {
  const TENANTS = 6
  const APPLY = ['tenant', 'apply', '-f', 'network.yaml']
  const EXITS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
  type Signal = keyof typeof EXITS | 'SIGKILL'
  let prepared = ''
  beforeAll(async () => {
    prepared = mkdtempSync(join(tmpdir(), 'ozgctl-test-'))
    await prepareNetwork(prepared, TENANTS)
  })
  afterAll(() => rmSync(prepared, { recursive: true, force: true }))

  async function signalled(at: number, signal: Signal | undefined) {
    let seen = 0
    let child: ReturnType<typeof start> | undefined
    const place = await startSandbox([], {
      onRequest: (phase) => {
        if (phase === 'received' && ++seen === at && signal !== undefined) child?.kill(signal)
        return undefined
      },
    })
    const cwd = copyOf(prepared)
    const env = { ...storeIn(cwd), ...portalEnv(place) }
    child = start(APPLY, cwd, env)
    const ended = await child.ended
    const run = await latestRun({ cwd, env })
    // What the store knew when the process had ended.
    const known = copiedFrom({ cwd, env })
    const state = await goOn({ cwd, env }, APPLY)
    const { creates } = place.sandbox.stats
    return {
      ended,
      seen,
      run,
      state,
      creates,
      content: await contentOf(liferayPortal(place)),
      known,
      copied: copiedFrom({ cwd, env }),
      place: { cwd, env },
    }
  }

  test('one signal is enough, it is said, and the resume does the rest', async () => {
    const calm = await signalled(0, undefined)
    expect(calm).toMatchObject({ ended: { code: 0 }, state: 'done' })
    const all = pairs(upTo(calm.seen), ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    for (const [at, signal] of drawn('signals of an apply', all, 7)) {
      const point = `${signal} at request ${at} of ${calm.seen}`
      const { ended, run, state, creates, content, place } = await signalled(at, signal)
      // Too late to change anything, or stopped by it; never killed by it.
      expect(ended.signal, point).toBeNull()
      expect([0, EXITS[signal]], point).toContain(ended.code)
      if (ended.code === 0) expect(run?.state, point).toBe('done')
      expect(state, point).toBe('done')
      expect(creates, point).toEqual(calm.creates)
      expect(content, point).toEqual(calm.content)
      expect(await call(place, 'tenant', 'drift', '-f', 'network.yaml', '--detailed-exitcode')).toMatchObject(
        {
          code: 0,
        },
      )
    }
  }, 600_000)

  test('what follows the last change is part of the run', async () => {
    const calm = await signalled(0, undefined)
    expect(calm.copied.length).toBe(TENANTS)
    // The last of the requests read the portal for the copy in the store.
    const all = pairs(upTo(5), ['SIGTERM', 'SIGKILL'] as const)
    for (const [back, signal] of drawn('signals at the end of an apply', all, 3)) {
      const point = `${signal} at request ${calm.seen + 1 - back} of ${calm.seen}`
      const { ended, run, known, state, content, copied } = await signalled(calm.seen + 1 - back, signal)
      if (run?.state === 'done') expect(known, point).toEqual(calm.copied)
      else expect(ended.code, point).not.toBe(0)
      expect(state, point).toBe('done')
      expect(content, point).toEqual(calm.content)
      expect(copied, point).toEqual(calm.copied)
    }
  }, 300_000)
})
