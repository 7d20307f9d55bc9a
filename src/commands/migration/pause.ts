import { Flags } from '@oclif/core'
import { outputFlags } from '../../base-command.ts'
import { findMigrationRun } from '../../lib/migration/list.ts'
import { pauseMigration } from '../../lib/migration/pause.ts'
import { statusOf } from '../../lib/migration/status.ts'
import { MigrationCommand } from '../../migration-command.ts'
import { runArgs } from '../../run-args.ts'

export default class MigrationPause extends MigrationCommand {
  static override summary = 'Ask whoever works on a migration to stop so that it can be resumed'
  static override description =
    'What is under way is finished, also the page of a transfer; nothing more is begun. Works from any terminal on the same store.'
  static override examples = ['<%= config.bin %> <%= command.id %> run-7']
  static override args = runArgs
  static override flags = {
    ...outputFlags,
    'dry-run': Flags.boolean({ env: 'OZGCTL_DRY_RUN', description: 'show what would be paused' }),
  }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(MigrationPause)
    return this.withStore(flags, flags['dry-run'] ? 'read' : 'write', async (store, context) => {
      const run = await findMigrationRun(store, args.run)
      if (!flags['dry-run']) {
        await pauseMigration(store, context, run)
        this.workIsDone(`${run.id} was asked to stop`, `See: ozgctl migration status ${run.id}`)
      }
      return this.presentStatus(flags, await statusOf(store, context, run.id))
    })
  }
}
