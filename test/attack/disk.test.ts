import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../support/folder.ts'
import { contentOf, copyOf, portalEnv, prepareNetwork, storeIn } from '../support/provisioning.ts'
import { liferayPortal, startSandbox } from '../support/sandbox.ts'
import { callUnder, canLimit, canTrace, failing, limited } from './support/faulty-process.ts'
import { call, goOn } from './support/operator.ts'
import { drawn, pairs, upTo } from './support/points.ts'

/** All but the lock, which holds nothing that matters. */
const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => name !== '.lock')
    .sort()

/** What the disk refuses: nothing is half there under its name, what was there before stays, and the process ends. */

describe.skipIf(!canLimit)('files that cannot grow (needs prlimit)', () => {
  /** Sizes that cut a file of some kilobytes at its begin, within, and at its very end. */
  const SIZES = [0, 1, 100, 1000, 2000, 4096, 4097, 6000, 8192]

  test('secrets: all of them, or those that were there', async () => {
    const place = await startSandbox()
    const before = temporaryFolder()
    const login = (profile: string) => [
      'auth',
      'login',
      profile,
      '--url',
      place.url,
      '--client-id',
      'sandbox',
    ]
    const stdin = `${place.sandbox.clientSecret}\n`
    // Long names make a file of several pages with few log-ins.
    const profiles = upTo(3).map((number) => `p${number}-${'x'.repeat(60)}`)
    for (const profile of profiles)
      expect((await callUnder({ cwd: before, env: {} }, login(profile), { stdin })).code).toBe(0)
    const file = join(before, '.config', 'ozgctl', 'credentials.json')
    const former = readFileSync(file)
    const whole = former.length
    for (const size of [0, 1, whole >> 1, whole - 1, whole, whole + 20]) {
      const run = await callUnder({ cwd: before, env: {} }, login('one-more'), {
        stdin,
        under: limited(size),
      })
      expect(run.signal).toBeNull()
      expect(run.code, `${size} of ${whole} bytes: ${run.stderr}`).toBe(74)
      expect(readFileSync(file), `${size} bytes`).toEqual(former)
      expect(filesIn(join(before, '.config', 'ozgctl'))).toEqual(['config.yaml', 'credentials.json'])
    }
    expect((await callUnder({ cwd: before, env: {} }, login('one-more'), { stdin })).code).toBe(0)
    const kept: unknown = JSON.parse(readFileSync(file, 'utf8'))
    expect(JSON.stringify(kept)).toContain('one-more')
    for (const profile of profiles) expect(JSON.stringify(kept)).toContain(profile)
  })

  test('what goes to a file: whole, or the former one', async () => {
    const cwd = temporaryFolder()
    const out = join(cwd, 'reference.txt')
    const command = (file: string) => ['connector', 'systems', '--output', 'csv', '--out', file]
    expect((await callUnder({ cwd, env: {} }, command(out))).code).toBe(0)
    const whole = readFileSync(out)
    for (const size of [...SIZES.filter((one) => one < whole.length), whole.length - 1]) {
      const target = join(cwd, 'out.csv')
      writeFileSync(target, 'former\n')
      const run = await callUnder({ cwd, env: {} }, command(target), { under: limited(size) })
      expect(run.code, `${size} bytes: ${run.stderr}`).toBe(74)
      expect(readFileSync(target, 'utf8')).toBe('former\n')
      expect(readdirSync(cwd).sort()).toEqual(['out.csv', 'reference.txt'])
    }
    const run = await callUnder({ cwd, env: {} }, command(join(cwd, 'out.csv')), {
      under: limited(whole.length),
    })
    expect(run.code).toBe(0)
    expect(readFileSync(join(cwd, 'out.csv'))).toEqual(whole)
  })
})

describe.skipIf(!canTrace)('a disk that is full from some write on (needs strace)', () => {
  const TENANTS = 4
  const APPLY = ['tenant', 'apply', '-f', 'network.yaml']
  let prepared = ''
  beforeAll(async () => {
    prepared = mkdtempSync(join(tmpdir(), 'ozgctl-test-'))
    await prepareNetwork(prepared, TENANTS)
  })
  afterAll(() => rmSync(prepared, { recursive: true, force: true }))

  async function applied(under: readonly string[]) {
    const place = await startSandbox()
    const cwd = copyOf(prepared)
    const env = { ...storeIn(cwd), ...portalEnv(place) }
    const run = await callUnder({ cwd, env }, APPLY, { under })
    const creates = { ...place.sandbox.stats.creates }
    return { run, creates, place, work: { cwd, env } }
  }

  test('an apply ends, says what was done, and goes on when there is room again', async () => {
    const calm = await applied([])
    expect(calm.run.code).toBe(0)
    const content = await contentOf(liferayPortal(calm.place))
    const all = pairs(
      [
        ['pwrite64', 'ENOSPC'],
        ['fsync', 'EIO'],
      ] as const,
      upTo(60),
    )
    for (const [[calls, error], from] of drawn('a full disk', all, 12)) {
      const point = `${error} from ${calls} ${from} on`
      const { run, creates, place, work } = await applied(failing(calls, error, from))
      expect(run.signal, point).toBeNull()
      if (run.code === 0) {
        expect(creates, point).toEqual(calm.creates)
        continue
      }
      expect(run.code, `${point}: ${run.stderr}`).toBe(74)
      if (Object.keys(creates).length > 0) expect(run.stderr, point).not.toContain('nothing was changed')
      expect(run.stderr, point).not.toContain('This is a fault of ozgctl')
      expect(await goOn(work, APPLY), point).toBe('done')
      expect(place.sandbox.stats.creates, point).toEqual(calm.creates)
      expect(await contentOf(liferayPortal(place)), point).toEqual(content)
    }
  }, 900_000)

  test('a store that cannot be made is not there', async () => {
    const cwd = temporaryFolder()
    const run = await callUnder({ cwd, env: storeIn(cwd) }, ['region', 'list'], {
      under: failing('pwrite64', 'ENOSPC', 1),
    })
    expect(run.code).not.toBe(0)
    if (existsSync(join(cwd, 'ozgctl.db')))
      expect((await call({ cwd, env: storeIn(cwd) }, 'run', 'list')).code).toBe(0)
  })
})
