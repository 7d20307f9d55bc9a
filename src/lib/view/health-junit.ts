import type { Condition, Exchange, Status } from '../connector/model.ts'
import type { EndpointHealth, HealthResult } from '../health/model.ts'
import { type HealthPart, STATUS, sinceOf, verdictsOf } from './health-parts.ts'
import { formatTime } from './lang.ts'
import { clipped, neutralXml } from './neutral.ts'

/** UTF-16 units of what somebody else wrote. */
const LONGEST_TEXT = 1000
const MOST_CONDITIONS = 50
const MOST_TENANTS = 20

/**
 * `health check --output junit`: JUnit XML as Jenkins, GitLab and others read it. A suite for each connector, in it a test
 * for each part of each endpoint. Critical is a failure; unknown, and what was not asked in time, an error. A warning passes,
 * for it is no reason to stop a pipeline, and says in `system-out` what it is. Names of tests stay the same from run to run,
 * so that CI servers can tell what is new. Times are in seconds and UTC.
 */
export function healthJunit(result: HealthResult): string {
  const suites = [...Map.groupBy(result.endpoints, ({ endpoint }) => endpoint.connector)].sort(([a], [b]) =>
    a < b ? -1 : 1,
  )
  const attributes = {
    name: 'ozgctl health check',
    ...countsOf(result.endpoints),
    time: seconds(result.durationMs),
  }
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    ...element(
      'testsuites',
      attributes,
      suites.flatMap(([connector, own]) => suiteLines(connector, own, result)),
    ),
    '',
  ].join('\n')
}

function suiteLines(
  connector: string,
  endpoints: readonly EndpointHealth[],
  { startedAt }: HealthResult,
): readonly string[] {
  const attributes = {
    name: connector,
    ...countsOf(endpoints),
    skipped: 0,
    time: seconds(endpoints.reduce((sum, { report }) => sum + (report?.durationMs ?? 0), 0)),
    // xs:dateTime without a zone, which some readers do not take.
    timestamp: new Date(startedAt).toISOString().slice(0, 19),
  }
  const cases = endpoints
    .flatMap((health) => verdictsOf(health.report).map((verdict) => ({ health, verdict })))
    .map((part) => [nameOf(part), caseLines(part)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return element(
    'testsuite',
    attributes,
    cases.flatMap(([, lines]) => lines),
  )
}

const nameOf = ({ health: { endpoint }, verdict: { part } }: HealthPart): string =>
  `${endpoint.url} ${part} [${endpoint.id}]`

function countsOf(endpoints: readonly EndpointHealth[]) {
  const statuses = endpoints.flatMap(({ report }) => verdictsOf(report).map(({ status }) => status))
  const count = (wanted: Status): number => statuses.filter((status) => status === wanted).length
  return { tests: statuses.length, failures: count('critical'), errors: count('unknown') }
}

function caseLines(part: HealthPart): readonly string[] {
  const { health, verdict } = part
  const attributes = {
    classname: `health.${health.endpoint.connector}`,
    name: nameOf(part),
    // The certificate is read in the same check: its time is counted once.
    time: seconds(verdict.part === 'service' ? (health.report?.durationMs ?? 0) : 0),
  }
  return element('testcase', attributes, outcome(part))
}

function outcome(part: HealthPart): readonly string[] {
  const { health, verdict } = part
  const attributes = { type: health.report === null ? 'not-asked' : verdict.status, message: verdict.summary }
  switch (verdict.status) {
    case 'ok':
      return []
    case 'warning':
      return textElement('system-out', {}, [`${STATUS.warning.en}: ${verdict.summary}`, ...details(part)])
    case 'critical':
      return textElement('failure', attributes, details(part))
    case 'unknown':
      return textElement('error', attributes, details(part))
  }
}

/** What helps to find the cause, line by line. */
function details(part: HealthPart): readonly string[] {
  const { endpoint, report } = part.health
  const { conditions } = part.verdict
  const at = sinceOf(part)?.at
  const unmet = conditions.filter(({ met }) => !met)
  const names = endpoint.tenants.slice(0, MOST_TENANTS).map(({ name }) => name)
  const more = endpoint.tenants.length - names.length
  return [
    ...(at === undefined ? [] : [`since ${formatTime(new Date(at).toISOString())} UTC`]),
    ...unmet.slice(0, MOST_CONDITIONS).flatMap(conditionLines),
    ...(unmet.length > MOST_CONDITIONS ? [`... and ${unmet.length - MOST_CONDITIONS} more conditions`] : []),
    ...(part.verdict.part === 'service' ? (report?.exchanges ?? []).map(exchangeLine) : []),
    ...(names.length === 0 ? [] : [`tenants: ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`]),
  ]
}

const conditionLines = ({ id, severity, expected, seen, hint }: Condition): readonly string[] => [
  `${id} (${severity}): expected ${expected}, saw ${seen}`,
  ...(hint === undefined ? [] : [`  ${hint}`]),
]

function exchangeLine({ name, target, phases, httpStatus, failed }: Exchange): string {
  const took = Object.entries(phases).map(
    ([phase, milliseconds]) => `${phase} ${Math.round(milliseconds)} ms`,
  )
  const end =
    failed === null ? (httpStatus === null ? [] : [`HTTP ${httpStatus}`]) : [`failed in ${failed.phase}`]
  return [`${name} ${target}`, ...end, ...took].join(', ')
}

type Attributes = Readonly<Record<string, string | number>>

function tag(name: string, attributes: Attributes): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${neutral(String(value))}"`)
  return `${name}${written.join('')}`
}

/** An element with others in it, each on lines of its own. */
function element(name: string, attributes: Attributes, inner: readonly string[]): readonly string[] {
  const start = tag(name, attributes)
  return inner.length === 0
    ? [`<${start}/>`]
    : [`<${start}>`, ...inner.map((line) => `  ${line}`), `</${name}>`]
}

function textElement(name: string, attributes: Attributes, lines: readonly string[]): readonly string[] {
  return [`<${tag(name, attributes)}>${lines.map(neutral).join('\n')}</${name}>`]
}

const neutral = (text: string): string => neutralXml(clipped(text, LONGEST_TEXT))

const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(3)
