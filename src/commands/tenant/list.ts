import { BaseCommand, outputFlags } from '../../base-command.ts'
import { LOCAL_PORTAL } from '../../lib/portal/model.ts'
import { listTenants } from '../../lib/tenant/list.ts'
import { noTenants, tenantListColumns, tenantsJson, tenantsSummary } from '../../lib/view/tenant.ts'
import { portalFlags, selectionFlags, selectionOf, storeUseOf } from '../../tenant-flags.ts'

export default class TenantList extends BaseCommand {
  static override summary = 'List the tenants of the portal'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --in 03459 --output csv --out tenants.csv',
  ]
  static override flags = {
    ...outputFlags,
    ...portalFlags,
    ...selectionFlags,
  }

  async run(): Promise<object> {
    const { flags } = await this.parse(TenantList)
    const name = flags.portal ?? LOCAL_PORTAL
    return this.withStore(flags, storeUseOf(name), async (store, context) => {
      const selection = await selectionOf(flags)
      const { portal, networks, tenants, all } = await listTenants(context, store, name, selection)
      return this.present(flags, {
        json: tenantsJson(portal, networks, tenants),
        columns: tenantListColumns(networks),
        rows: tenants,
        after: tenantsSummary(networks, tenants, flags.lang),
        empty: noTenants(all, flags.lang),
      })
    })
  }
}
