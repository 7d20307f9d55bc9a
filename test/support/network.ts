import { type Member, memberOf } from '../../src/lib/network/resolve.ts'
import type { SharingRule, Tenant } from '../../src/lib/portal/model.ts'
import { BRAMSCHE } from './tenant.ts'

/** An active tenant with OR-Connect. */
export const tenantAt = (ars: string, more: Partial<Tenant> = {}): Tenant => ({
  ...BRAMSCHE,
  ars,
  slug: `t-${ars}`,
  name: `Tenant ${ars}`,
  hosts: [],
  ...more,
})

export const memberAt = (ars: string, more: Partial<Tenant> = {}): Member => memberOf(tenantAt(ars, more))

/** A rule by which the county shares everything with all members. */
export function sharingRule(name: string, more: Partial<SharingRule> = {}): SharingRule {
  return {
    name,
    from: 'anchor',
    to: 'members',
    direction: 'one-way',
    services: 'all',
    except: { tenants: [], leistungen: [], ozg: [], themenfelder: [] },
    ...more,
  }
}

/** A selection of services; what is not named is empty. */
export const services = (more: Partial<Exclude<SharingRule['services'], 'all'>>) => ({
  leistungen: [],
  ozg: [],
  themenfelder: [],
  ...more,
})
