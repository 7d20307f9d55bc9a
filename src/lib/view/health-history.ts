import type { Part, Status } from '../connector/model.ts'
import type { SetBack } from '../health/clock.ts'
import type { EndpointUptime, Transition } from '../health/read.ts'
import { PART, STATUS } from './health-parts.ts'
import { formatPercent, formatTime, type Lang, type Words } from './lang.ts'
import type { Column } from './table.ts'
import { timeSpan } from './time-span.ts'

const text = (de: string, en = de): Words => ({ de, en })
const iso = (time: number): string => new Date(time).toISOString()

const setBacksJson = (setBacks: readonly SetBack[]) =>
  setBacks.map(({ from, to }) => ({ from: iso(from), to: iso(to) }))

const MOST_SET_BACKS = 3

/** When the clock was set back, the latest last; nothing where it never was. */
export function setBackLines(setBacks: readonly SetBack[], lang: Lang): string {
  const shown = setBacks.slice(-MOST_SET_BACKS).map(({ from, to }) => {
    const [was, became] = [formatTime(iso(from)), formatTime(iso(to))]
    return lang === 'de'
      ? `Die Uhr wurde von ${was} auf ${became} UTC zurückgestellt: Zeiten davor können falsch sein\n`
      : `The clock was set back from ${was} to ${became} UTC: times before it may be wrong\n`
  })
  const more = setBacks.length - shown.length
  if (more === 0) return shown.join('')
  return (
    lang === 'de' ? [`Davor weitere ${more}-mal\n`, ...shown] : [`Before that ${more} more\n`, ...shown]
  ).join('')
}

/** `health history --json`. */
export const historyJson = (
  since: number,
  transitions: readonly Transition[],
  setBacks: readonly SetBack[],
) => ({
  schemaVersion: 1,
  since: iso(since),
  clockSetBacks: setBacksJson(setBacks),
  transitions: transitions.map(({ endpoint, part, at, from, to, lastedMs, lasts, checks, summary }) => ({
    at: iso(at),
    connector: endpoint.connector,
    endpoint: endpoint.id,
    url: endpoint.url,
    part,
    from,
    to,
    lastedMs,
    lasts,
    checks,
    summary,
  })),
})

const showStatus = (value: unknown, lang: Lang): string =>
  value === null ? '–' : STATUS[value as Status][lang]
const showPart = (value: unknown, lang: Lang): string => PART[value as Part][lang]

export const historyColumns: readonly Column<Transition>[] = [
  {
    key: 'at',
    whole: true,
    title: text('wann (UTC)', 'when (UTC)'),
    value: ({ at }) => iso(at),
    show: (value) => formatTime(String(value)),
  },
  {
    key: 'connector',
    whole: true,
    title: text('Konnektor', 'connector'),
    value: ({ endpoint }) => endpoint.connector,
  },
  { key: 'url', spare: 1, title: text('Adresse', 'address'), value: ({ endpoint }) => endpoint.url },
  { key: 'part', title: text('Teil', 'part'), value: ({ part }) => part, show: showPart },
  { key: 'from', title: text('vorher', 'before'), value: ({ from }) => from, show: showStatus },
  { key: 'to', title: text('dann', 'then'), value: ({ to }) => to, show: showStatus },
  {
    key: 'lasted_ms',
    title: text('Dauer', 'lasted'),
    value: ({ lastedMs }) => lastedMs,
    show: (value, lang) => timeSpan(Number(value), lang),
  },
  { key: 'summary', title: text('was war', 'what'), value: ({ summary }) => summary },
]

export const noHistory = (lang: Lang): string =>
  lang === 'de'
    ? 'Es ist nichts verzeichnet. Prüfen: ozgctl health check -f network.yaml\n'
    : 'Nothing is recorded. Run: ozgctl health check -f network.yaml\n'

/** What was asked of the uptime, and what came of it. */
export interface UptimeReport {
  readonly from: number
  readonly to: number
  /** 0 to 1; undefined where nothing is demanded. */
  readonly min: number | undefined
  readonly setBacks: readonly SetBack[]
  readonly rows: readonly EndpointUptime[]
}

/** `health uptime --json`. */
export const uptimeJson = ({ from, to, min, setBacks, rows }: UptimeReport) => ({
  schemaVersion: 1,
  from: iso(from),
  to: iso(to),
  min: min ?? null,
  met: below(rows, min).length === 0,
  clockSetBacks: setBacksJson(setBacks),
  endpoints: rows.map(({ endpoint, part, now, uptime }) => ({
    connector: endpoint.connector,
    endpoint: endpoint.id,
    url: endpoint.url,
    part,
    now,
    availability: uptime.availability,
    observedMs: uptime.observed,
    unobservedMs: uptime.unobserved,
    outages: uptime.outages,
    longestOutageMs: uptime.longestOutage,
    meanOutageMs: uptime.meanOutage,
    flapping: uptime.flapping,
    tenants: endpoint.tenants.length,
  })),
})

/** Those that were available for less than is demanded. */
export const below = (rows: readonly EndpointUptime[], min: number | undefined): readonly EndpointUptime[] =>
  min === undefined ? [] : rows.filter(({ uptime }) => (uptime.availability ?? 1) < min)

export const uptimeColumns: readonly Column<EndpointUptime>[] = [
  {
    key: 'connector',
    whole: true,
    title: text('Konnektor', 'connector'),
    value: ({ endpoint }) => endpoint.connector,
  },
  { key: 'url', spare: 1, title: text('Adresse', 'address'), value: ({ endpoint }) => endpoint.url },
  { key: 'part', title: text('Teil', 'part'), value: ({ part }) => part, show: showPart },
  {
    key: 'availability',
    title: text('verfügbar', 'available'),
    value: ({ uptime }) => uptime.availability,
    show: (value, lang) => hundredths(value as number | null, lang),
  },
  { key: 'outages', title: text('Ausfälle', 'outages'), value: ({ uptime }) => uptime.outages },
  {
    key: 'longest_outage_ms',
    title: text('längster', 'longest'),
    value: ({ uptime }) => (uptime.outages === 0 ? null : uptime.longestOutage),
    show: (value, lang) => (value === null ? '–' : timeSpan(Number(value), lang)),
  },
  {
    key: 'mean_outage_ms',
    title: text('im Mittel', 'mean'),
    value: ({ uptime }) => uptime.meanOutage,
    show: (value, lang) => (value === null ? '–' : timeSpan(Number(value), lang)),
  },
  {
    key: 'observed',
    title: text('beobachtet', 'observed'),
    value: ({ uptime }) => observedShare(uptime),
    show: (value, lang) => formatPercent(Number(value), lang),
  },
  { key: 'now', title: text('jetzt', 'now'), value: ({ now }) => now, show: showStatus },
  {
    key: 'flapping',
    rare: true,
    title: text('flattert', 'flapping'),
    value: ({ uptime }) => (uptime.flapping ? 1 : null),
    show: (value, lang) => (value === null ? '' : lang === 'de' ? 'ja' : 'yes'),
  },
]

function observedShare({ observed, unobserved }: EndpointUptime['uptime']): number {
  const seen = observed.ok + observed.warning + observed.critical + observed.unknown
  return seen + unobserved === 0 ? 0 : seen / (seen + unobserved)
}

/** Per cent with two decimals, rounded down: 99,999 % are not all. */
function hundredths(share: number | null, lang: Lang): string {
  if (share === null) return '–'
  const shown = (Math.floor(share * 10_000 + 1e-9) / 100).toFixed(2)
  return `${lang === 'de' ? shown.replace('.', ',') : shown} %`
}

/** What there is to say below the table. */
export function uptimeLines({ min, setBacks, rows }: UptimeReport, lang: Lang): string {
  const set = setBackLines(setBacks, lang)
  if (min === undefined) return set
  const missed = below(rows, min).length
  const wanted = hundredths(min, lang)
  const all = lang === 'de' ? `Alle sind zu ${wanted} verfügbar` : `All are available for ${wanted}`
  const some =
    lang === 'de'
      ? `${missed} von ${rows.length} unter ${wanted}`
      : `${missed} of ${rows.length} below ${wanted}`
  return `${set}${missed === 0 ? all : some}\n`
}
