import { expect, test } from 'vitest'
import type { Context } from '../../src/lib/context.ts'
import { OzgctlError } from '../../src/lib/errors.ts'
import type { PortalDriver, PortalWrite, WriteOutcome } from '../../src/lib/portal/driver.ts'
import type { LocalPortal } from '../../src/lib/portal/local.ts'
import type { Tenant } from '../../src/lib/portal/model.ts'
import { importRegions } from '../../src/lib/register/import.ts'
import { type ApplyResult, applyPlan, dryRun } from '../../src/lib/tenant/apply.ts'
import { type Plan, planTenants } from '../../src/lib/tenant/plan.ts'
import { applyFiles, planFiles } from '../../src/lib/tenant/provision.ts'
import { temporaryFile } from '../support/folder.ts'
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

const newPortal = async (): Promise<LocalPortal> => localPortal(await temporaryStore())

/** What it takes to make the portal have these tenants and no others. */
async function planFor(portal: LocalPortal, tenants: readonly Tenant[], maxDelete = 9): Promise<Plan> {
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

const outcomesOf = ({ changes }: ApplyResult): readonly string[] =>
  changes.map(({ change, outcome, reason }) => [change.kind, outcome, reason].filter(Boolean).join(' '))

test('a plan is carried out; the same again is no plan', async () => {
  const portal = await newPortal()
  const progress: number[] = []
  const result = await applyPlan(portal, await planFor(portal, [BRAMSCHE, MELLE]), (done) =>
    progress.push(done),
  )
  expect(outcomesOf(result)).toEqual(['network-create done', 'create done', 'create done'])
  expect(progress).toEqual([3])
  expect(await tenantsOf(portal)).toEqual([BRAMSCHE, MELLE])
  const next: Tenant = { ...BRAMSCHE, state: 'suspended' }
  expect(outcomesOf(await applyPlan(portal, await planFor(portal, [next])))).toEqual([
    'suspend done',
    'delete done',
  ])
  expect(await tenantsOf(portal)).toEqual([next])
  expect(await applyPlan(portal, await planFor(portal, [next]))).toMatchObject({ changes: [] })
})

test('a dry run touches nothing', async () => {
  const portal = await newPortal()
  const result = dryRun(await planFor(portal, [BRAMSCHE]))
  expect(outcomesOf(result)).toEqual(['network-create planned', 'create planned'])
  expect(await tenantsOf(portal)).toEqual([])
  expect(await portal.networks()).toEqual([])
})

test('two applies of the same plan: both end well, each change is done once', async () => {
  const portal = await newPortal()
  const plan = await planFor(portal, [BRAMSCHE, MELLE])
  const results = await Promise.all([applyPlan(portal, plan), applyPlan(portal, plan)])
  expect(results.map(outcomesOf)).toEqual([
    ['network-create done', 'create done', 'create done'],
    ['network-create already', 'create already', 'create already'],
  ])
})

test('two applies that want the same in different words: the second finds it done', async () => {
  const portal = await newPortal()
  await applyPlan(portal, await planFor(portal, [{ ...BRAMSCHE, name: 'B' }, MELLE]))
  const slow = await planFor(portal, [BRAMSCHE])
  await applyPlan(portal, await planFor(portal, [{ ...BRAMSCHE, name: 'C' }]))
  await applyPlan(portal, await planFor(portal, [BRAMSCHE]))
  expect(outcomesOf(await applyPlan(portal, slow))).toEqual(['change already', 'delete already'])
})

test('two applies that want different things: the first wins, the second says so and does the rest', async () => {
  const portal = await newPortal()
  await applyPlan(portal, await planFor(portal, [BRAMSCHE, MELLE]))
  const slow = await planFor(portal, [
    { ...BRAMSCHE, name: 'slow' },
    { ...MELLE, name: 'slow' },
  ])
  await applyPlan(portal, await planFor(portal, [{ ...BRAMSCHE, name: 'fast' }, MELLE]))
  expect(outcomesOf(await applyPlan(portal, slow))).toEqual([
    'change failed somebody else changed it at the same time: plan again',
    'change done',
  ])
  expect((await tenantsOf(portal)).map((tenant) => tenant.name)).toEqual(['fast', 'slow'])
})

/** The local portal behind a bad line: what `lose` picks gets no answer, after or before it was done. */
function behindBadLine(
  portal: LocalPortal,
  lose: (write: PortalWrite) => 'after' | 'before' | undefined,
): PortalDriver {
  return {
    portal: portal.portal,
    close: async () => undefined,
    capabilities: { concurrency: 1, batch: 2, move: true },
    networks: () => portal.networks(),
    list: () => portal.list(),
    get: (ars) => portal.get(ars),
    write: async (batch) => {
      const sent = batch.filter((write) => lose(write) !== 'before')
      const outcomes = await portal.write(sent)
      return batch.map((write): WriteOutcome => {
        const outcome = outcomes[sent.indexOf(write)]
        return outcome === undefined || lose(write) !== undefined
          ? { kind: 'unknown', reason: 'the connection was cut' }
          : outcome
      })
    },
  }
}

test('a write without an answer is read back', async () => {
  const portal = await newPortal()
  const ghost = { ...MELLE, ars: '034590033033', slug: 'wallenhorst', hosts: [] }
  const plan = await planFor(portal, [BRAMSCHE, MELLE, ghost])
  const line = behindBadLine(portal, (write) => {
    if (write.kind === 'network') return 'after'
    if (write.kind !== 'create' || write.tenant.ars === BRAMSCHE.ars) return undefined
    return write.tenant.ars === MELLE.ars ? 'after' : 'before'
  })
  const progress: number[] = []
  expect(outcomesOf(await applyPlan(line, plan, (done) => progress.push(done)))).toEqual([
    'network-create done',
    'create done',
    'create done',
    'create failed the connection was cut',
  ])
  expect(progress).toEqual([2, 4])
  expect(outcomesOf(await applyPlan(portal, plan))).toEqual([
    'network-create already',
    'create already',
    'create already',
    'create done',
  ])
})

test('so is a delete without an answer', async () => {
  const portal = await newPortal()
  await applyPlan(portal, await planFor(portal, [BRAMSCHE, MELLE]))
  const line = behindBadLine(portal, () => 'after')
  expect(outcomesOf(await applyPlan(line, await planFor(portal, [MELLE])))).toEqual(['delete done'])
  const dead = behindBadLine(portal, () => 'before')
  expect(outcomesOf(await applyPlan(dead, await planFor(portal, [])))).toEqual([
    'delete failed the connection was cut',
  ])
})

test('a portal that gives up half-way: what was done is counted and stays', async () => {
  const portal = await newPortal()
  let calls = 0
  const line = behindBadLine(portal, () => {
    if (++calls > 4) throw new Error('disk full')
    return undefined
  })
  const error = await applyPlan(line, await planFor(portal, [BRAMSCHE, MELLE])).catch(
    (found: unknown) => found,
  )
  expect(error).toBeInstanceOf(OzgctlError)
  expect(error).toMatchObject({
    code: 'APPLY_STOPPED',
    exit: 3,
    message: 'stopped after 2 of 3 changes: disk full',
  })
  expect(await tenantsOf(portal)).toEqual([BRAMSCHE])
})

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
  const options = (file: string) => ({ files: [file], maxDelete: 0, dryRun: false })
  await applyFiles(context, store, options(before), () => undefined)
  await importRegions(context, store, { files: [REGISTER_2026] })
  const after = temporaryFile('network.yaml', text('06415', '064150000000'))
  const plan = await planFiles(context, store, { files: [after], maxDelete: 0 })
  expect(plan).toMatchObject({
    networks: [{ kind: 'network-change', fields: [{ field: 'anchor', from: '06435', to: '064150000000' }] }],
    tenants: [{ kind: 'move', fields: [{ field: 'ars', from: '064350014014', to: '064150000000' }] }],
    leftAlone: [],
  })
  const result = await applyFiles(context, store, options(after), () => undefined)
  expect(outcomesOf(result)).toEqual(['network-change done', 'move done'])
  expect((await tenantsOf(localPortal(store))).map((tenant) => tenant.ars)).toEqual(['064150000000'])
})
