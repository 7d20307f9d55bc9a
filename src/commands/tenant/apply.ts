import { Flags } from '@oclif/core'
import { BaseCommand, outputFlags } from '../../base-command.ts'
import { OzgctlError } from '../../lib/errors.ts'
import { EXIT } from '../../lib/exit-codes.ts'
import { applyFiles } from '../../lib/tenant/provision.ts'
import { applyJson, applySummary, applyTable, dryRunLine, noChanges } from '../../lib/view/tenant.ts'
import { manifestFlags, provisionOptions } from '../../tenant-flags.ts'

export default class TenantApply extends BaseCommand {
  static override summary = 'Make the portal what the manifest says'
  static override description =
    `Does what "tenant plan" shows and prints what became of each change. A tenant is changed whole or not at all; what
somebody else changed in the meantime is not overwritten and counts as failed (exit 3). Applying twice changes nothing.
Tenants that the manifest does not name are left alone, unless --max-delete allows to delete them.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> -f network.yaml',
    '<%= config.bin %> <%= command.id %> -f network.yaml --dry-run',
  ]
  static override flags = {
    ...outputFlags,
    ...manifestFlags,
    'dry-run': Flags.boolean({
      env: 'OZGCTL_DRY_RUN',
      description: 'show what would be done and change nothing',
    }),
  }

  #progress = { done: 0, total: 0 }

  async run(): Promise<object> {
    const { flags } = await this.parse(TenantApply)
    const mode = flags['dry-run'] ? 'read' : 'write'
    return this.withStore(flags, mode, async (store, context) => {
      const options = { ...provisionOptions(flags), dryRun: flags['dry-run'] }
      const result = await applyFiles(context, store, options, (done, total) => {
        this.#progress = { done, total }
      })
      if (result.changes.some((change) => change.outcome === 'failed')) process.exitCode = EXIT.partial
      const dry = result.dryRun ? dryRunLine(flags.lang) : ''
      const nothing = noChanges(result.plan, flags.lang)
      return this.present(flags, {
        json: applyJson(result),
        ...applyTable(result),
        before: dry,
        after: result.dryRun ? dry : result.changes.length > 0 ? applySummary(result, flags.lang) : nothing,
        empty: `${dry}${nothing}${dry}`,
      })
    })
  }

  protected override stopped(): string {
    const { done, total } = this.#progress
    if (done === 0) return super.stopped()
    const rest = done < total ? '; run the same command again to do the rest' : ''
    return `${done} of ${total} changes were dealt with and stay${rest}`
  }

  /** A report that cannot be written does not undo what it would have told. */
  override async catch(error: Error): Promise<void> {
    const isLate = error instanceof OzgctlError && error.exit === EXIT.output && this.#progress.done > 0
    if (!isLate) return super.catch(error)
    const suggestions = [...error.suggestions, `${this.stopped()}. See: ozgctl tenant list`]
    return super.catch(new OzgctlError(error.code, error.message, { exit: error.exit, suggestions }))
  }
}
