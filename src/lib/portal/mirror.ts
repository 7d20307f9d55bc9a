import { type Store, transaction } from '../store/sqlite.ts'
import type { Kept, PortalDriver, PortalState } from './driver.ts'
import { LOCAL_PORTAL, type Network, type Tenant } from './model.ts'
import { networkDocument, tenantDocument } from './tenant-store.ts'

/** Around a copy. */
export interface MirrorOptions {
  /** Called in the transaction that writes it; throws when this process may not write any more. */
  readonly guard: () => void
  /** Aborted when it is not worth going on: what there was before then stays. */
  readonly stop?: AbortSignal | undefined
}

/**
 * Copies what a remote portal has into the store, so that coverage and reports know its tenants without asking it. It
 * is a copy of one moment and never what a plan is made from.
 */
export async function mirrorPortal(
  store: Store,
  driver: PortalDriver,
  { guard, stop }: MirrorOptions,
): Promise<'done' | 'stopped'> {
  if (driver.portal === LOCAL_PORTAL) return 'done'
  const isStopped = (): boolean => stop?.aborted === true
  if (isStopped()) return 'stopped'
  const networks = await driver.networks()
  const tenants: Kept<Tenant>[] = []
  for await (const page of driver.list()) {
    if (isStopped()) return 'stopped'
    tenants.push(...page)
  }
  await keepCopy(store, driver.portal, { networks, tenants }, guard)
  return 'done'
}

/** Keeps what has just been read of a remote portal as its copy. @param guard see `MirrorOptions` */
export async function keepCopy(
  store: Store,
  portal: string,
  { networks, tenants }: PortalState,
  guard: () => void,
): Promise<void> {
  if (portal === LOCAL_PORTAL) return
  await transaction(store.db, () => {
    guard()
    replace(store, portal, networks, tenants)
  })
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
