import type { Status } from '../connector/model.ts'
import type { EndpointHealth, HealthResult } from '../health/model.ts'
import { countByStatus, type HealthPart, PART, partsWorstFirst, STATUS, sinceOf } from './health-parts.ts'
import { formatTime } from './lang.ts'
import { clipped, neutralPerfLabel, neutralPlugin } from './neutral.ts'

/**
 * Nagios cuts an answer off at 8 kB (`MAX_PLUGIN_OUTPUT_LENGTH`), NRPE 3 and up later: the first line, with all
 * performance data, stays below in UTF-8.
 */
const MOST_BYTES = 8000
/** UTF-16 units of the text on the first line: a status, counts, and what is worst. */
const LONGEST_HEAD = 500
const LONGEST_LINE = 400
const MOST_LINES = 50

/**
 * `health check --output nagios`: what a monitoring plugin prints (draft-kaestle-monitoring-plugins-interface-04, “Output of a
 * Monitoring Plugin”). The first line has the status, how many stand how, and the worst; after the pipe come performance data: totals, and for each
 * connector the time of its slowest endpoint in seconds and the days until the first of its certificates ends. Connectors
 * follow by name for as long as there is room, so that the curves of the first ones have no gaps. Then a line for each part
 * that is not well, fifty at most, and what else there is to say. English, as monitoring is.
 */
export function healthNagios(result: HealthResult, remarks: readonly string[] = []): string {
  const parts = partsWorstFirst(result)
  const head = clipped(
    neutralPlugin(`${STATUS[result.status].en} - ${headline(result, parts)}`),
    LONGEST_HEAD,
  )
  const room = MOST_BYTES - Buffer.byteLength(head)
  const unwell = parts.filter(({ verdict }) => verdict.status !== 'ok')
  const more = unwell.length - MOST_LINES
  return [
    `${head} | ${performanceData(result, room)}`,
    ...unwell.slice(0, MOST_LINES).map(lineOf),
    ...(more > 0 ? [`... and ${more} more`] : []),
    ...remarks.map((remark) => clipped(neutralPlugin(remark), LONGEST_LINE)),
    '',
  ].join('\n')
}

/** E.g. `services: 1 critical, 3 ok; certificates: 4 ok; dms: connection refused`. */
function headline(result: HealthResult, parts: readonly HealthPart[]): string {
  if (result.endpoints.length === 0) return 'there is nothing to check'
  const services = `services: ${countsText(countByStatus(result, 'service'))}`
  const certificates = countsText(countByStatus(result, 'certificate'))
  const [worst] = parts
  return [
    services,
    ...(certificates === '' ? [] : [`certificates: ${certificates}`]),
    ...(worst === undefined || worst.verdict.status === 'ok'
      ? []
      : [`${worst.health.endpoint.connector}: ${worst.verdict.summary}`]),
  ].join('; ')
}

const WORST_FIRST = ['critical', 'unknown', 'warning', 'ok'] as const satisfies readonly Status[]

const countsText = (counts: Readonly<Record<Status, number>>): string =>
  WORST_FIRST.filter((status) => counts[status] > 0)
    .map((status) => `${counts[status]} ${status}`)
    .join(', ')

/** What can grow long comes last, for it is what gets cut off. */
function lineOf(part: HealthPart): string {
  const { endpoint } = part.health
  const { status, summary } = part.verdict
  const { connector, url, tenants } = endpoint
  const at = sinceOf(part)?.at
  const facts = [
    connector,
    PART[part.verdict.part].en,
    ...(at === undefined ? [] : [`since ${formatTime(new Date(at).toISOString())} UTC`]),
    ...(tenants.length === 0 ? [] : [`${tenants.length} ${tenants.length === 1 ? 'tenant' : 'tenants'}`]),
  ].join(', ')
  return clipped(neutralPlugin(`[${STATUS[status].en}] ${facts}: ${summary} (${url})`), LONGEST_LINE)
}

/** @param room bytes that are left on the line */
function performanceData(result: HealthResult, room: number): string {
  const data = [...totals(result)]
  const taken = new Set<string>()
  let length = data.join(' ').length + ' | '.length
  for (const [label, value] of connectorData(result)) {
    const item = `'${label}'=${value}`
    // Two names can come to the same label, and readers take one of them at random.
    if (taken.has(label)) continue
    length += 1 + item.length
    if (length > room) break
    taken.add(label)
    data.push(item)
  }
  return data.join(' ')
}

function totals(result: HealthResult): readonly string[] {
  const { endpoints, checks, durationMs } = result
  const services = countByStatus(result, 'service')
  const certificates = countByStatus(result, 'certificate')
  const count = (name: string, value: number) => `${name}=${value};;;0;${endpoints.length}`
  return [
    ...(['ok', 'warning', 'critical', 'unknown'] as const).map((status) => count(status, services[status])),
    ...(['warning', 'critical'] as const).map((status) =>
      count(`certificates_${status}`, certificates[status]),
    ),
    `checks=${checks};;;0`,
    `time=${seconds(durationMs)}s;;;0`,
  ]
}

type Datum = readonly [label: string, value: string]

function connectorData({ endpoints }: HealthResult): readonly Datum[] {
  const byName = Map.groupBy(endpoints, ({ endpoint }) => endpoint.connector)
  return [...byName]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, own]) => {
      const label = neutralPerfLabel(name).slice(0, LONGEST_LABEL)
      return [...slowest(own, `${label} time`), ...firstToEnd(own, `${label} certificate_days`)]
    })
}

/** Names of connectors are labels of DNS and never longer. */
const LONGEST_LABEL = 63

function slowest(endpoints: readonly EndpointHealth[], label: string): readonly Datum[] {
  const times = endpoints.flatMap(({ report }) => report?.durationMs ?? [])
  const longest = times.sort((a, b) => b - a)[0]
  return longest === undefined ? [] : [[label, `${seconds(longest)}s;;;0`]]
}

/** With the thresholds as ranges that end at infinity: less is an alert. */
function firstToEnd(endpoints: readonly EndpointHealth[], label: string): readonly Datum[] {
  const ends = endpoints.flatMap(({ report }) =>
    (report?.tls ?? [])
      .flatMap(({ chain }) => chain.map(({ validTo }) => validTo - (report?.startedAt ?? 0)))
      .filter(Number.isFinite)
      .map((left) => ({ left, thresholds: report?.thresholds })),
  )
  const [first] = ends.sort((a, b) => a.left - b.left)
  if (first === undefined) return []
  const { left, thresholds } = first
  const range = (milliseconds: number): string => `${days(milliseconds)}:`
  const limits =
    thresholds === undefined ? '' : `;${range(thresholds.warningMs)};${range(thresholds.criticalMs)}`
  return [[label, `${days(left)}${limits}`]]
}

/** Without an exponent, which the format does not have. */
const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(3)
const days = (milliseconds: number): string => String(Math.floor(milliseconds / 864_000) / 100)
