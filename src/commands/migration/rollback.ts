import { Flags } from '@oclif/core'
import { outputFlags } from '../../base-command.ts'
import { findMigrationRun } from '../../lib/migration/list.ts'
import { planRollback, rollback } from '../../lib/migration/rollback.ts'
import { dryRunLine } from '../../lib/view/apply.ts'
import { rollbackColumns, rollbackHead, rollbackJson } from '../../lib/view/migration.ts'
import { MigrationCommand } from '../../migration-command.ts'
import { migrationRunFlags } from '../../migration-flags.ts'
import { runArgs } from '../../run-args.ts'

export default class MigrationRollback extends MigrationCommand {
  static override summary = 'Take back what a migration has done, in reverse order'
  static override description =
    `Takes every step back from what was written down before it was done, the last one first. Says beforehand what cannot be
taken back, and asks; scripts answer with --yes. What somebody else has changed since is left alone and told. A rollback is a
run of its own: stopped or killed, "migration resume" goes on with it.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> run-7 --dry-run',
    '<%= config.bin %> <%= command.id %> run-7 --wave 2 --yes',
    '<%= config.bin %> <%= command.id %> run-7 --tenant 034590014014',
  ]
  static override args = runArgs
  static override flags = {
    ...outputFlags,
    ...migrationRunFlags,
    wave: Flags.integer({ helpValue: 'N', min: 1, description: 'only this wave' }),
    tenant: Flags.string({
      helpValue: 'KEY',
      multiple: true,
      multipleNonGreedy: true,
      description: 'only this tenant, by the key that it had when the run began',
    }),
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
    'dry-run': Flags.boolean({
      env: 'OZGCTL_DRY_RUN',
      description: 'show what would be taken back and change nothing',
    }),
  }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(MigrationRollback)
    return this.withStore(flags, flags['dry-run'] ? 'read' : 'write', async (store, context) => {
      const run = await findMigrationRun(store, args.run)
      const plan = await planRollback(store, run, { wave: flags.wave, keys: [flags.tenant ?? []].flat() })
      const head = rollbackHead(plan, flags.lang)
      if (flags['dry-run']) {
        const dry = dryRunLine(flags.lang)
        return this.present(flags, {
          json: rollbackJson(plan, undefined),
          columns: rollbackColumns,
          rows: plan.steps,
          before: `${dry}${head}`,
          after: dry,
        })
      }
      await this.confirmWord(head, run.id, flags.yes)
      const result = await rollback(context, store, plan, this.migrationWork(context, flags))
      if (!this.jsonEnabled() && flags.yes) context.warn(head.trimEnd())
      return this.presentRun(flags, store, context, result)
    })
  }
}
