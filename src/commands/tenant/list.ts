import { BaseCommand, outputFlags } from '../../base-command.ts'
import { regionFlag } from '../../flags.ts'
import { listTenants } from '../../lib/tenant/provision.ts'
import { noTenants, tenantListColumns, tenantsJson, tenantsSummary } from '../../lib/view/tenant.ts'

export default class TenantList extends BaseCommand {
  static override summary = 'List the tenants of the portal'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --in 03459 --output csv --out tenants.csv',
  ]
  static override flags = {
    ...outputFlags,
    in: regionFlag({ description: 'only tenants in this region' }),
  }

  async run(): Promise<object> {
    const { flags } = await this.parse(TenantList)
    return this.withStore(flags, 'read', async (store, context) => {
      const { portal, networks, tenants } = await listTenants(context, store, flags.in ?? '')
      return this.present(flags, {
        json: tenantsJson(portal, networks, tenants),
        columns: tenantListColumns(networks),
        rows: tenants,
        after: tenantsSummary(networks, tenants, flags.lang),
        empty: noTenants(flags.lang),
      })
    })
  }
}
