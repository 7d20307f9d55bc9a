import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readDefinition } from '../../src/lib/migration/definition.ts'
import { findMigrationRun } from '../../src/lib/migration/list.ts'
import { planRollback, rollback } from '../../src/lib/migration/rollback.ts'
import {
  Death,
  definitionFrom,
  type MigrationWorld,
  migrationWorld,
  NETWORK,
  outcomeOf,
  type Process,
  tenant,
  writeManifest,
} from '../support/migration.ts'
import { recordServer, records } from '../support/record-server.ts'

/**
 * Whatever kills and resumes there are in between, a migration ends as one that nobody disturbed, and so does its
 * rollback: the property, over several kinds of steps, waves and tenants.
 */
const MANIFEST = `
network: { account: lkos, name: Landkreis, anchor: "03459" }
connectors:
  - { name: dms, system: enaio, url: "https://dms.example.de/{slug}/", credentials: dms }
  - { name: konto, kind: http, url: "https://konto.example.de/", conditions: [{ status: 200 }] }
  - { name: bundid, system: bundid }
tenants: []
`

const definition = (url: string) => `
manifest: [network.yaml]
waves: { canary: 1, sizes: [2], soak: 5s, pause: true }
budget: 0
steps:
  - { id: address, kind: connector.set, connector: dms, set: { url: "https://dms11.example.de/\${tenant.slug}/" } }
  - { id: account, kind: connector.replace, from: konto, to: bundid }
  - { id: share, kind: network.share, rule: all-to-county, from: ["\${tenant.ars}"], to: anchor }
  - { id: imprint, kind: tenant.set, set: { imprintUrl: "https://\${tenant.host}/impressum" } }
  - { id: pause, kind: wait, for: 2s }
  - id: records
    kind: records.transfer
    takesBack: all
    from: { kind: json-http, url: "${url}/source/cursor", records: $.items, paging: { style: cursor, size: 2 } }
    to:
      kind: json-http
      url: "${url}/target"
      item: "${url}/target/\${record.key}"
      list: { url: "${url}/listed/offset", records: $.items, paging: { style: offset } }
  - { id: key, kind: tenant.rekey, keys: { "034595402002": "034595402902" } }
`

const TENANTS = 3

async function world(): Promise<MigrationWorld> {
  const made = await migrationWorld(
    Array.from({ length: TENANTS }, (_, at) => tenant(at + 1, { connectors: ['dms', 'konto'] })),
    { ...NETWORK, sharing: [] },
  )
  writeManifest(made.folder, MANIFEST)
  return made
}

/** All that can be seen of the world afterwards. */
async function seen(process: Process, target: readonly object[]) {
  const networks = (await process.portal.networks()).map(({ value }) => value)
  return {
    tenants: await process.tenants(),
    networks,
    target: [...target].map((one) => JSON.stringify(one)).sort(),
  }
}

/** Goes on until the run is over, however often it stops for a person. */
async function finish(process: Process): Promise<void> {
  for (
    let status = await process.status();
    status.run.state === 'stopped' || status.run.state === 'running';
  )
    status = await process.resume()
}

async function takeBack(process: Process): Promise<void> {
  const run = await findMigrationRun(process.store, 'run-1')
  const plan = await planRollback(process.store, run, { wave: undefined, keys: [] })
  await rollback(process.context, process.store, plan, { leaseMs: 60_000, waitMs: 0 })
}

let died = 0

const isDeath = (error: unknown): undefined => {
  if (!(error instanceof Death)) throw error
  died++
  return undefined
}

interface Deaths {
  /** Durable writes after which each process dies, one after the other. */
  readonly forth: readonly (readonly [number, 'before' | 'after'])[]
  readonly back: readonly (readonly [number, 'before' | 'after'])[]
}

/** A run and its rollback with these deaths in between. @returns what is to be seen after each */
async function disturbed({ forth, back }: Deaths) {
  const server = await recordServer(records(5))
  const place = await world()
  const text = definition(server.url)
  for (const [write, moment] of forth) {
    const victim = await place.process()
    victim.store.dieAt(write, moment)
    const begun = await victim.status().catch(() => undefined)
    await (begun === undefined ? victim.run(text) : finish(victim)).catch(isDeath)
    victim.end()
  }
  const heir = await place.process()
  if ((await heir.status().catch(() => undefined)) === undefined) await heir.run(text)
  await finish(heir)
  const after = await seen(heir, server.target)
  const outcome = outcomeOf(await heir.status('run-1'))
  heir.end()
  for (const [write, moment] of back) {
    const victim = await place.process()
    victim.store.dieAt(write, moment)
    const latest = await victim.status()
    await (latest.run.kind === 'migration' ? takeBack(victim) : finish(victim)).catch(isDeath)
    victim.end()
  }
  const last = await place.process()
  const latest = await last.status()
  if (latest.run.kind === 'migration') await takeBack(last)
  await finish(last)
  const end = await seen(last, server.target)
  last.end()
  return { after, outcome, end }
}

test('the undisturbed run does all, and its rollback puts all back', async () => {
  const place = await world()
  const first = await place.process()
  const before = await seen(first, [])
  first.end()
  const { after, outcome, end } = await disturbed({ forth: [], back: [] })
  expect(outcome).toEqual(
    ['001', '002', '003'].map(
      (key) => `${key} done: done done done done done done ${key === '002' ? 'done' : 'already'}`,
    ),
  )
  expect(
    after.tenants.map(({ ars, connectors, connectorSettings, imprintUrl }) => ({
      ars,
      connectors,
      connectorSettings,
      imprintUrl,
    })),
  ).toEqual(
    ['001', '003', '902'].map((key) => {
      const slug = `s${key === '902' ? '002' : key}`
      return {
        ars: `034595402${key}`,
        connectors: ['bundid', 'dms'],
        connectorSettings: { dms: { url: `https://dms11.example.de/${slug}/` } },
        imprintUrl: `https://${slug}.example.de/impressum`,
      }
    }),
  )
  expect(after.networks[0]?.sharing).toMatchObject([
    { name: 'all-to-county', from: ['034595402001', '034595402003', '034595402902'], to: 'anchor' },
  ])
  expect(after.target).toHaveLength(5)
  expect(end).toEqual(before)
})

const death = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.constantFrom('before' as const, 'after' as const))

test('any interleaving of kills and resumes ends as the undisturbed run', async () => {
  const { after, end } = await disturbed({ forth: [], back: [] })
  await fc.assert(
    fc.asyncProperty(
      fc.record({ forth: fc.array(death, { maxLength: 4 }), back: fc.array(death, { maxLength: 3 }) }),
      async (deaths) => {
        const found = await disturbed(deaths)
        expect(found.after).toEqual(after)
        expect(found.end).toEqual(end)
      },
    ),
    { numRuns: 120, seed: 20261124 },
  )
  // Most of the moments are before the end.
  expect(died).toBeGreaterThan(150)
})

test('a definition from the record is the one that was kept', async () => {
  const read = await definitionFrom(definition('http://127.0.0.1:1'))
  const again = await readDefinition({ file: 'kept', text: JSON.stringify(read.document) })
  expect(again.hash).toBe(read.hash)
})
