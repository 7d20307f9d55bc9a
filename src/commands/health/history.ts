import { BaseCommand, outputFlags } from '../../base-command.ts'
import { connectorArgs, historyFlags } from '../../health-flags.ts'
import { readSetBacks } from '../../lib/health/clock.ts'
import { readHistory } from '../../lib/health/read.ts'
import { historyColumns, historyJson, noHistory, setBackLines } from '../../lib/view/health-history.ts'
import { durationFlag } from '../../run-flags.ts'

const WEEK_MS = 7 * 86_400_000

export default class HealthHistory extends BaseCommand {
  static override summary = 'When connectors broke and recovered, the latest last'
  static override description = 'From what health check has recorded; nothing is asked.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> dms --since 30d --output csv',
  ]
  static override args = connectorArgs
  static override flags = {
    ...outputFlags,
    ...historyFlags,
    since: durationFlag({ env: 'OZGCTL_SINCE', description: 'how far to look back [default: 7d]' }),
  }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(HealthHistory)
    return this.withStore(flags, 'read', async (store, context) => {
      const now = context.now().getTime()
      const since = now - (flags.since ?? WEEK_MS)
      const choice = { connectors: args.connectors ?? [], prefix: flags.in ?? '', part: flags.part }
      const rows = readHistory(store, choice, since)
      const setBacks = readSetBacks(store, since, now)
      return this.present(flags, {
        json: historyJson(since, rows, setBacks),
        columns: historyColumns,
        rows,
        after: setBackLines(setBacks, flags.lang),
        empty: noHistory(flags.lang),
      })
    })
  }
}
