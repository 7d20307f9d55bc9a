import type { AppliedChange } from '../tenant/apply.ts'
import type { ApplyResult } from '../tenant/provision.ts'
import type { Change } from '../tenant/writes.ts'
import { formatNumber, type Lang, type Words } from './lang.ts'
import { neutralTerminal } from './neutral.ts'
import {
  ACTIONS,
  type DifferenceRow,
  differenceRows,
  leftAloneRows,
  networkChangeJson,
  planColumns,
  planCounts,
  tenantChangeJson,
  withoutEmpty,
} from './plan.ts'
import type { Column } from './table.ts'

const OUTCOMES: Readonly<Record<AppliedChange['outcome'], Words>> = {
  done: { de: 'erledigt', en: 'done' },
  already: { de: 'war schon so', en: 'was so already' },
  failed: { de: 'fehlgeschlagen', en: 'failed' },
  open: { de: 'offen', en: 'open' },
  cancelled: { de: 'abgebrochen', en: 'cancelled' },
  planned: { de: 'geplant', en: 'planned' },
}

const applyColumns: readonly Column<DifferenceRow>[] = [
  {
    key: 'outcome',
    title: { de: 'Ergebnis', en: 'outcome' },
    value: (row) => row.outcome,
    show: (value, lang) => (value === null ? '' : OUTCOMES[value as AppliedChange['outcome']][lang]),
  },
  ...planColumns,
  { key: 'reason', title: { de: 'Grund', en: 'reason' }, value: (row) => row.reason },
]

/** The same with what became of each. */
export function applyTable(result: ApplyResult) {
  const rows = result.changes
    .flatMap(({ change, outcome, reason }) => differenceRows(change, outcome, reason, false))
    .concat(leftAloneRows(result.plan))
  return { rows, columns: withoutEmpty(applyColumns, rows) }
}

/** First line of an apply that changes nothing, and its last one, too. */
export function dryRunLine(lang: Lang): string {
  return {
    de: 'Probelauf: es wird nichts geändert.\n',
    en: 'Dry run: nothing is changed.\n',
  }[lang]
}

/** The last lines of an apply: failures by cause, then the totals. */
export function applySummary(result: ApplyResult, lang: Lang): string {
  const failures = Map.groupBy(
    result.changes.filter((change) => change.outcome === 'failed'),
    (change) => change.reason ?? '',
  )
  const causes = [...failures].map(
    ([reason, changes]) =>
      `${formatNumber(changes.length, lang)} × ${OUTCOMES.failed[lang]}: ${neutralTerminal(reason)}\n`,
  )
  const counts = outcomeCounts(result)
  const totals = (['done', 'already', 'failed', 'open', 'cancelled'] as const)
    .filter((outcome) => outcome === 'done' || counts[outcome] > 0)
    .map((outcome) => `${formatNumber(counts[outcome], lang)} ${OUTCOMES[outcome][lang]}`)
  const left = result.plan.leftAlone.length
  const rest = left > 0 ? `, ${formatNumber(left, lang)} ${ACTIONS['left-alone'][lang]}` : ''
  return `${causes.join('')}Portal ${result.plan.portal}: ${totals.join(', ')}${rest}\n`
}

function outcomeCounts({ changes }: Pick<ApplyResult, 'changes'>) {
  const count = (outcome: AppliedChange['outcome']): number =>
    changes.filter((change) => change.outcome === outcome).length
  return {
    done: count('done'),
    already: count('already'),
    failed: count('failed'),
    open: count('open'),
    cancelled: count('cancelled'),
    planned: count('planned'),
  }
}

/** `apply --json`: the plan, and what became of each change. */
export function applyJson({ plan, applied, changes }: ApplyResult) {
  const became = new Map(changes.map(({ change, outcome, reason }) => [subject(change), { outcome, reason }]))
  return {
    schemaVersion: 1,
    dryRun: changes.some(({ outcome }) => outcome === 'planned'),
    run: applied?.run.id ?? null,
    state: applied?.run.state ?? null,
    reason: applied?.run.reason ?? null,
    portal: plan.portal,
    outcomes: outcomeCounts({ changes }),
    counts: planCounts(plan),
    networks: plan.networks.map((change) => ({
      ...networkChangeJson(change),
      ...became.get(subject(change)),
    })),
    tenants: plan.tenants.map((change) => ({ ...tenantChangeJson(change), ...became.get(subject(change)) })),
    leftAlone: plan.leftAlone,
    unmanaged: plan.unmanaged.map(({ value }) => value),
  }
}

const subject = (change: Change): string =>
  'network' in change ? `network ${change.network.account}` : `tenant ${change.tenant.ars}`
