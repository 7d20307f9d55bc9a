import { Args } from '@oclif/core'
import { BaseCommand, outputFlags } from '../../base-command.ts'
import { connectorFlags, healthScope } from '../../health-flags.ts'
import { showConnector } from '../../lib/health/connectors.ts'
import { bindFiles } from '../../lib/health/health.ts'
import { connectorJson, connectorText, endpointColumns } from '../../lib/view/connector-list.ts'

export default class ConnectorShow extends BaseCommand {
  static override summary = 'Show one connector: its settings, its endpoints and their tenants'
  static override examples = [
    '<%= config.bin %> <%= command.id %> dms -f network.yaml',
    '<%= config.bin %> <%= command.id %> dms -f network.yaml --json',
  ]
  static override args = {
    connector: Args.string({ required: true, ignoreStdin: true, description: 'name of the connector' }),
  }
  static override flags = { ...outputFlags, ...connectorFlags }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(ConnectorShow)
    return this.withStore(flags, 'read-if-any', async (store, context) => {
      const bound = await bindFiles(context, store, await healthScope(flags, [args.connector]))
      const connector = showConnector(bound.manifest, bound.bindings, args.connector)
      const text = connectorText(connector, flags.lang)
      return this.present(flags, {
        json: connectorJson(connector),
        columns: endpointColumns,
        rows: connector.endpoints,
        before: text,
        empty: text,
      })
    })
  }
}
