import type { Tenant } from '../model.ts'
import { API, byErc, lookUp, missingApi } from './resources.ts'
import { type Answer, isAbsent, type LiferaySession } from './session.ts'
import { accepted, Settled } from './settle.ts'
import type { Layout, PortalInstance, Site } from './types.ts'

/** What a tenant gets besides its organization, e.g. a site. Each step may be repeated. */
export interface TenantPlace {
  /** @param former as it was before; undefined for a new tenant */
  put(tenant: Tenant, former: Tenant | undefined, signal: AbortSignal): Promise<void>
  remove(tenant: Tenant, signal: AbortSignal): Promise<void>
}

/** @param siteTemplate key of a site initializer for new sites */
export function placeOf(
  layout: Layout,
  session: LiferaySession,
  siteTemplate: string | undefined,
): TenantPlace {
  switch (layout) {
    case 'organization':
      return { put: async () => undefined, remove: async () => undefined }
    case 'site':
      return sites(session, siteTemplate)
    case 'instance':
      return instances(session)
  }
}

function sites(session: LiferaySession, siteTemplate: string | undefined): TenantPlace {
  const address = (tenant: Tenant): string => byErc(`${API.site}/sites`, tenant.ars)
  return {
    put: async (tenant, former, signal) => {
      refuseNewSlug(tenant, former, 'site')
      if ((await lookUp<Site>(session, address(tenant), signal)) !== undefined) return
      const site: Site = {
        externalReferenceCode: tenant.ars,
        // Its address is made of it, and it is unique in the portal, which names are not.
        name: tenant.slug,
        membershipType: 'restricted',
        ...(siteTemplate === undefined
          ? {}
          : { templateKey: siteTemplate, templateType: 'site-initializer' as const }),
      }
      written(session, `${API.site}/sites`, await session.send('POST', `${API.site}/sites`, site, signal))
    },
    remove: async (tenant, signal) => {
      removed(session, address(tenant), await session.send('DELETE', address(tenant), undefined, signal))
    },
  }
}

/**
 * Virtual instances have no external reference code: their id, which is the slug, is what they are found by. Creating
 * one that exists is answered with 400, so it is looked for first.
 */
function instances(session: LiferaySession): TenantPlace {
  const all = `${API.instance}/portal-instances`
  const address = (tenant: Tenant): string => `${all}/${encodeURIComponent(tenant.slug)}`
  return {
    put: async (tenant, former, signal) => {
      refuseNewSlug(tenant, former, 'virtual instance')
      const [host] = tenant.hosts
      if (host === undefined)
        throw new Settled({
          kind: 'refused',
          reason: 'a virtual instance needs a host name: give the tenant one',
        })
      const found = await lookUp<PortalInstance>(session, address(tenant), signal)
      const wanted: PortalInstance = { portalInstanceId: tenant.slug, virtualHost: host, domain: host }
      if (found === undefined) written(session, all, await session.send('POST', all, wanted, signal))
      else if (found.virtualHost !== host)
        written(
          session,
          all,
          await session.send('PATCH', address(tenant), { virtualHost: host, domain: host }, signal),
        )
      const isActive = found?.active ?? true
      if (isActive === (tenant.state === 'active')) return
      const verb = tenant.state === 'active' ? 'activate' : 'deactivate'
      written(session, all, await session.send('PUT', `${address(tenant)}/${verb}`, undefined, signal))
    },
    remove: async (tenant, signal) => {
      removed(session, address(tenant), await session.send('DELETE', address(tenant), undefined, signal))
    },
  }
}

/** No documented API gives a site or an instance another address. */
function refuseNewSlug(tenant: Tenant, former: Tenant | undefined, what: string): void {
  if (former === undefined || former.slug === '' || former.slug === tenant.slug) return
  const reason = `Liferay cannot give the ${what} ${former.slug} another address: keep the slug`
  throw new Settled({ kind: 'refused', reason })
}

function written(session: LiferaySession, path: string, answer: Answer): void {
  if (answer.status === 404 && answer.json === undefined) throw missingApi(session.portal, path)
  accepted(answer)
}

/** What is not there need not be removed. */
function removed(session: LiferaySession, path: string, answer: Answer): void {
  if (!isAbsent(answer)) written(session, path, answer)
}
