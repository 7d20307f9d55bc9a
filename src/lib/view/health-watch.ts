import type { Status } from '../connector/model.ts'
import type { Endpoint, HealthResult } from '../health/model.ts'
import { healthRows } from './health.ts'
import {
  countByStatus,
  type HealthPart,
  PART,
  partsWorstFirst,
  RANK,
  STATUS,
  sinceOf,
} from './health-parts.ts'
import { formatNumber, type Lang } from './lang.ts'
import { clipped, neutralTerminal } from './neutral.ts'
import { timeSpan } from './time-span.ts'

/** What `health watch` knows after a round. */
export interface WatchState {
  readonly result: HealthResult
  /** Heading that an endpoint stands under, e.g. the category of its system. */
  readonly groupOf: (endpoint: Endpoint) => string
  /** Milliseconds since 1970. */
  readonly now: number
  /** When the next round begins, in milliseconds since 1970; null while one is under way. */
  readonly nextAt: number | null
}

/** In characters. */
export interface ScreenSize {
  readonly columns: number
  readonly rows: number
}

/** Gives a line its colour; it must not change its width. */
export type Paint = (status: Status, line: string) => string

/**
 * The screen of `health watch`: how all of it stands and what changed last, then groups, worst first, and in each its
 * endpoints, worst first, with since when they are so. Where there is no room for all, those go first that are well (the
 * heading still counts them); of the others as many as fit, and then how many more there are.
 * @returns at most `rows` lines of at most `columns` characters, without line ends
 */
export function watchScreen(
  state: WatchState,
  { columns, rows }: ScreenSize,
  lang: Lang,
  paint: Paint = (_, line) => line,
): readonly string[] {
  const head: readonly Line[] = [headline(state, lang), { text: lastChange(state, lang) }, { text: '' }]
  const body = fitting(groupsOf(state), Math.max(0, rows - head.length), state, lang)
  return [...head, ...body].slice(0, Math.max(0, rows)).map(({ status, text }) => {
    const line = columns < 1 ? '' : clipped(neutralTerminal(text), columns).trimEnd()
    return status === undefined ? line : paint(status, line)
  })
}

interface Line {
  readonly status?: Status
  readonly text: string
}

interface Group {
  readonly name: string
  readonly parts: readonly HealthPart[]
}

const WORST_FIRST = ['critical', 'unknown', 'warning', 'ok'] as const satisfies readonly Status[]

function headline({ result, now, nextAt }: WatchState, lang: Lang): Line {
  const time = `${new Date(now).toISOString().slice(11, 19)} UTC`
  const seconds = nextAt === null ? 0 : Math.max(0, Math.ceil((nextAt - now) / 1000))
  const next =
    nextAt === null
      ? { de: 'Prüfung läuft', en: 'checking' }
      : { de: `nächste Prüfung in ${seconds} s`, en: `next check in ${seconds} s` }
  const counts = countsText(countByStatus(result, 'service'), lang)
  const word = STATUS[result.status][lang]
  return {
    status: result.status,
    text: [word, ...(counts === '' ? [] : [counts]), time, next[lang]].join('  '),
  }
}

function countsText(counts: Readonly<Record<Status, number>>, lang: Lang): string {
  return WORST_FIRST.filter((status) => counts[status] > 0)
    .map((status) => `${formatNumber(counts[status], lang)} ${STATUS[status][lang]}`)
    .join(', ')
}

/** A part that was another before. What has been so since it is known has not changed. */
function lastChange({ result, now }: WatchState, lang: Lang): string {
  const changes = partsWorstFirst(result).flatMap((part) => {
    const { at, before } = sinceOf(part) ?? { at: 0, before: null }
    return before === null ? [] : [{ ...part, at, before }]
  })
  const last = changes.sort((a, b) => b.at - a.at)[0]
  if (last === undefined) return ''
  const { health, verdict, at, before } = last
  const when = `${timeSpan(now - at, lang)} ${lang === 'de' ? 'her' : 'ago'}`
  const what = `${health.endpoint.connector} ${PART[verdict.part][lang]}`
  return `${when}: ${what} ${STATUS[before][lang]} → ${STATUS[verdict.status][lang]}`
}

/** Worst first, then by name; rows come in the order of the result, worst first. */
function groupsOf({ result, groupOf }: WatchState): readonly Group[] {
  const byName = Map.groupBy(healthRows(result), ({ health }) => groupOf(health.endpoint))
  const rank = ([first]: readonly HealthPart[]): number => RANK[first?.verdict.status ?? 'ok']
  return [...byName]
    .map(([name, parts]) => ({ name, parts }))
    .sort((a, b) => rank(a.parts) - rank(b.parts) || (a.name < b.name ? -1 : 1))
}

function fitting(groups: readonly Group[], rows: number, state: WatchState, lang: Lang): readonly Line[] {
  const all = linesOf(groups, () => true, state, lang)
  if (all.length <= rows) return all
  const isUnwell = ({ verdict }: HealthPart): boolean => verdict.status !== 'ok'
  const unwell = linesOf(groups, isUnwell, state, lang)
  if (unwell.length <= rows) return unwell
  const shown = unwell.slice(0, Math.max(0, rows - 1))
  const left = unwell.slice(shown.length).filter(({ status }) => status !== undefined).length
  const groupsLeft = unwell.length - shown.length - left
  return [...shown, { text: moreText(left, groupsLeft, lang) }]
}

function moreText(parts: number, groups: number, lang: Lang): string {
  const one = { de: 'Gruppe', en: 'group' }
  const many = { de: 'Gruppen', en: 'groups' }
  const said = [
    ...(parts > 0 ? [`${formatNumber(parts, lang)} ${lang === 'de' ? 'weitere' : 'more'}`] : []),
    ...(groups > 0 ? [`${formatNumber(groups, lang)} ${(groups === 1 ? one : many)[lang]}`] : []),
  ]
  return `… ${said.join(', ')}`
}

const LONGEST_NAME = 40

function linesOf(
  groups: readonly Group[],
  isShown: (part: HealthPart) => boolean,
  { result, now }: WatchState,
  lang: Lang,
): readonly Line[] {
  const names = namesOf(result)
  const cells = groups.map(({ name, parts }) => ({
    heading: `${name}  ${countsText(countsOf(parts), lang)}`,
    rows: parts.filter(isShown).map((one) => {
      const { health, verdict } = one
      const { part, status, summary } = verdict
      const at = sinceOf(one)?.at
      const since = at === undefined ? '' : timeSpan(now - at, lang)
      const name = clipped(neutralTerminal(names(health.endpoint)), LONGEST_NAME)
      return { status, cells: [STATUS[status][lang], name, PART[part][lang], since], summary }
    }),
  }))
  const widths = widthsOf(cells.flatMap(({ rows }) => rows.map((row) => row.cells)))
  return cells.flatMap(({ heading, rows }) => [
    { text: heading },
    ...rows.map(({ status, cells: row, summary }) => ({
      status,
      text: `  ${[...columnsOf(row, widths), summary].join('  ')}`,
    })),
  ])
}

function countsOf(parts: readonly HealthPart[]): Readonly<Record<Status, number>> {
  const counts: Record<Status, number> = { ok: 0, warning: 0, critical: 0, unknown: 0 }
  for (const { verdict } of parts) counts[verdict.status]++
  return counts
}

const widthsOf = (rows: readonly (readonly string[])[]): readonly number[] =>
  rows.reduce<readonly number[]>(
    (widths, row) => row.map((cell, at) => Math.max(widths[at] ?? 0, cell.length)),
    [],
  )

/** Columns that have nothing in any row are left out. */
const columnsOf = (row: readonly string[], widths: readonly number[]): readonly string[] =>
  row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).filter((cell) => cell !== '')

/** A connector of several endpoints needs their addresses too. */
function namesOf({ endpoints }: HealthResult): (endpoint: Endpoint) => string {
  const byName = Map.groupBy(endpoints, ({ endpoint }) => endpoint.connector)
  return ({ connector, url }) =>
    (byName.get(connector)?.length ?? 0) > 1 ? `${connector} ${url.replace(/^\w+:\/\//, '')}` : connector
}
