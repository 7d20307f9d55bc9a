import { ApplyCommand } from './apply-command.ts'
import type { OutputFlags } from './base-command.ts'
import type { Context } from './lib/context.ts'
import type { DriveResult } from './lib/journal/drive.ts'
import type { MigrationWork } from './lib/migration/runs.ts'
import { statusOf } from './lib/migration/status.ts'
import type { Store } from './lib/store/sqlite.ts'
import { progressNote } from './lib/view/migration.ts'
import { statusColumns, statusFoot, statusHead, statusJson } from './lib/view/migration-status.ts'
import { runOptions } from './run-flags.ts'

/** What the commands share that work on a run of a migration. */
export abstract class MigrationCommand extends ApplyCommand {
  /** How to work, from the flags, with progress on the terminal. */
  protected migrationWork(context: Context, flags: Parameters<typeof runOptions>[0]): MigrationWork {
    const { leaseMs, waitMs, concurrency } = runOptions(flags)
    const { signal, onRun } = this.runHooks(context, 'migration')
    let total = 0
    return {
      leaseMs,
      waitMs,
      concurrency,
      signal,
      onRun,
      onProgress: (done) => this.dealtWith(done),
      onTenants: (progress) => {
        if (total !== progress.tenants) context.progress.start('migration', progress.tenants, 'items')
        total = progress.tenants
        context.progress.update(progress.finished, progressNote(progress))
      },
    }
  }

  /** Shows a run that has come to its end, or to a stop, and sets the exit code. */
  protected async presentRun(
    flags: OutputFlags,
    store: Store,
    context: Context,
    result: DriveResult,
  ): Promise<object> {
    context.progress.stop()
    const last = this.ended(result.run, result.stopped, flags)
    const status = await statusOf(store, context, result.run.id)
    return this.presentStatus(flags, status, last)
  }

  /** @param last instead of how to go on */
  protected presentStatus(
    flags: OutputFlags,
    status: Awaited<ReturnType<typeof statusOf>>,
    last?: string,
  ): Promise<object> {
    return this.present(flags, {
      json: statusJson(status),
      columns: statusColumns,
      rows: status.tenants,
      before: statusHead(status, flags.lang),
      after: statusFoot(status, flags.lang, last),
    })
  }

  /**
   * Lets the operator type a word before something is done that is hard to take back.
   * @throws OzgctlError 64 when nobody can be asked, or the answer is another
   */
  protected async confirmWord(text: string, word: string, yes: boolean): Promise<void> {
    if (yes) return
    await this.confirm(
      { text: `${text}${word}? `, answer: word },
      'Look at it with --dry-run, then add --yes.',
    )
  }
}
