import { createInterface } from 'node:readline/promises'
import { type Aftermath, BaseCommand, type OutputFlags } from './base-command.ts'
import type { Context } from './lib/context.ts'
import { OzgctlError, usageError } from './lib/errors.ts'
import { EXIT } from './lib/exit-codes.ts'
import type { StopCause } from './lib/journal/executor.ts'
import { openItems, type Run } from './lib/journal/model.ts'
import { hasNotEnded } from './lib/journal/states.ts'
import type { Plan } from './lib/tenant/plan.ts'
import type { ApplyResult } from './lib/tenant/provision.ts'
import { applyJson, applySummary, applyTable, dryRunLine } from './lib/view/apply.ts'
import { noChanges } from './lib/view/plan.ts'
import { confirmation, resumeCommand, stopLine } from './lib/view/run.ts'
import { ReaderGone } from './stdout.ts'

/** What the commands share that work on a portal in a run. */
export abstract class ApplyCommand extends BaseCommand {
  /** undefined until it has begun, or is gone on with. */
  #run: Run | undefined
  #dealtWith = 0
  readonly #stop = new AbortController()

  /**
   * Options that every run takes, whatever it does. Before it has begun a signal ends the process at once, be it at a
   * question, while it reads a slow portal or waits for another run; from then on it comes to a clean stop.
   */
  protected runHooks({ progress }: Context, label: string) {
    return {
      signal: this.#stop.signal,
      onRun: (run: Run): void => {
        this.#run = run
        this.stopGracefully().addEventListener('abort', () => this.#stop.abort())
        progress.start(label, openItems(run), 'items')
      },
      onProgress: (done: number): void => {
        this.dealtWith(done)
        progress.update(done)
      },
    }
  }

  /** Keeps how many changes are settled, for whatever ends the process. */
  protected dealtWith(done: number): void {
    this.#dealtWith = done
  }

  /**
   * Lets the operator type the portal's name before something is taken away.
   * @throws OzgctlError 64 when nobody can be asked, or the answer is another
   */
  protected async confirmPlan(plan: Plan, yes: boolean, flags: OutputFlags): Promise<void> {
    const question = confirmation(plan, flags.lang)
    if (question === undefined || yes) return
    await this.confirm(question, 'Look at the plan, then add --yes.')
  }

  /**
   * Lets the operator type a word before something is done that is hard to take back.
   * @param otherwise what to do where nobody can be asked
   * @throws OzgctlError 64 when nobody can be asked, or the answer is another
   */
  protected async confirm(
    { text, answer }: { readonly text: string; readonly answer: string },
    otherwise: string,
  ): Promise<void> {
    if (!process.stdin.isTTY || !process.stderr.isTTY || this.jsonEnabled())
      throw usageError(
        'CONFIRMATION_NEEDED',
        `${text.trim().split('\n')[0] ?? ''}; nobody can be asked here`,
        [otherwise],
      )
    const lines = createInterface({ input: process.stdin, output: process.stderr })
    // It takes the key for itself; a signal says what there is to say, and the exit code.
    lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
    // A terminal that is closed is an error of reading and writing; the signal that comes with it says so.
    lines.on('error', () => undefined)
    try {
      const said = await new Promise<string>((resolve) => {
        // An end of the input is no yes, be it by Ctrl-D or with the terminal.
        const nothing = (): void => resolve('')
        lines.once('close', nothing)
        lines.question(text).then(resolve, nothing)
      })
      if (said.trim() === answer) return
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
    this.#run = run
    if (stopped?.kind === 'error') throw stopped.error
    this.workIsDone(ENDS[run.state](run), nextOf(run))
    process.exitCode = exitCodeOf(run, stopped, process.exitCode)
    return stopLine(run, stopped, flags.lang)
  }

  protected override aftermath(): Aftermath {
    if (this.#run === undefined) return { what: 'nothing was changed' }
    return { what: `${this.#dealtWith} changes were dealt with`, next: nextOf(this.#run) }
  }

  /** Whatever ends a run that has begun, the way to go on is told. */
  override async catch(error: Error): Promise<void> {
    const run = this.#run
    if (run === undefined || error instanceof ReaderGone) return super.catch(error)
    if (error instanceof OzgctlError) return super.catch(this.#withNext(error, run))
    await super.catch(error)
    process.stderr.write(`${nextOf(run)}\n`)
  }

  #withNext(error: OzgctlError, run: Run): OzgctlError {
    const { code, message, exit, suggestions } = error
    const next = nextOf(run)
    // Who has taken over goes on with it; without its store it is not known; and it may be said already.
    if (exit === EXIT.locked || code === 'STORE_REPLACED' || suggestions.includes(next)) return error
    return new OzgctlError(code, message, { exit, suggestions: [...suggestions, next], cause: error })
  }
}

/** How to go on with a run, a sentence. */
const nextOf = (run: Run): string =>
  hasNotEnded(run) ? `Go on with: ${resumeCommand(run)}` : `See: ozgctl run show ${run.id}`

/** What is said of a run whose answer could not be written. */
const ENDS: Readonly<Record<Run['state'], (run: Run) => string>> = {
  done: ({ id }) => `${id} is done`,
  partial: ({ id, counts }) => `${id} has ended, and ${counts.failed} items failed`,
  cancelled: ({ id }) => `${id} was cancelled`,
  superseded: ({ id }) => `${id} was superseded`,
  stopped: ({ id }) => `${id} was stopped`,
  running: ({ id }) => `${id} has begun`,
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
    case 'unfinished':
      return stopped.error.exit
    case 'error':
      return EXIT.failed
  }
}
