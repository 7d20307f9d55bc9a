import { unreachable } from '../errors.ts'
import type { Tenant } from '../portal/model.ts'
import type { AppliedChange } from '../tenant/apply.ts'
import type { FieldChange, FieldValue, NetworkChange, Plan, TenantChange } from '../tenant/plan.ts'
import type { Change } from '../tenant/writes.ts'
import { formatNumber, type Lang, type Words } from './lang.ts'
import { neutralTerminal } from './neutral.ts'
import type { Column } from './table.ts'

export const ACTIONS: Readonly<Record<Change['kind'] | 'left-alone' | 'unmanaged', Words>> = {
  'network-create': { de: 'Netzwerk anlegen', en: 'create network' },
  'network-change': { de: 'Netzwerk ändern', en: 'change network' },
  create: { de: 'anlegen', en: 'create' },
  change: { de: 'ändern', en: 'change' },
  move: { de: 'umziehen', en: 'move' },
  suspend: { de: 'stilllegen', en: 'suspend' },
  delete: { de: 'löschen', en: 'delete' },
  adopt: { de: 'übernehmen', en: 'adopt' },
  'left-alone': { de: 'nicht in der Datei, bleibt', en: 'not in file, left alone' },
  unmanaged: { de: 'nicht übernommen, bleibt', en: 'not adopted, left alone' },
}

/** One difference: a change has as many rows as fields, so that a spreadsheet can filter them. */
export interface DifferenceRow {
  readonly action: keyof typeof ACTIONS
  readonly ars: string
  readonly name: string
  readonly field: string
  readonly from: string
  readonly to: string
  readonly outcome: AppliedChange['outcome'] | null
  readonly reason: string | null
}

export const planColumns: readonly Column<DifferenceRow>[] = [
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

/** On the screen a column without any value would only take room. */
export const withoutEmpty = (
  columns: readonly Column<DifferenceRow>[],
  rows: readonly DifferenceRow[],
): readonly Column<DifferenceRow>[] =>
  columns.map((column) => (rows.some((row) => column.value(row)) ? column : { ...column, csvOnly: true }))

/** Rows of a plan that are shown without `--details`. */
const ROWS_SHOWN = 50

/** The differences of a plan. @param details also every field of what is created or deleted, and all rows */
export function planTable(plan: Plan, details: boolean) {
  const rows = [...plan.networks, ...plan.tenants]
    .flatMap((change) => differenceRows(change, null, null, details))
    .concat(leftAloneRows(plan))
  return { rows, columns: withoutEmpty(planColumns, rows) }
}

/** The first rows of a plan, and how many more there are. */
export function firstRows<Row>(rows: readonly Row[], lang: Lang) {
  const more = rows.length - ROWS_SHOWN
  if (more <= 0) return { rows, note: '' }
  const number = formatNumber(more, lang)
  const note = {
    de: `… und ${number} weitere Zeilen: --details\n`,
    en: `… and ${number} more rows: --details\n`,
  }
  return { rows: rows.slice(0, ROWS_SHOWN), note: note[lang] }
}

/** Rows of one change; with `details` also every field of what is created or deleted. */
export function differenceRows(
  change: Change,
  outcome: DifferenceRow['outcome'],
  reason: string | null,
  details: boolean,
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
    case 'delete': {
      const { hosts, slug } = change.tenant
      if (details) return each(fieldsOf(change.kind, change.tenant))
      return [change.kind === 'create' ? { ...row, to: valueText(hosts.length > 0 ? hosts : slug) } : row]
    }
    case 'adopt':
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

/** All fields that a new tenant gets, or that one loses. */
function fieldsOf(kind: 'create' | 'delete', tenant: Tenant): readonly FieldChange[] {
  const { contact, connectorSettings = {}, ...rest } = tenant
  const settings = Object.entries(connectorSettings).flatMap(([connector, own]) =>
    Object.entries(own).map(([name, value]) => [
      `connectors.${connector}.${name}`,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  )
  const flat = {
    ...rest,
    ...(Object.fromEntries(settings) as Readonly<Record<string, string>>),
    'contact.name': contact?.name,
    'contact.email': contact?.email,
    'contact.phone': contact?.phone,
  }
  return Object.entries(flat).flatMap(([field, value]) => {
    const text = value ?? null
    if (text === null || text.length === 0) return []
    return [kind === 'create' ? { field, from: null, to: text } : { field, from: text, to: null }]
  })
}

export function leftAloneRows({ leftAlone, unmanaged }: Plan): readonly DifferenceRow[] {
  const row = (action: DifferenceRow['action'], { ars, name }: Tenant): DifferenceRow => ({
    action,
    ars,
    name,
    field: '',
    from: '',
    to: '',
    outcome: null,
    reason: null,
  })
  return [
    ...unmanaged.map(({ value }) => row('unmanaged', value)),
    ...leftAlone.map((tenant) => row('left-alone', tenant)),
  ]
}

function valueText(value: FieldValue): string {
  if (value === null) return ''
  return typeof value === 'string' ? value : value.join(', ')
}

const COUNTED = ['create', 'change', 'move', 'suspend', 'delete'] as const

/** Numbers of a plan: what would be done, what is fine, what is left alone. */
export function planCounts(plan: Plan) {
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
    unmanaged: plan.unmanaged.length,
    notSelected: plan.notSelected,
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
  const extra = [
    ...(counts.unmanaged > 0
      ? [
          {
            de: `${number(counts.unmanaged)} nicht übernommen`,
            en: `${number(counts.unmanaged)} not adopted`,
          }[lang],
        ]
      : []),
    ...(counts.notSelected > 0
      ? [
          {
            de: `${number(counts.notSelected)} nicht ausgewählt`,
            en: `${number(counts.notSelected)} not selected`,
          }[lang],
        ]
      : []),
  ].map((text) => `, ${text}`)
  const rest = {
    de: `${number(counts.unchanged)} unverändert, ${number(counts.leftAlone)} nicht in der Datei`,
    en: `${number(counts.unchanged)} unchanged, ${number(counts.leftAlone)} not in file`,
  }
  return `Portal ${plan.portal}: ${words.join(', ')}; ${rest[lang]}${extra.join('')}\n`
}

export const networkWord = (count: number, lang: Lang): string =>
  ({ de: count === 1 ? 'Netzwerk' : 'Netzwerke', en: count === 1 ? 'network' : 'networks' })[lang]

/** What a plan says instead of a table when there is nothing to do. */
export function noChanges(plan: Plan, lang: Lang): string {
  const tenants = tenantCount(plan.unchanged, lang)
  return { de: `Keine Änderungen: ${tenants} geprüft\n`, en: `No changes: ${tenants} checked\n` }[lang]
}

export function tenantCount(count: number, lang: Lang): string {
  const word = { de: count === 1 ? 'Mandant' : 'Mandanten', en: count === 1 ? 'tenant' : 'tenants' }[lang]
  return `${formatNumber(count, lang)} ${word}`
}

/** How the plan was asked for, as the apply needs it too. */
export interface AskedFor {
  /** Flags and arguments behind `tenant apply`. */
  readonly words: readonly string[]
}

/** The last line of a plan: how to go on. */
export function planHint(plan: Plan, { words }: AskedFor, lang: Lang): string {
  const adopt =
    plan.unmanaged.length === 0
      ? ''
      : {
          de: 'Nicht übernommene zuerst übernehmen: ozgctl tenant adopt -f …\n',
          en: 'Adopt those that are not managed first: ozgctl tenant adopt -f …\n',
        }[lang]
  if (plan.networks.length + plan.tenants.length === 0) return `${adopt}${noChanges(plan, lang)}`
  const how = { de: 'Ausführen mit', en: 'To do this' }[lang]
  return `${adopt}${how}: ozgctl tenant apply ${neutralTerminal(words.map(shellWord).join(' '))}\n`
}

const shellWord = (text: string): string =>
  /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

/** `plan --json`. */
export function planJson(plan: Plan) {
  return {
    schemaVersion: 1,
    portal: plan.portal,
    counts: planCounts(plan),
    networks: plan.networks.map(networkChangeJson),
    tenants: plan.tenants.map(tenantChangeJson),
    leftAlone: plan.leftAlone,
    unmanaged: plan.unmanaged.map(({ value }) => value),
  }
}

export function networkChangeJson({ kind, network, fields }: NetworkChange) {
  return { action: kind === 'network-create' ? 'create' : 'change', ...network, fields }
}

export function tenantChangeJson(change: TenantChange) {
  const { kind, tenant } = change
  const formerArs = 'former' in change && change.former.ars !== tenant.ars ? change.former.ars : null
  const fields = 'fields' in change ? change.fields : []
  const changedOutside = 'changedOutside' in change && change.changedOutside
  return { action: kind, ars: tenant.ars, formerArs, tenant, fields, changedOutside }
}
