import { type Store, transaction } from '../store/sqlite.ts'
import type { Kept, PortalDriver } from './driver.ts'
import { LOCAL_PORTAL, type Network, type Tenant } from './model.ts'
import { networkDocument, tenantDocument } from './tenant-store.ts'

/**
 * Copies what a remote portal has into the store, so that coverage and reports know its tenants without asking it. It
 * is a copy of one moment and never what a plan is made from.
 */
export async function mirrorPortal(store: Store, driver: PortalDriver): Promise<void> {
  if (driver.portal === LOCAL_PORTAL) return
  const networks = await driver.networks()
  const tenants: Kept<Tenant>[] = []
  for await (const page of driver.list()) tenants.push(...page)
  await transaction(store.db, () => replace(store, driver.portal, networks, tenants))
}

function replace(
  store: Store,
  portal: string,
  networks: readonly Kept<Network>[],
  tenants: readonly Kept<Tenant>[],
): void {
  const accounts = new Set(networks.map(({ value }) => value.account))
  store.db.prepare('DELETE FROM tenant WHERE portal = ?').run(portal)
  store.db.prepare('DELETE FROM network WHERE portal = ?').run(portal)
  const network = store.db.prepare('INSERT INTO network VALUES (?, ?, ?, ?, ?, ?)')
  for (const { value, changedAt, changedBy } of networks)
    network.run(portal, value.account, networkDocument(value), '', changedAt ?? '', changedBy ?? '')
  const tenant = store.db.prepare('INSERT INTO tenant VALUES (?, ?, ?, ?, ?, ?, ?)')
  for (const { value, managed, changedAt, changedBy } of tenants)
    if (managed && accounts.has(value.account))
      tenant.run(
        portal,
        value.ars,
        value.account,
        tenantDocument(value),
        '',
        changedAt ?? '',
        changedBy ?? '',
      )
}
