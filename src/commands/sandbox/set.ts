import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../base-command.ts'
import { setStandIn } from '../../lib/sandbox/control.ts'
import { MODES } from '../../lib/sandbox/stand-ins/stand-in.ts'

export default class SandboxSet extends BaseCommand {
  static override summary = 'Make a stand-in of the sandbox healthy, slow, wrong or down'
  static override description =
    'For a sandbox that was started with --connectors: to see how health checks and scripts take it.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> oidc down',
    '<%= config.bin %> <%= command.id %> saml wrong --url http://127.0.0.1:8080',
  ]
  static override args = {
    kind: Args.string({ required: true, ignoreStdin: true, description: 'kind of the stand-in' }),
    mode: Args.string({
      required: true,
      ignoreStdin: true,
      options: [...MODES],
      description: 'how it behaves from now on',
    }),
  }
  static override flags = {
    url: Flags.string({
      env: 'OZGCTL_URL',
      helpValue: 'URL',
      description: 'address of the sandbox [default: $OZGCTL_SANDBOX_URL]',
    }),
  }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(SandboxSet)
    await setStandIn(this.context(flags), flags.url, args.kind, args.mode)
    if (!this.jsonEnabled()) await this.print(`${args.kind}: ${args.mode}\n`)
    return { schemaVersion: 1, kind: args.kind, mode: args.mode }
  }
}
