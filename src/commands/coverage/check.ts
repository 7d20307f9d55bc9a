import { BaseCommand, outputFlags } from '../../base-command.ts'
import { questionFlags, questionOf } from '../../coverage-flags.ts'
import { percentFlag, regionFlag } from '../../flags.ts'
import { coverageCheck } from '../../lib/coverage/questions.ts'
import { EXIT } from '../../lib/exit-codes.ts'
import { BUND } from '../../lib/region/key.ts'
import { checkColumns, checkJson, checkLine } from '../../lib/view/coverage-questions.ts'

export default class CoverageCheck extends BaseCommand {
  static override summary = 'Fail when a Gemeinde falls short of a percentage: for cron and CI'
  static override description =
    'Exit code 0 when every Gemeinde reaches it, 4 when one does not; the failing ones come last, the worst at the end.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --min 40 --in 03459',
    '<%= config.bin %> <%= command.id %> --min 25 --min-reifegrad 3 --scope kommunal --json',
  ]
  static override flags = {
    ...outputFlags,
    min: percentFlag({
      required: true,
      env: 'OZGCTL_MIN',
      description: 'per cent of the OZG-Leistungen in scope that must be covered',
    }),
    in: regionFlag({ description: 'only Gemeinden in this region' }),
    ...questionFlags,
  }

  async run(): Promise<object> {
    const { flags } = await this.parse(CoverageCheck)
    return this.withStore(flags, 'read', async (store, context) => {
      const question = await questionOf(flags, context.now())
      const result = await coverageCheck(store, question, flags.in ?? BUND, flags.min)
      if (result.failed.length > 0) process.exitCode = EXIT.unmet
      return this.present(flags, {
        json: checkJson(result),
        columns: checkColumns,
        rows: result.failed,
        before: checkLine(result, flags.lang),
      })
    })
  }
}
