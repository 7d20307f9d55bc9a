import type { Condition, Exchange, Phase, Status, TlsFacts, Verdict } from '../connector/model.ts'
import type { HealthImpact, Impact, ServicesDown } from '../health/impact.ts'
import type { EndpointHealth, HealthResult, Since } from '../health/model.ts'
import {
  countByStatus,
  type HealthPart,
  PART,
  partsWorstFirst,
  STATUS,
  sinceOf,
  statusOf,
  verdictsOf,
} from './health-parts.ts'
import { formatNumber, type Lang, type Words } from './lang.ts'
import type { Column } from './table.ts'
import { timeSpan } from './time-span.ts'

const text = (de: string, en = de): Words => ({ de, en })

/** A row for each part, worst first; certificates that are well go with their service. */
export function healthRows(result: Pick<HealthResult, 'endpoints'>): readonly HealthPart[] {
  return partsWorstFirst(result).filter(
    ({ verdict: { part, status } }) => part === 'service' || status !== 'ok',
  )
}

/** @param now milliseconds since 1970 */
export function healthColumns(now: number): readonly Column<HealthPart>[] {
  return [
    {
      key: 'status',
      whole: true,
      title: text('Status', 'status'),
      value: ({ verdict }) => verdict.status,
      show: (value, language) => STATUS[value as Status][language],
    },
    {
      key: 'connector',
      whole: true,
      title: text('Konnektor', 'connector'),
      value: ({ health }) => health.endpoint.connector,
    },
    {
      key: 'part',
      title: text('Teil', 'part'),
      spare: 2,
      value: ({ verdict }) => verdict.part,
      show: (value, language) => PART[value as Verdict['part']][language],
    },
    { key: 'url', title: text('Adresse', 'address'), spare: 3, value: ({ health }) => health.endpoint.url },
    {
      key: 'tenants',
      title: text('Mandanten', 'tenants'),
      spare: 1,
      value: ({ health }) => health.endpoint.tenants.length,
    },
    {
      key: 'milliseconds',
      title: text('ms'),
      value: ({ health }) => (health.report === null ? null : Math.round(health.report.durationMs)),
    },
    {
      key: 'since',
      rare: true,
      title: text('seit', 'since'),
      value: (part) => isoOf(sinceOf(part)),
      show: (value, language) => (value === null ? '' : timeSpan(now - Date.parse(String(value)), language)),
    },
    { key: 'summary', title: text('was ist', 'what'), value: ({ verdict }) => verdict.summary },
    {
      key: 'affected',
      csvOnly: true,
      title: text('betrifft', 'affected'),
      value: ({ health }) => health.endpoint.tenants.map(({ ars }) => ars).join(' '),
    },
  ]
}

const isoOf = (since: Since | undefined): string | null =>
  since === undefined ? null : new Date(since.at).toISOString()

/** How many endpoints stand how, what that means for tenants, and how long it took; the most important comes last. */
export function healthSummary({ result, impact }: HealthImpact, lang: Lang): string {
  const seconds = (result.durationMs / 1000).toFixed(1).replace('.', lang === 'de' ? ',' : '.')
  const counted = (count: number, one: Words, many: Words): string =>
    `${formatNumber(count, lang)} ${(count === 1 ? one : many)[lang]}`
  const checks = counted(result.checks, text('Prüfung', 'check'), text('Prüfungen', 'checks'))
  const bindings = counted(result.bindings, text('Bindung', 'binding'), text('Bindungen', 'bindings'))
  const asked = `${checks} ${lang === 'de' ? 'für' : 'for'} ${bindings} in ${seconds} s`
  const hit = impact.map((one) => `${impactLine(one, lang)}\n`).join('')
  return `${asked}\n${hit}${countsLine(result, lang)}\n`
}

const TENANTS_NAMED = 5
const SERVICES_NAMED = 3

/** Whom and what a broken connector takes down. */
function impactLine({ connector, tenants, services }: Impact, lang: Lang): string {
  const names = listed(
    tenants.map(({ name }) => name),
    TENANTS_NAMED,
  )
  const down = servicesDown(services, lang)
  return `${connector} ${lang === 'de' ? 'trifft' : 'hits'} ${names}${down === '' ? '' : `: ${down}`}`
}

function servicesDown(services: ServicesDown, lang: Lang): string {
  if (services.which !== 'some')
    return services.which === 'none' ? '' : lang === 'de' ? 'alle Online-Dienste' : 'all online services'
  const { ozg, leistungen } = services
  return listed(
    [...ozg.map(({ id, title }) => (title === null ? id : `${title} (${id})`)), ...leistungen],
    SERVICES_NAMED,
  )
}

const listed = (words: readonly string[], most: number): string =>
  words.length <= most ? words.join(', ') : `${words.slice(0, most).join(', ')} … (${words.length})`

/** How many stand how, and which ones do not serve, in a line. */
export function waitingLine(result: Pick<HealthResult, 'endpoints'>, lang: Lang): string {
  const parts = countsLine(result, lang)
  const broken = result.endpoints.filter(
    (health) => !['ok', 'warning'].includes(statusOf(health, 'service') ?? ''),
  )
  const names = [...new Set(broken.map(({ endpoint }) => endpoint.connector))].sort()
  const more = names.length > 5 ? ', …' : ''
  return names.length === 0 ? parts : `${parts}: ${names.slice(0, 5).join(', ')}${more}`
}

function countsLine(result: Pick<HealthResult, 'endpoints'>, lang: Lang): string {
  const counts = countByStatus(result, 'service')
  return (['ok', 'warning', 'unknown', 'critical'] as const)
    .filter((status) => counts[status] > 0)
    .map((status) => `${formatNumber(counts[status], lang)} ${STATUS[status][lang]}`)
    .join(', ')
}

/** `health check --json`. */
export const healthJson = ({ result, impact }: HealthImpact) => ({
  ...summaryJson(result),
  impact: impact.map(({ connector, tenants, services }) => ({
    connector,
    tenants: tenants.map(({ ars }) => ars),
    services: services.which,
    ...(services.which === 'some' ? { ozg: services.ozg, leistungen: services.leistungen } : {}),
  })),
  endpoints: result.endpoints.map(endpointJson),
})

/** A line for each endpoint and one for the whole. */
export const healthNdjson = (result: HealthResult): string =>
  [
    ...result.endpoints.map((health) => ({ type: 'endpoint', ...endpointJson(health) })),
    { type: 'summary', ...summaryJson(result) },
  ]
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('')

const summaryJson = (result: HealthResult) => ({
  schemaVersion: 1,
  status: result.status,
  startedAt: new Date(result.startedAt).toISOString(),
  durationMs: tenths(result.durationMs),
  checks: result.checks,
  bindings: result.bindings,
  counts: countByStatus(result, 'service'),
})

function endpointJson(health: EndpointHealth) {
  const { endpoint, report } = health
  return {
    id: endpoint.id,
    connector: endpoint.connector,
    title: endpoint.title,
    system: endpoint.system,
    kind: endpoint.kind,
    url: endpoint.url,
    tenants: endpoint.tenants.map(({ ars }) => ars),
    affects: endpoint.affects,
    startedAt: report === null ? null : new Date(report.startedAt).toISOString(),
    durationMs: report === null ? null : tenths(report.durationMs),
    verdicts: verdictsOf(report).map((verdict) => {
      const { part, status, summary, conditions } = verdict
      const since = sinceOf({ health, verdict })
      return { part, status, summary, since: isoOf(since), before: since?.before ?? null, conditions }
    }),
    exchanges: (report?.exchanges ?? []).map(exchangeJson),
    tls: (report?.tls ?? []).map(tlsJson),
  }
}

const exchangeJson = ({ phases, ...exchange }: Exchange) => ({
  ...exchange,
  phases: Object.fromEntries(Object.entries(phases).map(([phase, took]) => [phase, tenths(took)])),
})

const tlsJson = ({ chain, ...facts }: TlsFacts) => ({
  ...facts,
  chain: chain.map(({ validFrom, validTo, ...certificate }) => ({
    ...certificate,
    validFrom: new Date(validFrom).toISOString(),
    validTo: new Date(validTo).toISOString(),
  })),
})

const tenths = (milliseconds: number): number => Math.round(milliseconds * 10) / 10

const PHASE: Readonly<Record<Phase, Words>> = {
  resolve: text('Name', 'resolve'),
  connect: text('Verbindung', 'connect'),
  tls: text('TLS'),
  request: text('Anfrage', 'request'),
  firstByte: text('erstes Byte', 'first byte'),
  body: text('Inhalt', 'body'),
}

/** Everything that was seen of the endpoints, for whoever looks for a cause. */
export function healthDetails({ endpoints }: HealthResult, lang: Lang): string {
  return endpoints
    .map((health) => detailsOf(health, lang).join('\n'))
    .join('\n\n')
    .concat('\n')
}

function detailsOf({ endpoint, report }: EndpointHealth, lang: Lang): readonly string[] {
  const names = endpoint.tenants.map(({ name }) => name)
  const more = names.length > 5 ? ` … ${names.length}` : ''
  return [
    `${endpoint.connector}  ${endpoint.url}  (${endpoint.kind})`,
    ...(names.length > 0 ? [`  ${names.slice(0, 5).join(', ')}${more}`] : []),
    ...verdictsOf(report).flatMap((verdict) => verdictLines(verdict, lang)),
    ...(report?.exchanges ?? []).map((exchange) => exchangeLine(exchange, lang)),
    ...(report?.tls ?? []).map(tlsLine),
  ]
}

function verdictLines({ part, status, conditions, summary }: Verdict, lang: Lang): readonly string[] {
  const head = `  ${PART[part][lang]}: ${STATUS[status][lang]}`
  return conditions.length === 0
    ? [`${head}  ${summary}`]
    : [head, ...conditions.flatMap((condition) => conditionLines(condition, lang))]
}

function conditionLines(
  { id, met, severity, expected, seen, hint }: Condition,
  lang: Lang,
): readonly string[] {
  const [wanted, was] = lang === 'de' ? ['erwartet', 'gesehen'] : ['expected', 'seen']
  const mark = met ? 'ok' : severity === 'critical' ? '!!' : '! '
  const line = met
    ? `    ${mark}  ${id}: ${seen}`
    : `    ${mark}  ${id}: ${wanted} ${expected}, ${was} ${seen}`
  return hint === undefined ? [line] : [line, `        ${hint}`]
}

function exchangeLine({ name, target, phases, httpStatus, failed }: Exchange, lang: Lang): string {
  const took = Object.entries(phases)
    .map(([phase, milliseconds]) => `${PHASE[phase as Phase][lang]} ${tenths(milliseconds)} ms`)
    .join(', ')
  const end =
    failed === null ? (httpStatus === null ? '' : `  HTTP ${httpStatus}`) : `  ✗ ${PHASE[failed.phase][lang]}`
  return `  ${name}  ${target}${end}  ${took}`
}

function tlsLine({ server, protocol, cipher, key, chain }: TlsFacts): string {
  const [leaf] = chain
  const until =
    leaf === undefined ? '' : `  ${leaf.subject} – ${new Date(leaf.validTo).toISOString().slice(0, 10)}`
  return `  TLS  ${server}  ${protocol} ${cipher}, ${key}${until}`
}
