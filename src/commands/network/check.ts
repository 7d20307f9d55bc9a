import { BaseCommand, outputFlags } from '../../base-command.ts'
import { EXIT } from '../../lib/exit-codes.ts'
import { networkCheck } from '../../lib/network/load.ts'
import { basisRemarks } from '../../lib/view/network.ts'
import { findingColumns, networkCheckJson, networkCheckLine } from '../../lib/view/network-check.ts'
import { networkArgs, networkChoice, networkFlags } from '../../network-flags.ts'

export default class NetworkCheck extends BaseCommand {
  static override summary = 'Find sharing rules that share nothing or contradict each other'
  static override description =
    `Finds rules that share what nobody offers, name tenants that take no part or Leistungen that do not exist, have no
effect, undo the exception of another, or send a service round in a ring. Exit code 4 when there is any.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> landkreis-osnabrueck --json',
  ]
  static override args = networkArgs
  static override flags = { ...outputFlags, ...networkFlags }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(NetworkCheck)
    return this.withStore(flags, 'read', async (store, context) => {
      const result = await networkCheck(store, networkChoice(args.account, flags, context.now()))
      for (const remark of basisRemarks(result.basis)) context.warn(remark)
      if (result.findings.length > 0) process.exitCode = EXIT.unmet
      return this.present(flags, {
        json: networkCheckJson(result),
        columns: findingColumns(flags.lang, result.networks === 1),
        rows: result.findings,
        after: networkCheckLine(result, flags.lang),
        empty: networkCheckLine(result, flags.lang),
      })
    })
  }
}
