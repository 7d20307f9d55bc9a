import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { copyOf, portalEnv, prepareNetwork, storeIn } from '../support/provisioning.ts'
import { startSandbox } from '../support/sandbox.ts'
import { callUnder, canUnshare, unshared } from './support/faulty-process.ts'
import { latestRun } from './support/operator.ts'
import { drawn, pairs } from './support/points.ts'

/**
 * Two operators on one store who see the machine otherwise than each other, as in containers: process numbers and names of
 * hosts mean something else there. One who works is not taken over, whoever of both looks from where.
 */
describe.skipIf(!canUnshare)('operators in containers (needs unshare)', () => {
  const APPLY = ['tenant', 'apply', '-f', 'network.yaml']
  const PROCESSES = ['--pid', '--fork', '--mount-proc']
  const VIEWS: Readonly<Record<string, readonly string[]>> = {
    'process numbers of its own': unshared(...PROCESSES),
    'process numbers of its own, and the list of ours': unshared('--pid', '--fork'),
    'a host name of its own': unshared('--uts', 'sh', '-c', 'hostname elsewhere && exec "$@"', 'sh'),
    'numbers and name of its own': unshared(
      ...[...PROCESSES, '--uts', 'sh', '-c', 'hostname elsewhere && exec "$@"', 'sh'],
    ),
  }
  let prepared = ''
  beforeAll(async () => {
    prepared = mkdtempSync(join(tmpdir(), 'ozgctl-test-'))
    await prepareNetwork(prepared, 4)
  })
  afterAll(() => rmSync(prepared, { recursive: true, force: true }))

  test('one who works is not taken over', async () => {
    const all = pairs(Object.entries(VIEWS), ['works', 'comes', 'both'] as const)
    for (const [[name, view], who] of drawn('operators in containers', all, 3)) {
      const point = `${who} with ${name}`
      let other: ReturnType<typeof callUnder> | undefined
      const place = await startSandbox([], {
        onRequest: (phase, method) => {
          if (phase !== 'received' || method !== 'POST' || other !== undefined) return undefined
          // The first is in the middle of its work while the second tries.
          other = callUnder(work, APPLY, { under: who === 'works' ? [] : view })
          return other.then(() => 'go on' as const)
        },
      })
      const cwd = copyOf(prepared)
      const work = { cwd, env: { ...storeIn(cwd), ...portalEnv(place) } }
      const first = await callUnder(work, APPLY, { under: who === 'comes' ? [] : view })
      expect(await other, point).toMatchObject({ code: 5, stdout: '' })
      expect(first.code, `${point}: ${first.stderr}`).toBe(0)
      expect((await latestRun(work))?.state, point).toBe('done')
      const { creates } = place.sandbox.stats
      expect(
        Object.values(creates).filter((times) => times > 1),
        point,
      ).toEqual([])
    }
  }, 300_000)
})
