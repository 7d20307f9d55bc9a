import { BaseCommand, type BaseFlags, type OutputFlags, openerFor, type StoreUse } from './base-command.ts'
import { redacted } from './lib/config/secret.ts'
import type { Context } from './lib/context.ts'
import { HEALTH_EXIT } from './lib/exit-codes.ts'
import { openedDespite } from './lib/health/despite-store.ts'
import type { HealthImpact } from './lib/health/impact.ts'
import type { HealthResult } from './lib/health/model.ts'
import { writeFileAtomically } from './lib/output/atomic-file.ts'
import type { Store } from './lib/store/sqlite.ts'
import {
  healthColumns,
  healthDetails,
  healthJson,
  healthNdjson,
  healthRows,
  healthSummary,
} from './lib/view/health.ts'
import { neutralTerminal } from './lib/view/neutral.ts'
import { FORMATS } from './lib/view/table.ts'

/** Formats of people, of scripts, and of monitoring. */
export const HEALTH_FORMATS = [...FORMATS, 'ndjson', 'nagios', 'prometheus', 'junit'] as const
type HealthFormat = (typeof HEALTH_FORMATS)[number]

interface HealthFlags extends BaseFlags {
  readonly output: HealthFormat
  readonly out?: string | undefined
  readonly details: boolean
}

/** What the commands share that ask connectors. */
export abstract class HealthCommand extends BaseCommand {
  /** Monitoring knows four ways to end: whatever keeps us from asking is UNKNOWN, be it a flag or the manifest. */
  override async catch(error: Error): Promise<void> {
    await super.catch(error)
    process.exitCode = HEALTH_EXIT.unknown
    if (!asksForNagios(this.argv, process.env.OZGCTL_OUTPUT)) return
    // It reads stdout alone.
    const [first = ''] = redacted(error.message).split('\n')
    await this.print(`UNKNOWN - ${neutralTerminal(first).replaceAll('|', '/')}\n`)
  }

  /**
   * Runs `work` with the store, or without it where it is in trouble. The deadline counts from here: of it a quarter at most
   * goes by until the store is open, and what is written at the end has the rest.
   */
  protected async withStoreIfPossible<T>(
    flags: BaseFlags & { readonly deadline?: number | undefined },
    use: StoreUse,
    work: (store: Store, context: Context, left: () => number | undefined) => Promise<T>,
  ): Promise<T> {
    const { deadline } = flags
    let begun = 0
    return this.withStore(
      flags,
      use,
      (store, context) =>
        work(store, context, () =>
          deadline === undefined ? undefined : Math.max(1, deadline - (context.uptime() - begun)),
        ),
      async (context) => {
        begun = context.uptime()
        const busyMs = deadline === undefined ? undefined : Math.ceil(deadline / 4)
        return openedDespite(context, () => openerFor(use)(context.storePath, { busyMs }))
      },
    )
  }

  /** Shows it in the form that was asked for, sets the exit code of the monitoring plugins, and returns its JSON. */
  protected async presentHealth(flags: HealthFlags, found: HealthImpact): Promise<object> {
    const { result } = found
    process.exitCode = HEALTH_EXIT[result.status]
    const { output } = flags
    const text = this.jsonEnabled() ? undefined : await rendered(output, result, this.remarks)
    if (text === undefined)
      return this.present({ ...flags, output: output as OutputFlags['output'] }, this.#list(flags, found))
    if (flags.out === undefined) await this.print(text)
    else writeFileAtomically(flags.out, text)
    return healthJson(found)
  }

  #list({ lang, details }: HealthFlags, found: HealthImpact) {
    const { result } = found
    return {
      json: healthJson(found),
      columns: healthColumns(result.startedAt),
      rows: healthRows(result),
      before: details ? healthDetails(result, lang) : '',
      after: healthSummary(found, lang),
    }
  }
}

/** The flags may be just what cannot be read. */
const asksForNagios = (argv: readonly string[], fromEnvironment: string | undefined): boolean =>
  argv.some(
    (word, at) =>
      /^(--output=|-o=?)?nagios$/.test(word) &&
      (word !== 'nagios' || /^(-o|--output)$/.test(argv[at - 1] ?? '')),
  ) ||
  (fromEnvironment === 'nagios' && !argv.some((word) => /^(-o|--output)/.test(word)))

/** Formats that are no list. They are loaded when they are asked for. */
async function rendered(
  format: HealthFormat,
  result: HealthResult,
  remarks: readonly string[],
): Promise<string | undefined> {
  switch (format) {
    case 'ndjson':
      return healthNdjson(result)
    case 'nagios':
      return (await import('./lib/view/health-nagios.ts')).healthNagios(result, remarks)
    case 'prometheus':
      return (await import('./lib/view/health-prometheus.ts')).healthPrometheus(result)
    case 'junit':
      return (await import('./lib/view/health-junit.ts')).healthJunit(result)
    case 'table':
    case 'csv':
    case 'markdown':
    case 'json':
      return undefined
  }
}
