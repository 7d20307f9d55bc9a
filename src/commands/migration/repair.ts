import { Flags } from '@oclif/core'
import { outputFlags } from '../../base-command.ts'
import { findRepair, repair } from '../../lib/migration/freeze.ts'
import { loadDefinition } from '../../lib/migration/load.ts'
import { differenceColumns, repairHead, repairJson } from '../../lib/view/migration.ts'
import { MigrationCommand } from '../../migration-command.ts'
import { migrationArgs } from '../../migration-flags.ts'

export default class MigrationRepair extends MigrationCommand {
  static override summary = 'Let a migration that has run say something else from now on'
  static override description =
    `A migration that has run for a tenant is frozen. This shows what is different, says what that means, and asks before it
takes the present file for the one that holds. Runs that have begun keep what they began with.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> migrations/meso-11.yaml --dry-run',
    '<%= config.bin %> <%= command.id %> migrations/meso-11.yaml --yes',
  ]
  static override args = migrationArgs
  static override flags = {
    ...outputFlags,
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
    'dry-run': Flags.boolean({
      env: 'OZGCTL_DRY_RUN',
      description: 'show the differences and change nothing',
    }),
  }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(MigrationRepair)
    return this.withStore(flags, flags['dry-run'] ? 'read' : 'write', async (store, context) => {
      const { definition } = await loadDefinition(context, args.file)
      const { frozen, differences } = findRepair(store, definition)
      const head = repairHead(frozen, flags.lang)
      if (!flags['dry-run']) {
        await this.confirmWord(head, definition.id, flags.yes)
        await repair(store, context, definition)
        this.workIsDone(`${definition.id} is what its file says now`, 'See: ozgctl migration list')
      }
      return this.present(flags, {
        json: repairJson(definition.id, differences, !flags['dry-run']),
        columns: differenceColumns,
        rows: differences,
        before: head,
      })
    })
  }
}
