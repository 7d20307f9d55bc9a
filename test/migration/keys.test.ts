import { expect, test } from 'vitest'
import { findMigrationRun } from '../../src/lib/migration/list.ts'
import { planRollback, rollback } from '../../src/lib/migration/rollback.ts'
import type { Network } from '../../src/lib/portal/model.ts'
import type { Store } from '../../src/lib/store/sqlite.ts'
import { migrationWorld, NETWORK, outcomeOf, type Process, tenant } from '../support/migration.ts'
import { importTexts } from '../support/offer.ts'

/** Two LeiKa keys that are superseded, offered by two tenants and named by a rule of their network. */
const FIRST = '99003009012001'
const SECOND = '99001001001000'
const FREE = '034070000000'

const RULED: Network = {
  ...NETWORK,
  anchor: tenant(1).ars,
  sharing: [
    {
      name: 'shared',
      from: [tenant(1).ars, tenant(2).ars],
      to: 'anchor',
      direction: 'one-way',
      services: { leistungen: [FIRST], ozg: [], themenfelder: [] },
      except: { leistungen: [], ozg: [], themenfelder: [], tenants: [tenant(2).ars] },
    },
  ],
}

const KEYS = `
waves: { canary: 1, sizes: ["100%"] }
steps:
  - { id: remap, kind: leistung.remap, keys: { "${FIRST}": "99003009012002", "${SECOND}": "99001001001009" } }
  - { id: rekey, kind: tenant.rekey, keys: { "${tenant(2).ars}": "${FREE}" } }
`

/** Everything that the two steps change. */
async function stateOf({ store, portal, tenants }: Process) {
  return {
    tenants: (await tenants()).map(({ ars }) => ars),
    networks: (await portal.networks()).map(({ value }) => value),
    remaps: store.db.prepare('SELECT region_key, from_key, to_key FROM leistung_remap ORDER BY 1, 2').all(),
    rekeys: store.db.prepare('SELECT from_key, to_key FROM region_rekey ORDER BY 1').all(),
  }
}

async function importOffersOf(store: Store, offers: readonly (readonly [ars: string, key: string])[]) {
  const lines = offers.map(([ars, key]) => `${ars};${key};3;https://forms.example.de/;Town;;`)
  const head = 'region;leika_key;reifegrad;url;authority;valid_from;valid_to'
  await importTexts(store, { 'offers.csv': `${[head, ...lines].join('\n')}\n` })
}

async function takeBack({ store, context, status }: Process, ...keys: string[]) {
  const plan = await planRollback(store, await findMigrationRun(store, 'latest'), { wave: undefined, keys })
  const { run } = await rollback(context, store, plan, { leaseMs: 60_000, waitMs: 0 })
  return status(run.id)
}

test('offers, rules, networks and keys change together and go back to what they were', async () => {
  const process = await (await migrationWorld([tenant(1), tenant(2)], RULED)).process()
  await importOffersOf(process.store, [
    [tenant(1).ars, FIRST],
    [tenant(2).ars, FIRST],
    [tenant(2).ars, SECOND],
  ])
  const before = await stateOf(process)
  expect(outcomeOf(await process.run(KEYS))).toEqual(['001 done: done already', '002 done: done done'])
  const [rule] = RULED.sharing ?? []
  expect(await stateOf(process)).toEqual({
    tenants: [FREE, tenant(1).ars],
    networks: [
      {
        ...RULED,
        sharing: [
          {
            ...rule,
            from: [FREE, tenant(1).ars],
            services: { leistungen: ['99003009012002'], ozg: [], themenfelder: [] },
            except: { ...rule?.except, tenants: [FREE] },
          },
        ],
      },
    ],
    // Offers are still called what they were: what they count as is said beside them.
    remaps: [
      { region_key: tenant(1).ars, from_key: FIRST, to_key: '99003009012002' },
      { region_key: tenant(2).ars, from_key: SECOND, to_key: '99001001001009' },
      { region_key: tenant(2).ars, from_key: FIRST, to_key: '99003009012002' },
    ],
    rekeys: [{ from_key: tenant(2).ars, to_key: FREE }],
  })
  expect(outcomeOf(await takeBack(process))).toEqual(['002 done: done done', '001 done: done'])
  expect(await stateOf(process)).toEqual(before)
})

test('one tenant goes back, and the other keeps what it has', async () => {
  const process = await (await migrationWorld([tenant(1), tenant(2)], RULED)).process()
  await importOffersOf(process.store, [
    [tenant(1).ars, FIRST],
    [tenant(2).ars, SECOND],
  ])
  await process.run(KEYS)
  expect(outcomeOf(await takeBack(process, tenant(2).ars))).toEqual(['002 done: done done'])
  const { tenants, networks, remaps, rekeys } = await stateOf(process)
  expect(tenants).toEqual([tenant(1).ars, tenant(2).ars])
  // The rule was changed for the first one, and stays so.
  expect(networks[0]?.sharing?.[0]?.services).toEqual({
    leistungen: ['99003009012002'],
    ozg: [],
    themenfelder: [],
  })
  expect(remaps).toEqual([{ region_key: tenant(1).ars, from_key: FIRST, to_key: '99003009012002' }])
  expect(rekeys).toEqual([])
})

test('a tenant that got its new key before is found by its offers under the former one', async () => {
  const process = await (await migrationWorld([tenant(1), tenant(2)], RULED)).process()
  await importOffersOf(process.store, [[tenant(2).ars, SECOND]])
  const before = await stateOf(process)
  const [head, remap, rekey] = KEYS.split(/(?= {2}- )/)
  await process.run(`${head}${rekey}${remap}`)
  expect((await stateOf(process)).remaps).toEqual([
    { region_key: FREE, from_key: SECOND, to_key: '99001001001009' },
  ])
  await takeBack(process)
  expect(await stateOf(process)).toEqual(before)
})
