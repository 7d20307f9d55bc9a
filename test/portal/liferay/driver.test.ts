import { expect, test } from 'vitest'
import type { CreateWrite, Kept, PortalDriver } from '../../../src/lib/portal/driver.ts'
import type { Tenant } from '../../../src/lib/portal/model.ts'
import { byHand, ORGANIZATIONS } from '../../support/by-hand.ts'
import { failure } from '../../support/failure.ts'
import { liferayPortal, startSandbox } from '../../support/sandbox.ts'
import { BRAMSCHE, MELLE, NETWORK } from '../../support/tenant.ts'

const create = (tenant: Tenant, key = `key-${tenant.ars}`): CreateWrite => ({ kind: 'create', tenant, key })
const DONE = { kind: 'done', repeated: false }
const REPEATED = { kind: 'done', repeated: true }
const CONFLICT = { kind: 'conflict' }

const DETAILED: Tenant = {
  ...BRAMSCHE,
  connectors: ['dms', 'epay'],
  contact: { name: 'Rathaus', email: 'rathaus@bramsche.example', phone: null },
  imprintUrl: 'https://bramsche.example/impressum',
}

async function listed(portal: PortalDriver): Promise<readonly Kept<Tenant>[]> {
  const found = []
  for await (const page of portal.list()) found.push(...page)
  return found
}

async function one(portal: PortalDriver, ars: string): Promise<Kept<Tenant>> {
  const found = await portal.get(ars)
  if (found === undefined) throw new Error(`no ${ars}`)
  return found
}

test('a tenant becomes an organization below those of its county and Land, and reads back as it was', async () => {
  const place = await startSandbox()
  const portal = liferayPortal(place)
  expect(await portal.write([create(DETAILED)])).toEqual([DONE])
  expect(place.log).toEqual([
    `GET ${ORGANIZATIONS}/034590014014`,
    `GET ${ORGANIZATIONS}/03`,
    `PUT ${ORGANIZATIONS}/03`,
    `GET ${ORGANIZATIONS}/03459`,
    `PUT ${ORGANIZATIONS}/03459`,
    `PUT ${ORGANIZATIONS}/034590014014`,
  ])
  const { body } = await byHand(place, 'GET', `${ORGANIZATIONS}/034590014014`)
  expect(body).toMatchObject({ name: 'Bramsche', parentOrganization: { externalReferenceCode: '03459' } })
  // The regions above hold nothing but names and are no tenants.
  const found = await listed(portal)
  expect(found).toMatchObject([
    { value: DETAILED, managed: true, changedOutside: false, changedBy: 'tester@test' },
  ])
  expect(await portal.get('034590014014')).toEqual(found[0])
  expect(await portal.get('03459')).toBeUndefined()
  expect(await portal.get('034590024024')).toBeUndefined()
})

test('a region that only held others together becomes a tenant without losing them', async () => {
  const place = await startSandbox()
  const portal = liferayPortal(place)
  const county = { ...BRAMSCHE, ars: '03459', slug: 'lkos', name: 'Landkreis Osnabrück' }
  await portal.write([create(BRAMSCHE)])
  await byHand(place, 'PATCH', `${ORGANIZATIONS}/03459`, { comment: 'theirs' })
  expect(await portal.write([create(county)])).toEqual([DONE])
  expect((await listed(portal)).map(({ value }) => value.slug).toSorted()).toEqual(['bramsche', 'lkos'])
  const { body } = await byHand(place, 'GET', `${ORGANIZATIONS}/03459`)
  expect(body).toMatchObject({ numberOfOrganizations: 1, comment: 'theirs' })
})

test('the same key twice is done once; another key where something is, is a conflict', async () => {
  const place = await startSandbox()
  const portal = liferayPortal(place)
  await portal.write([create(BRAMSCHE)])
  expect(await portal.write([create(BRAMSCHE)])).toEqual([REPEATED])
  expect(await portal.write([create({ ...BRAMSCHE, name: 'Other' }, 'other')])).toEqual([CONFLICT])
  expect(place.sandbox.stats.creates['organizations 034590014014']).toBe(1)
})

test('a change is made of the version that was looked at, and keeps what is not ours', async () => {
  const place = await startSandbox()
  const portal = liferayPortal(place)
  await portal.write([create(BRAMSCHE)])
  await byHand(place, 'PATCH', `${ORGANIZATIONS}/034590014014`, {
    comment: 'theirs',
    customFields: [{ name: 'theirs', customValue: { data: 'kept' } }],
  })
  const { version: expected } = await one(portal, BRAMSCHE.ars)
  const update = {
    kind: 'suspend',
    ars: BRAMSCHE.ars,
    expected,
    tenant: { ...BRAMSCHE, state: 'suspended' },
  } as const
  expect(await portal.write([{ ...update, key: 'a' }])).toEqual([DONE])
  expect(await portal.write([{ ...update, key: 'a' }])).toEqual([REPEATED])
  expect(await portal.write([{ ...update, key: 'b' }])).toEqual([CONFLICT])
  expect((await one(portal, BRAMSCHE.ars)).value.state).toBe('suspended')
  const { body } = await byHand(place, 'GET', `${ORGANIZATIONS}/034590014014`)
  expect(body.comment).toBe('theirs')
  expect(JSON.stringify(body.customFields)).toContain('kept')
  expect(body.parentOrganization).toMatchObject({ externalReferenceCode: '03459' })
})

test('what somebody changed in the portal is seen', async () => {
  const place = await startSandbox()
  const portal = liferayPortal(place)
  await portal.write([create(BRAMSCHE)])
  await byHand(place, 'PATCH', `${ORGANIZATIONS}/034590014014`, { name: 'Stadt Bramsche' })
  expect(await listed(portal)).toMatchObject([{ value: { name: 'Stadt Bramsche' }, changedOutside: true }])
})

test("somebody else's organization is listed, never changed, and can be adopted as it is", async () => {
  const place = await startSandbox()
  const portal = liferayPortal(place)
  await byHand(place, 'PUT', `${ORGANIZATIONS}/034590014014`, { name: 'Bramsche (alt)' })
  await byHand(place, 'PUT', `${ORGANIZATIONS}/abteilung-7`, { name: 'no municipality' })
  const [found, ...more] = await listed(portal)
  expect(more).toEqual([])
  expect(found).toMatchObject({ managed: false, value: { ars: '034590014014', slug: '', account: '' } })
  expect(await portal.write([create(BRAMSCHE)])).toEqual([CONFLICT])
  const expected = found?.version ?? ''
  const refused = { kind: 'update', ars: BRAMSCHE.ars, expected, tenant: BRAMSCHE, key: 'u' } as const
  expect(await portal.write([refused])).toEqual([CONFLICT])
  const adopt = { kind: 'adopt', ars: BRAMSCHE.ars, expected, key: 'a' } as const
  expect(await portal.write([adopt])).toEqual([DONE])
  expect(await portal.write([adopt])).toEqual([REPEATED])
  // One that somebody has removed meanwhile.
  expect(await portal.write([{ ...adopt, ars: MELLE.ars, key: 'b' }])).toEqual([CONFLICT])
  expect(await one(portal, BRAMSCHE.ars)).toMatchObject({
    managed: true,
    changedOutside: false,
    version: expected,
  })
  expect(await portal.write([refused])).toEqual([DONE])
})

test('a tenant is deleted in the version that was looked at; one that is gone is fine', async () => {
  const place = await startSandbox()
  const portal = liferayPortal(place, { layout: 'site' })
  await portal.write([create(BRAMSCHE)])
  const { version: expected } = await one(portal, BRAMSCHE.ars)
  const gone = { kind: 'delete', tenant: BRAMSCHE, key: 'd' } as const
  expect(await portal.write([{ ...gone, expected: 'other' }])).toEqual([CONFLICT])
  expect(await portal.write([{ ...gone, expected }])).toEqual([DONE])
  expect(await portal.write([{ ...gone, expected }])).toEqual([REPEATED])
  expect(place.log.filter((line) => line.startsWith('DELETE')).map((line) => line.split('/')[2])).toEqual([
    'headless-admin-user',
    'headless-site',
  ])
})

test('a network is an account with its sharing rules', async () => {
  const place = await startSandbox()
  const portal = liferayPortal(place)
  const network = {
    ...NETWORK,
    sharing: [
      {
        name: 'kreis',
        from: 'anchor',
        to: 'members',
        direction: 'one-way',
        services: 'all',
        except: { tenants: [], leistungen: [], ozg: [], themenfelder: [] },
      },
    ],
  } as const
  const write = { kind: 'network', network, expected: null, key: 'n' } as const
  expect(await portal.write([write])).toEqual([DONE])
  expect(await portal.write([write])).toEqual([REPEATED])
  const account = `/o/headless-admin-user/v1.0/accounts/by-external-reference-code/${network.account}`
  await byHand(place, 'PATCH', account, {
    customFields: [{ name: 'theirs', customValue: { data: 'kept' } }],
  })
  const [found] = await portal.networks()
  expect(found).toMatchObject({ value: network, managed: true })
  const next = { ...write, network: NETWORK, expected: found?.version ?? null, key: 'm' }
  expect(await portal.write([next])).toEqual([DONE])
  expect((await portal.networks()).map(({ value }) => value)).toEqual([NETWORK])
  expect(JSON.stringify((await byHand(place, 'GET', account)).body.customFields)).toContain('kept')
})

test('with sites: made before the organization that says it is done, once', async () => {
  const place = await startSandbox()
  const portal = liferayPortal(place, { layout: 'site' })
  expect(await portal.write([create(BRAMSCHE)])).toEqual([DONE])
  const writes = place.log
    .filter((line) => !line.startsWith('GET'))
    .map((line) => line.replace('/o/headless-', ''))
  expect(writes.slice(-2)).toEqual([
    'POST site/v1.0/sites',
    'PUT admin-user/v1.0/organizations/by-external-reference-code/034590014014',
  ])
  const { version: expected } = await one(portal, BRAMSCHE.ars)
  const renamed = {
    kind: 'update',
    ars: BRAMSCHE.ars,
    expected,
    tenant: { ...BRAMSCHE, slug: 'b' },
    key: 'r',
  } as const
  expect(await portal.write([renamed])).toEqual([
    { kind: 'refused', reason: 'Liferay cannot give the site bramsche another address: keep the slug' },
  ])
})

test('with virtual instances: found by the slug, switched off with the tenant, moved with its host', async () => {
  const place = await startSandbox()
  const portal = liferayPortal(place, { layout: 'instance' })
  expect(await portal.write([create({ ...BRAMSCHE, hosts: [] })])).toEqual([
    { kind: 'refused', reason: 'a virtual instance needs a host name: give the tenant one' },
  ])
  expect(await portal.write([create(BRAMSCHE)])).toEqual([DONE])
  const { version: expected } = await one(portal, BRAMSCHE.ars)
  const tenant: Tenant = { ...BRAMSCHE, hosts: ['neu.example'], state: 'suspended' }
  expect(await portal.write([{ kind: 'suspend', ars: BRAMSCHE.ars, expected, tenant, key: 's' }])).toEqual([
    DONE,
  ])
  const instances = '/o/headless-portal-instances/v1.0/portal-instances'
  expect((await byHand(place, 'GET', `${instances}/bramsche`)).body).toMatchObject({
    active: false,
    virtualHost: 'neu.example',
  })
})

test('an API that this version lacks is named, with the way without it', async () => {
  const place = await startSandbox([], { without: ['headless-site'] })
  const portal = liferayPortal(place, { layout: 'site' })
  expect(await failure(() => portal.write([create(BRAMSCHE)]))).toMatchObject({
    code: 'PORTAL_API_MISSING',
    exit: 69,
    message: 'sandbox has no API headless-site',
  })
  expect(await portal.get(BRAMSCHE.ars)).toBeUndefined()
})

test('custom fields that nobody defined are named', async () => {
  const place = await startSandbox([], { without: ['custom-fields'] })
  const [outcome] = await liferayPortal(place).write([create(BRAMSCHE)])
  expect(outcome).toMatchObject({ kind: 'refused' })
  expect(JSON.stringify(outcome)).toContain('ozgctl-managed, ozgctl-hash')
})

test('wrong credentials end everything, with the way out', async () => {
  const portal = liferayPortal(await startSandbox(), { clientSecret: 'wrong' })
  expect(await failure(() => portal.write([create(BRAMSCHE)]))).toMatchObject({
    code: 'UNAUTHORISED',
    exit: 6,
    message: 'sandbox refuses access: it does not accept the credentials (401 invalid_client)',
    suggestions: ['Check the credentials: ozgctl auth status sandbox'],
  })
})

test('one token for all, and a new one when the server was started anew', async () => {
  let clock = Date.now()
  const place = await startSandbox([], { now: () => new Date(clock) })
  const portal = liferayPortal(place)
  await Promise.all([portal.get('03'), portal.get('04'), portal.get('05')])
  expect(place.sandbox.stats.tokens).toBe(1)
  clock += 3_600_000
  await Promise.all([portal.get('03'), portal.get('04'), portal.get('05')])
  expect(place.sandbox.stats.tokens).toBe(2)
})

test('more than a page is read to the last', async () => {
  const place = await startSandbox()
  const portal = liferayPortal(place, { batchImport: true })
  const tenants = Array.from({ length: 1203 }, (_, at) => ({
    ...BRAMSCHE,
    ars: `03459${String(at).padStart(4, '0')}${String(at % 1000).padStart(3, '0')}`,
    slug: `s${at}`,
    hosts: [],
  }))
  for (let from = 0; from < tenants.length; from += 500)
    await portal.write(tenants.slice(from, from + 500).map((tenant) => create(tenant)))
  const before = place.log.length
  const found = await listed(portal)
  expect(found.map(({ value }) => value.slug).toSorted()).toEqual(tenants.map(({ slug }) => slug).toSorted())
  expect(place.log.slice(before)).toEqual(Array(3).fill('GET /o/headless-admin-user/v1.0/organizations'))
})

test('a batch: one import, its failed items one by one, and nothing of it twice', async () => {
  const place = await startSandbox()
  const portal = liferayPortal(place, { batchImport: true })
  await byHand(place, 'PUT', `${ORGANIZATIONS}/034590024024`, { name: 'Melle (alt)' })
  const ghost = { ...MELLE, ars: '034590033033', slug: 'wallenhorst', hosts: [] }
  const batch = [create(BRAMSCHE), create(MELLE), create(ghost)]
  const imports = () => place.log.filter((line) => line.startsWith('POST')).length
  expect(await portal.write(batch)).toEqual([DONE, CONFLICT, DONE])
  // The Land and the county are written by themselves: a task of one is slower.
  expect(imports()).toBe(1)
  expect(await portal.write(batch)).toEqual([DONE, CONFLICT, DONE])
  expect(imports()).toBe(1)
  expect(Object.values(place.sandbox.stats.creates).filter((times) => times > 1)).toEqual([])
})

test.each([
  [
    '429,first=1,retry-after=7,method=PUT',
    {
      kind: 'later',
      reason: 'the region 03 above it: TOO_MANY_REQUESTS: injected by the sandbox',
      afterMs: 7000,
    },
  ],
  [
    '503,first=1,retry-after=9,method=PUT',
    {
      kind: 'later',
      reason: 'the region 03 above it: SERVICE_UNAVAILABLE: injected by the sandbox',
      afterMs: 9000,
    },
  ],
  [
    '503,first=1,method=PUT',
    {
      kind: 'unknown',
      reason: 'the region 03 above it: SERVICE_UNAVAILABLE: injected by the sandbox',
    },
  ],
  [
    '500,first=1,method=PUT',
    {
      kind: 'unknown',
      reason: 'the region 03 above it: INTERNAL_SERVER_ERROR: injected by the sandbox',
    },
  ],
])('%s of a write', async (fault, outcome) => {
  const place = await startSandbox([fault])
  expect(await liferayPortal(place).write([create(BRAMSCHE)])).toEqual([outcome])
  expect(place.sandbox.stats.faults).toEqual({ [fault]: 1 })
})

test.each(['reset', 'reset-before', 'truncate', 'hang'])('%s of a write: perhaps done', async (kind) => {
  const fault = `${kind},first=1,method=PUT,path=034590014014`
  const place = await startSandbox([fault])
  const portal = liferayPortal(place, { deadlineMs: 400 })
  expect(await portal.write([create(BRAMSCHE)])).toMatchObject([{ kind: 'unknown' }])
  expect(place.sandbox.stats.faults).toEqual({ [fault]: 1 })
  const wasDone = kind === 'reset' || kind === 'truncate'
  expect(await portal.get(BRAMSCHE.ars)).toEqual(
    wasDone ? expect.objectContaining({ value: BRAMSCHE }) : undefined,
  )
})

test.each(['503,first=2', 'reset,first=2', 'reset-before,first=2'])(
  '%s of a token is tried again',
  async (kind) => {
    const fault = `${kind},path=oauth2`
    const place = await startSandbox([fault])
    expect(await liferayPortal(place).get('03459')).toBeUndefined()
    expect(place.sandbox.stats.faults).toEqual({ [fault]: 2 })
  },
)

test.each(['429,first=2,retry-after=3', '503,first=2', 'reset,first=2', 'truncate,first=2'])(
  '%s of a read is tried again',
  async (kind) => {
    const fault = `${kind},method=GET`
    const place = await startSandbox([fault])
    const portal = liferayPortal(place)
    expect(await portal.get('03459')).toBeUndefined()
    expect(place.sandbox.stats.faults).toEqual({ [fault]: 2 })
    expect(portal.slept).toEqual(kind.startsWith('429') ? [3000, 3000] : [250, 500])
  },
)

test('a portal that never gets well is told', async () => {
  const portal = liferayPortal(await startSandbox(['503,every=1,method=GET']))
  expect(await failure(() => portal.get('03459'))).toMatchObject({
    code: 'PORTAL_ANSWER',
    exit: 69,
  })
})
