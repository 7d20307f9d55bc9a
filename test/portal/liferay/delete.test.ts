import { expect, test } from 'vitest'
import type { DeleteWrite, PortalDriver } from '../../../src/lib/portal/driver.ts'
import type { Tenant } from '../../../src/lib/portal/model.ts'
import { tenantExecutor } from '../../../src/lib/tenant/executor.ts'
import { addUser, byHand, INSTANCES, ORGANIZATIONS, SITES } from '../../support/by-hand.ts'
import { liferayPortal, type RunningSandbox, startSandbox } from '../../support/sandbox.ts'
import { BRAMSCHE, MELLE } from '../../support/tenant.ts'

const LAYOUTS = ['site', 'instance'] as const
type WithPlace = (typeof LAYOUTS)[number]
const NAMES = { site: 'site', instance: 'virtual instance' } as const
const DONE = { kind: 'done', repeated: false }
const REPEATED = { kind: 'done', repeated: true }

const create = (portal: PortalDriver, ...tenants: readonly Tenant[]) =>
  Promise.all(tenants.map((tenant) => portal.write([{ kind: 'create', tenant, key: `new ${tenant.ars}` }])))

async function remove(portal: PortalDriver, tenant: Tenant): Promise<DeleteWrite> {
  const { version: expected } = (await portal.get(tenant.ars)) ?? { version: '' }
  return { kind: 'delete', tenant, expected, key: `delete ${tenant.ars}` }
}

const placePath = (layout: WithPlace, { ars, slug }: Tenant): string =>
  layout === 'site' ? `${SITES}/${ars}` : `${INSTANCES}/${slug}`

/** Whether organization and place of a tenant are there. */
async function isThere(place: RunningSandbox, layout: WithPlace, tenant: Tenant) {
  const organization = await byHand(place, 'GET', `${ORGANIZATIONS}/${tenant.ars}`)
  const { status } = await byHand(place, 'GET', placePath(layout, tenant))
  return [organization.status === 200, status === 200]
}

const deletes = ({ log }: RunningSandbox): readonly string[] =>
  log.filter((line) => line.startsWith('DELETE')).map((line) => line.replace(/.*\/v1\.0\//, ''))

test.each(LAYOUTS)(
  '%s: an organization with users is not deleted, and nothing else of it either',
  async (layout) => {
    const place = await startSandbox()
    const portal = liferayPortal(place, { layout })
    await create(portal, BRAMSCHE, MELLE)
    await addUser(place, BRAMSCHE.ars, 'a')
    await addUser(place, BRAMSCHE.ars, 'b')
    expect(await portal.write([await remove(portal, BRAMSCHE)])).toEqual([
      {
        kind: 'refused',
        reason:
          'its organization has 2 users, and Liferay deletes none that has: remove them in the portal first',
      },
    ])
    expect(deletes(place)).toEqual([])
    expect(await isThere(place, layout, BRAMSCHE)).toEqual([true, true])
    // The others are deleted all the same.
    expect(await portal.write([await remove(portal, MELLE)])).toEqual([DONE])
    expect(await isThere(place, layout, MELLE)).toEqual([false, false])
  },
)

test.each(LAYOUTS)('%s: nor is one with organizations below it', async (layout) => {
  const place = await startSandbox()
  const portal = liferayPortal(place, { layout })
  const county = { ...MELLE, ars: '03459', slug: 'kreis', hosts: ['kreis.example'] }
  await create(portal, county)
  await create(portal, BRAMSCHE, MELLE)
  await addUser(place, county.ars, 'a')
  const [outcome] = await portal.write([await remove(portal, county)])
  expect(outcome).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('has 1 user and 2 organizations below it'),
  })
  expect(deletes(place)).toEqual([])
  expect(await isThere(place, layout, county)).toEqual([true, true])
})

test.each(LAYOUTS)('%s: what Liferay refuses after all costs nothing, in its own words', async (layout) => {
  // Somebody becomes a user after it was asked whether there are any.
  const place: RunningSandbox = await startSandbox([], {
    onRequest: (phase, method, path) => {
      if (phase !== 'received' || method !== 'DELETE' || !path.includes(BRAMSCHE.ars)) return undefined
      return addUser(place, BRAMSCHE.ars, 'late').then(() => 'go on' as const)
    },
  })
  const portal = liferayPortal(place, { layout })
  await create(portal, BRAMSCHE)
  expect(await portal.write([await remove(portal, BRAMSCHE)])).toEqual([
    {
      kind: 'refused',
      reason: 'FORBIDDEN: Remove all child organizations and users before deleting this organization.',
    },
  ])
  expect(await isThere(place, layout, BRAMSCHE)).toEqual([true, true])
})

test.each(LAYOUTS)('%s: an API that is not there is found out before anything is taken', async (layout) => {
  const without = layout === 'site' ? 'headless-site' : 'headless-portal-instances'
  const place = await startSandbox([], { without: [without] })
  await create(liferayPortal(place), BRAMSCHE)
  const portal = liferayPortal(place, { layout })
  await expect(portal.write([await remove(portal, BRAMSCHE)])).rejects.toMatchObject({
    code: 'PORTAL_API_MISSING',
  })
  expect(deletes(place)).toEqual([])
})

test.each(LAYOUTS)(
  '%s: a delete that is cut off between the two is not done, and goes on',
  async (layout) => {
    const path = layout === 'site' ? 'headless-site' : 'headless-portal-instances'
    const place = await startSandbox([`reset-before,first=1,method=DELETE,path=${path}`])
    const portal = liferayPortal(place, { layout })
    await create(portal, BRAMSCHE, MELLE)
    const write = await remove(portal, BRAMSCHE)
    const executor = tenantExecutor(portal, 5000)
    const item = {
      input: { kind: 'delete', tenant: BRAMSCHE, expected: write.expected },
    } as unknown as Parameters<typeof executor.isDone>[0]
    expect(await portal.write([write])).toEqual([
      {
        kind: 'unknown',
        reason: expect.stringMatching(
          new RegExp(`^its organization is gone, its ${NAMES[layout]} is not: .*closed the connection`),
        ),
      },
    ])
    expect(await isThere(place, layout, BRAMSCHE)).toEqual([false, true])
    expect(await executor.isDone(item)).toBe('no')
    expect(await portal.write([write])).toEqual([DONE])
    expect(await isThere(place, layout, BRAMSCHE)).toEqual([false, false])
    expect(await executor.isDone(item)).toBe('yes')
    expect(await portal.write([write])).toEqual([REPEATED])
    expect(await isThere(place, layout, MELLE)).toEqual([true, true])
  },
)

test.each(LAYOUTS)('%s: a place that another tenant has by now is not taken from it', async (layout) => {
  const place = await startSandbox()
  const portal = liferayPortal(place, { layout })
  await create(portal, BRAMSCHE)
  const write = await remove(portal, BRAMSCHE)
  // The same municipality under its new key: an administrator gave the organization another reference code.
  await byHand(place, 'PATCH', `${ORGANIZATIONS}/${BRAMSCHE.ars}`, { externalReferenceCode: '034070000000' })
  expect(await portal.write([write])).toEqual([REPEATED])
  expect(deletes(place)).toEqual([])
  expect((await byHand(place, 'GET', placePath(layout, BRAMSCHE))).status).toBe(200)
})

test('the organization goes first, the place after it', async () => {
  const place = await startSandbox()
  const portal = liferayPortal(place, { layout: 'site' })
  await create(portal, BRAMSCHE)
  await portal.write([await remove(portal, BRAMSCHE)])
  const code = `by-external-reference-code/${BRAMSCHE.ars}`
  expect(deletes(place)).toEqual([`organizations/${code}`, `sites/${code}`])
})
