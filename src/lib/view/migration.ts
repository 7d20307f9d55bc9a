import type { Frozen } from '../migration/freeze.ts'
import type { Difference } from '../migration/hash.ts'
import type { LintedMigration } from '../migration/lint.ts'
import type { MigrationSummary } from '../migration/list.ts'
import type { MigrationPlan, PlannedStep } from '../migration/plan.ts'
import type { TenantProgress } from '../migration/progress.ts'
import type { RollbackPlan, RollbackStep } from '../migration/rollback.ts'
import { formatNumber, formatTime, type Lang, type Words } from './lang.ts'
import { neutralTerminal } from './neutral.ts'
import { type RunNow, runJson } from './run.ts'
import type { Column } from './table.ts'

const OUTCOMES: Readonly<Record<PlannedStep['outcome'], Words>> = {
  so: { de: 'ist schon so', en: 'is so already' },
  todo: { de: 'zu tun', en: 'to do' },
  never: { de: 'unmöglich', en: 'impossible' },
  unclear: { de: 'ungewiss', en: 'unclear' },
  later: { de: 'zeigt sich später', en: 'shows later' },
}

const UNDO: Readonly<Record<PlannedStep['undo'], Words>> = {
  yes: { de: 'ja', en: 'yes' },
  nothing: { de: 'nichts zurückzunehmen', en: 'nothing to take back' },
  never: { de: 'nein', en: 'no' },
}

/** Columns of `migration plan`. */
export const planColumns: readonly Column<PlannedStep>[] = [
  { key: 'wave', title: { de: 'Welle', en: 'wave' }, value: ({ wave }) => wave + 1 },
  { key: 'ars', whole: true, title: { de: 'Schlüssel', en: 'key' }, value: ({ tenant }) => tenant.ars },
  { key: 'name', title: { de: 'Mandant', en: 'tenant' }, value: ({ tenant }) => tenant.name },
  { key: 'step', title: { de: 'Schritt', en: 'step' }, value: ({ step }) => step },
  {
    key: 'outcome',
    title: { de: 'Befund', en: 'found' },
    value: ({ outcome }) => outcome,
    show: (value, lang) => OUTCOMES[value as PlannedStep['outcome']][lang],
  },
  { key: 'what', title: { de: 'was', en: 'what' }, value: ({ what }) => what.join('; ') },
  {
    key: 'undo',
    title: { de: 'zurück', en: 'way back' },
    value: ({ undo }) => undo,
    show: (value, lang) => UNDO[value as PlannedStep['undo']][lang],
    spare: 1,
  },
]

const counted = <T extends string>(words: readonly T[]): Map<T, number> =>
  new Map([...Map.groupBy(words, (word) => word)].map(([word, all]) => [word, all.length]))

/** The lines above a plan: whom it is about, and how much there is to do. */
export function planHead({ definition, portal, waves, steps }: MigrationPlan, lang: Lang): string {
  const tenants = waves.reduce((sum, wave) => sum + wave.length, 0)
  const counts = [...counted(steps.map(({ outcome }) => outcome))]
    .map(([outcome, count]) => `${formatNumber(count, lang)} ${OUTCOMES[outcome][lang]}`)
    .join(', ')
  const sizes = waves.map((wave) => wave.length).join(' + ')
  return {
    de: `${definition.id}: ${definition.title}\n${tenants} Mandanten des Portals ${portal} in ${waves.length} Wellen (${sizes}); Schritte: ${counts}\n`,
    en: `${definition.id}: ${definition.title}\n${tenants} tenants of the portal ${portal} in ${waves.length} waves (${sizes}); steps: ${counts}\n`,
  }[lang]
}

/** The lines below it: what cannot be taken back, who is busy, and the command that does it. */
export function planFoot({ steps, busy }: MigrationPlan, words: string, lang: Lang): string {
  const never = [
    ...new Set(
      steps.filter(({ undo, outcome }) => undo === 'never' && outcome !== 'so').map(({ step }) => step),
    ),
  ]
  const lines = [
    ...(never.length === 0
      ? []
      : [
          {
            de: `Nicht zurückzunehmen: ${never.join(', ')}`,
            en: `Cannot be taken back: ${never.join(', ')}`,
          }[lang],
        ]),
    ...(busy === undefined
      ? []
      : [
          {
            de: `run-${busy.run} ist mit ${busy.key} nicht fertig.`,
            en: `run-${busy.run} has not finished with ${busy.key}.`,
          }[lang],
        ]),
    {
      de: `Ausführen mit: ozgctl migration run ${words}`,
      en: `Carry it out with: ozgctl migration run ${words}`,
    }[lang],
  ]
  return lines.map((line) => `${line}\n`).join('')
}

/** `migration plan --json`, and `migration run --dry-run --json`. */
export const migrationPlanJson = ({ definition, portal, waves, steps, busy }: MigrationPlan) => ({
  schemaVersion: 1,
  dryRun: true,
  migration: { id: definition.id, title: definition.title, hash: definition.hash },
  portal,
  waves,
  steps: steps.map(({ tenant, ...step }) => ({ ...step, wave: step.wave + 1, ...tenant })),
  busy: busy === undefined ? null : { run: `run-${busy.run}`, key: busy.key },
})

/** What a run says of itself while it works. */
export function progressNote({ failed, records, causes }: TenantProgress): string {
  const worst = [...causes].sort((a, b) => b[1] - a[1])[0]
  return [
    ...(records > 0 ? [`${records} records`] : []),
    ...(failed > 0
      ? [`${failed} failed${worst === undefined ? '' : `: ${neutralTerminal(worst[0]).slice(0, 60)}`}`]
      : []),
  ]
    .map((part) => `, ${part}`)
    .join('')
}

/** Columns of `migration list`. */
export const listColumns: readonly Column<MigrationSummary>[] = [
  {
    key: 'migration',
    whole: true,
    title: { de: 'Migration', en: 'migration' },
    value: ({ frozen }) => frozen.id,
  },
  {
    key: 'title',
    title: { de: 'Titel', en: 'title' },
    value: ({ frozen }) => String(frozen.document.title ?? ''),
  },
  { key: 'runs', title: { de: 'Läufe', en: 'runs' }, value: ({ runs }) => runs.length },
  { key: 'last', title: { de: 'letzter', en: 'last' }, value: ({ runs }) => runs[0]?.run.id ?? '' },
  { key: 'state', title: { de: 'Zustand', en: 'state' }, value: ({ runs }) => runs[0]?.run.state ?? '' },
  {
    key: 'frozen_at',
    title: { de: 'seit (UTC)', en: 'since (UTC)' },
    value: ({ frozen }) => frozen.at,
    show: (value) => formatTime(String(value)),
  },
  {
    key: 'hash',
    title: { de: 'Prüfsumme', en: 'hash' },
    value: ({ frozen }) => frozen.hash.slice(0, 12),
    spare: 1,
  },
]

export const noMigrations = (lang: Lang): string =>
  ({ de: 'Noch keine Migration ist gelaufen.\n', en: 'No migration has run yet.\n' })[lang]

/** `migration list --json`. */
export const listJson = (migrations: readonly MigrationSummary[]) => ({
  schemaVersion: 1,
  migrations: migrations.map(({ frozen, runs }) => ({
    id: frozen.id,
    title: String(frozen.document.title ?? ''),
    hash: frozen.hash,
    frozenAt: frozen.at,
    frozenBy: frozen.by,
    runs: runs.map(runJson),
  })),
})

/** Columns of what a rollback takes back. */
export const rollbackColumns: readonly Column<RollbackStep>[] = [
  { key: 'wave', title: { de: 'Welle', en: 'wave' }, value: ({ wave }) => wave + 1 },
  { key: 'ars', whole: true, title: { de: 'Schlüssel', en: 'key' }, value: ({ key }) => key },
  { key: 'name', title: { de: 'Mandant', en: 'tenant' }, value: ({ name }) => name },
  { key: 'step', title: { de: 'Schritt', en: 'step' }, value: ({ step }) => step },
  {
    key: 'undo',
    title: { de: 'zurück', en: 'way back' },
    value: ({ undo }) => undo,
    show: (value, lang) => UNDO[value as RollbackStep['undo']][lang],
  },
]

/** What is said before anything is taken back. */
export function rollbackHead({ run, steps, keys }: RollbackPlan, lang: Lang): string {
  const able = steps.filter(({ undo }) => undo === 'yes').length
  const never = steps.filter(({ undo }) => undo === 'never')
  const names = [...new Set(never.map(({ step }) => step))].join(', ')
  const lines = [
    {
      de: `${run.id}: ${able} Schritte von ${keys.length} Mandanten werden zurückgenommen, der letzte zuerst.`,
      en: `${run.id}: ${able} steps of ${keys.length} tenants are taken back, the last one first.`,
    }[lang],
    ...(never.length === 0
      ? []
      : [
          {
            de: `${never.length} lassen sich nicht zurücknehmen und bleiben: ${names}`,
            en: `${never.length} cannot be taken back and stay: ${names}`,
          }[lang],
        ]),
  ]
  return lines.map((line) => `${line}\n`).join('')
}

/** `migration rollback --dry-run --json`, and with the run that does it. */
export const rollbackJson = (plan: RollbackPlan, now: RunNow | undefined) => ({
  schemaVersion: 1,
  dryRun: now === undefined,
  of: plan.run.id,
  tenants: plan.keys,
  steps: plan.steps.map(({ wave, key, name, step, undo }) => ({
    wave: wave + 1,
    ars: key,
    name,
    step,
    undo,
  })),
  run: now === undefined ? null : runJson(now),
})

/** What is wrong with no migration. */
export function lintLine(count: number, lang: Lang): string {
  return {
    de: `${formatNumber(count, lang)} Migration${count === 1 ? '' : 'en'} in Ordnung.\n`,
    en: `${formatNumber(count, lang)} migration${count === 1 ? ' is' : 's are'} in order.\n`,
  }[lang]
}

const LINT_STATES: Readonly<Record<LintedMigration['state'], Words>> = {
  new: { de: 'noch nicht gelaufen', en: 'has not run' },
  frozen: { de: 'wie gelaufen', en: 'as it ran' },
  changed: { de: 'anders als gelaufen', en: 'other than it ran' },
}

export const lintColumns: readonly Column<LintedMigration>[] = [
  { key: 'migration', whole: true, title: { de: 'Migration', en: 'migration' }, value: ({ id }) => id },
  { key: 'steps', title: { de: 'Schritte', en: 'steps' }, value: ({ steps }) => steps },
  {
    key: 'state',
    title: { de: 'Zustand', en: 'state' },
    value: ({ state }) => state,
    show: (value, lang) => LINT_STATES[value as LintedMigration['state']][lang],
  },
  { key: 'hash', title: { de: 'Prüfsumme', en: 'hash' }, value: ({ hash }) => hash.slice(0, 12) },
  { key: 'remarks', title: { de: 'Hinweise', en: 'remarks' }, value: ({ remarks }) => remarks.join('; ') },
]

export const lintJson = (linted: readonly LintedMigration[]) => ({ schemaVersion: 1, migrations: linted })

/** What `migration repair` would take for right. */
export function repairHead(frozen: Frozen, lang: Lang): string {
  return {
    de: `${frozen.id} ist am ${formatTime(frozen.at)} (UTC) von ${frozen.by} gelaufen und sagt jetzt anderes.\nWas bisher getan wurde, bleibt, wie es ist: Es wird nichts nachgeholt und nichts zurückgenommen. Künftige Läufe tun, was jetzt dasteht.\n`,
    en: `${frozen.id} ran on ${formatTime(frozen.at)} (UTC) by ${frozen.by} and says something else now.\nWhat has been done stays as it is: nothing is made up for and nothing taken back. Runs from now on do what it says now.\n`,
  }[lang]
}

export const differenceColumns: readonly Column<Difference>[] = [
  { key: 'path', whole: true, title: { de: 'Stelle', en: 'place' }, value: ({ path }) => path },
  { key: 'former', title: { de: 'bisher', en: 'before' }, value: ({ former }) => former },
  { key: 'present', title: { de: 'jetzt', en: 'now' }, value: ({ present }) => present },
]

export const repairJson = (id: string, differences: readonly Difference[], repaired: boolean) => ({
  schemaVersion: 1,
  dryRun: !repaired,
  migration: id,
  differences,
})
