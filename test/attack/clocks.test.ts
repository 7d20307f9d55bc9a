import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { copyOf, portalEnv, prepareNetwork, start, storeIn } from '../support/provisioning.ts'
import { startSandbox } from '../support/sandbox.ts'
import { callUnder, canShift, shifted } from './support/faulty-process.ts'
import { call, latestRun } from './support/operator.ts'

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

  test.each(['+1d', '+2y'])(
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
})
