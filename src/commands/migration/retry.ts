import { Flags } from '@oclif/core'
import { outputFlags } from '../../base-command.ts'
import { refuseEnded } from '../../lib/migration/guards.ts'
import { findMigrationRun } from '../../lib/migration/list.ts'
import { resumeMigration } from '../../lib/migration/runs.ts'
import { statusOf } from '../../lib/migration/status.ts'
import { MigrationCommand } from '../../migration-command.ts'
import { migrationRunFlags, settleFlag } from '../../migration-flags.ts'
import { runArgs } from '../../run-args.ts'

export default class MigrationRetry extends MigrationCommand {
  static override summary = 'Try again what failed in a migration, and only that'
  static override description =
    `Takes the tenants that failed through the failed step and those after it. The others wait for "migration resume". Where
nobody can find out whether a step was done, look in the system and say so with --settle.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> run-7',
    '<%= config.bin %> <%= command.id %> run-7 --only failed --settle order=done',
  ]
  static override args = runArgs
  static override flags = {
    ...outputFlags,
    ...migrationRunFlags,
    only: Flags.option({
      options: ['failed'] as const,
      default: 'failed',
      description: 'what is tried again',
    })(),
    settle: settleFlag({
      multiple: true,
      multipleNonGreedy: true,
      description: 'a step whose outcome nobody could find out was done, or is to be done again',
    }),
    'dry-run': Flags.boolean({ env: 'OZGCTL_DRY_RUN', description: 'show what failed and change nothing' }),
  }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(MigrationRetry)
    return this.withStore(flags, flags['dry-run'] ? 'read' : 'write', async (store, context) => {
      const run = await findMigrationRun(store, args.run)
      if (flags['dry-run']) {
        refuseEnded(run, flags.only)
        return this.presentStatus(flags, await statusOf(store, context, run.id))
      }
      const settlements = new Map(flags.settle ?? [])
      const retry = { selection: flags.only, approvals: [], settlements, budget: undefined } as const
      const result = await resumeMigration(context, store, run, retry, this.migrationWork(context, flags))
      return this.presentRun(flags, store, context, result)
    })
  }
}
