import { homedir, hostname, userInfo } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Command, Flags } from '@oclif/core'
import { coloursFor } from './colour.ts'
import { reportError } from './error-report.ts'
import { redacted } from './lib/config/secret.ts'
import type { Context } from './lib/context.ts'
import { OzgctlError } from './lib/errors.ts'
import { EXIT } from './lib/exit-codes.ts'
import { useAsInput, useAsOutput } from './lib/in-use.ts'
import { abortUnfinishedFiles, writeFileAtomically } from './lib/output/atomic-file.ts'
import type { RegionKey } from './lib/region/key.ts'
import {
  changesOf,
  guardStore,
  openStore,
  openStoreForReading,
  requireStore,
  type Store,
} from './lib/store/sqlite.ts'
import { LANGS, type Lang } from './lib/view/lang.ts'
import { neutralLines, neutralMarkdown, neutralTerminal } from './lib/view/neutral.ts'
import {
  type Column,
  FORMATS,
  type Format,
  renderCsv,
  renderMarkdown,
  renderTable,
} from './lib/view/table.ts'
import { terminalProgress } from './progress.ts'
import { formatJson, printToStdout, ReaderGone } from './stdout.ts'
import { refuseMisleadingVariables } from './variables.ts'

/** Flags of a command that prints a list or a report. */
export const outputFlags = {
  output: Flags.option({
    char: 'o',
    options: FORMATS,
    default: 'table',
    env: 'OZGCTL_OUTPUT',
    description: 'format of the result',
  })(),
  out: Flags.string({
    helpValue: 'FILE',
    description: 'write the result to this file, whole or not at all, instead of stdout',
  }),
}

/** What every command takes by `baseFlags`. */
export interface BaseFlags {
  readonly store?: string | undefined
  readonly quiet: boolean
  readonly lang: Lang
  /** The region that a command is narrowed to, where it can be. */
  readonly in?: RegionKey | undefined
  /** The file for the result, where there can be one. */
  readonly out?: string | undefined
}

export interface OutputFlags extends BaseFlags {
  readonly output: Format
}

/**
 * What a command does with the store. `read` and `write` need what is in it: one that is named has to be there. `create`
 * makes it where there is none, `read-if-any` takes that for an empty one.
 */
export type StoreUse = 'read' | 'write' | 'create' | 'read-if-any'

/** How a store is opened for that. */
export const openerFor = (use: StoreUse): typeof openStore =>
  use === 'write' || use === 'create' ? openStore : openStoreForReading

/** A result in all its forms; texts are made only where they are asked for. */
export interface Presentation<Row> {
  readonly json: object
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  /** Lines before and after the table, on the screen and in Markdown. */
  readonly before?: string
  readonly after?: string
  /** On the screen and in Markdown instead of all this when there are no rows. */
  readonly empty?: string
}

// In a pipe or a file nothing is cut: whoever reads it may be looking for just that.
const UNLIMITED = Number.POSITIVE_INFINITY

/** What all commands share: flags, the context, output that is checked, errors in one form. */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true
  static override baseFlags = {
    store: Flags.string({
      env: 'OZGCTL_STORE',
      helpValue: 'FILE',
      helpGroup: 'GLOBAL',
      description: 'file of the store [default: $XDG_STATE_HOME/ozgctl/ozgctl.db]',
    }),
    lang: Flags.option({
      options: LANGS,
      default: 'de',
      env: 'OZGCTL_LANG',
      helpGroup: 'GLOBAL',
      description: 'language of reports for people',
    })(),
    quiet: Flags.boolean({
      char: 'q',
      env: 'OZGCTL_QUIET',
      helpGroup: 'GLOBAL',
      description: 'no progress and no remarks on stderr',
    }),
    verbose: Flags.boolean({
      env: 'OZGCTL_VERBOSE',
      helpGroup: 'GLOBAL',
      description: 'show the stack of an unexpected error',
    }),
  }

  readonly #warnings: string[] = []
  #graceful: AbortController | undefined
  /** Rows of the store that this process has changed so far. */
  #changes: () => number = () => 0
  #done: Aftermath | undefined

  override async init(): Promise<void> {
    await super.init()
    refuseMisleadingVariables({ ...this.ctor.baseFlags, ...this.ctor.flags }, process.env)
  }

  protected context(flags: BaseFlags): Context {
    const storePath = flags.store ?? join(stateFolder(), 'ozgctl', 'ozgctl.db')
    useAsInput(storePath)
    if (flags.out !== undefined) useAsOutput(flags.out)
    return {
      now: () => new Date(),
      uptime: () => Number(process.hrtime.bigint() / 1_000_000n),
      sleep: async (milliseconds, signal) => {
        await sleep(milliseconds, undefined, signal === undefined ? {} : { signal }).catch(() => undefined)
      },
      random: Math.random,
      uid: process.getuid?.(),
      pid: process.pid,
      command: ['ozgctl', this.id?.replaceAll(':', ' '), ...this.argv].join(' '),
      actor: actorName(),
      host: hostname(),
      env: process.env,
      home: homedir(),
      storePath,
      stdin: process.stdin,
      warn: (text) => {
        const message = redacted(text)
        this.#warnings.push(message)
        if (!flags.quiet) process.stderr.write(`${neutralTerminal(message)}\n`)
      },
      progress: terminalProgress(process.stderr, !flags.quiet && !this.jsonEnabled()),
    }
  }

  /**
   * Runs `work` on the open store and closes it.
   * @throws OzgctlError 64 STORE_MISSING, and REGION_NOT_FOUND for a region of `--in` that the register does not have
   */
  protected async withStore<T>(
    flags: BaseFlags,
    use: StoreUse,
    work: (store: Store, context: Context) => Promise<T>,
    open: (context: Context) => Promise<Store> = ({ storePath }) => openerFor(use)(storePath),
  ): Promise<T> {
    const context = this.context(flags)
    try {
      if (flags.store !== undefined && (use === 'read' || use === 'write'))
        requireStore(context.storePath, flags.store === context.env.OZGCTL_STORE ? 'OZGCTL_STORE' : '--store')
      const store = await open(context)
      this.#changes = () => changesOf(store)
      try {
        return await guardStore(context.storePath, async () => {
          if (flags.in !== undefined) await refuseUnknownRegion(store, flags.in)
          return work(store, context)
        })
      } finally {
        store.close()
      }
    } catch (error) {
      throw error instanceof OzgctlError && error.code === 'STORE_FULL' ? this.#whileFull(error) : error
    }
  }

  /** Characters in a line of the terminal; in a pipe there is no limit. */
  protected get screenWidth(): number {
    return process.stdout.columns ?? UNLIMITED
  }

  /** Shows a list or report in the form that the flags ask for and returns its JSON. */
  protected async present<Row>(flags: OutputFlags, result: Presentation<Row>): Promise<object> {
    const json = this.withWarnings(result.json)
    if (flags.out !== undefined) writeFileAtomically(flags.out, this.#render(flags, result, json, UNLIMITED))
    else if (!this.jsonEnabled()) {
      const colours = await coloursFor(process.stdout)
      await this.print(this.#render(flags, result, json, this.screenWidth, colours?.bold))
    }
    return json
  }

  #render<Row>(
    flags: OutputFlags,
    { columns, rows, before = '', after = '', empty }: Presentation<Row>,
    json: object,
    width: number,
    heading?: (text: string) => string,
  ): string {
    const format = this.jsonEnabled() ? 'json' : flags.output
    if (empty !== undefined && rows.length === 0 && (format === 'table' || format === 'markdown'))
      return neutralLines(empty)
    switch (format) {
      case 'json':
        return formatJson(json)
      case 'csv':
        return renderCsv(columns, rows)
      case 'markdown':
        return joined(
          neutralLines(before, neutralMarkdown),
          renderMarkdown(columns, rows, flags.lang),
          neutralLines(after, neutralMarkdown),
        )
      case 'table':
        return joined(
          neutralLines(before),
          renderTable(columns, rows, flags.lang, Math.max(width, 60), heading),
          neutralLines(after),
        )
    }
  }

  /** What was said on stderr so far. */
  protected get remarks(): readonly string[] {
    return this.#warnings
  }

  protected withWarnings<T extends object>(json: T): T {
    return this.#warnings.length > 0 ? { ...json, warnings: this.#warnings } : json
  }

  protected async print(text: string): Promise<void> {
    await printToStdout(text)
  }

  /**
   * Lets the work come to a clean stop at the first signal: what is under way is finished, nothing more is begun. The
   * second one ends the process at once.
   */
  protected stopGracefully(): AbortSignal {
    this.#graceful ??= new AbortController()
    return this.#graceful.signal
  }

  /** What there is when this process ends before its time: by a signal, on a full disk. */
  protected aftermath(): Aftermath {
    return { what: this.#changes() > 0 ? 'what was written before stays' : 'nothing was changed' }
  }

  /** From here on what was asked for is done; when its answer cannot be written, this is told. */
  protected workIsDone(what: string, next?: string): void {
    this.#done = { what, next }
  }

  #whileFull(error: OzgctlError): OzgctlError {
    const { what, next } = this.aftermath()
    const suggestions = next === undefined ? error.suggestions : ['Make room on the disk first.', next]
    return new OzgctlError(error.code, `${error.message}; ${what}`, {
      exit: error.exit,
      suggestions,
      cause: error,
    })
  }

  /** Whoever reads no further chose so; what was changed is said all the same. */
  #tellDone(): void {
    if (this.#done === undefined) return
    const { what, next } = this.#done
    const hint = next === undefined ? '' : `  ${next}\n`
    process.stderr.write(`The reader of the answer has gone; ${what}\n${hint}`)
  }

  /** An answer that cannot be written does not undo what it would have told. */
  #unanswered(error: Error): Error {
    if (this.#done === undefined || !(error instanceof OzgctlError) || error.code !== 'OUTPUT_FAILED')
      return error
    const { what, next } = this.#done
    return new OzgctlError(error.code, `${error.message}; ${what}`, {
      exit: error.exit,
      suggestions: next === undefined ? error.suggestions : [next],
      cause: error,
    })
  }

  override async _run<T>(): Promise<T> {
    for (const [signal, code] of [
      ['SIGHUP', EXIT.hangup],
      ['SIGINT', EXIT.interrupted],
      ['SIGTERM', EXIT.terminated],
    ] as const) {
      process.on(signal, () => {
        const clear = process.stderr.isTTY ? '\r\x1b[K' : ''
        if (this.#graceful?.signal.aborted === false) {
          process.stderr.write(`${clear}${signal}: finishing what is under way; once more stops at once\n`)
          // With all work done it comes too late to have stopped anything.
          if (this.#done === undefined) process.exitCode = code
          this.#graceful.abort()
          return
        }
        const { what, next } = this.aftermath()
        const how = next === undefined ? '' : `; ${next.charAt(0).toLowerCase()}${next.slice(1)}`
        process.stderr.write(`${clear}${signal}: stopped; ${what}${how}\n`)
        process.exit(code)
      })
    }
    process.once('exit', abortUnfinishedFiles)
    const result = await super._run<T>()
    if (result !== undefined && this.jsonEnabled()) await this.#answer(formatJson(result))
    return result
  }

  async #answer(text: string): Promise<void> {
    try {
      await this.print(text)
    } catch (error) {
      await this.catch(error instanceof Error ? error : new Error(String(error)))
    }
  }

  /** oclif prints JSON without checking that it could be written; `_run` does it instead. */
  override logJson(): void {
    // Left out on purpose, see _run and catch.
  }

  override async catch(error: Error): Promise<void> {
    if (error instanceof ReaderGone) return this.#tellDone()
    await reportError(this.#unanswered(error), {
      json: this.jsonEnabled(),
      verbose: this.argv.includes('--verbose'),
      command: this.id?.replaceAll(':', ' ') ?? '',
      flags: Object.keys({ ...this.ctor.baseFlags, ...this.ctor.flags }).map((name) => `--${name}`),
    })
  }
}

/** What a process leaves. */
export interface Aftermath {
  readonly what: string
  /** How to go on, a sentence. */
  readonly next?: string | undefined
}

/** Parts with an empty line between them. */
const joined = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join('\n')

/** Loaded for calls that name one: most do not, and each file costs time at the start. */
async function refuseUnknownRegion(store: Store, region: RegionKey): Promise<void> {
  const { requireRegion } = await import('./lib/register/lookup.ts')
  await requireRegion(store, region)
}

/** XDG Base Directory Specification: the home of state; a relative path in the variable is to be ignored. */
function stateFolder(): string {
  const { XDG_STATE_HOME = '' } = process.env
  return isAbsolute(XDG_STATE_HOME) ? XDG_STATE_HOME : join(homedir(), '.local', 'state')
}

/** The person, as far as it is known: behind sudo and shared accounts there is one. */
function actorName(): string {
  const { OZGCTL_ACTOR = '', SUDO_USER = '' } = process.env
  const account = accountName()
  const person = OZGCTL_ACTOR || SUDO_USER
  return person === '' || person === account ? account : `${person} as ${account}`
}

function accountName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? '?'}`
  }
}
