import { BaseCommand, outputFlags } from '../../base-command.ts'
import { runsNow } from '../../lib/journal/now.ts'
import { noRuns, runColumns, runsJson } from '../../lib/view/run.ts'

export default class RunList extends BaseCommand {
  static override summary = 'List runs: applies and other work done item by item'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override flags = { ...outputFlags }

  async run(): Promise<object> {
    const { flags } = await this.parse(RunList)
    return this.withStore(flags, 'read', async (store, context) => {
      const rows = await runsNow(store, context)
      return this.present(flags, {
        json: runsJson(rows),
        columns: runColumns,
        rows,
        empty: noRuns(flags.lang),
      })
    })
  }
}
