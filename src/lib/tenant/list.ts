import type { Context } from '../context.ts'
import type { Store } from '../store/sqlite.ts'
import { openPortal } from './open-portal.ts'
import { readPortal } from './planning.ts'
import { isSelected, type Selection } from './select.ts'

/** What a portal has in one region, and the networks of that. */
export async function listTenants(context: Context, store: Store, portal: string, selection: Selection) {
  const driver = await openPortal(portal, { store, context })
  try {
    const state = await readPortal(driver)
    const tenants = state.tenants.filter(({ value }) => isSelected(value, selection))
    const accounts = new Set(tenants.map(({ value }) => value.account))
    const networks = state.networks.map(({ value }) => value)
    return {
      portal: driver.portal,
      networks: networks.filter(({ account }) => accounts.has(account)),
      tenants: tenants.slice(0, selection.limit ?? tenants.length),
    }
  } finally {
    await driver.close()
  }
}
