import { Flags } from '@oclif/core'
import { BaseCommand, outputFlags } from '../../base-command.ts'
import { EXIT } from '../../lib/exit-codes.ts'
import { planFiles } from '../../lib/tenant/provision.ts'
import { noChanges, planHint, planJson, planSummary, planTable } from '../../lib/view/tenant.ts'
import { manifestFlags, provisionOptions } from '../../tenant-flags.ts'

export default class TenantPlan extends BaseCommand {
  static override summary = 'Show what an apply of the manifest would change'
  static override description =
    'Reads the manifest and the portal and changes nothing: first the numbers, then every difference, field by field.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> -f network.yaml',
    '<%= config.bin %> <%= command.id %> -f north.yaml -f south.yaml --output csv --out plan.csv',
    '<%= config.bin %> <%= command.id %> -f network.yaml --detailed-exitcode',
  ]
  static override flags = {
    ...outputFlags,
    ...manifestFlags,
    'detailed-exitcode': Flags.boolean({
      env: 'OZGCTL_DETAILED_EXITCODE',
      description: 'exit 2 when there is something to change',
    }),
  }

  async run(): Promise<object> {
    const { flags } = await this.parse(TenantPlan)
    const options = provisionOptions(flags)
    return this.withStore(flags, 'read', async (store, context) => {
      const plan = await planFiles(context, store, options)
      const changes = plan.networks.length + plan.tenants.length
      if (flags['detailed-exitcode'] && changes > 0) process.exitCode = EXIT.changes
      return this.present(flags, {
        json: planJson(plan),
        ...planTable(plan),
        before: planSummary(plan, flags.lang),
        after: planHint(plan, options, flags.lang),
        empty: noChanges(plan, flags.lang),
      })
    })
  }
}
