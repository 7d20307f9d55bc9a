import { expect, test } from 'vitest'
import { OzgctlError } from '../../src/lib/errors.ts'
import type { Run } from '../../src/lib/journal/model.ts'
import { LocalPortal } from '../../src/lib/portal/local.ts'
import { mirrorPortal } from '../../src/lib/portal/mirror.ts'
import type { Store } from '../../src/lib/store/sqlite.ts'
import { applyChanges, type PortalWork, resumeChanges } from '../../src/lib/tenant/apply.ts'
import { planTenants } from '../../src/lib/tenant/plan.ts'
import { readPortal } from '../../src/lib/tenant/planning.ts'
import { applyFiles, type WorkOptions } from '../../src/lib/tenant/provision.ts'
import { EVERYTHING } from '../../src/lib/tenant/select.ts'
import { changesOf } from '../../src/lib/tenant/writes.ts'
import { failure } from '../support/failure.ts'
import { temporaryFile } from '../support/folder.ts'
import { leaseOn, steppingContext } from '../support/journal.ts'
import { manyTenants, portalEnv } from '../support/provisioning.ts'
import { liferayPortal, startSandbox } from '../support/sandbox.ts'
import { temporaryStore, testContext } from '../support/store.ts'
import { BRAMSCHE, MELLE, NETWORK, storeWithRegister } from '../support/tenant.ts'

const DOWN = new OzgctlError('PORTAL_UNAVAILABLE', 'nobody listens', { exit: 69 })

/** A portal elsewhere, with a store of its own, whose lists fail while `isDown`. */
async function farPortal() {
  const far = new LocalPortal(await temporaryStore(), 'far', testContext())
  const state = { isDown: false, pages: 0 }
  const list = far.list.bind(far)
  far.list = async function* () {
    if (state.isDown) throw DOWN
    for await (const page of list()) {
      state.pages++
      yield page
    }
  }
  return Object.assign(state, { far })
}

/** Names of the tenants in the copy of a portal. */
const copied = (store: Store, portal: string): readonly string[] =>
  store.db
    .prepare("SELECT json_extract(document, '$.name') AS name FROM tenant WHERE portal = ? ORDER BY ars")
    .all(portal)
    .map(({ name }) => String(name))

async function place() {
  const portal = await farPortal()
  const store = await temporaryStore()
  const context = steppingContext()
  const lease = await leaseOn(store, context, 'portal/far')
  const work: PortalWork = { store, context, lease, driver: portal.far, deadlineMs: 1000 }
  const changes = async (names: readonly string[]) => {
    const tenants = [BRAMSCHE, MELLE].map((tenant, at) => ({
      tenant: { ...tenant, name: names[at] ?? tenant.name },
      marks: [],
    }))
    const manifest = { portal: 'far', networks: [NETWORK], tenants }
    const found = { networks: await portal.far.networks(), tenants: [] as never[] }
    for await (const page of portal.far.list()) found.tenants.push(...(page as never[]))
    return changesOf(planTenants(manifest, found, { maxDelete: 0, formerKeys: new Map() }))
  }
  return { portal, store, context, lease, work, changes }
}

test('an apply is done with the copy of what it made', async () => {
  const { store, work, changes } = await place()
  const { run, stopped } = await applyChanges(work, 'apply', await changes(['A', 'B']), {})
  expect([run.state, stopped, copied(store, 'far')]).toEqual(['done', undefined, ['A', 'B']])
})

test('without it, everything is done and the run is not: a resume refreshes the copy and sends nothing', async () => {
  const { portal, store, work, changes } = await place()
  await applyChanges(work, 'apply', await changes(['A', 'B']), {})
  const wanted = await changes(['C', 'D'])
  portal.isDown = true
  const { run, stopped } = await applyChanges(work, 'apply', wanted, {})
  expect(run).toMatchObject({ state: 'stopped', counts: { done: 2 } })
  expect(stopped).toEqual({ kind: 'unfinished', error: DOWN })
  expect(copied(store, 'far')).toEqual(['A', 'B'])
  // Still down: still not done.
  expect((await resumeChanges(work, run.number, 'open', {})).stopped).toEqual(stopped)
  portal.isDown = false
  const told: Run[] = []
  const resumed = await resumeChanges(work, run.number, 'open', { onRun: (one) => told.push(one) })
  expect(resumed.run).toMatchObject({ state: 'done', reason: null })
  expect(told.map(({ state }) => state)).toEqual(['running'])
  expect(copied(store, 'far')).toEqual(['C', 'D'])
})

test('a process that has lost the portal writes no copy over a newer one', async () => {
  const { portal, store, lease, work, changes } = await place()
  await applyChanges(work, 'apply', await changes(['A', 'B']), {})
  store.db.exec("UPDATE tenant SET document = json_set(document, '$.name', 'newer')")
  store.db.exec("UPDATE lock SET holder = 'another', epoch = epoch + 1")
  const options = { guard: () => lease.renewNow() }
  expect(await failure(() => mirrorPortal(store, portal.far, options))).toMatchObject({ code: 'LEASE_LOST' })
  expect(copied(store, 'far')).toEqual(['newer', 'newer'])
})

test('whoever wants the end does not wait for the rest of the list', async () => {
  const { portal, store, work, changes } = await place()
  await applyChanges(work, 'apply', await changes(['A', 'B']), {})
  store.db.exec("DELETE FROM tenant WHERE ars = '034590014014'")
  const stop = new AbortController()
  const list = portal.far.list.bind(portal.far)
  portal.far.list = async function* () {
    for await (const page of list()) {
      stop.abort()
      yield page
      throw new Error('asked for more')
    }
  }
  const options = { guard: () => undefined, stop: stop.signal }
  expect(await mirrorPortal(store, portal.far, options)).toBe('stopped')
  portal.far.list = () => {
    throw new Error('asked again')
  }
  expect(await mirrorPortal(store, portal.far, options)).toBe('stopped')
  expect(copied(store, 'far')).toEqual(['B'])
})

const WORK: WorkOptions = {
  leaseMs: 60_000,
  waitMs: 0,
  confirm: async () => undefined,
  onRun: () => undefined,
}

test('an apply that finds nothing to change refreshes the copy by what it has read, and asks for nothing else', async () => {
  const sandbox = await startSandbox()
  const store = await storeWithRegister()
  const context = { ...testContext(), env: portalEnv(sandbox, 'organization') }
  const text = manyTenants(0, 'A').replace(
    'tenants:\n',
    'tenants:\n  - {ars: "034590014014", slug: bramsche, name: Bramsche}\n',
  )
  const files = [temporaryFile('network.yaml', text)]
  const options = { files, portal: 'sandbox', maxDelete: 0, selection: EVERYTHING }
  expect((await applyFiles(context, store, options, WORK)).applied?.run.state).toBe('done')
  expect(copied(store, 'sandbox')).toEqual(['Bramsche'])
  // What a copy is that was not made.
  store.db.exec("UPDATE tenant SET document = json_set(document, '$.name', 'old')")
  const requests = sandbox.log.length
  const again = await applyFiles(context, store, options, WORK)
  expect(again).toMatchObject({ applied: undefined, changes: [] })
  expect(copied(store, 'sandbox')).toEqual(['Bramsche'])
  const planned = sandbox.log.length - requests
  await readPortal(liferayPortal(sandbox))
  expect(sandbox.log.length - requests - planned).toBe(planned)
  expect(store.db.prepare('SELECT count(*) AS n FROM run').get()).toEqual({ n: 1 })
})
