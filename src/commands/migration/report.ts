import { Flags } from '@oclif/core'
import { BaseCommand } from '../../base-command.ts'
import { findMigrationRun } from '../../lib/migration/list.ts'
import { statusOf } from '../../lib/migration/status.ts'
import { writeFileAtomically } from '../../lib/output/atomic-file.ts'
import { reportHtml, reportMarkdown } from '../../lib/view/migration-report.ts'
import { statusJson } from '../../lib/view/migration-status.ts'
import { runArgs } from '../../run-args.ts'

const WRITERS = { markdown: reportMarkdown, html: reportHtml } as const

export default class MigrationReport extends BaseCommand {
  static override summary = 'Write the change record of a run: who, when, what, for whom, with which result'
  static override description =
    `One document with the migration and its hash, who began and approved it, each wave, each tenant with its steps, durations
and failures, and what transfers of records found on both sides. HTML is one file without scripts or anything from outside.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> run-7 --out change-4711.md',
    '<%= config.bin %> <%= command.id %> run-7 --output html --out change-4711.html',
  ]
  static override args = runArgs
  static override flags = {
    output: Flags.option({
      char: 'o',
      options: ['markdown', 'html'] as const,
      default: 'markdown',
      env: 'OZGCTL_OUTPUT',
      description: 'format of the report',
    })(),
    out: Flags.string({
      helpValue: 'FILE',
      description: 'write the report to this file, whole or not at all, instead of stdout',
    }),
  }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(MigrationReport)
    return this.withStore(flags, 'read', async (store, context) => {
      const { id } = await findMigrationRun(store, args.run)
      const status = await statusOf(store, context, id)
      const text = WRITERS[flags.output](status, flags.lang)
      if (flags.out !== undefined) writeFileAtomically(flags.out, text)
      else if (!this.jsonEnabled()) await this.print(text)
      return this.withWarnings(statusJson(status))
    })
  }
}
