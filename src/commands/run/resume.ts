import { Flags } from '@oclif/core'
import { ApplyCommand } from '../../apply-command.ts'
import { outputFlags } from '../../base-command.ts'
import { usageError } from '../../lib/errors.ts'
import { findRun, readItems } from '../../lib/journal/read.ts'
import { refuseEndedForGood } from '../../lib/journal/states.ts'
import { resumeRun } from '../../lib/tenant/provision.ts'
import { itemColumns, runHead, runResultJson } from '../../lib/view/run.ts'
import { runArgs } from '../../run-args.ts'
import { runFlags, runOptions } from '../../run-flags.ts'

export default class RunResume extends ApplyCommand {
  static override summary = 'Go on with a run that was stopped, killed or has failures'
  static override description =
    `Does what is left. What a killed process had in hand is read back from the portal first, so that nothing is done twice.
A run that another process works on is left to it (exit 5), unless that process is dead or was silent for longer than its
lease.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> run-7 --only failed',
  ]
  static override args = runArgs
  static override flags = {
    ...outputFlags,
    ...runFlags,
    only: Flags.option({
      options: ['failed'] as const,
      description: 'try again what failed, and only that',
    })(),
    'dry-run': Flags.boolean({
      env: 'OZGCTL_DRY_RUN',
      default: false,
      description: 'show what is left and change nothing',
    }),
  }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(RunResume)
    const selection = flags.only ?? 'open'
    return this.withStore(flags, flags['dry-run'] ? 'read' : 'write', async (store, context) => {
      const found = await findRun(store, args.run)
      if (found.kind !== 'apply' && found.kind !== 'adopt')
        throw usageError('RUN_OF_MIGRATION', `${found.id} is a run of a migration`, [
          `Go on with: ozgctl migration resume ${found.id}`,
        ])
      if (flags['dry-run']) refuseEndedForGood(found)
      const result = flags['dry-run']
        ? { run: found, stopped: undefined }
        : await resumeRun(context, store, found, selection, {
            ...runOptions(flags),
            ...this.runHooks(context, 'run resume'),
          })
      const now = { run: result.run, holder: undefined }
      const left =
        flags.only === 'failed' ? (['failed'] as const) : (['pending', 'running', 'unknown'] as const)
      return this.present(flags, {
        json: runResultJson(now, flags['dry-run']),
        columns: itemColumns,
        rows: [...readItems(store, found.number, flags['dry-run'] ? left : ['failed', ...left])],
        before: runHead(now, flags.lang),
        after: flags['dry-run'] ? '' : this.ended(result.run, result.stopped, flags),
      })
    })
  }
}
