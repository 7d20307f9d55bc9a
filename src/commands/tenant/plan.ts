import { Flags } from '@oclif/core'
import { BaseCommand, type OutputFlags, outputFlags } from '../../base-command.ts'
import { EXIT } from '../../lib/exit-codes.ts'
import { writeFileAtomically } from '../../lib/output/atomic-file.ts'
import type { Plan } from '../../lib/tenant/plan.ts'
import { planFileText } from '../../lib/tenant/plan-file.ts'
import { planFiles } from '../../lib/tenant/planning.ts'
import { firstRows, noChanges, planHint, planJson, planSummary, planTable } from '../../lib/view/plan.ts'
import { manifestFlags, maxDeleteFlags, provisionOptions, provisionWords } from '../../tenant-flags.ts'

export default class TenantPlan extends BaseCommand {
  static override summary = 'Show what an apply of the manifest would change'
  static override description =
    `Reads the manifest and the portal and changes nothing: first the numbers, then the differences, field by field. With
--out the plan goes into a file that "tenant apply PLAN" carries out, if the portal, the manifest and the register are
still the same by then.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> -f network.yaml',
    '<%= config.bin %> <%= command.id %> -f networks/ --portal test --out network.plan',
    '<%= config.bin %> <%= command.id %> -f north.yaml -f south.yaml --details --output csv > plan.csv',
    '<%= config.bin %> <%= command.id %> -f network.yaml --in 03459 --selector state=active --detailed-exitcode',
  ]
  static override flags = {
    output: outputFlags.output,
    ...manifestFlags,
    ...maxDeleteFlags,
    out: Flags.string({
      helpValue: 'PLAN',
      description: 'also write the plan to this file, for "tenant apply PLAN"',
    }),
    details: Flags.boolean({
      env: 'OZGCTL_DETAILS',
      default: false,
      description: 'show all differences, and every field of what is created or deleted',
    }),
    'detailed-exitcode': Flags.boolean({
      env: 'OZGCTL_DETAILED_EXITCODE',
      description: 'exit 2 when there is something to change',
    }),
  }

  async run(): Promise<object> {
    const { flags } = await this.parse(TenantPlan)
    const options = await provisionOptions(flags)
    return this.withStore(flags, 'read', async (store, context) => {
      const saved = await planFiles(context, store, options)
      if (flags.out !== undefined) writeFileAtomically(flags.out, planFileText(saved))
      const words = flags.out === undefined ? provisionWords(options) : [flags.out]
      return this.#show({ ...flags, out: undefined }, saved.plan, words)
    })
  }

  #show(
    flags: OutputFlags & { readonly details: boolean; readonly 'detailed-exitcode': boolean },
    plan: Plan,
    words: readonly string[],
  ): Promise<object> {
    if (flags['detailed-exitcode'] && plan.networks.length + plan.tenants.length > 0)
      process.exitCode = EXIT.changes
    const { rows: all, columns } = planTable(plan, flags.details)
    const isWhole = flags.details || flags.output === 'csv' || flags.output === 'json'
    const { rows, note } = isWhole ? { rows: all, note: '' } : firstRows(all, flags.lang)
    return this.present(flags, {
      json: planJson(plan),
      columns,
      rows,
      before: planSummary(plan, flags.lang),
      after: `${note}${planHint(plan, { words }, flags.lang)}`,
      empty: noChanges(plan, flags.lang),
    })
  }
}
