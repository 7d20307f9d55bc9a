import { Args } from '@oclif/core'
import { BaseCommand, outputFlags } from '../../base-command.ts'
import { questionFlags, questionOf } from '../../coverage-flags.ts'
import { coverageGaps } from '../../lib/coverage/questions.ts'
import { unknownRemarks } from '../../lib/view/coverage.ts'
import { gapColumns, gapsJson, gapsSummary } from '../../lib/view/coverage-questions.ts'

export default class CoverageGaps extends BaseCommand {
  static override summary = 'What people in a region cannot use online, and who offers it already'
  static override description =
    `Within a Themenfeld the OZG-Leistungen come first that most other authorities offer: they are the easiest to take
over. "so far" is the best Reifegrad there is below the one asked for.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> Bramsche',
    '<%= config.bin %> <%= command.id %> 034590014014 --scope kommunal --min-reifegrad 3 --output csv',
  ]
  static override args = {
    region: Args.string({ required: true, description: 'ARS or prefix, AGS, or name' }),
  }
  static override flags = { ...outputFlags, ...questionFlags }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(CoverageGaps)
    return this.withStore(flags, 'read', async (store, context) => {
      const result = await coverageGaps(store, await questionOf(flags, context.now()), args.region)
      for (const remark of unknownRemarks(result.data)) context.warn(remark)
      return this.present(flags, {
        json: gapsJson(result),
        columns: gapColumns,
        rows: result.gaps,
        after: gapsSummary(result, flags.lang),
      })
    })
  }
}
