import { Args } from '@oclif/core'
import { BaseCommand, outputFlags } from '../../base-command.ts'
import { lintMigrations } from '../../lib/migration/lint.ts'
import { lintColumns, lintJson, lintLine } from '../../lib/view/migration.ts'
import { migrationPlaceFlags } from '../../migration-flags.ts'

export default class MigrationLint extends BaseCommand {
  static override summary = 'Look whether migrations are written right, without asking any system'
  static override description =
    `Reads each file, its manifests and its templates, and says for each whether it has run and is still the same. What is
wrong is told with its place, all of it at once (exit 65). Secrets are refused: a migration names profiles.`
  static override examples = ['<%= config.bin %> <%= command.id %> migrations/meso-11.yaml']
  static override strict = false
  static override args = {
    file: Args.string({
      required: true,
      ignoreStdin: true,
      description: 'files with migrations; - is stdin',
    }),
  }
  static override flags = { ...outputFlags, data: migrationPlaceFlags.data }

  async run(): Promise<object> {
    const { argv, flags } = await this.parse(MigrationLint)
    return this.withStore(flags, 'read-if-any', async (store, context) => {
      const rows = await lintMigrations(context, store, argv.map(String), [flags.data ?? []].flat())
      return this.present(flags, {
        json: lintJson(rows),
        columns: lintColumns,
        rows,
        after: lintLine(rows.length, flags.lang),
      })
    })
  }
}
