import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cancelRun } from '../../src/lib/journal/cancel.ts'
import { failure } from '../support/failure.ts'
import { migrationWorld, outcomeOf } from '../support/migration.ts'
import { copyOf, portalEnv, prepareNetwork, start, storeIn } from '../support/provisioning.ts'
import { startSandbox } from '../support/sandbox.ts'
import { effectsServer } from './support/effects-server.ts'
import { call, latestRun } from './support/operator.ts'
import { drawn, pairs, upTo } from './support/points.ts'

/**
 * A run that was ended before it was done stays so, whoever wants to go on with it and however: nothing more is sent for
 * it, and it never says that it is done.
 */
describe('a migration that was cancelled', () => {
  const TENANTS = 3
  const text = (url: string): string => `waves: { canary: 1, sizes: [1] }
budget: "100%"
steps:
  - { id: one, kind: http, do: { method: PUT, url: "${url}/mark/one-\${tenant.slug}", body: { id: one }, expect: [{ status: 200 }] }, undo: none }
  - { id: two, kind: http, do: { method: POST, url: "${url}/call/\${tenant.slug}", expect: [{ json: $.ok, equals: true }] }, undo: none }
`

  test('at any request does not go on', async () => {
    const all = pairs(pairs(upTo(2 * TENANTS - 1), ['before', 'after'] as const), ['open', 'failed'] as const)
    for (const [[at, when], selection] of drawn('cancelled migrations', all, 12)) {
      const point = `${when} request ${at}, ${selection}`
      const server = await effectsServer([])
      const process = await (await migrationWorld(TENANTS)).process()
      const stop = new AbortController()
      server.onRequest = (phase, number) => {
        if (number === at && phase === when) stop.abort()
      }
      const stopped = await process.run(text(server.url), { work: { signal: stop.signal } })
      expect(stopped.run.state, point).toBe('stopped')
      await cancelRun(process.store, process.context, stopped.run)
      const cancelled = await process.status()
      const requests = server.requests.length
      expect((await failure(() => process.resume({ selection }))).code, point).toBe('RUN_ENDED')
      const now = await process.status()
      expect(now.run, point).toEqual(cancelled.run)
      expect(now.run.state, point).toBe('cancelled')
      expect(outcomeOf(now), point).toEqual(outcomeOf(cancelled))
      expect(server.requests.length, point).toBe(requests)
    }
  }, 300_000)
})

describe('an apply that was ended', () => {
  const APPLY = ['tenant', 'apply', '-f', 'network.yaml', '--concurrency', '1']
  let prepared = ''
  beforeAll(async () => {
    prepared = mkdtempSync(join(tmpdir(), 'ozgctl-test-'))
    await prepareNetwork(prepared, 4)
  })
  afterAll(() => rmSync(prepared, { recursive: true, force: true }))

  const ENDS = { cancelled: ['run', 'cancel', 'run-1'], superseded: APPLY } as const
  const WAYS: readonly (readonly string[])[] = [
    ['run', 'resume', 'run-1'],
    ['run', 'resume', 'run-1', '--only', 'failed'],
  ]

  test('does not go on', async () => {
    // Before the last of the tenants, so that something is left.
    const all = pairs(pairs(upTo(3), ['cancelled', 'superseded'] as const), WAYS)
    for (const [[at, end], way] of drawn('ended applies', all, 4)) {
      const point = `${end} at write ${at}, then ${way.join(' ')}`
      let writes = 0
      let child: ReturnType<typeof start> | undefined
      const place = await startSandbox([], {
        onRequest: (phase, method, path) => {
          if (phase === 'received' && method !== 'GET' && path.includes('034595402') && ++writes === at)
            child?.kill('SIGTERM')
          return undefined
        },
      })
      const cwd = copyOf(prepared)
      const work = { cwd, env: { ...storeIn(cwd), ...portalEnv(place) } }
      child = start(APPLY, cwd, work.env)
      expect((await child.ended).code, point).toBe(143)
      expect((await call(work, ...ENDS[end])).code, point).toBe(0)
      const before = await call(work, 'run', 'show', 'run-1', '--json')
      const { requests } = place.sandbox.stats
      expect(await call(work, ...way), point).toMatchObject({ code: 64, stdout: '' })
      expect(place.sandbox.stats.requests, point).toBe(requests)
      expect((await call(work, 'run', 'show', 'run-1', '--json')).stdout, point).toBe(before.stdout)
      expect(before.stdout, point).toContain(`"state": "${end}"`)
      expect((await latestRun(work))?.state, point).toBe(end === 'cancelled' ? 'cancelled' : 'done')
    }
  }, 300_000)
})
