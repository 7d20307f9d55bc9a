import { expect, test } from 'vitest'
import type { PortalDriver, PortalWrite } from '../../../src/lib/portal/driver.ts'
import type { Tenant } from '../../../src/lib/portal/model.ts'
import { tenantExecutor } from '../../../src/lib/tenant/executor.ts'
import { byHand, INSTANCES, ORGANIZATIONS, SITES } from '../../support/by-hand.ts'
import { liferayPortal, startSandbox } from '../../support/sandbox.ts'
import { BRAMSCHE, MELLE } from '../../support/tenant.ts'

const DONE = { kind: 'done', repeated: false }
const REPEATED = { kind: 'done', repeated: true }
const WHOLE = { exists: true, differences: [] }

const create = (tenant: Tenant): PortalWrite => ({ kind: 'create', tenant, key: `new ${tenant.ars}` })

/** The write of a plan that only makes the place again. */
async function again(portal: PortalDriver, tenant: Tenant): Promise<PortalWrite> {
  const { version: expected } = (await portal.get(tenant.ars)) ?? { version: '' }
  return { kind: 'update', ars: tenant.ars, expected, tenant, key: `again ${tenant.ars}` }
}

const read = async (portal: PortalDriver, ...tenants: readonly Tenant[]) =>
  Object.fromEntries(await portal.places(tenants))

test('a site that somebody removed is missing, and made again, as often as it goes', async () => {
  const place = await startSandbox()
  const portal = liferayPortal(place, { layout: 'site' })
  await portal.write([create(BRAMSCHE)])
  await portal.write([create(MELLE)])
  expect(await read(portal, BRAMSCHE, MELLE)).toEqual({ [BRAMSCHE.ars]: WHOLE, [MELLE.ars]: WHOLE })
  const write = await again(portal, BRAMSCHE)
  for (const outcome of [DONE, REPEATED]) {
    expect((await byHand(place, 'DELETE', `${SITES}/${BRAMSCHE.ars}`)).status).toBe(204)
    expect(await read(portal, BRAMSCHE, MELLE)).toEqual({
      [BRAMSCHE.ars]: {
        exists: false,
        differences: [{ field: 'site', present: null, wanted: 'bramsche' }],
      },
      [MELLE.ars]: WHOLE,
    })
    // The second time the organization says that this very write was done.
    expect(await portal.write([write])).toEqual([outcome])
    expect(await read(portal, BRAMSCHE)).toEqual({ [BRAMSCHE.ars]: WHOLE })
  }
  await byHand(place, 'DELETE', `${SITES}/${MELLE.ars}`)
  expect(await portal.write([create(MELLE)])).toEqual([REPEATED])
  expect(await read(portal, MELLE)).toEqual({ [MELLE.ars]: WHOLE })
})

test('a virtual instance that was removed, got another host or was switched off', async () => {
  const place = await startSandbox()
  const portal = liferayPortal(place, { layout: 'instance' })
  const third: Tenant = { ...MELLE, ars: '034590033033', slug: 'w', hosts: ['w.example'], state: 'suspended' }
  for (const tenant of [BRAMSCHE, MELLE, third]) await portal.write([create(tenant)])
  const all = [BRAMSCHE, MELLE, third]
  expect(await read(portal, ...all)).toEqual(Object.fromEntries(all.map(({ ars }) => [ars, WHOLE])))
  await byHand(place, 'DELETE', `${INSTANCES}/bramsche`)
  await byHand(place, 'PATCH', `${INSTANCES}/melle`, { virtualHost: 'other.example' })
  await byHand(place, 'PUT', `${INSTANCES}/w/activate`)
  const lost = {
    [BRAMSCHE.ars]: {
      exists: false,
      differences: [{ field: 'instance', present: null, wanted: 'bramsche' }],
    },
    [MELLE.ars]: {
      exists: true,
      differences: [{ field: 'instance.host', present: 'other.example', wanted: 'melle.example' }],
    },
    [third.ars]: {
      exists: true,
      differences: [{ field: 'instance.state', present: 'active', wanted: 'suspended' }],
    },
  }
  const before = place.log.length
  expect(await read(portal, ...all)).toEqual(lost)
  expect(place.log.slice(before)).toEqual([`GET ${INSTANCES}`])
  for (const tenant of all) {
    // One is asked for by itself.
    expect(await read(portal, tenant)).toEqual({ [tenant.ars]: lost[tenant.ars] })
    expect(await portal.write([await again(portal, tenant)])).toEqual([DONE])
  }
  expect(await read(portal, ...all)).toEqual(Object.fromEntries(all.map(({ ars }) => [ars, WHOLE])))
})

test('what ozgctl did not make has no place to be missing, nor has anything without places', async () => {
  const place = await startSandbox()
  const portal = liferayPortal(place, { layout: 'site' })
  expect(await read(portal, { ...BRAMSCHE, slug: '' })).toEqual({})
  expect(await read(liferayPortal(place), BRAMSCHE)).toEqual({})
  expect(place.log).toEqual([])
})

test('a place that is made again without an answer is not done because the organization is as it was', async () => {
  const place = await startSandbox(['reset-before,first=1,method=POST,path=headless-site'])
  await liferayPortal(place).write([create(BRAMSCHE)])
  const portal = liferayPortal(place, { layout: 'site' })
  const write = await again(portal, BRAMSCHE)
  expect(await portal.write([write])).toMatchObject([{ kind: 'unknown' }])
  const executor = tenantExecutor(portal, 5000)
  const { expected } = write as { expected: string }
  const change = { kind: 'change', former: BRAMSCHE, tenant: BRAMSCHE, expected, fields: [] }
  const item = { input: change } as unknown as Parameters<typeof executor.isDone>[0]
  expect(await executor.isDone(item)).toBe('no')
  expect(await portal.write([write])).toEqual([DONE])
  expect(await executor.isDone(item)).toBe('yes')
})

test('an organization that will not change leaves its virtual instance as it was', async () => {
  const place = await startSandbox(['400,first=1,method=PATCH,path=organizations'])
  const portal = liferayPortal(place, { layout: 'instance' })
  await portal.write([create(BRAMSCHE)])
  const { version: expected } = (await portal.get(BRAMSCHE.ars)) ?? { version: '' }
  const tenant: Tenant = { ...BRAMSCHE, hosts: ['neu.example'], state: 'suspended' }
  const write = { kind: 'suspend', ars: BRAMSCHE.ars, expected, tenant, key: 's' } as const
  expect(await portal.write([write])).toEqual([
    { kind: 'refused', reason: 'BAD_REQUEST: injected by the sandbox' },
  ])
  expect(await read(portal, BRAMSCHE)).toEqual({ [BRAMSCHE.ars]: WHOLE })
  expect((await portal.get(BRAMSCHE.ars))?.value).toEqual(BRAMSCHE)
  expect(await portal.write([write])).toEqual([DONE])
  expect(await read(portal, tenant)).toEqual({ [BRAMSCHE.ars]: WHOLE })
})

test('a place of the name that somebody else has is refused in the words of the portal', async () => {
  const place = await startSandbox()
  await byHand(place, 'POST', '/o/headless-site/v1.0/sites', { name: 'bramsche' })
  const portal = liferayPortal(place, { layout: 'site' })
  expect(await portal.write([create(BRAMSCHE)])).toEqual([
    { kind: 'conflict', reason: 'its site: CONFLICT: A site with the same key already exists' },
  ])
  expect((await byHand(place, 'GET', `${ORGANIZATIONS}/${BRAMSCHE.ars}`)).status).toBe(404)
})
