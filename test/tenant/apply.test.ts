import { expect, test } from 'vitest'
import type { Context } from '../../src/lib/context.ts'
import { OzgctlError } from '../../src/lib/errors.ts'
import type { PortalDriver, PortalWrite, WriteOutcome } from '../../src/lib/portal/driver.ts'
import type { LocalPortal } from '../../src/lib/portal/local.ts'
import type { Tenant } from '../../src/lib/portal/model.ts'
import { importRegions } from '../../src/lib/register/import.ts'
import type { Store } from '../../src/lib/store/sqlite.ts'
import { appliedChanges, applyChanges } from '../../src/lib/tenant/apply.ts'
import { type Plan, planTenants } from '../../src/lib/tenant/plan.ts'
import { planFiles } from '../../src/lib/tenant/planning.ts'
import { applyFiles, dryRun, type WorkOptions } from '../../src/lib/tenant/provision.ts'
import { EVERYTHING } from '../../src/lib/tenant/select.ts'
import { changesOf } from '../../src/lib/tenant/writes.ts'
import { temporaryFile } from '../support/folder.ts'
import { leaseOn, steppingContext } from '../support/journal.ts'
import { temporaryStore, testContext } from '../support/store.ts'
import {
  BRAMSCHE,
  localPortal,
  MELLE,
  NETWORK,
  REGISTER,
  REGISTER_2026,
  storeWithRegister,
  tenantsOf,
} from '../support/tenant.ts'

/** A portal in a store, and the applies to it one after the other. */
async function newPlace() {
  const store = await temporaryStore()
  const portal = localPortal(store)
  return {
    store,
    portal,
    planFor: (tenants: readonly Tenant[], maxDelete = 9) => planFor(portal, tenants, maxDelete),
    apply: (plan: Plan, driver: PortalDriver = portal) => apply(store, driver, plan),
  }
}

/** What it takes to make the portal have these tenants and no others. */
async function planFor(portal: LocalPortal, tenants: readonly Tenant[], maxDelete: number): Promise<Plan> {
  const pages = []
  for await (const page of portal.list()) pages.push(...page)
  const manifest = {
    portal: 'local',
    networks: [NETWORK],
    tenants: tenants.map((tenant) => ({ tenant, marks: [] })),
  } as const
  const found = { networks: await portal.networks(), tenants: pages }
  return planTenants(manifest, found, { maxDelete, formerKeys: new Map() })
}

/** Carries out a plan as a run. @returns what became of each change */
async function apply(store: Store, driver: PortalDriver, plan: Plan): Promise<readonly string[]> {
  const context = steppingContext()
  const lease = await leaseOn(store, context)
  try {
    const work = { store, context, lease, driver, deadlineMs: 1000 }
    const { run, stopped } = await applyChanges(work, 'apply', changesOf(plan), {})
    if (stopped?.kind === 'error') throw stopped.error
    return outcomesOf([...appliedChanges(store, run.number)])
  } finally {
    await lease.release()
  }
}

const outcomesOf = (
  changes: Iterable<{ change: { kind: string }; outcome: string; reason: string | null }>,
) =>
  [...changes].map(({ change, outcome, reason }) => [change.kind, outcome, reason].filter(Boolean).join(' '))

test('a plan is carried out; the same again is no plan', async () => {
  const { portal, planFor, apply } = await newPlace()
  expect(await apply(await planFor([BRAMSCHE, MELLE]))).toEqual([
    'network-create done',
    'create done',
    'create done',
  ])
  expect(await tenantsOf(portal)).toEqual([BRAMSCHE, MELLE])
  const next: Tenant = { ...BRAMSCHE, state: 'suspended' }
  expect(await apply(await planFor([next]))).toEqual(['suspend done', 'delete done'])
  expect(await tenantsOf(portal)).toEqual([next])
  expect(changesOf(await planFor([next]))).toEqual([])
})

test('a dry run touches nothing', async () => {
  const { portal, planFor } = await newPlace()
  const plan = await planFor([BRAMSCHE])
  expect(outcomesOf(dryRun(plan, changesOf(plan)).changes)).toEqual([
    'network-create planned',
    'create planned',
  ])
  expect(await tenantsOf(portal)).toEqual([])
  expect(await portal.networks()).toEqual([])
})

test('the same plan twice: each change is done once', async () => {
  const { planFor, apply } = await newPlace()
  const plan = await planFor([BRAMSCHE, MELLE])
  await apply(plan)
  expect(await apply(plan)).toEqual(['network-create already', 'create already', 'create already'])
})

test('an apply that comes too late for the same in different words finds it done', async () => {
  const { planFor, apply } = await newPlace()
  await apply(await planFor([{ ...BRAMSCHE, name: 'B' }, MELLE]))
  const slow = await planFor([BRAMSCHE])
  await apply(await planFor([{ ...BRAMSCHE, name: 'C' }]))
  await apply(await planFor([BRAMSCHE]))
  expect(await apply(slow)).toEqual(['change already', 'delete already'])
})

test('one that comes too late for something else says so and does the rest', async () => {
  const { portal, planFor, apply } = await newPlace()
  await apply(await planFor([BRAMSCHE, MELLE]))
  const slow = await planFor([
    { ...BRAMSCHE, name: 'slow' },
    { ...MELLE, name: 'slow' },
  ])
  await apply(await planFor([{ ...BRAMSCHE, name: 'fast' }, MELLE]))
  expect(await apply(slow)).toEqual([
    'change failed somebody else changed it at the same time: plan again',
    'change done',
  ])
  expect((await tenantsOf(portal)).map((tenant) => tenant.name)).toEqual(['fast', 'slow'])
})

/** The local portal behind a bad line: what `lose` picks gets no answer, after or before it was done. */
function behindBadLine(
  portal: LocalPortal,
  lose: (write: PortalWrite, attempt: number) => 'after' | 'before' | undefined,
): PortalDriver & { readonly sent: readonly string[] } {
  const sent: string[] = []
  return {
    portal: portal.portal,
    sent,
    capabilities: { batch: 2, concurrency: 1, move: true, parentsFirst: false },
    networks: () => portal.networks(),
    list: () => portal.list(),
    get: (ars) => portal.get(ars),
    places: () => portal.places(),
    close: async () => undefined,
    write: async (batch) => {
      const fates = batch.map((write) => {
        sent.push(write.key)
        return lose(write, sent.filter((key) => key === write.key).length)
      })
      const arrived = batch.filter((_, at) => fates[at] !== 'before')
      const outcomes = await portal.write(arrived)
      return batch.map((write, at): WriteOutcome => {
        const outcome = outcomes[arrived.indexOf(write)]
        return outcome === undefined || fates[at] !== undefined
          ? { kind: 'unknown', reason: 'the connection was cut' }
          : outcome
      })
    },
  }
}

test('a write without an answer is read back: what was done is not sent again, the rest is, with its key', async () => {
  const { portal, planFor, apply } = await newPlace()
  const ghost = { ...MELLE, ars: '034590033033', slug: 'wallenhorst', hosts: [] }
  const line = behindBadLine(portal, (write, attempt) => {
    if (attempt > 1) return undefined
    if (write.kind === 'network') return 'after'
    if (write.kind !== 'create' || write.tenant.ars === BRAMSCHE.ars) return undefined
    return write.tenant.ars === MELLE.ars ? 'after' : 'before'
  })
  expect(await apply(await planFor([BRAMSCHE, MELLE, ghost]), line)).toEqual([
    'network-create done',
    'create done',
    'create done',
    'create done',
  ])
  expect(line.sent).toHaveLength(5)
  expect(new Set(line.sent).size).toBe(4)
  expect((await tenantsOf(portal)).map(({ slug }) => slug)).toEqual(['bramsche', 'melle', 'wallenhorst'])
})

test('so is a delete without an answer', async () => {
  const { portal, planFor, apply } = await newPlace()
  await apply(await planFor([BRAMSCHE, MELLE]))
  const line = behindBadLine(portal, () => 'after')
  expect(await apply(await planFor([MELLE]), line)).toEqual(['delete done'])
  expect(line.sent).toHaveLength(1)
})

test('a write that never arrives is given up in the end and says why', async () => {
  const { portal, planFor, apply } = await newPlace()
  await apply(await planFor([BRAMSCHE]))
  const dead = behindBadLine(portal, () => 'before')
  expect(await apply(await planFor([]), dead)).toEqual(['delete failed the connection was cut (6 attempts)'])
})

test('a portal that gives up half-way: what was done stays', async () => {
  const { portal, planFor, apply } = await newPlace()
  const error = new OzgctlError('UNAUTHORISED', 'no longer', { exit: 6 })
  let calls = 0
  const line = behindBadLine(portal, () => {
    if (++calls > 2) throw error
    return undefined
  })
  await expect(apply(await planFor([BRAMSCHE, MELLE]), line)).rejects.toBe(error)
  expect(await portal.networks()).toHaveLength(1)
  expect(await tenantsOf(portal)).toEqual([])
})

const WORK: WorkOptions = {
  leaseMs: 60_000,
  waitMs: 0,
  confirm: async () => undefined,
  onRun: () => undefined,
}

test('files to tenants, with a Gemeinde that got a new key', async () => {
  const store = await storeWithRegister(REGISTER)
  const context: Context = testContext()
  const text = (
    anchor: string,
    ars: string,
  ): string => `network: {account: hanau, name: Hanau, anchor: ${anchor}}
tenants: [{ars: ${ars}, slug: hanau, name: Hanau}]
`
  const before = temporaryFile('network.yaml', text('06435', '064350014014'))
  const options = (file: string) => ({
    files: [file],
    portal: undefined,
    maxDelete: 0,
    selection: EVERYTHING,
  })
  await applyFiles(context, store, options(before), WORK)
  await importRegions(context, store, { files: [REGISTER_2026] })
  const after = temporaryFile('network.yaml', text('06415', '064150000000'))
  const { plan } = await planFiles(context, store, options(after))
  expect(plan).toMatchObject({
    networks: [{ kind: 'network-change', fields: [{ field: 'anchor', from: '06435', to: '064150000000' }] }],
    tenants: [{ kind: 'move', fields: [{ field: 'ars', from: '064350014014', to: '064150000000' }] }],
    leftAlone: [],
  })
  const result = await applyFiles(context, store, options(after), WORK)
  expect(outcomesOf(result.changes)).toEqual(['network-change done', 'move done'])
  expect((await tenantsOf(localPortal(store))).map((tenant) => tenant.ars)).toEqual(['064150000000'])
})
