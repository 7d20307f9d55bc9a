import { Flags } from '@oclif/core'
import { BaseCommand, outputFlags } from '../../base-command.ts'
import { questionFlags, questionOf } from '../../coverage-flags.ts'
import { regionFlag } from '../../flags.ts'
import { GROUPINGS } from '../../lib/coverage/report.ts'
import { coverageReport, REPORT_LEVELS } from '../../lib/coverage/report-run.ts'
import { BUND } from '../../lib/region/key.ts'
import {
  brokenRemarks,
  groupColumns,
  groupRows,
  memberColumns,
  reportColumns,
  reportJson,
  reportSummary,
  unknownRemarks,
} from '../../lib/view/coverage.ts'

export default class CoverageReport extends BaseCommand {
  static override summary = 'How many OZG-Leistungen people can use online, by region, and from whom'
  static override description =
    `For every region: the number online (Reifegrad 2 and more) and OZG-konform (3 and more), always of the same
denominator, and from whom the online ones come, the most specific authority first.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> --in 03459',
    '<%= config.bin %> <%= command.id %> --scope kommunal --output csv --out coverage.csv',
    '<%= config.bin %> <%= command.id %> --in 034590014014 --by themenfeld',
    '<%= config.bin %> <%= command.id %> --level kreis --in 03 --json',
  ]
  static override flags = {
    ...outputFlags,
    in: regionFlag({ description: 'only regions in this one' }),
    level: Flags.option({
      options: REPORT_LEVELS,
      description: 'regions to report on [default: gemeinde; with --tenants all that have one]',
    })(),
    tenants: Flags.boolean({
      description: 'only regions with a tenant in the local portal',
    }),
    by: Flags.option({
      options: GROUPINGS,
      env: 'OZGCTL_BY',
      description: 'divide each region: a row for each Themenfeld, Lage, source or best Reifegrad',
    })(),
    ...questionFlags,
    healthy: Flags.boolean({
      env: 'OZGCTL_HEALTHY',
      default: false,
      description: 'count only what works now, by the health checks of the last day',
    }),
  }

  async run(): Promise<object> {
    const { flags } = await this.parse(CoverageReport)
    return this.withStore(flags, 'read', async (store, context) => {
      const now = context.now()
      const question = { ...(await questionOf(flags, now)), healthyAt: flags.healthy ? now : undefined }
      const report = await coverageReport(store, question, {
        prefix: flags.in ?? BUND,
        level: flags.level,
        tenants: flags.tenants,
        by: flags.by,
      })
      for (const remark of [...unknownRemarks(report.data), ...brokenRemarks(report.data)])
        context.warn(remark)
      const json = reportJson(report)
      const after = reportSummary(report, flags.lang)
      if (flags.by !== undefined)
        return this.present(flags, {
          json,
          columns: groupColumns,
          rows: groupRows(report.rows),
          after,
          empty: after,
        })
      const columns = reportColumns(report)
      const withMembers = report.rows.some(({ members }) => members !== null)
      return this.present(flags, {
        json,
        columns: withMembers ? [...columns, ...memberColumns] : columns,
        rows: report.rows,
        after,
        empty: after,
      })
    })
  }
}
