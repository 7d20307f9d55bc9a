import { runChild } from '../../child.ts'
import { usageError } from '../../lib/errors.ts'
import { SandboxCommand } from '../../sandbox-command.ts'
import { sandboxFlags, sandboxOptions } from '../../sandbox-flags.ts'

export default class SandboxExec extends SandboxCommand {
  static override summary = 'Run a command with a portal of its own to try things on'
  static override description =
    `Starts a sandbox, runs the command with the environment that lets ozgctl use it, stops it, and ends with the command's
exit code. For CI: nothing has to be installed, started or cleaned up.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> --seed network.yaml -- ozgctl tenant drift -f network.yaml',
    '<%= config.bin %> <%= command.id %> --fault 503,every=5 -- ./test-provisioning.sh',
  ]
  static override usage = '<%= command.id %> [FLAGS] -- COMMAND [ARGUMENTS]'
  static override flags = sandboxFlags

  async run(): Promise<object> {
    const end = this.argv.indexOf('--')
    const [command, ...args] = end < 0 ? [] : this.argv.slice(end + 1)
    const { flags } = await this.parse(SandboxExec, end < 0 ? this.argv : this.argv.slice(0, end))
    if (command === undefined)
      throw usageError('COMMAND_MISSING', 'name a command behind --', [
        'Like: ozgctl sandbox exec -- ./test.sh',
      ])
    const context = this.context(flags)
    // The child gets the signals of the terminal, too; this process outlives it to clean up.
    const stop = this.stopGracefully()
    return this.withSandbox(flags, sandboxOptions(flags, context.now), async ({ env }) => {
      const exitCode = await runChild(command, args, { ...context.env, ...env }, stop)
      process.exitCode = exitCode
      return { schemaVersion: 1, command, exitCode }
    })
  }
}
