import { Flags } from '@oclif/core'
import { outputFlags } from '../../base-command.ts'
import { planMigration } from '../../lib/migration/plan.ts'
import { runMigration } from '../../lib/migration/runs.ts'
import { dryRunLine } from '../../lib/view/apply.ts'
import { migrationPlanJson, planColumns, planHead } from '../../lib/view/migration.ts'
import { MigrationCommand } from '../../migration-command.ts'
import {
  migrationArgs,
  migrationPlace,
  migrationPlaceFlags,
  migrationRunFlags,
} from '../../migration-flags.ts'

export default class MigrationRun extends MigrationCommand {
  static override summary = 'Carry out a migration, wave by wave'
  static override description =
    `Takes each tenant through all steps, the canary first. Between waves it waits, looks at the health gate, or stops for a
person, as the migration says; it stops at once when more tenants have failed than the budget bears. Stopped or killed at any
moment, "migration resume" goes on at the very step and record. From the first tenant on the file is frozen.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> migrations/meso-11.yaml',
    '<%= config.bin %> <%= command.id %> migrations/meso-11.yaml --portal test --limit 1',
    '<%= config.bin %> <%= command.id %> migrations/meso-11.yaml --dry-run',
  ]
  static override args = migrationArgs
  static override flags = {
    ...outputFlags,
    ...migrationPlaceFlags,
    ...migrationRunFlags,
    'at-least-once': Flags.boolean({
      default: false,
      description: 'also write to targets that know no record again: after a crash they may have some twice',
    }),
    'dry-run': Flags.boolean({
      env: 'OZGCTL_DRY_RUN',
      description: 'show what would be done and change nothing, as "migration plan" does',
    }),
  }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(MigrationRun)
    return this.withStore(flags, flags['dry-run'] ? 'read' : 'write', async (store, context) => {
      const place = await migrationPlace(context, args.file, flags)
      if (flags['dry-run']) {
        const { concurrency } = flags
        const plan = await planMigration(context, store, place, {
          concurrency,
          signal: this.stopGracefully(),
        })
        const dry = dryRunLine(flags.lang)
        return this.present(flags, {
          json: migrationPlanJson(plan),
          columns: planColumns,
          rows: plan.steps,
          before: `${dry}${planHead(plan, flags.lang)}`,
          after: dry,
        })
      }
      const result = await runMigration(context, store, place, {
        ...this.migrationWork(context, flags),
        atLeastOnce: flags['at-least-once'],
      })
      return this.presentRun(flags, store, context, result)
    })
  }
}
