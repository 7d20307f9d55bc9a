import { expect, test } from 'vitest'
import type { PortalDriver, PortalWrite } from '../../../src/lib/portal/driver.ts'
import type { Tenant } from '../../../src/lib/portal/model.ts'
import { liferayPortal, startSandbox } from '../../support/sandbox.ts'
import { BRAMSCHE, MELLE } from '../../support/tenant.ts'

const ORGANIZATIONS = '/o/headless-admin-user/v1.0/organizations/by-external-reference-code'
/** Kreisfrei: below the Land, which is there already. */
const FREE = '034070000000'
const DONE = { kind: 'done', repeated: false }

const create = (tenant: Tenant): PortalWrite => ({ kind: 'create', tenant, key: `new ${tenant.ars}` })

async function moveTo(portal: PortalDriver, ars: string, key = 'move'): Promise<PortalWrite> {
  const { version: expected } = (await portal.get(BRAMSCHE.ars)) ?? { version: '' }
  return { kind: 'update', ars: BRAMSCHE.ars, expected, tenant: { ...BRAMSCHE, ars }, key }
}

test('a tenant with another key is the same organization, below other regions', async () => {
  const place = await startSandbox()
  const portal = liferayPortal(place)
  await portal.write([create(BRAMSCHE)])
  const before = place.log.length
  const move = await moveTo(portal, FREE)
  expect(await portal.write([move])).toEqual([DONE])
  expect(place.log.slice(before)).toEqual([
    `GET ${ORGANIZATIONS}/${BRAMSCHE.ars}`,
    `GET ${ORGANIZATIONS}/${FREE}`,
    `GET ${ORGANIZATIONS}/${BRAMSCHE.ars}`,
    `PATCH ${ORGANIZATIONS}/${BRAMSCHE.ars}`,
  ])
  expect(await portal.get(BRAMSCHE.ars)).toBeUndefined()
  expect(await portal.get(FREE)).toMatchObject({
    value: { ...BRAMSCHE, ars: FREE },
    managed: true,
    changedOutside: false,
  })
  // Nobody made another one.
  expect(place.sandbox.stats.creates[`organizations ${FREE}`]).toBeUndefined()
  expect(await portal.write([move])).toEqual([{ kind: 'done', repeated: true }])
  expect(await portal.write([{ ...move, key: 'another' }])).toEqual([
    { kind: 'refused', reason: `there is an organization ${FREE} already` },
  ])
})

test('a key that another tenant has is not taken from it', async () => {
  const portal = liferayPortal(await startSandbox())
  await portal.write([create(BRAMSCHE)])
  await portal.write([create(MELLE)])
  expect(await portal.write([await moveTo(portal, MELLE.ars)])).toEqual([
    { kind: 'refused', reason: `there is an organization ${MELLE.ars} already` },
  ])
  expect((await portal.get(MELLE.ars))?.value).toEqual(MELLE)
})

test('what somebody changed since it was looked at is not moved', async () => {
  const portal = liferayPortal(await startSandbox())
  await portal.write([create(BRAMSCHE)])
  const move = await moveTo(portal, FREE)
  const tenant = { ...BRAMSCHE, name: 'Stadt Bramsche' }
  const other = { ...move, tenant, key: 'other' } as PortalWrite
  expect(await portal.write([other])).toEqual([DONE])
  expect(await portal.write([move])).toEqual([{ kind: 'conflict' }])
})

test('a Liferay that keeps reference codes is left as it was', async () => {
  const portal = liferayPortal(await startSandbox([], { without: ['new-reference-codes'] }))
  await portal.write([create(BRAMSCHE)])
  expect(await portal.write([await moveTo(portal, FREE)])).toEqual([
    { kind: 'refused', reason: 'this version of Liferay does not give an organization another key' },
  ])
  expect(await portal.get(BRAMSCHE.ars)).toMatchObject({ value: BRAMSCHE, changedOutside: false })
})

test('a tenant with a site of its own keeps its key; one with an instance need not', async () => {
  const sites = liferayPortal(await startSandbox(), { layout: 'site' })
  expect(sites.capabilities.move).toBe(false)
  await sites.write([create(BRAMSCHE)])
  expect(await sites.write([await moveTo(sites, FREE)])).toEqual([
    { kind: 'refused', reason: 'Liferay cannot give a site another key' },
  ])
  const place = await startSandbox()
  const instances = liferayPortal(place, { layout: 'instance' })
  await instances.write([create({ ...BRAMSCHE, hosts: ['bramsche.example'] })])
  const move = await moveTo(instances, FREE)
  const tenant = { ...BRAMSCHE, ars: FREE, hosts: ['bramsche.example'] }
  expect(await instances.write([{ ...move, tenant } as PortalWrite])).toEqual([DONE])
  expect(place.log.filter((line) => line.startsWith('POST'))).toHaveLength(1)
  expect((await instances.get(FREE))?.value).toEqual(tenant)
})
