import { outputFlags } from '../../base-command.ts'
import { findMigrationRun } from '../../lib/migration/list.ts'
import { statusOf } from '../../lib/migration/status.ts'
import { MigrationCommand } from '../../migration-command.ts'
import { runArgs } from '../../run-args.ts'

export default class MigrationStatus extends MigrationCommand {
  static override summary = 'Show how far a run of a migration is, tenant by tenant'
  static override description =
    'Also why tenants failed, what transfers of records found, and the command that goes on. "run watch" follows it.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> run-7 --output csv',
  ]
  static override args = runArgs
  static override flags = { ...outputFlags }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(MigrationStatus)
    return this.withStore(flags, 'read', async (store, context) => {
      const { id } = await findMigrationRun(store, args.run)
      return this.presentStatus(flags, await statusOf(store, context, id))
    })
  }
}
