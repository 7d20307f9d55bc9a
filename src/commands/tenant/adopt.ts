import { Flags } from '@oclif/core'
import { ApplyCommand } from '../../apply-command.ts'
import { outputFlags } from '../../base-command.ts'
import { planFiles } from '../../lib/tenant/planning.ts'
import { adoptFiles, adoptions, dryRun } from '../../lib/tenant/provision.ts'
import { runFlags, runOptions } from '../../run-flags.ts'
import { manifestFlags, provisionOptions } from '../../tenant-flags.ts'

export default class TenantAdopt extends ApplyCommand {
  static override summary = 'Take tenants that the portal has under management'
  static override description =
    `Tenants that were made by hand or by another tool are never changed until they are adopted. Adopts those that the
manifest names, marks them in the portal and changes nothing else of them; "tenant plan" then shows what is different.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> -f network.yaml --portal test --dry-run',
    '<%= config.bin %> <%= command.id %> -f network.yaml --portal test --in 034595402',
  ]
  static override flags = {
    ...outputFlags,
    ...manifestFlags,
    ...runFlags,
    'dry-run': Flags.boolean({
      env: 'OZGCTL_DRY_RUN',
      description: 'show what would be adopted and change nothing',
    }),
  }

  async run(): Promise<object> {
    const { flags } = await this.parse(TenantAdopt)
    const options = await provisionOptions(flags)
    return this.withStore(flags, flags['dry-run'] ? 'read' : 'write', async (store, context) => {
      if (flags['dry-run']) {
        const { plan } = await planFiles(context, store, options)
        return this.presentApplied(flags, dryRun(plan, adoptions(plan, options.selection)))
      }
      const work = {
        ...runOptions(flags),
        ...this.runHooks(context, 'tenant adopt'),
        confirm: async () => undefined,
      }
      return this.presentApplied(flags, await adoptFiles(context, store, options, work))
    })
  }
}
