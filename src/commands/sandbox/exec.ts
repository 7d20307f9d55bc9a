import { Args } from '@oclif/core'
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
  static override strict = false
  static override args = {
    command: Args.string({ required: true, description: 'the command and its arguments, behind --' }),
  }
  static override flags = sandboxFlags

  async run(): Promise<object> {
    const { argv, flags } = await this.parse(SandboxExec)
    const [command, ...args] = argv.map(String)
    if (command === undefined) throw usageError('COMMAND_MISSING', 'name a command behind --')
    const context = this.context(flags)
    // The child gets the signals of the terminal, too; this process outlives it to clean up.
    const end = this.stopGracefully()
    return this.withSandbox(flags, sandboxOptions(flags, context.now), async ({ env }) => {
      const exitCode = await runChild(command, args, { ...context.env, ...env }, end)
      process.exitCode = exitCode
      return { schemaVersion: 1, command, exitCode }
    })
  }
}
