import type { Store } from '../store/sqlite.ts'
import type { Network, Tenant } from './model.ts'

/** A tenant of the local portal together with its network. */
export interface TenantRecord extends Tenant {
  readonly portal: string
  readonly network: Network
}

/** All tenants of the local portals in this store, by portal and key. What coverage reads. */
export async function readTenants(store: Store): Promise<readonly TenantRecord[]> {
  return store.db
    .prepare(
      `SELECT t.*, n.document AS network FROM tenant t
       JOIN network n ON n.portal = t.portal AND n.account = t.account ORDER BY t.portal, t.ars`,
    )
    .all()
    .map((row) => ({
      ...toTenant(row),
      portal: String(row.portal),
      network: toNetwork(String(row.account), String(row.network)),
    }))
}

type Row = Readonly<Record<string, unknown>>
type TenantDocument = Omit<Tenant, 'ars' | 'account'>

export function toTenant(row: Row): Tenant {
  const document = JSON.parse(String(row.document)) as TenantDocument
  return { ars: String(row.ars), account: String(row.account), ...document }
}

/** The part of a tenant that is no key of its row. */
export function tenantDocument({ slug, name, hosts, modules, state }: Tenant): string {
  return JSON.stringify({ slug, name, hosts, modules, state } satisfies TenantDocument)
}

export function toNetwork(account: string, document: string): Network {
  return { account, ...(JSON.parse(document) as Omit<Network, 'account'>) }
}

export function networkDocument({ name, anchor }: Network): string {
  return JSON.stringify({ name, anchor } satisfies Omit<Network, 'account'>)
}
