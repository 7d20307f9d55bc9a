import fc from 'fast-check'
import type {
  CertificateFacts,
  CheckReport,
  Condition,
  Exchange,
  Part,
  Status,
  TlsFacts,
  Verdict,
} from '../../src/lib/connector/model.ts'
import type { Endpoint, EndpointHealth, HealthResult, Since } from '../../src/lib/health/model.ts'
import { worstOf } from '../../src/lib/health/run.ts'

export const DAY_MS = 86_400_000
/** When everything here is checked. */
export const NOON = Date.UTC(2026, 10, 24, 12)

/** An endpoint in a few words; what is missing is well. */
export interface Written {
  readonly connector?: string
  readonly id?: string
  readonly url?: string
  readonly system?: string | null
  readonly tenants?: number
  readonly service?: Status
  readonly certificate?: Status
  readonly summary?: string
  readonly conditions?: readonly Condition[]
  readonly exchanges?: readonly Exchange[]
  readonly tls?: readonly TlsFacts[]
  readonly durationMs?: number
  readonly since?: { readonly [Name in Part]?: Since }
  /** Its service was not asked to the end. */
  readonly isCut?: boolean
  /** Its turn did not come. */
  readonly isNotAsked?: boolean
}

/** One endpoint with what its check brought. */
export function healthOf(written: Written = {}): EndpointHealth {
  return { endpoint: endpointOf(written), report: reportOf(written), since: written.since ?? {} }
}

function endpointOf({ connector = 'dms', system = 'enaio', tenants = 1, ...written }: Written): Endpoint {
  const served = Array.from({ length: tenants }, (_, at) => ({
    ars: String(34590014014 + at).padStart(12, '0'),
    name: `Gemeinde ${at + 1}`,
  }))
  return {
    id: written.id ?? `${connector}-1`,
    connector,
    title: connector.toUpperCase(),
    system,
    kind: 'http',
    url: written.url ?? `https://${connector}.example.de/health`,
    tenants: served,
    serves: served.map(({ ars }) => ars),
    affects: 'all',
  }
}

function reportOf(written: Written): CheckReport | null {
  const { service = 'ok', certificate, summary, conditions = [], isNotAsked = false, isCut = false } = written
  if (isNotAsked) return null
  const of = (part: Part, status: Status): Verdict => ({
    part,
    status,
    conditions: part === 'service' ? conditions : [],
    summary: summary ?? `${part} is ${status}`,
    isCut: isCut && part === 'service',
  })
  return {
    verdicts: [
      of('service', service),
      ...(certificate === undefined ? [] : [of('certificate', certificate)]),
    ],
    exchanges: written.exchanges ?? [],
    tls: written.tls ?? [],
    thresholds: { warningMs: 30 * DAY_MS, criticalMs: 7 * DAY_MS },
    startedAt: NOON,
    durationMs: written.durationMs ?? 120,
  }
}

/** A run with these endpoints, in this order. */
export function resultOf(...endpoints: readonly EndpointHealth[]): HealthResult {
  const statuses = endpoints.flatMap(
    ({ report }) => report?.verdicts.map(({ status }) => status) ?? (['unknown'] as const),
  )
  return {
    startedAt: NOON,
    durationMs: 2500,
    endpoints,
    checks: endpoints.length,
    bindings: endpoints.reduce((sum, { endpoint }) => sum + endpoint.tenants.length, 0),
    status: worstOf(statuses),
  }
}

export function conditionOf(written: Partial<Condition> = {}): Condition {
  return { id: 'status', met: true, severity: 'critical', expected: 'HTTP 200', seen: 'HTTP 200', ...written }
}

export function exchangeOf(written: Partial<Exchange> = {}): Exchange {
  return {
    name: 'request',
    target: 'https://dms.example.de/health',
    phases: { resolve: 1, connect: 2, tls: 30, request: 0.5, firstByte: 80, body: 4 },
    httpStatus: 200,
    bytes: 512,
    failed: null,
    ...written,
  }
}

/** What a server showed. @param days that its certificates are still valid for, leaf first */
export function tlsOf(server: string, ...days: readonly number[]): TlsFacts {
  return {
    server,
    protocol: 'TLSv1.3',
    cipher: 'TLS_AES_256_GCM_SHA384',
    untrusted: null,
    names: [server.replace(/:.*/, '')],
    key: 'EC P-256',
    keyGrade: 'good',
    signature: 'ecdsa-with-SHA256',
    chain: days.map(
      (left, at): CertificateFacts => ({
        subject: at === 0 ? server : `CA ${at}`,
        issuer: `CA ${at + 1}`,
        validFrom: NOON - 100 * DAY_MS,
        validTo: NOON + left * DAY_MS,
        fingerprint: 'AA:BB',
      }),
    ),
  }
}

const ESC = '\u001B'
/** Everything at once that does harm in one of the formats. */
export const EVIL = `a|b'"\\\n\r\t\0${ESC}[2J<b>&x;]]>{}=#\u0085\u202E\u2028\uFFFE\uD800 ä€😀`

/** Texts with many of the signs that do harm, and any others. */
export const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...`|'"\\\n\r\t\0${ESC}<>&;]={}#,$%\u0085\u202E\u2028\uFEFF\uFFFE\uFFFF\uDC00\uD800 ä😀`),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
})

const status = fc.constantFrom<Status>('ok', 'warning', 'critical', 'unknown')

/** Runs with any texts in all the places that come from outside. */
export const hostileResult: fc.Arbitrary<HealthResult> = fc
  .array(
    fc.record({
      connector: hostile,
      url: hostile,
      system: fc.option(hostile),
      service: status,
      certificate: status,
      summary: hostile,
      isNotAsked: fc.boolean(),
      conditions: fc.array(
        fc.record({
          id: hostile,
          met: fc.boolean(),
          severity: fc.constantFrom('warning' as const, 'critical' as const),
          expected: hostile,
          seen: hostile,
          hint: hostile,
        }),
        { maxLength: 3 },
      ),
      tls: fc.array(
        hostile.map((server) => tlsOf(server, 10, 20, -3)),
        { maxLength: 2 },
      ),
    }),
    { maxLength: 5 },
  )
  .map((all) => resultOf(...all.map((one, at) => healthOf({ ...one, id: `id-${at}` }))))
