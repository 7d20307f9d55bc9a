import { unreachable } from '../errors.ts'
import type { Kept } from '../portal/driver.ts'
import type { Network, Tenant, TenantState } from '../portal/model.ts'
import type { AppliedChange, ApplyResult } from '../tenant/apply.ts'
import type { FieldChange, FieldValue, NetworkChange, Plan, TenantChange } from '../tenant/plan.ts'
import type { ProvisionOptions } from '../tenant/provision.ts'
import { formatNumber, formatTime, type Lang } from './lang.ts'
import { neutralTerminal } from './neutral.ts'
import type { Column } from './table.ts'

type Change = NetworkChange | TenantChange
type Words = Readonly<Record<Lang, string>>

const ACTIONS: Readonly<Record<Change['kind'] | 'left-alone', Words>> = {
  'network-create': { de: 'Netzwerk anlegen', en: 'create network' },
  'network-change': { de: 'Netzwerk ändern', en: 'change network' },
  create: { de: 'anlegen', en: 'create' },
  change: { de: 'ändern', en: 'change' },
  move: { de: 'umziehen', en: 'move' },
  suspend: { de: 'stilllegen', en: 'suspend' },
  delete: { de: 'löschen', en: 'delete' },
  'left-alone': { de: 'nicht in der Datei, bleibt', en: 'not in file, left alone' },
}

const OUTCOMES: Readonly<Record<AppliedChange['outcome'], Words>> = {
  done: { de: 'erledigt', en: 'done' },
  already: { de: 'war schon so', en: 'was so already' },
  failed: { de: 'fehlgeschlagen', en: 'failed' },
  planned: { de: 'geplant', en: 'planned' },
}

const STATES: Readonly<Record<TenantState, Words>> = {
  active: { de: 'aktiv', en: 'active' },
  suspended: { de: 'stillgelegt', en: 'suspended' },
}

/** One difference: a change has as many rows as fields, so that a spreadsheet can filter them. */
interface DifferenceRow {
  readonly action: keyof typeof ACTIONS
  readonly ars: string
  readonly name: string
  readonly field: string
  readonly from: string
  readonly to: string
  readonly outcome: AppliedChange['outcome'] | null
  readonly reason: string | null
}

const planColumns: readonly Column<DifferenceRow>[] = [
  {
    key: 'action',
    title: { de: 'Aktion', en: 'action' },
    value: (row) => row.action,
    show: (value, lang) => ACTIONS[value as DifferenceRow['action']][lang],
  },
  { key: 'ars', whole: true, title: { de: 'ARS', en: 'ARS' }, value: (row) => row.ars },
  { key: 'name', title: { de: 'Name', en: 'name' }, value: (row) => row.name },
  { key: 'field', title: { de: 'Feld', en: 'field' }, value: (row) => row.field },
  { key: 'from', title: { de: 'vorher', en: 'from' }, value: (row) => row.from },
  { key: 'to', title: { de: 'nachher', en: 'to' }, value: (row) => row.to },
]

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

/** On the screen a column without any value would only take room. */
const withoutEmpty = (
  columns: readonly Column<DifferenceRow>[],
  rows: readonly DifferenceRow[],
): readonly Column<DifferenceRow>[] =>
  columns.map((column) => (rows.some((row) => column.value(row)) ? column : { ...column, csvOnly: true }))

/** The differences of a plan. */
export function planTable(plan: Plan) {
  const rows = planRows(plan)
  return { rows, columns: withoutEmpty(planColumns, rows) }
}

/** The same with what became of each. */
export function applyTable(result: ApplyResult) {
  const rows = appliedRows(result)
  return { rows, columns: withoutEmpty(applyColumns, rows) }
}

function planRows(plan: Plan): readonly DifferenceRow[] {
  return [...plan.networks, ...plan.tenants]
    .flatMap((change) => differenceRows(change, null, null))
    .concat(leftAloneRows(plan))
}

function appliedRows(result: ApplyResult): readonly DifferenceRow[] {
  return result.changes
    .flatMap(({ change, outcome, reason }) => differenceRows(change, outcome, reason))
    .concat(leftAloneRows(result.plan))
}

function differenceRows(
  change: Change,
  outcome: DifferenceRow['outcome'],
  reason: string | null,
): readonly DifferenceRow[] {
  const { ars, name } =
    'network' in change ? { ars: change.network.anchor, name: change.network.name } : change.tenant
  const row = { action: change.kind, ars, name, field: '', from: '', to: '', outcome, reason }
  const each = (fields: readonly FieldChange[]): DifferenceRow[] =>
    fields.map(({ field, from, to }) => ({ ...row, field, from: valueText(from), to: valueText(to) }))
  switch (change.kind) {
    case 'network-create':
      return [{ ...row, to: change.network.account }]
    case 'create':
      return [
        { ...row, to: valueText(change.tenant.hosts.length > 0 ? change.tenant.hosts : change.tenant.slug) },
      ]
    case 'delete':
      return [row]
    case 'network-change':
    case 'change':
    case 'move':
    case 'suspend':
      return each(change.fields)
    default:
      return unreachable(change)
  }
}

function leftAloneRows({ leftAlone }: Plan): readonly DifferenceRow[] {
  return leftAlone.map(({ ars, name }) => {
    const action = 'left-alone' as const
    return { action, ars, name, field: '', from: '', to: '', outcome: null, reason: null }
  })
}

const valueText = (value: FieldValue): string => (typeof value === 'string' ? value : value.join(', '))

const COUNTED = ['create', 'change', 'move', 'suspend', 'delete'] as const

/** Numbers of a plan: what would be done, what is fine, what is left alone. */
function planCounts(plan: Plan) {
  const count = (kind: TenantChange['kind']): number =>
    plan.tenants.filter((change) => change.kind === kind).length
  return {
    networks: plan.networks.length,
    create: count('create'),
    change: count('change'),
    move: count('move'),
    suspend: count('suspend'),
    delete: count('delete'),
    unchanged: plan.unchanged,
    leftAlone: plan.leftAlone.length,
  }
}

/** The line of numbers above a plan. */
export function planSummary(plan: Plan, lang: Lang): string {
  const counts = planCounts(plan)
  const number = (count: number): string => formatNumber(count, lang)
  const words = [
    ...(counts.networks > 0 ? [`${number(counts.networks)} ${networkWord(counts.networks, lang)}`] : []),
    ...COUNTED.map((kind) => `${number(counts[kind])} ${ACTIONS[kind][lang]}`),
  ]
  const rest = {
    de: `${number(counts.unchanged)} unverändert, ${number(counts.leftAlone)} nicht in der Datei`,
    en: `${number(counts.unchanged)} unchanged, ${number(counts.leftAlone)} not in file`,
  }
  return `Portal ${plan.portal}: ${words.join(', ')}; ${rest[lang]}\n`
}

const networkWord = (count: number, lang: Lang): string =>
  ({ de: count === 1 ? 'Netzwerk' : 'Netzwerke', en: count === 1 ? 'network' : 'networks' })[lang]

/** What a plan says instead of a table when there is nothing to do. */
export function noChanges(plan: Plan, lang: Lang): string {
  const tenants = tenantCount(plan.unchanged, lang)
  return { de: `Keine Änderungen: ${tenants} geprüft\n`, en: `No changes: ${tenants} checked\n` }[lang]
}

function tenantCount(count: number, lang: Lang): string {
  const word = { de: count === 1 ? 'Mandant' : 'Mandanten', en: count === 1 ? 'tenant' : 'tenants' }[lang]
  return `${formatNumber(count, lang)} ${word}`
}

/** The last line of a plan: how to go on. @param asked what the apply needs, too */
export function planHint(plan: Plan, asked: ProvisionOptions, lang: Lang): string {
  if (plan.networks.length + plan.tenants.length === 0) return noChanges(plan, lang)
  const { files, maxDelete } = asked
  const flags = [
    ...files.map((file) => `-f ${shellWord(file)}`),
    ...(maxDelete > 0 ? [`--max-delete ${maxDelete}`] : []),
  ].join(' ')
  const words = { de: 'Ausführen mit', en: 'To do this' }[lang]
  return `${words}: ozgctl tenant apply ${neutralTerminal(flags)}\n`
}

const shellWord = (text: string): string =>
  /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

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
  const totals = (['done', 'already', 'failed'] as const)
    .filter((outcome) => outcome === 'done' || counts[outcome] > 0)
    .map((outcome) => `${formatNumber(counts[outcome], lang)} ${OUTCOMES[outcome][lang]}`)
  const left = result.plan.leftAlone.length
  const rest = left > 0 ? `, ${formatNumber(left, lang)} ${ACTIONS['left-alone'][lang]}` : ''
  return `${causes.join('')}Portal ${result.plan.portal}: ${totals.join(', ')}${rest}\n`
}

function outcomeCounts({ changes }: ApplyResult) {
  const count = (outcome: AppliedChange['outcome']): number =>
    changes.filter((change) => change.outcome === outcome).length
  return {
    done: count('done'),
    already: count('already'),
    failed: count('failed'),
    planned: count('planned'),
  }
}

/** `plan --json`. */
export function planJson(plan: Plan) {
  return {
    schemaVersion: 1,
    portal: plan.portal,
    counts: planCounts(plan),
    networks: plan.networks.map(networkChangeJson),
    tenants: plan.tenants.map(tenantChangeJson),
    leftAlone: plan.leftAlone,
  }
}

/** `apply --json`: the plan, and what became of each change. */
export function applyJson({ plan, dryRun, changes }: ApplyResult) {
  const became = new Map(changes.map(({ change, outcome, reason }) => [change, { outcome, reason }]))
  return {
    schemaVersion: 1,
    dryRun,
    portal: plan.portal,
    outcomes: outcomeCounts({ plan, dryRun, changes }),
    counts: planCounts(plan),
    networks: plan.networks.map((change) => ({ ...networkChangeJson(change), ...became.get(change) })),
    tenants: plan.tenants.map((change) => ({ ...tenantChangeJson(change), ...became.get(change) })),
    leftAlone: plan.leftAlone,
  }
}

function networkChangeJson({ kind, network, fields }: NetworkChange) {
  return { action: kind === 'network-create' ? 'create' : 'change', ...network, fields }
}

function tenantChangeJson(change: TenantChange) {
  const { kind, tenant } = change
  const formerArs = 'former' in change && change.former.ars !== tenant.ars ? change.former.ars : null
  return { action: kind, ars: tenant.ars, formerArs, tenant, fields: 'fields' in change ? change.fields : [] }
}

const tenantColumns: readonly Column<Kept<Tenant>>[] = [
  { key: 'ars', whole: true, title: { de: 'ARS', en: 'ARS' }, value: (row) => row.value.ars },
  { key: 'name', title: { de: 'Name', en: 'name' }, value: (row) => row.value.name },
  {
    key: 'state',
    title: { de: 'Zustand', en: 'state' },
    value: (row) => row.value.state,
    show: (value, lang) => STATES[value as TenantState][lang],
  },
  { key: 'slug', title: { de: 'Kurzname', en: 'slug' }, value: (row) => row.value.slug },
  { key: 'hosts', title: { de: 'Adressen', en: 'hosts' }, value: (row) => row.value.hosts.join(', ') },
  { key: 'modules', title: { de: 'Module', en: 'modules' }, value: (row) => row.value.modules.join(', ') },
  { key: 'account', title: { de: 'Netzwerk', en: 'network' }, value: (row) => row.value.account },
  {
    key: 'changed_at',
    title: { de: 'geändert (UTC)', en: 'changed (UTC)' },
    value: (row) => row.changedAt,
    show: (value) => (typeof value === 'string' ? formatTime(value) : ''),
    csvOnly: true,
  },
  { key: 'changed_by', title: { de: 'von', en: 'by' }, value: (row) => row.changedBy, csvOnly: true },
]

/** Columns of a list; on the screen without the network where there is only one: the last line names it. */
export function tenantListColumns(networks: readonly Network[]): readonly Column<Kept<Tenant>>[] {
  return tenantColumns.map((column) =>
    column.key === 'account' && networks.length < 2 ? { ...column, csvOnly: true } : column,
  )
}

/** `list --json`. */
export function tenantsJson(portal: string, networks: readonly Network[], tenants: readonly Kept<Tenant>[]) {
  return {
    schemaVersion: 1,
    portal,
    networks,
    tenants: tenants.map(({ value, changedAt, changedBy }) => ({ ...value, changedAt, changedBy })),
  }
}

/** A list of none: how to begin. */
export function noTenants(lang: Lang): string {
  return {
    de: 'Keine Mandanten. Ein Netzwerk beschreiben: ozgctl tenant seed --in PREFIX\n',
    en: 'No tenants. Describe a network: ozgctl tenant seed --in PREFIX\n',
  }[lang]
}

/** The last line of a list. */
export function tenantsSummary(
  networks: readonly Network[],
  tenants: readonly Kept<Tenant>[],
  lang: Lang,
): string {
  const suspended = tenants.filter(({ value }) => value.state === 'suspended').length
  const number = (count: number): string => formatNumber(count, lang)
  const [network, second] = networks
  const whose =
    network === undefined || second !== undefined
      ? `${number(networks.length)} ${networkWord(networks.length, lang)}`
      : neutralTerminal(network.name)
  const states = [
    `${number(tenants.length - suspended)} ${STATES.active[lang]}`,
    ...(suspended > 0 ? [`${number(suspended)} ${STATES.suspended[lang]}`] : []),
  ].join(', ')
  return `${whose}: ${tenantCount(tenants.length, lang)}, ${states}\n`
}
