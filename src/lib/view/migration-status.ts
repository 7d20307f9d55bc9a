import type { MigrationStatus, StepStatus, TenantState, TenantStatus } from '../migration/status.ts'
import { formatNumber, type Lang, type Words } from './lang.ts'
import { transferLine } from './migration-transfers.ts'
import { neutralTerminal } from './neutral.ts'
import { nextStep, runHead, runJson } from './run.ts'
import type { Column } from './table.ts'

export const TENANT_STATES: Readonly<Record<TenantState, Words>> = {
  open: { de: 'offen', en: 'open' },
  done: { de: 'fertig', en: 'done' },
  failed: { de: 'fehlgeschlagen', en: 'failed' },
  undone: { de: 'zurückgenommen', en: 'taken back' },
  left: { de: 'nicht weitergeführt', en: 'left' },
}

/** The step that a tenant is at, or that it failed at; undefined where all are behind it. */
export function presentStep({ steps }: TenantStatus): StepStatus | undefined {
  return (
    steps.find(({ state }) => state === 'failed') ??
    steps.find(({ state }) => state === 'running' || state === 'unknown' || state === 'pending')
  )
}

const doneSteps = ({ steps }: TenantStatus): number =>
  steps.filter(({ state }) => state === 'done' || state === 'already').length

/** Columns of `migration status`. */
export const statusColumns: readonly Column<TenantStatus>[] = [
  { key: 'wave', title: { de: 'Welle', en: 'wave' }, value: ({ wave }) => wave },
  { key: 'ars', whole: true, title: { de: 'Schlüssel', en: 'key' }, value: ({ ars }) => ars },
  { key: 'name', title: { de: 'Mandant', en: 'tenant' }, value: ({ name }) => name },
  {
    key: 'state',
    title: { de: 'Zustand', en: 'state' },
    value: ({ state }) => state,
    show: (value, lang) => TENANT_STATES[value as TenantState][lang],
  },
  {
    key: 'done',
    title: { de: 'Schritte', en: 'steps' },
    value: (tenant) => `${doneSteps(tenant)}/${tenant.steps.length}`,
  },
  {
    key: 'step',
    rare: true,
    title: { de: 'bei', en: 'at' },
    value: (tenant) => presentStep(tenant)?.step ?? '',
  },
  {
    key: 'reason',
    rare: true,
    title: { de: 'Grund', en: 'reason' },
    value: (tenant) => presentStep(tenant)?.reason ?? '',
  },
]

/** How many tenants of each wave are in which state. */
export function wavesOfStatus({ tenants }: Pick<MigrationStatus, 'tenants'>) {
  return [...Map.groupBy(tenants, ({ wave }) => wave)]
    .sort(([a], [b]) => a - b)
    .map(([wave, all]) => {
      const count = (state: TenantState): number => all.filter((tenant) => tenant.state === state).length
      return {
        wave,
        tenants: all.length,
        open: count('open'),
        done: count('done'),
        failed: count('failed'),
        undone: count('undone'),
        left: count('left'),
      }
    })
}

export function statusHead(status: MigrationStatus, lang: Lang): string {
  const { document } = status.options
  const title = neutralTerminal(`${status.options.migration}: ${String(document.title ?? '')}`)
  const waves = wavesOfStatus(status).map((wave) => {
    const parts = (Object.keys(TENANT_STATES) as TenantState[])
      .filter((state) => wave[state] > 0)
      .map((state) => `${formatNumber(wave[state], lang)} ${TENANT_STATES[state][lang]}`)
    return `${{ de: 'Welle', en: 'Wave' }[lang]} ${wave.wave}: ${parts.join(', ')}`
  })
  return [title, ...runHead(status, lang).trimEnd().split('\n'), ...waves].map((line) => `${line}\n`).join('')
}

/** Why tenants failed, what transfers found, and how to go on. @param last the last lines, where they are another's */
export function statusFoot(status: MigrationStatus, lang: Lang, last = nextStep(status, lang)): string {
  const causes = status.causes.map(({ step, reason, tenants }) => {
    const some = tenants.slice(0, 3).join(', ')
    const more = tenants.length > 3 ? `, … (${tenants.length})` : ''
    return neutralTerminal(`${step}: ${reason} (${some}${more})`)
  })
  const transfers = status.transfers.map((one) => transferLine(one, lang))
  const lines = [...causes, ...transfers].map((line) => `${line}\n`).join('')
  return `${lines}${last}`
}

/** `migration status --json`, and the answers of `run`, `resume` and `retry`. */
export const statusJson = (status: MigrationStatus) => ({
  schemaVersion: 1,
  migration: { id: status.options.migration, hash: status.options.hash, portal: status.options.portal },
  of: status.options.of === null ? null : `run-${status.options.of}`,
  atLeastOnce: status.options.atLeastOnce,
  run: runJson(status),
  waves: wavesOfStatus(status),
  tenants: status.tenants,
  between: status.between,
  causes: status.causes,
  approvals: status.approvals,
  transfers: status.transfers,
  rollbacks: status.rollbacks.map(({ id }) => id),
})
