import { Args } from '@oclif/core'
import { BaseCommand, outputFlags } from '../../base-command.ts'
import { questionFlags, questionOf } from '../../coverage-flags.ts'
import { coverageExplain } from '../../lib/coverage/questions.ts'
import {
  explainColumns,
  explainJson,
  explainRows,
  explainSummary,
} from '../../lib/view/coverage-questions.ts'

export default class CoverageExplain extends BaseCommand {
  static override summary = 'Why an OZG-Leistung counts in a region, or does not'
  static override description =
    'Lists every region whose offers could reach people there, every offer of any of its LeiKa keys, and why it counts or not.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> Bramsche 10047',
    '<%= config.bin %> <%= command.id %> 034590014014 10047 --view portal --json',
  ]
  static override args = {
    region: Args.string({ required: true, description: 'ARS or prefix, AGS, or name' }),
    ozg: Args.string({ required: true, description: 'id of an OZG-Leistung, five digits' }),
  }
  static override flags = { ...outputFlags, ...questionFlags }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(CoverageExplain)
    return this.withStore(flags, 'read', async (store, context) => {
      const question = await questionOf(flags, context.now())
      const result = await coverageExplain(store, question, args.region, args.ozg)
      return this.present(flags, {
        json: explainJson(result),
        columns: explainColumns,
        rows: explainRows(result),
        after: explainSummary(result, flags.lang),
      })
    })
  }
}
