import type { Context } from '../context.ts'
import type { Store } from '../store/sqlite.ts'
import { withPortal } from './open-portal.ts'
import { readPortal } from './planning.ts'
import { isSelected, type Selection } from './select.ts'

/** What a portal has in one region, and the networks of that. */
export async function listTenants(context: Context, store: Store, portal: string, selection: Selection) {
  return withPortal(portal, { store, context }, async (driver) => {
    const state = await readPortal(driver)
    const tenants = state.tenants.filter(({ value }) => isSelected(value, selection))
    const accounts = new Set(tenants.map(({ value }) => value.account))
    const networks = state.networks.map(({ value }) => value)
    return {
      portal: driver.portal,
      networks: networks.filter(({ account }) => accounts.has(account)),
      tenants: tenants.slice(0, selection.limit ?? tenants.length),
      /** How many it has, selected or not. */
      all: state.tenants.length,
    }
  })
}
