import { Flags } from '@oclif/core'
import { outputFlags } from '../../base-command.ts'
import { HEALTH_FORMATS, HealthCommand } from '../../health-command.ts'
import { checkFlags, connectorArgs, healthScope, runLimits } from '../../health-flags.ts'
import { bindToCheck, checkBound, recorded } from '../../lib/health/health.ts'
import { withImpact } from '../../lib/health/impact.ts'
import { durationFlag } from '../../run-flags.ts'

export default class HealthCheck extends HealthCommand {
  static override summary = 'Ask every connector whether it works, for people, monitoring and CI'
  static override description =
    `Asks each endpoint once, however many tenants share it, and judges what it answers by the rules of its protocol. Ends with
0 OK, 1 WARNING, 2 CRITICAL or 3 UNKNOWN, as monitoring plugins do: a connector that does not answer is CRITICAL, a mistake
of ours (a manifest that is wrong, credentials that are missing) UNKNOWN. The store keeps since when it is so.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> -f network.yaml',
    '<%= config.bin %> <%= command.id %> dms epaybl -f network.yaml --in 03459 --details',
    '<%= config.bin %> <%= command.id %> -f network.yaml --output nagios --deadline 50s',
    '<%= config.bin %> <%= command.id %> -f network.yaml --output prometheus --out /var/lib/node_exporter/ozgctl.prom',
    '<%= config.bin %> <%= command.id %> -f network.yaml --output junit --out health.xml',
  ]
  static override args = connectorArgs
  static override flags = {
    ...checkFlags,
    out: outputFlags.out,
    output: Flags.option({
      char: 'o',
      options: HEALTH_FORMATS,
      default: 'table',
      env: 'OZGCTL_OUTPUT',
      description: 'format of the result',
    })(),
    details: Flags.boolean({
      env: 'OZGCTL_DETAILS',
      default: false,
      description: 'show phases, conditions and TLS of every endpoint',
    }),
    record: Flags.boolean({
      env: 'OZGCTL_RECORD',
      allowNo: true,
      default: true,
      description: 'keep the result in the store, for health history and uptime',
    }),
    keep: durationFlag({ description: 'how long it is kept [default: 400d]' }),
  }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(HealthCheck)
    return this.withStoreIfPossible(
      flags,
      flags.record ? 'create' : 'read-if-any',
      async (store, context, left) => {
        const bound = await bindToCheck(context, store, await healthScope(flags, args.connectors))
        const { progress } = context
        progress.start('health', bound.bindings.checks.length, 'items')
        const result = await checkBound(context, bound, {
          ...runLimits(flags),
          deadlineMs: left(),
          onDone: (done) => progress.update(done),
        })
        progress.stop()
        const keeping = { keepMs: flags.keep, patienceMs: left() }
        const known = flags.record ? await recorded(context, store, result, keeping) : result
        return this.presentHealth(flags, await withImpact(context, store, known))
      },
    )
  }
}
