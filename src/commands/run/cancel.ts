import { Flags } from '@oclif/core'
import { BaseCommand, outputFlags } from '../../base-command.ts'
import { cancelRun } from '../../lib/journal/cancel.ts'
import { runNow } from '../../lib/journal/now.ts'
import { itemColumns, runHead, runResultJson } from '../../lib/view/run.ts'
import { runArgs } from '../../run-args.ts'

export default class RunCancel extends BaseCommand {
  static override summary = 'End a run for good: what is not done yet is not done any more'
  static override description =
    `A process that works on the run is asked to stop, finishes what it has sent, and ends. What was done stays done.`
  static override examples = ['<%= config.bin %> <%= command.id %> run-7']
  static override args = runArgs
  static override flags = {
    ...outputFlags,
    'dry-run': Flags.boolean({
      env: 'OZGCTL_DRY_RUN',
      default: false,
      description: 'show what would be cancelled',
    }),
  }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(RunCancel)
    return this.withStore(flags, flags['dry-run'] ? 'read' : 'write', async (store, context) => {
      const found = await runNow(store, context, args.run)
      const now = flags['dry-run'] ? found : await cancelRun(store, context, found.run)
      if (!flags['dry-run']) {
        const what = now.run.state === 'cancelled' ? 'was cancelled' : 'was asked to stop for good'
        this.workIsDone(`${now.run.id} ${what}`, `See: ozgctl run show ${now.run.id}`)
      }
      return this.present(flags, {
        json: runResultJson(now, flags['dry-run']),
        columns: itemColumns,
        rows: [],
        before: runHead(now, flags.lang),
        empty: runHead(now, flags.lang),
      })
    })
  }
}
