import { Args } from '@oclif/core'
import { BaseCommand, outputFlags } from '../../base-command.ts'
import { EXIT } from '../../lib/exit-codes.ts'
import { firstBrokenEntry, readAudit } from '../../lib/journal/audit.ts'
import { findRun, readEffects } from '../../lib/journal/read.ts'
import { auditColumns, chainLine, logJson, noRuns } from '../../lib/view/run.ts'

export default class RunLog extends BaseCommand {
  static override summary = 'Show who did what and when, and whether the record is whole'
  static override description =
    `The audit trail: person, host, command and time of everything that was begun, resumed, stopped or cancelled. Each entry
carries a hash over the one before, so that none can be changed or removed unseen; a broken chain ends with 4. With a run and
--json, also every single attempt: the intent before it was sent and the outcome after.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> run-7 --json',
  ]
  static override args = {
    run: Args.string({
      required: false,
      ignoreStdin: true,
      description: 'only of this run: run-7, 7 or latest',
    }),
  }
  static override flags = { ...outputFlags }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(RunLog)
    return this.withStore(flags, 'read', async (store) => {
      const run = args.run === undefined ? undefined : (await findRun(store, args.run)).number
      const rows = await readAudit(store, run)
      const broken = await firstBrokenEntry(store)
      if (broken !== undefined) process.exitCode = EXIT.unmet
      return this.present(flags, {
        json: logJson(rows, broken, run === undefined ? [] : [...readEffects(store, run)]),
        columns: auditColumns,
        rows,
        after: chainLine(broken, flags.lang),
        empty: noRuns(flags.lang),
      })
    })
  }
}
