import { Flags } from '@oclif/core'
import { BaseCommand, outputFlags } from '../../base-command.ts'
import { EXIT } from '../../lib/exit-codes.ts'
import { planFiles } from '../../lib/tenant/planning.ts'
import { driftJson, driftSummary, driftTable, noDrift } from '../../lib/view/drift.ts'
import { manifestFlags, provisionOptions } from '../../tenant-flags.ts'

export default class TenantDrift extends BaseCommand {
  static override summary = 'Show where the portal differs from the manifest'
  static override description =
    `Reads only. Says of every difference whether somebody changed the portal since ozgctl wrote it, or the manifest has
not been applied yet, and lists tenants that only one of the two has. In a Liferay it looks at their sites or virtual
instances, too.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> -f network.yaml --portal test',
    '<%= config.bin %> <%= command.id %> -f network.yaml --detailed-exitcode --quiet',
  ]
  static override flags = {
    ...outputFlags,
    ...manifestFlags,
    'detailed-exitcode': Flags.boolean({
      env: 'OZGCTL_DETAILED_EXITCODE',
      description: 'exit 2 when there is drift',
    }),
  }

  async run(): Promise<object> {
    const { flags } = await this.parse(TenantDrift)
    const options = await provisionOptions(flags)
    return this.withStore(flags, 'read', async (store, context) => {
      const { plan } = await planFiles(context, store, options)
      const { rows, columns } = driftTable(plan)
      if (flags['detailed-exitcode'] && rows.length > 0) process.exitCode = EXIT.changes
      return this.present(flags, {
        json: driftJson(plan),
        rows,
        columns,
        after: driftSummary(plan, flags.lang),
        empty: noDrift(plan, flags.lang),
      })
    })
  }
}
