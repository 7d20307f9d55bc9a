import { BaseCommand, outputFlags } from '../../base-command.ts'
import { percentFlag } from '../../flags.ts'
import { connectorArgs, historyFlags } from '../../health-flags.ts'
import { usageError } from '../../lib/errors.ts'
import { EXIT } from '../../lib/exit-codes.ts'
import { readSetBacks } from '../../lib/health/clock.ts'
import { readUptime } from '../../lib/health/read.ts'
import { below, noHistory, uptimeColumns, uptimeJson, uptimeLines } from '../../lib/view/health-history.ts'
import { durationFlag } from '../../run-flags.ts'

const MONTH_MS = 30 * 86_400_000

export default class HealthUptime extends BaseCommand {
  static override summary = 'For how much of the time connectors worked, and how often they did not'
  static override description =
    `From what health check has recorded; nothing is asked. OK and WARNING count as available; time of which nobody knows anything,
because checks paused for more than an hour, counts neither way and is told.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> --window 30d',
    '<%= config.bin %> <%= command.id %> dms --window 90d --min 99.5',
  ]
  static override args = connectorArgs
  static override flags = {
    ...outputFlags,
    ...historyFlags,
    window: durationFlag({ env: 'OZGCTL_WINDOW', description: 'time to look at, up to now [default: 30d]' }),
    min: percentFlag({
      env: 'OZGCTL_MIN',
      description: 'availability that each has to reach; else exit code 4',
    }),
  }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(HealthUptime)
    return this.withStore(flags, 'read', async (store, context) => {
      const to = context.now().getTime()
      const from = to - (flags.window ?? MONTH_MS)
      const choice = { connectors: args.connectors ?? [], prefix: flags.in ?? '', part: flags.part }
      const min = flags.min === undefined ? undefined : flags.min / 100
      const setBacks = readSetBacks(store, from, to)
      const report = { from, to, min, setBacks, rows: readUptime(store, choice, from, to) }
      if (min !== undefined && report.rows.length === 0)
        throw usageError(
          'SELECTION_EMPTY',
          'nothing is recorded of what was asked for: nothing was compared',
          ['Run: ozgctl health check -f network.yaml'],
        )
      if (below(report.rows, min).length > 0) process.exitCode = EXIT.unmet
      return this.present(flags, {
        json: uptimeJson(report),
        columns: uptimeColumns,
        rows: report.rows,
        after: uptimeLines(report, flags.lang),
        empty: noHistory(flags.lang),
      })
    })
  }
}
