import pLimit from 'p-limit'
import type { Place, PlaceDifference } from '../driver.ts'
import type { Tenant } from '../model.ts'
import { type Address, INSTANCES, instanceAt, SITES, siteAt } from './addresses.ts'
import { instanceIn, pageIn } from './parse.ts'
import { badAnswer, bodyOf, lookUp, readOne } from './resources.ts'
import type { LiferaySession } from './session.ts'
import { accepted, acceptedBody, acceptedDelete, part, Settled } from './settle.ts'
import type { Layout, PortalInstance, Site } from './types.ts'

/** What a tenant gets besides its organization, e.g. a site. Each step may be repeated. */
export interface TenantPlace {
  /** As people call it. */
  readonly what: string
  /** Looks at the places of tenants. @throws OzgctlError 6, 69 */
  read(tenants: readonly Tenant[]): Promise<ReadonlyMap<string, Place>>
  /** Whether there is one, in the course of a write. @throws Settled */
  isThere(tenant: Tenant, signal: AbortSignal): Promise<boolean>
  /** @param former as it was before; undefined for a new tenant */
  put(tenant: Tenant, former: Tenant | undefined, signal: AbortSignal): Promise<void>
  remove(tenant: Tenant, signal: AbortSignal): Promise<void>
}

/** So many requests at once while places are looked at. */
const READERS = 16

/** @param siteTemplate key of a site initializer for new sites */
export function placeOf(
  layout: Layout,
  session: LiferaySession,
  siteTemplate: string | undefined,
): TenantPlace {
  switch (layout) {
    case 'organization':
      return NOTHING
    case 'site':
      return sites(session, siteTemplate)
    case 'instance':
      return instances(session)
  }
}

const NOTHING: TenantPlace = {
  what: 'organization',
  read: async () => new Map(),
  isThere: async () => false,
  put: async () => undefined,
  remove: async () => undefined,
}

function sites(session: LiferaySession, siteTemplate: string | undefined): TenantPlace {
  const address = ({ ars }: Tenant): Address<Site> => siteAt(ars)
  return {
    what: 'site',
    // No documented API lists sites.
    read: (tenants) =>
      eachOf(tenants, async (tenant) => {
        const found = await readOne(session, address(tenant))
        return placeWith('site', tenant, found !== undefined, [])
      }),
    isThere: async (tenant, signal) => (await lookUp(session, address(tenant), signal)) !== undefined,
    put: async (tenant, former, signal) => {
      refuseNewSlug(tenant, former, 'site')
      if ((await lookUp(session, address(tenant), signal)) !== undefined) return
      const site: Site = {
        externalReferenceCode: tenant.ars,
        // Its address is made of it, and it is unique in the portal, which names are not.
        name: tenant.slug,
        membershipType: 'restricted',
        ...(siteTemplate === undefined
          ? {}
          : { templateKey: siteTemplate, templateType: 'site-initializer' as const }),
      }
      await part('its site', async () => acceptedBody(await session.send('POST', SITES, site, signal)))
    },
    remove: (tenant, signal) => removeAt(session, address(tenant), signal),
  }
}

/**
 * Virtual instances have no external reference code: their id, which is the slug, is what they are found by. Creating
 * one that exists is answered with 400, so it is looked for first.
 */
function instances(session: LiferaySession): TenantPlace {
  const address = ({ slug }: Tenant): Address<PortalInstance> => instanceAt(slug)
  return {
    what: 'virtual instance',
    read: async (tenants) => {
      const all = tenants.length > 1 ? await allInstances(session) : undefined
      return eachOf(tenants, async (tenant) => {
        const found = all === undefined ? await readOne(session, address(tenant)) : all.get(tenant.slug)
        return instancePlace(tenant, found)
      })
    },
    isThere: async (tenant, signal) => (await lookUp(session, address(tenant), signal)) !== undefined,
    put: async (tenant, former, signal) => {
      refuseNewSlug(tenant, former, 'virtual instance')
      const [host] = tenant.hosts
      if (host === undefined)
        throw new Settled({
          kind: 'refused',
          reason: 'a virtual instance needs a host name: give the tenant one',
        })
      const { path } = address(tenant)
      const found = await lookUp(session, address(tenant), signal)
      const wanted: PortalInstance = { portalInstanceId: tenant.slug, virtualHost: host, domain: host }
      const change = { virtualHost: host, domain: host }
      await part('its virtual instance', async () => {
        if (found === undefined) acceptedBody(await session.send('POST', INSTANCES, wanted, signal))
        else if (found.virtualHost !== host) acceptedBody(await session.send('PATCH', path, change, signal))
        const isActive = found?.active ?? true
        if (isActive === (tenant.state === 'active')) return
        const verb = tenant.state === 'active' ? 'activate' : 'deactivate'
        accepted(await session.send('PUT', `${path}/${verb}`, undefined, signal))
      })
    },
    remove: (tenant, signal) => removeAt(session, address(tenant), signal),
  }
}

function instancePlace(tenant: Tenant, found: PortalInstance | undefined): Place {
  const { virtualHost, active = true } = found ?? {}
  const [host = ''] = tenant.hosts
  const state = active ? 'active' : 'suspended'
  return placeWith('instance', tenant, found !== undefined, [
    ...(virtualHost === host ? [] : [{ field: 'instance.host', present: virtualHost ?? null, wanted: host }]),
    ...(state === tenant.state ? [] : [{ field: 'instance.state', present: state, wanted: tenant.state }]),
  ])
}

function placeWith(
  field: string,
  { slug }: Tenant,
  exists: boolean,
  differences: readonly PlaceDifference[],
): Place {
  return { exists, differences: exists ? differences : [{ field, present: null, wanted: slug }] }
}

/** Liferay does not page here. @throws OzgctlError 69 for what is not all of them */
async function allInstances(session: LiferaySession): Promise<ReadonlyMap<string, PortalInstance>> {
  const answer = await session.read(INSTANCES)
  if (answer.status === 403) throw session.refusal(answer)
  const page = pageIn(bodyOf(session, INSTANCES, answer), instanceIn)
  if (page === undefined || page.items.length < page.totalCount)
    throw badAnswer(session, INSTANCES, 'a list that is not whole')
  return new Map(page.items.map((instance) => [instance.portalInstanceId ?? '', instance]))
}

/** @param look at the place of one tenant; one that ozgctl did not make has none yet */
async function eachOf(
  tenants: readonly Tenant[],
  look: (tenant: Tenant) => Promise<Place>,
): Promise<ReadonlyMap<string, Place>> {
  const limited = pLimit({ concurrency: READERS, rejectOnClear: true })
  try {
    return new Map(
      await Promise.all(
        tenants
          .filter(({ slug }) => slug !== '')
          .map((tenant) => limited(async () => [tenant.ars, await look(tenant)] as const)),
      ),
    )
  } finally {
    limited.clearQueue()
  }
}

/** No documented API gives a site or an instance another address. */
function refuseNewSlug(tenant: Tenant, former: Tenant | undefined, what: string): void {
  if (former === undefined || former.slug === '' || former.slug === tenant.slug) return
  const reason = `Liferay cannot give the ${what} ${former.slug} another address: keep the slug`
  throw new Settled({ kind: 'refused', reason })
}

async function removeAt(
  session: LiferaySession,
  { path }: Pick<Address<never>, 'path'>,
  signal: AbortSignal,
): Promise<void> {
  acceptedDelete(await session.send('DELETE', path, undefined, signal))
}
