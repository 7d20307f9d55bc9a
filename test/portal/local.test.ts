import { join } from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import type { PortalWrite, UpdateWrite } from '../../src/lib/portal/driver.ts'
import { LocalPortal } from '../../src/lib/portal/local.ts'
import type { Tenant } from '../../src/lib/portal/model.ts'
import { openStore } from '../../src/lib/store/sqlite.ts'
import { temporaryFolder } from '../support/folder.ts'
import { temporaryStore, testContext } from '../support/store.ts'
import { BRAMSCHE, localPortal, MELLE, NETWORK, tenantsOf } from '../support/tenant.ts'

const NETWORK_WRITE: PortalWrite = { kind: 'network', network: NETWORK, expected: null, key: 'n' }
const create = (tenant: Tenant, key = `create ${tenant.ars}`): PortalWrite => ({
  kind: 'create',
  tenant,
  key,
})

async function portalWith(...tenants: readonly Tenant[]): Promise<LocalPortal> {
  const portal = localPortal(await temporaryStore())
  await portal.write([NETWORK_WRITE, ...tenants.map((tenant) => create(tenant))])
  return portal
}

async function update(
  portal: LocalPortal,
  ars: string,
  tenant: Tenant,
  key = 'update',
): Promise<UpdateWrite> {
  return { kind: 'update', ars, expected: await versionOf(portal, ars), tenant, key }
}

async function versionOf(portal: LocalPortal, ars: string): Promise<string> {
  return (await portal.get(ars))?.version ?? 'none'
}

const DONE = { kind: 'done', repeated: false }
const REPEATED = { kind: 'done', repeated: true }
const CONFLICT = { kind: 'conflict' }

test('what was written is there, with who and when', async () => {
  const portal = await portalWith(MELLE, BRAMSCHE)
  expect(await portal.get(BRAMSCHE.ars)).toMatchObject({
    value: BRAMSCHE,
    changedAt: '2026-11-23T12:00:00.000Z',
    changedBy: 'tester@test',
  })
  expect(await tenantsOf(portal)).toEqual([BRAMSCHE, MELLE])
  expect(await portal.networks()).toMatchObject([{ value: NETWORK }])
})

test('the same key is done once; another key finds a conflict', async () => {
  const portal = await portalWith(BRAMSCHE)
  expect(await portal.write([create(BRAMSCHE), create(BRAMSCHE, 'other'), NETWORK_WRITE])).toEqual([
    REPEATED,
    CONFLICT,
    REPEATED,
  ])
  const renamed = await update(portal, BRAMSCHE.ars, { ...BRAMSCHE, name: 'B' })
  expect(await portal.write([renamed])).toEqual([DONE])
  expect(await portal.write([renamed, { ...renamed, key: 'other' }])).toEqual([REPEATED, CONFLICT])
})

test('nothing is overwritten that changed since it was looked at', async () => {
  const portal = await portalWith(BRAMSCHE)
  const expected = await versionOf(portal, BRAMSCHE.ars)
  const mine = await update(portal, BRAMSCHE.ars, { ...BRAMSCHE, name: 'mine' }, 'mine')
  const theirs = await update(portal, BRAMSCHE.ars, { ...BRAMSCHE, name: 'theirs' }, 'theirs')
  expect(await portal.write([theirs, mine])).toEqual([DONE, CONFLICT])
  const remove: PortalWrite = { kind: 'delete', tenant: BRAMSCHE, expected, key: 'd' }
  expect(await portal.write([remove])).toEqual([CONFLICT])
  expect(await portal.get(BRAMSCHE.ars)).toMatchObject({ value: { name: 'theirs' } })
  const network: PortalWrite = {
    kind: 'network',
    network: { ...NETWORK, name: 'X' },
    expected: 'old',
    key: 'x',
  }
  expect(await portal.write([network])).toEqual([CONFLICT])
})

test('a change and a change back leave the version that was looked at', async () => {
  const portal = await portalWith(BRAMSCHE)
  const version = await versionOf(portal, BRAMSCHE.ars)
  await portal.write([await update(portal, BRAMSCHE.ars, { ...BRAMSCHE, state: 'suspended' }, '1')])
  expect(await versionOf(portal, BRAMSCHE.ars)).not.toBe(version)
  await portal.write([await update(portal, BRAMSCHE.ars, BRAMSCHE, '2')])
  expect(await versionOf(portal, BRAMSCHE.ars)).toBe(version)
})

test('a tenant moves to another key, unless somebody is there', async () => {
  const portal = await portalWith(BRAMSCHE, MELLE)
  const onto = await update(portal, BRAMSCHE.ars, { ...BRAMSCHE, ars: MELLE.ars })
  expect(await portal.write([onto])).toEqual([CONFLICT])
  const moved = { ...BRAMSCHE, ars: '034590033033' }
  const move = await update(portal, BRAMSCHE.ars, moved, 'move')
  expect(await portal.write([move])).toEqual([DONE])
  expect(await portal.write([move])).toEqual([REPEATED])
  expect(await tenantsOf(portal)).toEqual([MELLE, moved])
})

test('a deleted tenant is gone, and its names are free', async () => {
  const portal = await portalWith(BRAMSCHE)
  const expected = await versionOf(portal, BRAMSCHE.ars)
  const remove: PortalWrite = { kind: 'delete', tenant: BRAMSCHE, expected, key: 'd' }
  expect(await portal.write([remove])).toEqual([DONE])
  expect(await portal.write([remove])).toEqual([REPEATED])
  expect(await portal.write([create({ ...BRAMSCHE, ars: MELLE.ars })])).toEqual([DONE])
})

test('a name that another tenant has is refused; the rest of the batch is done', async () => {
  const portal = await portalWith(BRAMSCHE)
  const thief = { ...MELLE, hosts: ['melle.example', 'bramsche.example'] }
  const namesake = { ...MELLE, ars: '034590033033', slug: 'bramsche', hosts: [] }
  const owner = await update(portal, BRAMSCHE.ars, { ...BRAMSCHE, name: 'Stadt Bramsche' })
  const wallenhorst = { ...MELLE, ars: '034590034034', slug: 'glandorf', hosts: [] }
  expect(await portal.write([create(thief), owner, create(namesake), create(wallenhorst)])).toEqual([
    { kind: 'refused', reason: 'another tenant has the host bramsche.example' },
    DONE,
    { kind: 'refused', reason: 'another tenant has the slug bramsche' },
    DONE,
  ])
  expect((await tenantsOf(portal)).map((tenant) => tenant.name)).toEqual(['Stadt Bramsche', 'Melle'])
})

test('two tenants of a batch swap their names', async () => {
  const portal = await portalWith(BRAMSCHE, MELLE)
  const swap = [
    await update(portal, BRAMSCHE.ars, { ...BRAMSCHE, hosts: MELLE.hosts }, '1'),
    await update(portal, MELLE.ars, { ...MELLE, hosts: BRAMSCHE.hosts }, '2'),
  ]
  expect(await portal.write(swap)).toEqual([DONE, DONE])
  expect((await tenantsOf(portal)).map((tenant) => tenant.hosts)).toEqual([MELLE.hosts, BRAMSCHE.hosts])
})

test('a batch that breaks leaves nothing behind', async () => {
  const portal = await portalWith()
  const orphan = { ...MELLE, account: 'nobody' }
  await expect(portal.write([create(BRAMSCHE), create(orphan)])).rejects.toThrow('FOREIGN KEY')
  expect(await tenantsOf(portal)).toEqual([])
})

test('portals of one store do not see each other, a reopened store has what was written', async () => {
  const path = join(temporaryFolder(), 'ozgctl.db')
  const first = await openStore(path)
  await localPortal(first).write([NETWORK_WRITE, create(BRAMSCHE)])
  const other = new LocalPortal(first, 'other', testContext())
  expect(await other.get(BRAMSCHE.ars)).toBeUndefined()
  expect(await other.write([NETWORK_WRITE, create(BRAMSCHE)])).toEqual([DONE, DONE])
  first.close()
  const again = await openStore(path)
  onTestFinished(() => again.close())
  expect(await tenantsOf(localPortal(again))).toEqual([BRAMSCHE])
})

test('pages join to the whole list', async () => {
  const tenants = Array.from({ length: 2500 }, (_, at) => {
    const ars = `0345900${String(at).padStart(5, '0')}`
    return { ...BRAMSCHE, ars, slug: `s${ars}`, hosts: [] }
  })
  const portal = await portalWith(...tenants)
  const sizes = []
  for await (const page of portal.list()) sizes.push(page.length)
  expect(sizes).toEqual([1000, 1000, 500])
  expect(await tenantsOf(portal)).toEqual(tenants)
})

test('whatever the batch, no name belongs to two tenants and each outcome is true', async () => {
  const ars = fc.constantFrom('a', 'b', 'c', 'd')
  const name = fc.constantFrom('p', 'q', 'r')
  const step = fc.record({ ars, slug: name, host: name, kind: fc.constantFrom('create', 'update', 'delete') })
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { maxLength: 5 }), { maxLength: 5 }), async (batches) => {
      const portal = await portalWith()
      for (const [number, batch] of batches.entries()) {
        const writes: PortalWrite[] = []
        for (const { ars: key, slug, host, kind } of batch) {
          const tenant = { ...BRAMSCHE, ars: key, slug, hosts: [host] }
          const idempotency = `${number} ${writes.length}`
          const expected = await versionOf(portal, key)
          if (kind === 'create') writes.push(create(tenant, idempotency))
          else if (kind === 'update')
            writes.push({ kind: 'update', ars: key, expected, tenant, key: idempotency })
          else writes.push({ kind: 'delete', tenant, expected, key: idempotency })
        }
        const outcomes = await portal.write(writes)
        const now = await tenantsOf(portal)
        expect(outcomes).toHaveLength(writes.length)
        for (const key of ['slug', 'hosts'] as const)
          expect(new Set(now.map((tenant) => String(tenant[key]))).size).toBe(now.length)
        const last = new Map(writes.map((write, at) => [targetOf(write), { write, outcome: outcomes[at] }]))
        for (const [key, { write, outcome }] of last)
          if (outcome?.kind === 'done')
            expect(now.find((tenant) => tenant.ars === key)).toEqual(
              'tenant' in write && write.kind !== 'delete' ? write.tenant : undefined,
            )
      }
    }),
    { numRuns: 60 },
  )
})

const targetOf = (write: PortalWrite): string =>
  write.kind === 'network' ? '' : 'tenant' in write ? write.tenant.ars : write.ars
