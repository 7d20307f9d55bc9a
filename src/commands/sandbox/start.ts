import { SandboxCommand } from '../../sandbox-command.ts'
import { sandboxFlags, sandboxOptions } from '../../sandbox-flags.ts'
import { formatJson } from '../../stdout.ts'

export default class SandboxStart extends SandboxCommand {
  static override summary = 'Serve a portal to try things on, until it is stopped'
  static override description =
    `A server on this machine only that behaves like the part of Liferay that ozgctl uses, to learn, to test, and to see how a
script copes with faults. Prints its address and credentials as JSON; what it holds is gone when it ends. SIGTERM ends it.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> --port 8080 --seed network.yaml',
    '<%= config.bin %> <%= command.id %> --fault 503,every=5 --fault 429,first=3,retry-after=2,method=PUT',
  ]
  static override flags = sandboxFlags

  async run(): Promise<object> {
    const { flags } = await this.parse(SandboxStart)
    const end = this.stopGracefully()
    const context = this.context(flags)
    return this.withSandbox(flags, sandboxOptions(flags, context.now), async ({ url, env, sandbox }) => {
      const { clientId, clientSecret } = sandbox
      const started = { schemaVersion: 1, url, clientId, clientSecret, pid: context.pid, environment: env }
      await this.print(formatJson(started))
      await this.untilStopped(end)
      // To be stopped is how it ends.
      process.exitCode = 0
      return started
    })
  }

  /** The document is out before the end, with `--json` as without. */
  override jsonEnabled(): boolean {
    return false
  }
}
