import { Args, Flags } from '@oclif/core'
import { ApplyCommand } from '../../apply-command.ts'
import { outputFlags } from '../../base-command.ts'
import { usageError } from '../../lib/errors.ts'
import { planFiles } from '../../lib/tenant/planning.ts'
import { applyFiles, applyPlanFile, dryRun, dryRunPlanFile } from '../../lib/tenant/provision.ts'
import { isPartial } from '../../lib/tenant/select.ts'
import { changesOf } from '../../lib/tenant/writes.ts'
import { runFlags, runOptions } from '../../run-flags.ts'
import { maxDeleteFlags, planOrManifestFlags, provisionOptions } from '../../tenant-flags.ts'

export default class TenantApply extends ApplyCommand {
  static override summary = 'Make the portal what the manifest says'
  static override description =
    `Does what a saved plan says, or plans and applies manifests in one go, and prints what became of each change. A
tenant is changed whole or not at all; what somebody else changed in the meantime is not overwritten and counts as failed
(exit 3). Every apply is a run: killed or stopped at any moment, "run resume" does the rest, and nothing twice. What takes
something away (delete, suspend) asks first; scripts answer with --yes.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> network.plan',
    '<%= config.bin %> <%= command.id %> -f network.yaml --dry-run',
    '<%= config.bin %> <%= command.id %> -f network.yaml --portal test --limit 1',
    '<%= config.bin %> <%= command.id %> -f network.yaml --max-delete 3 --yes --max-failures 5%',
  ]
  static override args = {
    plan: Args.string({
      required: false,
      ignoreStdin: true,
      description: 'plan that "tenant plan --out" has written',
    }),
  }
  static override flags = {
    ...outputFlags,
    ...planOrManifestFlags,
    ...maxDeleteFlags,
    ...runFlags,
    yes: Flags.boolean({
      char: 'y',
      description: 'do not ask before something is taken away',
    }),
    'dry-run': Flags.boolean({
      env: 'OZGCTL_DRY_RUN',
      description: 'show what would be done and change nothing',
    }),
  }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(TenantApply)
    const options = await provisionOptions(flags)
    const file = args.plan
    if (file !== undefined && (isPartial(options.selection) || options.maxDelete > 0))
      throw usageError('PLAN_WHOLE', 'a saved plan is applied as it was reviewed, as a whole', [
        'Make the selection when you plan: ozgctl tenant plan -f network.yaml --limit 1 --out PLAN',
      ])
    if ((file === undefined) === (options.files.length === 0))
      throw usageError('PLAN_OR_MANIFEST', 'name a plan or manifests', [
        'A plan: ozgctl tenant apply network.plan',
        'A manifest: ozgctl tenant apply -f network.yaml',
      ])
    return this.withStore(flags, flags['dry-run'] ? 'read' : 'write', async (store, context) => {
      if (flags['dry-run']) {
        if (file !== undefined) return this.presentApplied(flags, await dryRunPlanFile(context, store, file))
        const { plan } = await planFiles(context, store, options)
        return this.presentApplied(flags, dryRun(plan, changesOf(plan)))
      }
      const work = {
        ...runOptions(flags),
        ...this.runHooks(context, 'tenant apply'),
        confirm: (plan: Parameters<typeof this.confirmPlan>[0]) => this.confirmPlan(plan, flags.yes, flags),
      }
      const result =
        file === undefined
          ? await applyFiles(context, store, options, work)
          : await applyPlanFile(context, store, file, work)
      return this.presentApplied(flags, result)
    })
  }
}
