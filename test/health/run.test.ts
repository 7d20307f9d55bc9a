import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bindFiles } from '../../src/lib/health/health.ts'
import { runChecks } from '../../src/lib/health/run.ts'
import { openStore } from '../../src/lib/store/sqlite.ts'
import { EVERYTHING } from '../../src/lib/tenant/select.ts'
import { answer, faultServer } from '../support/fault-server.ts'
import { temporaryFolder } from '../support/folder.ts'
import { steppingContext } from '../support/journal.ts'

const MANIFEST = (url: string) => `network: { account: n, name: N, anchor: "034595402" }
connectors:
  - { name: one, kind: http, url: "${url}/one", conditions: [ { status: 200 } ] }
  - { name: two, kind: http, url: "${url}/two", conditions: [ { status: 200 } ] }
defaults: { connectors: [one, two] }
tenants: [ { ars: "034595402", slug: a, name: A } ]
`

test('whatever goes wrong with one connector is its own outcome, and the others are checked', async () => {
  const server = await faultServer([answer(200, 'fine'), answer(500, 'not so')])
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'h.yaml'), MANIFEST(server.origin.href.replace(/\/$/, '')))
  const store = await openStore(join(folder, 'ozgctl.db'))
  const context = steppingContext()
  const scope = { files: [join(folder, 'h.yaml')], connectors: [], selection: EVERYTHING }
  const { bindings, routes } = await bindFiles(context, store, scope)
  store.close()
  const [one, two] = bindings.checks
  if (one === undefined || two === undefined) throw new Error('two connectors are bound')
  const throwing = (error: unknown) => ({
    ...one,
    effective: {
      ...one.effective,
      get common(): never {
        throw error
      },
    },
  })
  const checks = [throwing(new TypeError('no such thing')), two, throwing('a word'), one]
  const reports = await runChecks(checks, routes, context, {
    concurrency: 1,
    perHost: 1,
    timeoutMs: undefined,
    deadlineMs: undefined,
  })
  expect(
    reports.map((report) => report?.verdicts.map(({ status, summary }) => `${status} ${summary}`)),
  ).toEqual([
    ['unknown a fault of ozgctl: no such thing'],
    ['ok 1 conditions met'],
    ['unknown a fault of ozgctl: a word'],
    ['critical status: expected HTTP 200, saw HTTP 500'],
  ])
})
