import { createInterface } from 'node:readline/promises'
import { BaseCommand, type OutputFlags } from './base-command.ts'
import type { Context } from './lib/context.ts'
import { OzgctlError, usageError } from './lib/errors.ts'
import { EXIT } from './lib/exit-codes.ts'
import type { StopCause } from './lib/journal/executor.ts'
import { openItems, type Run } from './lib/journal/model.ts'
import type { Plan } from './lib/tenant/plan.ts'
import type { ApplyResult } from './lib/tenant/provision.ts'
import { applyJson, applySummary, applyTable, dryRunLine } from './lib/view/apply.ts'
import { noChanges } from './lib/view/plan.ts'
import { confirmation, resumeCommand, stopLine } from './lib/view/run.ts'

/** What the commands share that work on a portal in a run. */
export abstract class ApplyCommand extends BaseCommand {
  #run: Run | undefined
  #progress = { done: 0, total: 0, failed: 0 }

  /** Options that every run takes, whatever it does. */
  protected runHooks(context: Context, label: string, run?: Run) {
    this.#run = run
    return {
      signal: this.stopGracefully(),
      onRun: (run: Run): void => {
        this.#run = run
        context.progress.start(label, openItems(run), 'items')
      },
      onProgress: (done: number, failed: number): void => {
        this.#progress = { ...this.#progress, done, failed }
        context.progress.update(done)
      },
    }
  }

  /**
   * Lets the operator type the portal's name before something is taken away.
   * @throws OzgctlError 64 when nobody can be asked, or the answer is another
   */
  protected async confirmPlan(plan: Plan, yes: boolean, flags: OutputFlags): Promise<void> {
    const question = confirmation(plan, flags.lang)
    if (question === undefined || yes) return
    const { text, answer } = question
    if (!process.stdin.isTTY || !process.stderr.isTTY || this.jsonEnabled())
      throw usageError(
        'CONFIRMATION_NEEDED',
        `${text.trim().split('\n')[0] ?? ''}; nobody can be asked here`,
        ['Look at the plan, then add --yes.'],
      )
    const lines = createInterface({ input: process.stdin, output: process.stderr })
    try {
      if ((await lines.question(text)).trim() === answer) return
    } finally {
      lines.close()
    }
    throw usageError('NOT_CONFIRMED', 'not confirmed; nothing was changed')
  }

  /** Shows what became of the changes and sets the exit code. */
  protected async presentApplied(flags: OutputFlags, result: ApplyResult): Promise<object> {
    const { plan, applied, changes } = result
    const dry = changes.some(({ outcome }) => outcome === 'planned') ? dryRunLine(flags.lang) : ''
    const nothing = noChanges(plan, flags.lang)
    const end = applied === undefined ? '' : this.ended(applied.run, applied.stopped, flags)
    const after = changes.length > 0 ? `${applySummary(result, flags.lang)}${end}` : nothing
    return this.present(flags, {
      json: applyJson(result),
      ...applyTable(result),
      before: dry,
      after: dry === '' ? after : dry,
      empty: `${dry}${nothing}${dry}`,
    })
  }

  /** Sets the exit code of a run that has come to its end, or to a stop. @returns the last line */
  protected ended(run: Run, stopped: StopCause | undefined, flags: OutputFlags): string {
    if (stopped?.kind === 'error') throw withResume(stopped.error, run)
    this.#run = run
    process.exitCode = exitCodeOf(run, stopped, process.exitCode)
    return stopLine(run, stopped, flags.lang)
  }

  protected override stopped(): string {
    const { done } = this.#progress
    if (this.#run === undefined) return super.stopped()
    return `${done} changes were dealt with; go on with: ${resumeCommand(this.#run)}`
  }

  /** A report that cannot be written does not undo what it would have told. */
  override async catch(error: Error): Promise<void> {
    const isLate = error instanceof OzgctlError && error.exit === EXIT.output && this.#run !== undefined
    if (!isLate || this.#run === undefined) return super.catch(error)
    return super.catch(withResume(error, this.#run))
  }
}

function exitCodeOf(run: Run, stopped: StopCause | undefined, present: typeof process.exitCode) {
  switch (stopped?.kind) {
    case undefined:
      // A signal that came too late to stop anything has stopped nothing.
      return run.counts.failed > 0 ? EXIT.partial : EXIT.ok
    // Set by the signal.
    case 'signal':
      return present
    case 'failures':
    case 'cancelled':
    case 'paused':
    case 'halted':
      return EXIT.partial
    case 'unavailable':
      return EXIT.unavailable
    case 'error':
      return EXIT.failed
  }
}

/** The same error with the way to go on. */
function withResume(error: unknown, run: Run): Error {
  if (!(error instanceof OzgctlError)) return error instanceof Error ? error : new Error(String(error))
  const { code, message, exit, suggestions } = error
  const way = openItems(run) > 0 ? `Go on with: ${resumeCommand(run)}` : `See: ozgctl run show ${run.id}`
  return new OzgctlError(code, message, { exit, suggestions: [...suggestions, way], cause: error })
}
