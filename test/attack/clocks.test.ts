import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../support/folder.ts'
import { copyOf, portalEnv, prepareNetwork, start, storeIn } from '../support/provisioning.ts'
import { recordServer } from '../support/record-server.ts'
import { startSandbox } from '../support/sandbox.ts'
import { callUnder, canShift, shifted } from './support/faulty-process.ts'
import { call, latestRun } from './support/operator.ts'
import { drawn, pairs } from './support/points.ts'

/** Clocks that are wrong, on the same store. The time of the whole process is another one, not that of a test. */
describe.skipIf(!canShift)('clocks that are wrong (needs faketime)', () => {
  const APPLY = ['tenant', 'apply', '-f', 'network.yaml']
  let prepared = ''
  beforeAll(async () => {
    prepared = mkdtempSync(join(tmpdir(), 'ozgctl-test-'))
    await prepareNetwork(prepared, 4)
  })
  afterAll(() => rmSync(prepared, { recursive: true, force: true }))

  test.each(['+1d', '-1d', '+2y', '-2y'])(
    'a second operator whose clock is %s off does not take over from one who works',
    async (by) => {
      let other: ReturnType<typeof callUnder> | undefined
      const place = await startSandbox([], {
        onRequest: (phase, method) => {
          if (phase !== 'received' || method !== 'POST' || other !== undefined) return undefined
          // The first is in the middle of its work while the second tries.
          other = callUnder(work, APPLY, { under: shifted(by) })
          return other.then(() => 'go on' as const)
        },
      })
      const cwd = copyOf(prepared)
      const work = { cwd, env: { ...storeIn(cwd), ...portalEnv(place) } }
      const child = start(APPLY, cwd, work.env)
      expect((await child.ended).code).toBe(0)
      expect(await other).toMatchObject({ code: 5, stdout: '' })
      expect((await latestRun(work))?.state).toBe('done')
      expect(Object.values(place.sandbox.stats.creates).filter((times) => times > 1)).toEqual([])
    },
  )

  test.each(drawn('clocks of resumes', ['+1d', '+2y'], 1))(
    'what ran while the clock was %s off is resumed when it is right again',
    async (by) => {
      const place = await startSandbox(['reset,every=2'], {})
      const cwd = copyOf(prepared)
      const work = { cwd, env: { ...storeIn(cwd), ...portalEnv(place) } }
      const stopped = await callUnder(work, [...APPLY, '--max-failures', '0'], { under: shifted(by) })
      expect(stopped.signal).toBeNull()
      if (stopped.code !== 0) {
        const resumed = await call(work, 'run', 'resume')
        expect(resumed.stderr).not.toContain('is being worked on')
        expect([0, 3]).toContain(resumed.code)
      }
      expect((await call(work, ...APPLY)).code).toBe(0)
    },
  )

  /** By how much the clock of each check is off; the connector is well in the first and fails in the last. */
  const COURSES: readonly (readonly string[])[] = [
    ['+1d', '+0'],
    ['+2y', '+0'],
    ['+2y', '+0', '+0'],
    ['-2y', '+0'],
    ['+0', '+2y', '+0'],
    ['+0', '-1d', '+0'],
    ['+3h', '+2h', '+1h', '+0'],
  ]

  test('what a check has found last is what is known, whatever the clocks said', async () => {
    const all = pairs(COURSES, ['breaks', 'recovers'] as const)
    for (const [course, turn] of drawn('clocks of checks', all, 2)) {
      const point = `${turn} while the clock is off by ${course.join(', ')}`
      const server = await recordServer([])
      const cwd = temporaryFolder()
      const work = { cwd, env: storeIn(cwd) }
      writeFileSync(
        join(cwd, 'health.yaml'),
        `connectors: [ { name: c, kind: http, url: "${server.url}/source/none", conditions: [ { status: 200 } ] } ]
defaults: { connectors: [ c ] }
network: { account: n, name: N, anchor: "034595402" }
tenants: [ { ars: "034595402001", slug: a, name: A } ]
`,
      )
      const check = (by: string) =>
        callUnder(work, ['health', 'check', '-f', 'health.yaml', '--quiet'], {
          under: by === '+0' ? [] : shifted(by),
        })
      const [first, last] = turn === 'breaks' ? [200, 500] : [500, 200]
      const isWell = (status: number): boolean => status === 200
      for (const [at, by] of course.entries()) {
        const status = at === course.length - 1 ? last : first
        server.fate = () => (status === 200 ? 'do' : status)
        expect((await check(by)).code, `${point}, check ${at}`).toBe(isWell(status) ? 0 : 2)
      }
      const { stdout, code } = await call(work, 'health', 'history', '--since', '4000d', '--json')
      expect(code, point).toBe(0)
      const [word, before] = isWell(last) ? ['ok', 'critical'] : ['critical', 'ok']
      const { transitions } = JSON.parse(stdout) as { transitions: readonly object[] }
      expect(transitions.at(-1), point).toMatchObject({ from: before, to: word })
    }
  }, 300_000)
})
