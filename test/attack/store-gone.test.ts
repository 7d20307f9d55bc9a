import { copyFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { copyOf, portalEnv, prepareNetwork, start, storeIn } from '../support/provisioning.ts'
import { startSandbox } from '../support/sandbox.ts'
import { drawn, pairs, upTo } from './support/points.ts'

/** Somebody takes the store away from under an apply. What cannot be written down any more is not sent any more. */
const TENANTS = 12
const APPLY = ['tenant', 'apply', '-f', 'network.yaml', '--concurrency', '1']

const TAKEN: Readonly<Record<string, (store: string) => void>> = {
  removed: (store) => rmSync(store),
  'moved away': (store) => renameSync(store, `${store}.old`),
  'replaced by an older copy': (store) => {
    copyFileSync(`${store}.before`, `${store}.new`)
    renameSync(`${store}.new`, store)
  },
  'replaced by an empty file': (store) => {
    rmSync(store)
    writeFileSync(store, '')
  },
}

let prepared = ''
beforeAll(async () => {
  prepared = mkdtempSync(join(tmpdir(), 'ozgctl-test-'))
  await prepareNetwork(prepared, TENANTS)
})
afterAll(() => rmSync(prepared, { recursive: true, force: true }))

test('the run ends and says so', async () => {
  const all = pairs(Object.entries(TAKEN), upTo(TENANTS))
  for (const [[how, take], at] of drawn('the store is gone', all, 6)) {
    let writes = 0
    const later: string[] = []
    const cwd = copyOf(prepared)
    const store = storeIn(cwd).OZGCTL_STORE
    copyFileSync(store, `${store}.before`)
    const place = await startSandbox([], {
      onRequest: (phase, method, path) => {
        if (phase !== 'received' || method === 'GET' || path.startsWith('/o/oauth2/')) return undefined
        writes++
        if (writes === at) take(store)
        if (writes > at) later.push(`${method} ${path}`)
        return undefined
      },
    })
    const child = start(APPLY, cwd, portalEnv(place))
    const ended = await child.ended
    const point = `${how} at write ${at}: ${ended.stderr}`
    expect(ended.signal, point).toBeNull()
    expect(ended.code, point).toBe(74)
    expect(ended.stderr, point).toContain(store)
    // Not even the rest of the tenant that was under way.
    expect(later, point).toEqual([])
  }
}, 300_000)
