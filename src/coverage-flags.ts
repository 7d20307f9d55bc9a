import { Flags } from '@oclif/core'
import type { Question } from './lib/coverage/load.ts'
import { RULES } from './lib/coverage/matrix.ts'
import type { ScopeChoice } from './lib/coverage/scope.ts'
import { VIEWS } from './lib/coverage/view.ts'
import { usageError } from './lib/errors.ts'
import { MAX_REIFEGRAD } from './lib/offer/model.ts'

/** Flags of every question about coverage. */
export const questionFlags = {
  view: Flags.option({
    options: VIEWS,
    default: 'citizen',
    env: 'OZGCTL_VIEW',
    description:
      'whose offers count: citizen (all that reach people living there), own (its own authority), portal (what its own portal shows)',
  })(),
  scope: Flags.string({
    default: 'all',
    env: 'OZGCTL_SCOPE',
    helpValue: 'all|kommunal|FILE',
    description: 'which OZG-Leistungen count; FILE lists ids or LeiKa keys, one a line',
  }),
  rule: Flags.option({
    options: RULES,
    default: 'any',
    env: 'OZGCTL_RULE',
    description:
      'an OZG-Leistung is covered when any or all of its keys are offered; share adds the fraction',
  })(),
  'min-reifegrad': Flags.integer({
    min: 0,
    max: MAX_REIFEGRAD,
    env: 'OZGCTL_MIN_REIFEGRAD',
    description: 'Reifegrad from which a Leistung counts as covered [default: 2, online]',
  }),
  'as-of': Flags.string({
    env: 'OZGCTL_AS_OF',
    helpValue: 'YYYY-MM-DD',
    description: 'day for which the validity of offers is judged [default: today]',
  }),
}

interface ParsedQuestion {
  readonly view: Question['view']
  readonly scope: string
  readonly rule: Question['rule']
  readonly 'min-reifegrad'?: number | undefined
  readonly 'as-of'?: string | undefined
}

/** Makes the question of its flags; reads the file of a scope. @throws OzgctlError 64 for a day that does not exist */
export async function questionOf(flags: ParsedQuestion, now: Date): Promise<Question> {
  return {
    view: flags.view,
    rule: flags.rule,
    scope: await scopeChoice(flags.scope),
    minReifegrad: flags['min-reifegrad'] ?? null,
    asOf: dayOf(flags['as-of'], now),
  }
}

/** The day asked for, else today as `YYYY-MM-DD`. @throws OzgctlError 64 for a day that does not exist */
export const dayOf = (asOf: string | undefined, now: Date): string =>
  asOf === undefined ? localDay(now) : existingDay(asOf)

async function scopeChoice(scope: string): Promise<ScopeChoice> {
  if (scope === 'all' || scope === 'kommunal') return { kind: scope }
  // Loaded only when asked for: reading files brings archives and encodings along, and a check starts often.
  const { readScopeFile } = await import('./lib/coverage/scope-file.ts')
  return readScopeFile(scope)
}

function localDay(now: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`
}

function existingDay(text: string): string {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : new Date(Number.NaN)
  if (!Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)) return text
  throw usageError('DAY_INVALID', `"${text}" is no day`, ['Write it as 2026-12-31.'])
}
