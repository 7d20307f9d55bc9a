import { BaseCommand, outputFlags } from '../../base-command.ts'
import { networkSharing } from '../../lib/network/load.ts'
import {
  basisRemarks,
  drawing,
  flowColumns,
  flowRows,
  networksJson,
  noNetworks,
} from '../../lib/view/network.ts'
import { networkArgs, networkChoice, networkFlags } from '../../network-flags.ts'

export default class NetworkShow extends BaseCommand {
  static override summary = 'Show who shows whose services, and by which rule'
  static override description =
    `Draws who shares with whom, then lists every way of every rule with the number of Leistungen that are offered and
so shared. Only active tenants with OR-Connect take part; without rules all share everything with each other.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> landkreis-osnabrueck --json',
    '<%= config.bin %> <%= command.id %> --in 03459 --output csv --out sharing.csv',
  ]
  static override args = networkArgs
  static override flags = { ...outputFlags, ...networkFlags }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(NetworkShow)
    return this.withStore(flags, 'read', async (store, context) => {
      const choice = networkChoice(args.account, flags, context.now())
      const { all, basis, networks } = await networkSharing(store, choice)
      for (const remark of basisRemarks(basis)) context.warn(remark)
      const picture = networks.length === 0 ? noNetworks(all, flags.lang) : drawing(networks, flags.lang)
      return this.present(flags, {
        json: networksJson(basis, networks),
        columns: flowColumns(flags.lang, networks.length === 1),
        rows: flowRows(networks),
        // Markdown would take the lines of the drawing for marks.
        before: flags.output === 'table' ? picture : '',
        empty: picture,
      })
    })
  }
}
