import type { CertificateFacts, CheckReport, Condition, Phase, Status } from '../connector/model.ts'
import type { EndpointHealth, HealthResult } from '../health/model.ts'
import { sinceOf, statusOf, verdictsOf } from './health-parts.ts'
import { clipped, neutralPrometheus } from './neutral.ts'

/** UTF-16 units of a value of a label. */
const LONGEST_VALUE = 200
/** Of one endpoint; a series for each is too much where somebody makes them up. */
const MOST_SERVERS = 20
const MOST_CONDITIONS = 100

type Labels = Readonly<Record<string, string>>
interface Sample {
  readonly labels: Labels
  readonly value: number
}
type Metric = readonly [name: string, help: string, samples: readonly Sample[]]

/**
 * `health check --output prometheus`: the text format of Prometheus, version 0.0.4, for the textfile collector of
 * node_exporter. Names and units follow its naming practice. Every series of an endpoint has the labels `connector`,
 * `endpoint` (its id, which tells two of one connector apart), `system`, `kind` and `url`; nothing that an answer says
 * becomes a label but the names of servers and conditions, bounded in number. No series is there twice, metrics and series
 * are sorted, and what is not known is missing rather than zero.
 */
export function healthPrometheus(result: HealthResult): string {
  return [...runMetrics(result), ...connectorMetrics(result.endpoints)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, help, samples]) => {
      const series = seriesOf(name, samples)
      return series.length === 0 ? [] : [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...series]
    })
    .map((line) => `${line}\n`)
    .join('')
}

function runMetrics(result: HealthResult): readonly Metric[] {
  const one = (value: number): readonly Sample[] => [{ labels: {}, value }]
  return [
    [
      'ozgctl_health_run_bindings',
      'Pairs of tenant and connector that the last run served.',
      one(result.bindings),
    ],
    ['ozgctl_health_run_checks', 'Checks that the last run made.', one(result.checks)],
    ['ozgctl_health_run_duration_seconds', 'How long the last run took.', one(seconds(result.durationMs))],
    [
      'ozgctl_health_run_endpoints',
      'Endpoints of the last run by the status of their service.',
      STATUSES.map((status) => ({
        labels: { status },
        value: result.endpoints.filter((health) => statusOf(health, 'service') === status).length,
      })),
    ],
    ['ozgctl_health_run_timestamp_seconds', 'When the last run began.', one(seconds(result.startedAt))],
  ]
}

const STATUSES = ['ok', 'warning', 'critical', 'unknown'] as const satisfies readonly Status[]

function connectorMetrics(endpoints: readonly EndpointHealth[]): readonly Metric[] {
  const metric = (
    name: string,
    help: string,
    samples: (health: EndpointHealth) => readonly Sample[],
  ): Metric => [
    `ozgctl_connector_${name}`,
    help,
    endpoints.flatMap((health) => {
      const own = labelsOf(health)
      return samples(health).map(({ labels, value }) => ({ labels: { ...own, ...labels }, value }))
    }),
  ]
  return [
    metric(
      'certificate_expiry_timestamp_seconds',
      'When a certificate ends: the one of the server (leaf), or the first of those above it (chain).',
      ({ report }) => certificateSamples(report),
    ),
    metric(
      'check_duration_seconds',
      'How long the last check took.',
      ofReport(({ durationMs }) => seconds(durationMs)),
    ),
    metric('condition_met', 'Whether a condition was met (1) or not (0).', ({ report }) =>
      conditionSamples(report),
    ),
    metric(
      'last_check_timestamp_seconds',
      'When the last check began.',
      ofReport(({ startedAt }) => seconds(startedAt)),
    ),
    metric(
      'phase_duration_seconds',
      'How long each phase of the last check took, all its exchanges together.',
      ({ report }) => phaseSamples(report),
    ),
    metric('status', 'How a part stands: 1 for the status that it has, 0 for the others.', statusSamples),
    metric('status_since_timestamp_seconds', 'Since when a part has been as it is.', (health) =>
      verdictsOf(health.report).flatMap((verdict) => {
        const since = sinceOf({ health, verdict })
        return since === undefined ? [] : [{ labels: { part: verdict.part }, value: seconds(since.at) }]
      }),
    ),
    metric('tenants', 'Tenants that the endpoint serves.', ({ endpoint }) => [
      { labels: {}, value: endpoint.tenants.length },
    ]),
    metric('up', 'Whether the service works (1) or not (0); missing where nobody knows.', (health) => {
      const status = statusOf(health, 'service')
      return status === 'unknown' ? [] : [{ labels: {}, value: status === 'critical' ? 0 : 1 }]
    }),
  ]
}

function labelsOf({ endpoint: { connector, id, system, kind, url } }: EndpointHealth): Labels {
  return { connector, endpoint: id, kind, system: system ?? '', url }
}

const ofReport =
  (value: (report: CheckReport) => number) =>
  ({ report }: EndpointHealth): readonly Sample[] =>
    report === null ? [] : [{ labels: {}, value: value(report) }]

const statusSamples = ({ report }: EndpointHealth): readonly Sample[] =>
  verdictsOf(report).flatMap(({ part, status: is }) =>
    STATUSES.map((status) => ({ labels: { part, status }, value: status === is ? 1 : 0 })),
  )

const PHASE_LABELS: Readonly<Record<Phase, string>> = {
  resolve: 'resolve',
  connect: 'connect',
  tls: 'tls',
  request: 'request',
  firstByte: 'first_byte',
  body: 'body',
}

function phaseSamples(report: CheckReport | null): readonly Sample[] {
  const sums = new Map<string, number>()
  for (const { phases } of report?.exchanges ?? [])
    for (const [phase, milliseconds] of Object.entries(phases)) {
      const label = PHASE_LABELS[phase as Phase]
      sums.set(label, (sums.get(label) ?? 0) + milliseconds)
    }
  return [...sums].map(([phase, sum]) => ({ labels: { phase }, value: seconds(sum) }))
}

function certificateSamples(report: CheckReport | null): readonly Sample[] {
  return (report?.tls ?? []).slice(0, MOST_SERVERS).flatMap(({ server, chain: [leaf, ...others] }) => {
    const sample = (certificate: string, all: readonly CertificateFacts[]): readonly Sample[] => {
      const [first] = all.map(({ validTo }) => validTo).sort((a, b) => a - b)
      return first === undefined ? [] : [{ labels: { certificate, server }, value: seconds(first) }]
    }
    return [...sample('leaf', leaf === undefined ? [] : [leaf]), ...sample('chain', others)]
  })
}

/** Several conditions of one name, such as those on the certificates of several servers, are met when all of them are. */
function conditionSamples(report: CheckReport | null): readonly Sample[] {
  const found = new Map<string, Sample>()
  const all = (report?.verdicts ?? []).flatMap(({ part, conditions }) =>
    conditions.map((condition) => ({ part, condition })),
  )
  // Where there are too many, those that are not met are the ones that somebody asks for.
  for (const { part, condition } of all.toSorted((a, b) => met(a.condition) - met(b.condition))) {
    const { id, severity } = condition
    const key = `${part} ${severity} ${id}`
    if (!found.has(key) && found.size < MOST_CONDITIONS)
      found.set(key, { labels: { condition: id, part, severity }, value: met(condition) })
  }
  return [...found.values()]
}

const met = (condition: Condition): number => (condition.met ? 1 : 0)

/** Lines of one metric. Texts that are not the same can come to the same label: the first of them counts. */
function seriesOf(name: string, samples: readonly Sample[]): readonly string[] {
  const lines = new Map<string, string>()
  for (const { labels, value } of samples) {
    const pairs = Object.entries(labels)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([label, text]) => `${label}="${neutralPrometheus(clipped(text, LONGEST_VALUE))}"`)
    const series = pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`
    if (Number.isFinite(value) && !lines.has(series)) lines.set(series, `${series} ${value}`)
  }
  return [...lines].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line)
}

/** Whole microseconds: more digits say nothing. */
const seconds = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1_000_000
