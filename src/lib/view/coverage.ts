import type { CoverageData, Question } from '../coverage/load.ts'
import type { RegionCoverage } from '../coverage/report.ts'
import type { CoverageReport } from '../coverage/report-run.ts'
import { SOURCES, type Source } from '../region/key.ts'
import { formatNumber, formatPercent, type Lang } from './lang.ts'
import { showNumber } from './region.ts'
import type { Cell, Column } from './table.ts'

export const SOURCE_NAMES: Readonly<Record<Source, Readonly<Record<Lang, string>>>> = {
  own: { de: 'selbst', en: 'own' },
  verband: { de: 'Verband', en: 'Verband' },
  kreis: { de: 'Kreis', en: 'Kreis' },
  bezirk: { de: 'Bezirk', en: 'Bezirk' },
  land: { de: 'Land', en: 'Land' },
  bund: { de: 'Bund', en: 'Bund' },
  member: { de: 'Mitglied', en: 'member' },
}

/** What a report counted and how; the same in every answer about coverage. */
function ruleJson(question: Question) {
  return {
    rule: question.rule,
    view: question.view,
    scope: question.scope.kind === 'list' ? question.scope.name : question.scope.kind,
    online: 2,
    konform: 3,
    minReifegrad: question.minReifegrad ?? 2,
    asOf: question.asOf,
  }
}

/** Snapshots, rule and what counts nowhere: the head of every answer about coverage. */
export function coverageHead({ question, snapshots, unknown }: CoverageData) {
  return {
    schemaVersion: 1,
    catalog: snapshots.catalog.id,
    region: snapshots.region.id,
    offer: snapshots.offer.id,
    rule: ruleJson(question),
    unknown: {
      regions: unknown.regions,
      leistungen: unknown.leistungen,
      withoutOzg: unknown.withoutOzg,
      scope: unknown.scope,
    },
  }
}

/** A remark for each kind of thing in the offers that counts nowhere. */
export function unknownRemarks({ unknown, snapshots }: CoverageData): readonly string[] {
  const remark = (list: readonly string[], what: string): readonly string[] =>
    list.length === 0
      ? []
      : [`${what}: ${list.length} (${list.slice(0, 3).join(', ')}${list.length > 3 ? ', …' : ''})`]
  return [
    ...remark(unknown.regions, `regions of ${snapshots.offer.id} that are not in ${snapshots.region.id}`),
    ...remark(
      unknown.leistungen,
      `LeiKa keys of ${snapshots.offer.id} that are not in ${snapshots.catalog.id}`,
    ),
    ...remark(unknown.withoutOzg, 'LeiKa keys that are offered and belong to no OZG-Leistung'),
    ...remark(unknown.scope, `entries of the scope that are not in ${snapshots.catalog.id}`),
  ]
}

/** What a report of what works now leaves out, and what it does not know. */
export function brokenRemarks({ broken }: CoverageData): readonly string[] {
  if (broken === undefined) return []
  const tenants = new Set(broken.broken.map(({ ars }) => ars)).size
  const names = [...new Set(broken.broken.map(({ connector }) => connector))].sort()
  const asOf =
    broken.asOf === null ? '' : ` (checked since ${new Date(broken.asOf).toISOString().slice(0, 16)}Z)`
  const stale = broken.stale.length
  return [
    names.length === 0
      ? `all connectors work${asOf}`
      : `left out what does not work now${asOf}: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}, at ${tenants} tenants`,
    ...(stale > 0
      ? [`${stale} endpoints are not known to have been checked in the last day; their services count`]
      : []),
  ]
}

const percent = (count: number, total: number): number | null => (total === 0 ? null : count / total)
const showPercent = (value: Cell, lang: Lang): string =>
  formatPercent(typeof value === 'number' ? value / 100 : null, lang)
/** Per cent with one decimal, rounded down: 99.96 % is not all. */
const percentCell = (count: number, total: number): Cell => {
  const share = percent(count, total)
  return share === null ? null : Math.floor(share * 1000 + 1e-9) / 10
}

/** `coverage report --json`. */
export function reportJson({ data, rows }: CoverageReport) {
  const { rule, minReifegrad } = data.question
  return {
    ...coverageHead(data),
    ...brokenJson(data),
    regions: rows.map((row) => ({
      ars: row.region.key,
      name: row.region.name,
      level: row.region.level,
      inhabitants: row.region.inhabitants,
      gemeindefrei: row.region.gemeindefrei,
      total: row.total,
      online: row.online,
      konform: row.konform,
      ...(minReifegrad === null ? {} : { covered: row.covered }),
      onlinePercent: percentCell(row.online, row.total),
      konformPercent: percentCell(row.konform, row.total),
      ...(rule === 'share' ? { onlineShare: row.onlineShare, konformShare: row.konformShare } : {}),
      bySource: row.bySource,
      ...(row.groups.length > 0 ? { groups: row.groups } : {}),
      ...(row.members === null ? {} : { members: row.members }),
    })),
  }
}

/** With `--healthy` only. */
const brokenJson = ({ broken }: CoverageData) =>
  broken === undefined
    ? {}
    : {
        broken: {
          asOf: broken.asOf === null ? null : new Date(broken.asOf).toISOString(),
          notChecked: broken.stale.length,
          connectors: [...Map.groupBy(broken.broken, ({ connector }) => connector)].map(
            ([connector, found]) => ({ connector, tenants: found.map(({ ars }) => ars) }),
          ),
        },
      }

type ReportRow = RegionCoverage

const text = (de: string, en = de): Readonly<Record<Lang, string>> => ({ de, en })

const place: readonly Column<{ readonly region: ReportRow['region'] }>[] = [
  { key: 'ars', whole: true, spare: 3, title: text('ARS'), value: ({ region }) => region.key },
  {
    key: 'name',
    title: text('Region', 'region'),
    value: ({ region }) => (region.gemeindefrei ? `${region.name} (gemeindefrei)` : region.name),
  },
  { key: 'level', title: text('Ebene', 'level'), value: ({ region }) => region.level, csvOnly: true },
]

/** Columns of `coverage report`, a row for each region. */
export function reportColumns({ data, rows }: CoverageReport): readonly Column<ReportRow>[] {
  const { rule, minReifegrad } = data.question
  const column = (
    key: string,
    title: Readonly<Record<Lang, string>>,
    value: (row: ReportRow) => Cell,
    show = showNumber,
  ): Column<ReportRow> => ({ key, title, value, show })
  return [
    ...place,
    {
      ...column('inhabitants', text('Einwohner', 'inhabitants'), ({ region }) => region.inhabitants),
      spare: 1,
    },
    column('online', text('online'), ({ online }) => online),
    column('online_percent', text('%'), (row) => percentCell(row.online, row.total), showPercent),
    column('konform', text('konform'), ({ konform }) => konform),
    {
      ...column('konform_percent', text('%'), (row) => percentCell(row.konform, row.total), showPercent),
      spare: 2,
    },
    ...(minReifegrad === null
      ? []
      : [
          column('covered', text(`ab ${minReifegrad}`, `from ${minReifegrad}`), ({ covered }) => covered),
          column('covered_percent', text('%'), (row) => percentCell(row.covered, row.total), showPercent),
        ]),
    ...(rule === 'share'
      ? [
          column('online_share', text('Anteil online', 'share online'), (row) => row.onlineShare, showShare),
          column('konform_share', text('konform'), (row) => row.konformShare, showShare),
        ]
      : []),
    column('total', text('von', 'of'), ({ total }) => total),
    ...SOURCES.map((source) => ({
      ...column(source, SOURCE_NAMES[source], ({ bySource }) => bySource[source]),
      // On the screen a source from which nothing comes only takes room.
      csvOnly: rows.every(({ bySource }) => bySource[source] === 0),
    })),
  ]
}

const showShare = (value: Cell, lang: Lang): string =>
  formatPercent(typeof value === 'number' ? value : null, lang)

/** Further columns for counties and Länder: what the people in their Gemeinden can use. */
export const memberColumns: readonly Column<ReportRow>[] = [
  {
    key: 'members',
    title: text('Gemeinden', 'members'),
    value: ({ members }) => members?.count ?? null,
    show: showNumber,
  },
  {
    key: 'members_online_min',
    title: text('min'),
    value: ({ members }) => members?.onlineMin ?? null,
    show: showNumber,
  },
  {
    key: 'members_online_mean',
    title: text('Mittel', 'mean'),
    value: ({ members }) => (members === null ? null : Math.round(members.onlineMean * 10) / 10),
    show: (value, lang) =>
      typeof value === 'number' ? value.toFixed(1).replace('.', lang === 'de' ? ',' : '.') : '–',
  },
  {
    key: 'members_online_max',
    title: text('max'),
    value: ({ members }) => members?.onlineMax ?? null,
    show: showNumber,
  },
  {
    key: 'online_everywhere',
    title: text('überall', 'everywhere'),
    value: ({ members }) => members?.onlineEverywhere ?? null,
    show: showNumber,
  },
]

/** A row of `--by`: one group of one region. */
export interface GroupRow {
  readonly region: ReportRow['region']
  readonly group: string
  readonly total: number
  readonly online: number
  readonly konform: number
}

export function groupRows(rows: readonly ReportRow[]): readonly GroupRow[] {
  return rows.flatMap(({ region, groups }) => groups.map((group) => ({ region, ...group })))
}

export const groupColumns: readonly Column<GroupRow>[] = [
  ...place,
  {
    key: 'group',
    title: text('Gruppe', 'group'),
    value: ({ group }) => group,
    show: (value, lang) => SOURCE_NAMES[value as Source]?.[lang] ?? (value === '' ? '–' : String(value)),
  },
  { key: 'online', title: text('online'), value: ({ online }) => online, show: showNumber },
  {
    key: 'online_percent',
    title: text('%'),
    value: (row) => percentCell(row.online, row.total),
    show: showPercent,
  },
  { key: 'konform', title: text('konform'), value: ({ konform }) => konform, show: showNumber },
  {
    key: 'konform_percent',
    title: text('%'),
    value: (row) => percentCell(row.konform, row.total),
    show: showPercent,
  },
  { key: 'total', title: text('von', 'of'), value: ({ total }) => total, show: showNumber },
]

const VIEW_WORDS = {
  citizen: text('was Einwohner nutzen können', 'what people living there can use'),
  own: text('was die eigene Behörde anbietet', 'what the own authority offers'),
  portal: text('was das eigene Portal zeigt', 'what the own portal shows'),
} as const

/** A line that says what was counted. */
export function questionLine({ question, scope, snapshots }: CoverageData, lang: Lang): string {
  const { view, rule, asOf } = question
  const scopeName = question.scope.kind === 'list' ? question.scope.name : question.scope.kind
  const of = lang === 'de' ? 'OZG-Leistungen' : 'OZG-Leistungen'
  return [
    `${VIEW_WORDS[view][lang]}: ${formatNumber(scope.length, lang)} ${of} (${scopeName})`,
    lang === 'de' ? `Regel ${rule}` : `rule ${rule}`,
    lang === 'de' ? 'online ab Reifegrad 2, konform ab 3' : 'online from Reifegrad 2, konform from 3',
    asOf,
    `${snapshots.catalog.id}, ${snapshots.region.id}, ${snapshots.offer.id}`,
  ].join(' · ')
}

/** The last lines of a report: the region if it is one, else the mean, weighed by people where their number is known. */
export function reportSummary({ data, rows }: CoverageReport, lang: Lang): string {
  const [first] = rows
  const result =
    first === undefined
      ? { de: 'Keine Region in dieser Auswahl.', en: 'No region in this selection.' }[lang]
      : rows.length === 1
        ? oneRegion(first, lang)
        : meanLine(rows, lang)
  return `${questionLine(data, lang)}\n${result}\n`
}

function oneRegion({ region, total, online, konform }: ReportRow, lang: Lang): string {
  const part = (count: number): string => formatPercent(percent(count, total), lang)
  const of = lang === 'de' ? 'von' : 'of'
  return `${region.name}: ${online} ${of} ${total} online (${part(online)}), ${konform} OZG-konform (${part(konform)})`
}

function meanLine(rows: readonly ReportRow[], lang: Lang): string {
  const regions = rows.filter(({ region }) => !region.gemeindefrei)
  const people = regions.reduce((sum, { region }) => sum + (region.inhabitants ?? 0), 0)
  const weight = ({ region }: ReportRow): number => (people > 0 ? (region.inhabitants ?? 0) : 1)
  const weights = people > 0 ? people : regions.length
  const mean = (value: (row: ReportRow) => number): string => {
    const total = regions[0]?.total ?? 0
    const sum = regions.reduce((all, row) => all + value(row) * weight(row), 0)
    return formatPercent(weights * total === 0 ? null : sum / weights / total, lang)
  }
  const online = mean((row) => row.online)
  const konform = mean((row) => row.konform)
  const count = `${formatNumber(regions.length, lang)} ${regionWord(regions.length, lang)}`
  const weighed = people > 0 ? { de: ' der Einwohner', en: ' over inhabitants' }[lang] : ''
  return lang === 'de'
    ? `${count}; im Mittel${weighed} online ${online}, OZG-konform ${konform}`
    : `${count}; mean${weighed} online ${online}, OZG-konform ${konform}`
}

function regionWord(count: number, lang: Lang): string {
  return { de: count === 1 ? 'Region' : 'Regionen', en: count === 1 ? 'region' : 'regions' }[lang]
}
