import { Flags } from '@oclif/core'
import { outputFlags } from '../../base-command.ts'
import { EXIT } from '../../lib/exit-codes.ts'
import { type MigrationPlan as Planned, planMigration } from '../../lib/migration/plan.ts'
import { migrationPlanJson, planColumns, planFoot, planHead } from '../../lib/view/migration.ts'
import { MigrationCommand } from '../../migration-command.ts'
import { migrationArgs, migrationPlace, migrationPlaceFlags } from '../../migration-flags.ts'
import { runFlags } from '../../run-flags.ts'

export default class MigrationPlan extends MigrationCommand {
  static override summary = 'Show what each step of a migration would do for each tenant'
  static override description =
    `Asks the check of every step, and writes nothing. Steps that are so already are only counted, unless --all is given.
What cannot work for a tenant is shown as impossible with the reason (exit 3); what cannot be taken back is named.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> migrations/meso-11.yaml',
    '<%= config.bin %> <%= command.id %> migrations/meso-11.yaml --in 03459 --detailed-exitcode',
  ]
  static override args = migrationArgs
  static override flags = {
    ...outputFlags,
    ...migrationPlaceFlags,
    concurrency: runFlags.concurrency,
    all: Flags.boolean({ env: 'OZGCTL_ALL', description: 'also show what is so already' }),
    'detailed-exitcode': Flags.boolean({
      env: 'OZGCTL_DETAILED_EXITCODE',
      description: 'exit 2 when there is something to do',
    }),
  }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(MigrationPlan)
    return this.withStore(flags, 'read', async (store, context) => {
      const place = await migrationPlace(context, args.file, flags)
      const { concurrency } = flags
      const plan = await planMigration(context, store, place, { concurrency, signal: this.stopGracefully() })
      process.exitCode = exitCodeOf(plan, flags['detailed-exitcode'])
      return this.present(flags, {
        json: migrationPlanJson(plan),
        columns: planColumns,
        rows: plan.steps.filter(({ outcome }) => flags.all || outcome !== 'so'),
        before: planHead(plan, flags.lang),
        after: planFoot(plan, args.file, flags.lang),
      })
    })
  }
}

function exitCodeOf({ steps }: Planned, detailed: boolean) {
  if (steps.some(({ outcome }) => outcome === 'never')) return EXIT.partial
  return detailed && steps.some(({ outcome }) => outcome !== 'so') ? EXIT.changes : EXIT.ok
}
