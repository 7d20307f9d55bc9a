import type { Kept } from '../portal/driver.ts'
import type { Network, Tenant, TenantState } from '../portal/model.ts'
import { formatNumber, formatTime, type Lang } from './lang.ts'
import { neutralTerminal } from './neutral.ts'
import { networkWord, tenantCount } from './plan.ts'
import type { Column } from './table.ts'

const STATES: Readonly<Record<TenantState, Readonly<Record<Lang, string>>>> = {
  active: { de: 'aktiv', en: 'active' },
  suspended: { de: 'stillgelegt', en: 'suspended' },
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

/** A list of none: that others are there, or how to begin. @param all tenants of the portal */
export function noTenants(all: number, lang: Lang): string {
  if (all > 0)
    return {
      de: `Keine Mandanten in dieser Auswahl; das Portal hat ${tenantCount(all, lang)}.\n`,
      en: `No tenants in this selection; the portal has ${tenantCount(all, lang)}.\n`,
    }[lang]
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
