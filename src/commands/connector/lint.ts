import { BaseCommand, outputFlags } from '../../base-command.ts'
import { connectorFlags, healthScope } from '../../health-flags.ts'
import { EXIT } from '../../lib/exit-codes.ts'
import { lint, summarise } from '../../lib/health/connectors.ts'
import { bindFiles, refuseNobody } from '../../lib/health/health.ts'
import { lintColumns, lintJson, lintLine } from '../../lib/view/connector-list.ts'

export default class ConnectorLint extends BaseCommand {
  static override summary = 'Find what is wrong or odd with the connectors of a manifest'
  static override description =
    `Nothing is asked: addresses, settings, templates and names are read. What is wrong ends with 65 and its place; what is
allowed and hardly meant, such as a connector that is bound to nobody or is healthy with any page, with 4.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> -f network.yaml',
    '<%= config.bin %> <%= command.id %> -f network.yaml --json',
  ]
  static override flags = { ...outputFlags, ...connectorFlags }

  async run(): Promise<object> {
    const { flags } = await this.parse(ConnectorLint)
    return this.withStore(flags, 'read-if-any', async (store, context) => {
      const scope = await healthScope(flags, [])
      const { manifest, bindings } = await bindFiles(context, store, scope)
      // Without a tenant every connector would seem to be bound to none.
      refuseNobody(manifest, scope.selection)
      const findings = lint(manifest, bindings)
      const connectors = summarise(manifest, bindings).length
      if (findings.length > 0) process.exitCode = EXIT.unmet
      return this.present(flags, {
        json: lintJson(connectors, findings),
        columns: lintColumns(flags.lang),
        rows: findings,
        after: lintLine(connectors, findings, flags.lang),
        empty: lintLine(connectors, findings, flags.lang),
      })
    })
  }
}
