import { Flags } from '@oclif/core'
import { outputFlags } from '../../base-command.ts'
import { refuseEnded } from '../../lib/migration/guards.ts'
import { findMigrationRun } from '../../lib/migration/list.ts'
import { resumeMigration } from '../../lib/migration/runs.ts'
import { statusOf } from '../../lib/migration/status.ts'
import { MigrationCommand } from '../../migration-command.ts'
import { budgetFlag, migrationRunFlags } from '../../migration-flags.ts'
import { runArgs } from '../../run-args.ts'

export default class MigrationResume extends MigrationCommand {
  static override summary = 'Go on with a migration that was stopped, paused or killed'
  static override description =
    `Goes on at the very step and record, with the migration as it was when the run began. What a killed process had in hand
is read back first, so that nothing is done twice. A gate that was shut is looked at anew. Also goes on with a rollback.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> run-7 --approve go-live',
    '<%= config.bin %> <%= command.id %> run-7 --budget 10%',
  ]
  static override args = runArgs
  static override flags = {
    ...outputFlags,
    ...migrationRunFlags,
    approve: Flags.string({
      helpValue: 'STEP',
      multiple: true,
      multipleNonGreedy: true,
      description: 'say yes to this step; who did so is kept',
    }),
    budget: budgetFlag({
      description: 'bear so many failed tenants from here on, over the whole run',
    }),
    'dry-run': Flags.boolean({ env: 'OZGCTL_DRY_RUN', description: 'show what is left and change nothing' }),
  }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(MigrationResume)
    return this.withStore(flags, flags['dry-run'] ? 'read' : 'write', async (store, context) => {
      const run = await findMigrationRun(store, args.run)
      if (flags['dry-run']) {
        refuseEnded(run, 'open')
        return this.presentStatus(flags, await statusOf(store, context, run.id))
      }
      const approvals = [flags.approve ?? []].flat()
      const resume = { selection: 'open', approvals, settlements: new Map(), budget: flags.budget } as const
      const result = await resumeMigration(context, store, run, resume, this.migrationWork(context, flags))
      return this.presentRun(flags, store, context, result)
    })
  }
}
