import { outputFlags } from '../../base-command.ts'
import { HealthCommand } from '../../health-command.ts'
import { checkFlags, connectorArgs, healthScope, runLimits } from '../../health-flags.ts'
import { bindToCheck } from '../../lib/health/health.ts'
import { withImpact } from '../../lib/health/impact.ts'
import { isHealthy, waitUntilHealthy } from '../../lib/health/wait.ts'
import { waitingLine } from '../../lib/view/health.ts'
import { durationFlag } from '../../run-flags.ts'

const PATIENCE_MS = 300_000
const EVERY_MS = 5000

export default class HealthWait extends HealthCommand {
  static override summary = 'Wait until all connectors work, or the time is over'
  static override description =
    `For CI, after something was deployed. Ends with 0 as soon as every service is OK or WARNING; certificates that end soon keep
nobody waiting. When the time is over it shows how things are and ends as health check does.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> -f network.yaml --for 5m',
    '<%= config.bin %> <%= command.id %> dms oidc -f network.yaml --for 2m --every 10s',
  ]
  static override args = connectorArgs
  static override flags = {
    ...checkFlags,
    ...outputFlags,
    for: durationFlag({ env: 'OZGCTL_FOR', description: 'wait at most so long [default: 5m]' }),
    every: durationFlag({ env: 'OZGCTL_EVERY', description: 'pause between rounds [default: 5s]' }),
  }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(HealthWait)
    const signal = this.stopGracefully()
    return this.withStoreIfPossible(
      { ...flags, deadline: flags.deadline ?? flags.for ?? PATIENCE_MS },
      'read-if-any',
      async (store, context) => {
        const bound = await bindToCheck(context, store, await healthScope(flags, args.connectors))
        const limits = runLimits(flags)
        const result = await waitUntilHealthy(context, bound, limits, flags.for ?? PATIENCE_MS, {
          everyMs: flags.every ?? EVERY_MS,
          signal,
          onRound: (round) => {
            if (!isHealthy(round)) context.warn(waitingLine(round, flags.lang))
          },
        })
        return this.presentHealth({ ...flags, details: false }, await withImpact(context, store, result))
      },
    )
  }
}
