import type { Store } from '../store/sqlite.ts'
import { canonicalJson } from '../text.ts'
import { type Network, NO_DETAILS, type Tenant } from './model.ts'

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
  return { ars: String(row.ars), account: String(row.account), ...NO_DETAILS, ...document }
}

/** The part of a tenant that is no key of its row. */
export function tenantDocument({ ars: _ars, account: _account, ...document }: Tenant): string {
  return canonicalJson(document)
}

export function toNetwork(account: string, document: string): Network {
  const { name, anchor, sharing = null } = JSON.parse(document) as Network
  return { account, name, anchor, sharing }
}

export function networkDocument({ account: _account, ...document }: Network): string {
  return canonicalJson(document)
}
