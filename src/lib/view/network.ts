import type { NetworkBasis, NetworkSharing } from '../network/load.ts'
import type { Member } from '../network/resolve.ts'
import type { ServiceSelection, SharingRule } from '../portal/model.ts'
import { formatNumber, type Lang } from './lang.ts'
import { neutralTerminal } from './neutral.ts'
import type { Cell, Column } from './table.ts'

const text = (de: string, en = de): Readonly<Record<Lang, string>> => ({ de, en })

/** Day and snapshots of an answer about networks. */
export function basisJson({ asOf, catalog, offer }: NetworkBasis) {
  return { asOf, catalog: catalog?.id ?? null, offer: offer?.id ?? null }
}

/** Remarks on what has not been imported and so cannot be said. */
export function basisRemarks({ catalog, offer }: NetworkBasis): readonly string[] {
  return [
    ...(catalog === null
      ? [
          'no service catalogue has been imported: what rules name is not checked, Themenfelder and OZG-Leistungen stand for nothing',
        ]
      : []),
    ...(offer === null ? ['no offers have been imported: nobody can say what the rules share in fact'] : []),
  ]
}

type Flow = NetworkSharing['flows'][number]

/** A flow in its network; a row of `network show`. */
export interface FlowRow {
  readonly sharing: NetworkSharing
  readonly flow: Flow
  readonly rule: SharingRule | undefined
}

export function flowRows(networks: readonly NetworkSharing[]): readonly FlowRow[] {
  return networks.flatMap((sharing) =>
    sharing.flows.map((flow) => ({
      sharing,
      flow,
      rule: sharing.network.sharing?.find(({ name }) => name === flow.rule),
    })),
  )
}

/** `network show --json`. */
export function networksJson(basis: NetworkBasis, networks: readonly NetworkSharing[]) {
  return {
    schemaVersion: 1,
    ...basisJson(basis),
    networks: networks.map(({ portal, network, members, flows }) => ({
      portal,
      account: network.account,
      name: network.name,
      anchor: network.anchor,
      rules: network.sharing,
      members: members.map(({ tenant: { ars, name, state, modules } }) => ({
        ars,
        name,
        state,
        orConnect: modules.includes('OR-Connect'),
      })),
      flows: flows.map(({ rule, from, to, services, offers }) => ({
        rule,
        from: from.map(({ tenant }) => tenant.ars),
        to: to.map(({ tenant }) => tenant.ars),
        services: { kind: services.kind, leikaKeys: [...services.keys].sort() },
        offers,
      })),
    })),
  }
}

/** @param single whether there is one network only, which the screen then need not name */
export function flowColumns(lang: Lang, single: boolean): readonly Column<FlowRow>[] {
  return [
    {
      key: 'network',
      csvOnly: single,
      title: text('Netzwerk', 'network'),
      value: ({ sharing }) => sharing.network.account,
    },
    { key: 'from', title: text('von', 'from'), value: (row) => partyName(row, 'from', lang) },
    { key: 'to', title: text('zeigt bei', 'shown by'), value: (row) => partyName(row, 'to', lang) },
    {
      key: 'services',
      title: text('Leistungen', 'services'),
      value: ({ rule }) => servicesText(rule, ALL[lang], lang),
    },
    {
      key: 'rule',
      whole: true,
      title: text('Regel', 'rule'),
      value: ({ flow }) => flow.rule ?? '',
      show: (value) => (value === '' ? WITHOUT_RULES[lang] : String(value)),
    },
    {
      key: 'offers',
      title: text('Angebote', 'offers'),
      value: ({ flow }) => flow.offers,
      show: (value: Cell) => (typeof value === 'number' ? formatNumber(value, lang) : '–'),
    },
    {
      key: 'from_ars',
      csvOnly: true,
      title: text('von ARS', 'from ARS'),
      value: ({ flow }) => keys(flow.from),
    },
    { key: 'to_ars', csvOnly: true, title: text('bei ARS', 'to ARS'), value: ({ flow }) => keys(flow.to) },
  ]
}

const ALL = text('alle', 'all')
const ALL_SERVICES = text('alle Leistungen', 'all Leistungen')
const WITHOUT_RULES = text('(ohne Regeln)', '(no rules)')

const keys = (members: readonly Member[]): string => members.map(({ tenant }) => tenant.ars).join(' ')

const NAMED = 3

/** As people speak of a side: by name where it is few, by number where it is many. */
function partyName({ sharing, flow }: FlowRow, side: 'from' | 'to', lang: Lang): string {
  const members = flow[side]
  const names = members.slice(0, NAMED).map(({ tenant }) => tenant.name)
  if (members.length <= NAMED) return names.join(', ')
  const isAll = members.length === sharing.members.length
  const count = formatNumber(members.length, lang)
  return isAll
    ? { de: `alle ${count}`, en: `all ${count}` }[lang]
    : { de: `${count} Mitglieder`, en: `${count} members` }[lang]
}

/** @param all how to say that it is all of them */
function servicesText(rule: SharingRule | undefined, all: string, lang: Lang): string {
  if (rule === undefined) return all
  const named = rule.services === 'all' ? all : selectionText(rule.services, lang)
  const except = selectionText(rule.except, lang)
  if (except === '') return named
  return `${named} ${{ de: 'außer', en: 'but' }[lang]} ${except}`
}

function selectionText({ themenfelder, ozg, leistungen }: ServiceSelection, lang: Lang): string {
  const count = formatNumber(leistungen.length, lang)

  const [only] = leistungen
  return [
    ...themenfelder,
    ...ozg.map((id) => `OZG ${id}`),
    ...(leistungen.length === 0
      ? []
      : [leistungen.length === 1 ? `LeiKa ${only ?? ''}` : `${count} Leistungen`]),
  ].join(', ')
}

/** Who shows what to whom as a drawing of a few lines, a block for each who shares. */
export function drawing(networks: readonly NetworkSharing[], lang: Lang): string {
  return networks.map((sharing) => `${headline(sharing, lang)}\n\n${arrows(sharing, lang)}`).join('\n')
}

function headline({ network, portal, members, flows }: NetworkSharing, lang: Lang): string {
  const taking = new Set(flows.flatMap(({ from, to }) => [...from, ...to])).size
  const counts = {
    de: `${formatNumber(members.length, lang)} Mandanten, ${formatNumber(taking, lang)} teilen`,
    en: `${formatNumber(members.length, lang)} tenants, ${formatNumber(taking, lang)} share`,
  }[lang]
  return neutralTerminal(`${network.name} (${network.account}, Portal ${portal}): ${counts}`)
}

function arrows(sharing: NetworkSharing, lang: Lang): string {
  const rows = flowRows([sharing])
  if (rows.length === 0)
    return `  ${{ de: 'Niemand zeigt etwas bei anderen.', en: 'Nobody shows anything elsewhere.' }[lang]}\n`
  const groups = [...Map.groupBy(rows, (row) => partyName(row, 'from', lang))]
  const width = groups.reduce((most, [name]) => Math.max(most, name.length), 0)
  return groups
    .flatMap(([name, group]) =>
      group.map((row, at) => {
        const stem = at === 0 ? name.padEnd(width) : ' '.repeat(width)
        const joint =
          group.length === 1 ? '───▶' : at === 0 ? '─┬─▶' : at < group.length - 1 ? ' ├─▶' : ' └─▶'
        const what = servicesText(row.rule, ALL_SERVICES[lang], lang)
        return neutralTerminal(`  ${stem} ${joint} ${partyName(row, 'to', lang)}: ${what}`)
      }),
    )
    .map((line) => `${line}\n`)
    .join('')
}

/** A list of none: that others are there, or how to begin. @param all networks of the store */
export function noNetworks(all: number, lang: Lang): string {
  if (all > 0)
    return {
      de: 'Keine Netzwerke in dieser Auswahl. Alle: ozgctl network show\n',
      en: 'No networks in this selection. All of them: ozgctl network show\n',
    }[lang]
  return {
    de: 'Keine Netzwerke. Eines beschreiben: ozgctl tenant seed --in PREFIX\n',
    en: 'No networks. Describe one: ozgctl tenant seed --in PREFIX\n',
  }[lang]
}
