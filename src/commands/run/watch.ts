import { BaseCommand } from '../../base-command.ts'
import { EXIT } from '../../lib/exit-codes.ts'
import { runNow } from '../../lib/journal/now.ts'
import { findRun } from '../../lib/journal/read.ts'
import { nextStep, runHead, runResultJson, watchLine } from '../../lib/view/run.ts'
import { runArgs } from '../../run-args.ts'
import { durationFlag } from '../../run-flags.ts'

export default class RunWatch extends BaseCommand {
  static override summary = 'Follow a run until it ends'
  static override description =
    'Prints a line whenever something has been done. Ends with 0 when the run is done, with 3 when items failed or it stopped.'
  static override examples = ['<%= config.bin %> <%= command.id %> run-7']
  static override args = runArgs
  static override flags = {
    every: durationFlag({ env: 'OZGCTL_EVERY', description: 'how often to look [default: 1s]' }),
  }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(RunWatch)
    return this.withStore(flags, 'read', async (store, context) => {
      const { id } = await findRun(store, args.run)
      const quit = this.stopGracefully()
      let now = await runNow(store, context, id)
      for (
        let shown = '';
        now.holder !== undefined && !quit.aborted;
        now = await runNow(store, context, id)
      ) {
        const line = watchLine(now, flags.lang)
        if (line !== shown && !this.jsonEnabled()) await this.print(line)
        shown = line
        await context.sleep(flags.every ?? 1000, quit)
      }
      if (now.run.state !== 'done' && !quit.aborted) process.exitCode = EXIT.partial
      if (!this.jsonEnabled()) await this.print(`${runHead(now, flags.lang)}${nextStep(now, flags.lang)}`)
      return runResultJson(now, false)
    })
  }
}
