import { BaseCommand, type BaseFlags, type OutputFlags } from './base-command.ts'
import { HEALTH_EXIT } from './lib/exit-codes.ts'
import type { HealthResult } from './lib/health/model.ts'
import { writeFileAtomically } from './lib/output/atomic-file.ts'
import {
  healthColumns,
  healthDetails,
  healthJson,
  healthNdjson,
  healthRows,
  healthSummary,
} from './lib/view/health.ts'
import { FORMATS } from './lib/view/table.ts'

/** Formats of people, of scripts, and of monitoring. */
export const HEALTH_FORMATS = [...FORMATS, 'ndjson', 'nagios', 'prometheus', 'junit'] as const
type HealthFormat = (typeof HEALTH_FORMATS)[number]

interface HealthFlags extends BaseFlags {
  readonly output: HealthFormat
  readonly out?: string | undefined
  readonly details: boolean
}

/** What the commands share that show a result of health checks. */
export abstract class HealthCommand extends BaseCommand {
  /** Shows it in the form that was asked for, sets the exit code of the monitoring plugins, and returns its JSON. */
  protected async presentHealth(flags: HealthFlags, result: HealthResult): Promise<object> {
    process.exitCode = HEALTH_EXIT[result.status]
    const { output } = flags
    const text = this.jsonEnabled() ? undefined : await rendered(output, result)
    if (text === undefined)
      return this.present({ ...flags, output: output as OutputFlags['output'] }, this.#list(flags, result))
    if (flags.out === undefined) await this.print(text)
    else writeFileAtomically(flags.out, text)
    return healthJson(result)
  }

  #list({ lang, details }: HealthFlags, result: HealthResult) {
    return {
      json: healthJson(result),
      columns: healthColumns(result.startedAt),
      rows: healthRows(result),
      before: details ? healthDetails(result, lang) : '',
      after: healthSummary(result, lang),
    }
  }
}

/** Formats that are no list. They are loaded when they are asked for. */
async function rendered(format: HealthFormat, result: HealthResult): Promise<string | undefined> {
  switch (format) {
    case 'ndjson':
      return healthNdjson(result)
    case 'nagios':
    case 'prometheus':
    case 'junit':
      return undefined
    case 'table':
    case 'csv':
    case 'markdown':
    case 'json':
      return undefined
  }
}
