import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { healthPrometheus } from '../../src/lib/view/health-prometheus.ts'
import { neutralPrometheus, neutralTerminal } from '../../src/lib/view/neutral.ts'
import {
  conditionOf,
  DAY_MS,
  EVIL,
  exchangeOf,
  healthOf,
  hostile,
  hostileResult,
  NOON,
  resultOf,
  tlsOf,
} from '../support/health.ts'
import { parseMetrics } from '../support/prometheus.ts'

const hasPromtool = spawnSync('promtool', ['--version']).status === 0

/** What promtool says to a text; empty when all is well. */
function promtool(text: string): string {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  })
  return `${status === 0 ? '' : `ended with ${status}: `}${stdout}${stderr}`
}

const rich = resultOf(
  healthOf({
    connector: 'dms',
    service: 'critical',
    certificate: 'warning',
    tenants: 12,
    since: { service: { at: NOON - DAY_MS, before: 'ok' } },
    conditions: [conditionOf({ met: false }), conditionOf({ id: 'slow', severity: 'warning' })],
    exchanges: [exchangeOf(), exchangeOf({ name: 'again', phases: { connect: 3, firstByte: 1.25 } })],
    tls: [tlsOf('dms.example.de:443', 20, 500, 300)],
    durationMs: 1234.5678,
  }),
  healthOf({
    connector: 'late',
    system: null,
    isNotAsked: true,
    since: { service: { at: NOON - DAY_MS, before: 'critical' } },
  }),
)

/** Series of a metric as `labels → value`, without the labels that all of an endpoint have. */
function seriesOf(text: string, name: string): readonly string[] {
  return (parseMetrics(text).get(name)?.series ?? []).map(({ labels, value }) => {
    const { connector, endpoint: _endpoint, kind: _kind, system: _system, url: _url, ...own } = labels
    return [connector, ...Object.values(own), value].join(' ')
  })
}

test('a run reads like this', () => {
  expect(
    healthPrometheus(resultOf(healthOf({ certificate: 'ok', tls: [tlsOf('dms.example.de:443', 90)] }))),
  ).toBe(
    `# HELP ozgctl_connector_certificate_expiry_timestamp_seconds When a certificate ends: the one of the server (leaf), or the first of those above it (chain).
# TYPE ozgctl_connector_certificate_expiry_timestamp_seconds gauge
ozgctl_connector_certificate_expiry_timestamp_seconds{certificate="leaf",connector="dms",endpoint="dms-1",kind="http",server="dms.example.de:443",system="enaio",url="https://dms.example.de/health"} 1803297600
# HELP ozgctl_connector_check_duration_seconds How long the last check took.
# TYPE ozgctl_connector_check_duration_seconds gauge
ozgctl_connector_check_duration_seconds{connector="dms",endpoint="dms-1",kind="http",system="enaio",url="https://dms.example.de/health"} 0.12
# HELP ozgctl_connector_last_check_timestamp_seconds When the last check began.
# TYPE ozgctl_connector_last_check_timestamp_seconds gauge
ozgctl_connector_last_check_timestamp_seconds{connector="dms",endpoint="dms-1",kind="http",system="enaio",url="https://dms.example.de/health"} 1795521600
# HELP ozgctl_connector_status How a part stands: 1 for the status that it has, 0 for the others.
# TYPE ozgctl_connector_status gauge
ozgctl_connector_status{connector="dms",endpoint="dms-1",kind="http",part="certificate",status="critical",system="enaio",url="https://dms.example.de/health"} 0
ozgctl_connector_status{connector="dms",endpoint="dms-1",kind="http",part="certificate",status="ok",system="enaio",url="https://dms.example.de/health"} 1
ozgctl_connector_status{connector="dms",endpoint="dms-1",kind="http",part="certificate",status="unknown",system="enaio",url="https://dms.example.de/health"} 0
ozgctl_connector_status{connector="dms",endpoint="dms-1",kind="http",part="certificate",status="warning",system="enaio",url="https://dms.example.de/health"} 0
ozgctl_connector_status{connector="dms",endpoint="dms-1",kind="http",part="service",status="critical",system="enaio",url="https://dms.example.de/health"} 0
ozgctl_connector_status{connector="dms",endpoint="dms-1",kind="http",part="service",status="ok",system="enaio",url="https://dms.example.de/health"} 1
ozgctl_connector_status{connector="dms",endpoint="dms-1",kind="http",part="service",status="unknown",system="enaio",url="https://dms.example.de/health"} 0
ozgctl_connector_status{connector="dms",endpoint="dms-1",kind="http",part="service",status="warning",system="enaio",url="https://dms.example.de/health"} 0
# HELP ozgctl_connector_tenants Tenants that the endpoint serves.
# TYPE ozgctl_connector_tenants gauge
ozgctl_connector_tenants{connector="dms",endpoint="dms-1",kind="http",system="enaio",url="https://dms.example.de/health"} 1
# HELP ozgctl_connector_up Whether the service works (1) or not (0); missing where nobody knows.
# TYPE ozgctl_connector_up gauge
ozgctl_connector_up{connector="dms",endpoint="dms-1",kind="http",system="enaio",url="https://dms.example.de/health"} 1
# HELP ozgctl_health_run_bindings Pairs of tenant and connector that the last run served.
# TYPE ozgctl_health_run_bindings gauge
ozgctl_health_run_bindings 1
# HELP ozgctl_health_run_checks Checks that the last run made.
# TYPE ozgctl_health_run_checks gauge
ozgctl_health_run_checks 1
# HELP ozgctl_health_run_duration_seconds How long the last run took.
# TYPE ozgctl_health_run_duration_seconds gauge
ozgctl_health_run_duration_seconds 2.5
# HELP ozgctl_health_run_endpoints Endpoints of the last run by the status of their service.
# TYPE ozgctl_health_run_endpoints gauge
ozgctl_health_run_endpoints{status="critical"} 0
ozgctl_health_run_endpoints{status="ok"} 1
ozgctl_health_run_endpoints{status="unknown"} 0
ozgctl_health_run_endpoints{status="warning"} 0
# HELP ozgctl_health_run_timestamp_seconds When the last run began.
# TYPE ozgctl_health_run_timestamp_seconds gauge
ozgctl_health_run_timestamp_seconds 1795521600
`,
  )
})

describe('the series of a run', () => {
  const text = healthPrometheus(rich)

  test.each([
    ['up', ['dms 0']],
    ['check_duration_seconds', ['dms 1.234568']],
    ['last_check_timestamp_seconds', ['dms 1795521600']],
    ['status_since_timestamp_seconds', ['dms service 1795435200']],
    ['tenants', ['dms 12', 'late 1']],
    ['condition_met', ['dms slow service warning 1', 'dms status service critical 0']],
    [
      'certificate_expiry_timestamp_seconds',
      ['dms chain dms.example.de:443 1821441600', 'dms leaf dms.example.de:443 1797249600'],
    ],
    [
      'phase_duration_seconds',
      [
        'dms body 0.004',
        'dms connect 0.005',
        'dms first_byte 0.08125',
        'dms request 0.0005',
        'dms resolve 0.001',
        'dms tls 0.03',
      ],
    ],
  ])('%s is %j', (name, expected) => {
    expect(seriesOf(text, `ozgctl_connector_${name}`).toSorted()).toEqual(expected)
  })

  test('have one status of each part', () => {
    expect(seriesOf(text, 'ozgctl_connector_status').filter((one) => one.endsWith(' 1'))).toEqual([
      'dms certificate warning 1',
      'dms service critical 1',
      'late service unknown 1',
    ])
  })

  test.each([
    ['ok', ['dms 1']],
    ['warning', ['dms 1']],
    ['critical', ['dms 0']],
    ['unknown', []],
  ] as const)('say of a service that is %s: up %j', (service, expected) => {
    expect(seriesOf(healthPrometheus(resultOf(healthOf({ service }))), 'ozgctl_connector_up')).toEqual(
      expected,
    )
  })

  test('of a run without endpoints are those of the run alone', () => {
    const metrics = parseMetrics(healthPrometheus(resultOf()))
    expect([...metrics.keys()].every((name) => name.startsWith('ozgctl_health_run_'))).toBe(true)
  })
})

describe('no series is there twice', () => {
  test('conditions of one name are met when all are', () => {
    const conditions = [conditionOf(), conditionOf({ met: false }), conditionOf()]
    expect(
      seriesOf(healthPrometheus(resultOf(healthOf({ conditions }))), 'ozgctl_connector_condition_met'),
    ).toEqual(['dms status service critical 0'])
  })

  test('two endpoints of one connector and address are told apart by their ids', () => {
    const text = healthPrometheus(resultOf(healthOf({ id: 'a' }), healthOf({ id: 'b' })))
    expect(
      parseMetrics(text)
        .get('ozgctl_connector_up')
        ?.series.map(({ labels }) => labels.endpoint),
    ).toEqual(['a', 'b'])
  })

  test('texts that are the same once they are shortened count once, the first of them', () => {
    const server = (days: number) => tlsOf(`${'x'.repeat(300)}${days}`, days)
    const text = healthPrometheus(resultOf(healthOf({ tls: [server(2), server(1)] })))
    const [series, ...more] =
      parseMetrics(text).get('ozgctl_connector_certificate_expiry_timestamp_seconds')?.series ?? []
    expect(series?.labels.server).toBe(`${'x'.repeat(199)}…`)
    expect(series?.value).toBe((NOON + 2 * DAY_MS) / 1000)
    expect(more).toEqual([])
  })
})

describe('bounds', () => {
  test('a hundred conditions, those first that are not met', () => {
    const conditions = Array.from({ length: 300 }, (_, at) => conditionOf({ id: `c-${at}`, met: at < 250 }))
    const series = seriesOf(
      healthPrometheus(resultOf(healthOf({ conditions }))),
      'ozgctl_connector_condition_met',
    )
    expect(series).toHaveLength(100)
    expect(series.filter((one) => one.endsWith(' 0'))).toHaveLength(50)
  })

  test('twenty servers', () => {
    const tls = Array.from({ length: 30 }, (_, at) => tlsOf(`s${at}:443`, 1))
    const name = 'ozgctl_connector_certificate_expiry_timestamp_seconds'
    expect(seriesOf(healthPrometheus(resultOf(healthOf({ tls }))), name)).toHaveLength(20)
  })

  test('a time that is none is left out', () => {
    const text = healthPrometheus(resultOf(healthOf({ tls: [tlsOf('a:443', Number.NaN)] })))
    expect(text).not.toContain('certificate_expiry')
  })
})

describe('text from outside', () => {
  test('is escaped in labels', () => {
    const text = healthPrometheus(resultOf(healthOf({ url: EVIL })))
    const [series] = parseMetrics(text).get('ozgctl_connector_up')?.series ?? []
    expect(text).toContain(String.raw`url="a|b'\"\\\\x0a`)
    expect(series?.labels.url).toBe(neutralTerminal(EVIL.toWellFormed()))
  })

  test('is read as it was meant, whatever it is', () => {
    fc.assert(
      fc.property(hostileResult, (result) => {
        const text = healthPrometheus(result)
        expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cs}]/u)
        expect(parseMetrics(text).get('ozgctl_connector_tenants')?.series.length ?? 0).toBe(
          result.endpoints.length,
        )
      }),
    )
  })

  test('is the same again once it is read, and plain text stays as it is', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const [series] =
          parseMetrics(`# HELP a b\n# TYPE a gauge\na{b="${neutralPrometheus(text)}"} 1\n`).get('a')
            ?.series ?? []
        expect(series?.labels.b).toBe(neutralTerminal(text.toWellFormed()))
      }),
    )
    expect(neutralPrometheus('https://dms.example.de/ä b')).toBe('https://dms.example.de/ä b')
  })
})

describe.skipIf(!hasPromtool)('promtool check metrics (needs promtool)', () => {
  test('has nothing to say to a run with everything in it', () => {
    expect(promtool(healthPrometheus(rich))).toBe('')
  })

  test('has nothing to say to hostile texts', () => {
    const results = fc.sample(hostileResult, 20)
    for (const result of results) expect(promtool(healthPrometheus(result))).toBe('')
    const evil = healthOf({
      connector: EVIL,
      url: EVIL,
      conditions: [conditionOf({ id: EVIL })],
      tls: [tlsOf(EVIL, 1, 2)],
    })
    expect(promtool(healthPrometheus(resultOf(evil)))).toBe('')
  })

  test('would say what is wrong', () => {
    expect(promtool('# TYPE a gauge\na 1\na 1\n')).not.toBe('')
    expect(promtool('# HELP a_milliseconds b\n# TYPE a_milliseconds gauge\na_milliseconds 1\n')).not.toBe('')
  })
})
