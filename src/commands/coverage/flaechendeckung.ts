import { BaseCommand, outputFlags } from '../../base-command.ts'
import { questionFlags, questionOf } from '../../coverage-flags.ts'
import { regionFlag } from '../../flags.ts'
import { coverageFlaechendeckung } from '../../lib/coverage/questions.ts'
import { BUND } from '../../lib/region/key.ts'
import { LAENDER } from '../../lib/region/model.ts'
import { unknownRemarks } from '../../lib/view/coverage.ts'
import {
  flaechendeckungColumns,
  flaechendeckungJson,
  flaechendeckungSummary,
} from '../../lib/view/coverage-questions.ts'

const ALL_LAENDER = Object.keys(LAENDER).length

export default class CoverageFlaechendeckung extends BaseCommand {
  static override summary = 'How far each OZG-Leistung reaches, in the classes of the federal dashboard'
  static override description =
    `bundesweit: people in every Gemeinde of the register can use it; landesweit, kreisweit: in every Gemeinde of a Land
or Kreis that the region lies in or that lies in it; else in at least one Gemeinde of the region, or in none.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --in 03459 --min-reifegrad 3 --output csv',
  ]
  static override flags = {
    ...outputFlags,
    in: regionFlag({ description: 'seen from this region' }),
    ...questionFlags,
  }

  async run(): Promise<object> {
    const { flags } = await this.parse(CoverageFlaechendeckung)
    return this.withStore(flags, 'read', async (store, context) => {
      const question = await questionOf(flags, context.now())
      const result = await coverageFlaechendeckung(store, question, flags.in ?? BUND)
      for (const remark of unknownRemarks(result.data)) context.warn(remark)
      if (result.laender < ALL_LAENDER)
        context.warn(
          `the register holds ${result.laender} of ${ALL_LAENDER} Länder; classes are relative to it`,
        )
      return this.present(flags, {
        json: flaechendeckungJson(result),
        columns: flaechendeckungColumns,
        rows: result.rows,
        after: flaechendeckungSummary(result, flags.lang),
      })
    })
  }
}
