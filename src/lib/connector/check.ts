import { OzgctlError } from '../errors.ts'
import { within } from '../http/deadline.ts'
import type { Kind } from './kind.ts'
import type { CheckReport, Condition, Part, Severity, Status, Verdict } from './model.ts'
import { expectIdentity, expectUnexpired } from './probe/expiry.ts'
import { ProbeFailure, Unmet } from './probe/failure.ts'
import { Probe } from './probe/probe.ts'
import { PHASE_WORDS, shown } from './probe/record.ts'
import type { Login, ProbeTarget, ProbeTools } from './probe/target.ts'

/** A connector with everything that a check of it needs. */
export interface CheckTarget extends ProbeTarget {
  readonly kind: Kind
  /** As the kind reads them. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly timeoutMs: number
  /** Slower than this is a warning. */
  readonly slowMs: number | undefined
  /** What it is when it does not serve. */
  readonly severity: Severity
}

export interface CheckTools extends Pick<ProbeTools, 'resolver' | 'userAgent' | 'privateFile'> {
  readonly now: () => Date
  readonly credentials: (url: URL) => Promise<Login>
  /** Ends it before its time, e.g. when all time is over. */
  readonly signal: AbortSignal | undefined
}

/**
 * Checks one connector. It ends in time, and whatever happens is in the report: what the other side does wrong makes it
 * critical, what we do wrong (credentials that are missing, a fault of this program) unknown.
 */
export async function check(target: CheckTarget, tools: CheckTools): Promise<CheckReport> {
  const startedAt = tools.now()
  const begun = performance.now()
  const { probe, unknown } = await within(target.timeoutMs, tools.signal, async (signal) => {
    const inner = new Probe(target, { ...tools, now: startedAt, signal })
    return { probe: inner, unknown: await carriedOut(target, inner) }
  })
  const durationMs = performance.now() - begun
  if (target.slowMs !== undefined && unknown === undefined)
    probe.expect('duration', {
      met: durationMs <= target.slowMs,
      expected: `done within ${target.slowMs} ms`,
      seen: `${Math.round(durationMs)} ms`,
      severity: 'warning',
    })
  for (const facts of probe.tls) expectUnexpired(probe, facts)
  if (probe.identity !== undefined) expectIdentity(probe, probe.identity)
  return {
    verdicts: [
      serviceVerdict(probe, target.severity, unknown),
      ...(probe.conditions('certificate').length > 0
        ? [verdict('certificate', probe.conditions('certificate'))]
        : []),
    ],
    exchanges: probe.exchanges,
    tls: probe.tls,
    thresholds: target.thresholds,
    startedAt: startedAt.getTime(),
    durationMs,
  }
}

/** @returns why nothing can be said, where that is our own fault */
async function carriedOut({ kind, settings }: CheckTarget, probe: Probe): Promise<string | undefined> {
  try {
    await kind.check(probe, settings)
    return undefined
  } catch (error) {
    if (error instanceof Unmet) return undefined
    if (error instanceof ProbeFailure) {
      probe.expect('reachable', {
        met: false,
        expected: 'a whole answer',
        seen: `${error.message} [${PHASE_WORDS[error.phase]}]`,
        hint: error.hint,
      })
      return undefined
    }
    return faultOf(error)
  }
}

/** Why nothing can be said of the other side: what is missing here, or a fault of this program. */
export function faultOf(error: unknown): string {
  const what = error instanceof Error ? error.message : String(error)
  return shown(error instanceof OzgctlError ? what : `a fault of ozgctl: ${what}`)
}

function serviceVerdict(probe: Probe, worst: Severity, unknown: string | undefined): Verdict {
  const conditions = probe.conditions('service').map((condition) => lowered(condition, worst))
  if (unknown === undefined && conditions.length > 0) return verdict('service', conditions)
  return { part: 'service', status: 'unknown', conditions, summary: unknown ?? 'nothing was checked' }
}

/** A connector that may fail without harm fails no worse than that. */
const lowered = (condition: Condition, worst: Severity): Condition =>
  worst === 'warning' ? { ...condition, severity: 'warning' } : condition

function verdict(part: Part, conditions: readonly Condition[]): Verdict {
  const unmet = conditions.filter(({ met }) => !met)
  const status: Status = unmet.some(({ severity }) => severity === 'critical')
    ? 'critical'
    : unmet.length > 0
      ? 'warning'
      : 'ok'
  const worst = unmet.find(({ severity }) => severity === status) ?? unmet[0]
  return {
    part,
    status,
    conditions,
    summary: worst === undefined ? good(part, conditions) : summaryOf(worst),
  }
}

function summaryOf({ id, expected, seen }: Condition): string {
  return id === 'reachable' || id.endsWith('-expiry') ? seen : `${id}: expected ${expected}, saw ${seen}`
}

function good(part: Part, conditions: readonly Condition[]): string {
  const first = part === 'certificate' ? conditions[0] : undefined
  return first?.seen ?? `${conditions.length} conditions met`
}
