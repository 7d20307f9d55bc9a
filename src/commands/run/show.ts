import { Flags } from '@oclif/core'
import { BaseCommand, outputFlags } from '../../base-command.ts'
import { ITEM_STATES } from '../../lib/journal/model.ts'
import { runNow } from '../../lib/journal/now.ts'
import { readItems } from '../../lib/journal/read.ts'
import { itemColumns, nextStep, runHead, runShowJson } from '../../lib/view/run.ts'
import { runArgs } from '../../run-args.ts'

export default class RunShow extends BaseCommand {
  static override summary = 'Show a run and what became of each of its items'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> run-7 --only failed --output csv',
  ]
  static override args = runArgs
  static override flags = {
    ...outputFlags,
    only: Flags.option({
      options: ITEM_STATES,
      multiple: true,
      multipleNonGreedy: true,
      description: 'only items in this state',
    })(),
  }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(RunShow)
    return this.withStore(flags, 'read', async (store, context) => {
      const now = await runNow(store, context, args.run)
      const rows = [...readItems(store, now.run.number, [flags.only ?? []].flat())]
      return this.present(flags, {
        json: runShowJson(now, rows),
        columns: itemColumns,
        rows,
        before: runHead(now, flags.lang),
        after: nextStep(now, flags.lang),
      })
    })
  }
}
