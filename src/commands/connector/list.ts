import { BaseCommand, outputFlags } from '../../base-command.ts'
import { connectorFlags, healthScope } from '../../health-flags.ts'
import { summarise } from '../../lib/health/connectors.ts'
import { bindFiles } from '../../lib/health/health.ts'
import { connectorColumns, connectorsJson, connectorsLine } from '../../lib/view/connector-list.ts'

export default class ConnectorList extends BaseCommand {
  static override summary = 'List the connectors of a manifest with what they lead to'
  static override description =
    `Nothing is asked: this shows what is written, and how many tenants share each endpoint.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> -f network.yaml',
    '<%= config.bin %> <%= command.id %> -f network.yaml --in 03459 --output csv',
  ]
  static override flags = { ...outputFlags, ...connectorFlags }

  async run(): Promise<object> {
    const { flags } = await this.parse(ConnectorList)
    return this.withStore(flags, 'read-if-any', async (store, context) => {
      const { manifest, bindings } = await bindFiles(context, store, await healthScope(flags, []))
      const connectors = summarise(manifest, bindings)
      return this.present(flags, {
        json: connectorsJson(connectors),
        columns: connectorColumns,
        rows: connectors,
        after: connectorsLine(connectors, flags.lang),
      })
    })
  }
}
