import { BaseCommand, outputFlags } from '../../base-command.ts'
import { listMigrations } from '../../lib/migration/list.ts'
import { listColumns, listJson, noMigrations } from '../../lib/view/migration.ts'

export default class MigrationList extends BaseCommand {
  static override summary = 'List migrations that have run, with their runs'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override flags = { ...outputFlags }

  async run(): Promise<object> {
    const { flags } = await this.parse(MigrationList)
    return this.withStore(flags, 'read', async (store, context) => {
      const rows = await listMigrations(store, context)
      return this.present(flags, {
        json: listJson(rows),
        columns: listColumns,
        rows,
        empty: noMigrations(flags.lang),
      })
    })
  }
}
