import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../base-command.ts'
import { fillStandIn, setStandIn } from '../../lib/sandbox/control.ts'
import { MODES, MOST_DOCUMENTS } from '../../lib/sandbox/stand-ins/stand-in.ts'

export default class SandboxSet extends BaseCommand {
  static override summary = 'Make a stand-in of the sandbox healthy, slow, wrong or down'
  static override description =
    'For a sandbox that was started with --connectors: to see how health checks and scripts take it.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> oidc down',
    '<%= config.bin %> <%= command.id %> saml wrong --url http://127.0.0.1:8080',
    '<%= config.bin %> <%= command.id %> cmis healthy --documents 1000',
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
    documents: Flags.integer({
      env: 'OZGCTL_DOCUMENTS',
      helpValue: 'N',
      min: 0,
      max: MOST_DOCUMENTS,
      description: 'keep so many made-up documents from now on, and nothing else (cmis, dvelop, enaio)',
    }),
    url: Flags.string({
      env: 'OZGCTL_URL',
      helpValue: 'URL',
      description: 'address of the sandbox [default: $OZGCTL_SANDBOX_URL]',
    }),
  }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(SandboxSet)
    const context = this.context(flags)
    const { kind, mode } = args
    const { documents, url } = flags
    await setStandIn(context, url, kind, mode)
    if (documents !== undefined) await fillStandIn(context, url, kind, documents)
    this.workIsDone(`${kind} is set to ${mode}`)
    const kept = documents === undefined ? '' : `, ${documents} documents`
    if (!this.jsonEnabled()) await this.print(`${kind}: ${mode}${kept}\n`)
    return { schemaVersion: 1, kind, mode, ...(documents === undefined ? {} : { documents }) }
  }
}
