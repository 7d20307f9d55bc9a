import { OzgctlError } from '../errors.ts'
import { ranOut, within } from '../http/deadline.ts'
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
  const { probe, end } = await within(target.timeoutMs, tools.signal, async (signal) => {
    const inner = new Probe(target, { ...tools, now: startedAt, signal })
    return { probe: inner, end: await carriedOut(target, inner) }
  })
  const durationMs = performance.now() - begun
  if (target.slowMs !== undefined && end.kind === 'judged')
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
      serviceVerdict(probe, target.severity, end),
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

/** How far a check came. */
type End =
  | { readonly kind: 'judged' }
  /** All time was over, not that of this check: nobody knows what would have come. */
  | { readonly kind: 'cut' }
  /** Nothing can be said, by our own fault. */
  | { readonly kind: 'unknown'; readonly why: string }

async function carriedOut({ kind, settings }: CheckTarget, probe: Probe): Promise<End> {
  try {
    await kind.check(probe, settings)
    return { kind: 'judged' }
  } catch (error) {
    if (error instanceof Unmet) return { kind: 'judged' }
    if (error instanceof ProbeFailure) {
      if (error.fault === 'cut') return { kind: 'cut' }
      probe.expect('reachable', {
        met: false,
        expected: 'a whole answer',
        seen: `${error.message} [${PHASE_WORDS[error.phase]}]`,
        hint: error.hint,
      })
      return { kind: 'judged' }
    }
    // What we had to fetch for it was cut short as well.
    if (probe.signal.aborted && !ranOut(probe.signal)) return { kind: 'cut' }
    return { kind: 'unknown', why: faultOf(error) }
  }
}

/** Why nothing can be said of the other side: what is missing here, or a fault of this program. */
export function faultOf(error: unknown): string {
  const what = error instanceof Error ? error.message : String(error)
  return shown(error instanceof OzgctlError ? what : `a fault of ozgctl: ${what}`)
}

function serviceVerdict(probe: Probe, worst: Severity, end: End): Verdict {
  const conditions = probe.conditions('service').map((condition) => lowered(condition, worst))
  const unknown = (summary: string, isCut: boolean): Verdict => ({
    part: 'service',
    status: 'unknown',
    conditions,
    summary,
    isCut,
  })
  switch (end.kind) {
    case 'unknown':
      return unknown(end.why, false)
    case 'cut': {
      // What was seen to be broken before stays so.
      const found = verdict('service', conditions)
      return found.status === 'critical' ? found : unknown(CUT, true)
    }
    case 'judged':
      return conditions.length > 0 ? verdict('service', conditions) : unknown('nothing was checked', false)
  }
}

const CUT = 'cut short: the time was over before its answer was whole'

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
    isCut: false,
  }
}

function summaryOf({ id, expected, seen }: Condition): string {
  return id === 'reachable' || id.endsWith('-expiry') ? seen : `${id}: expected ${expected}, saw ${seen}`
}

function good(part: Part, conditions: readonly Condition[]): string {
  const first = part === 'certificate' ? conditions[0] : undefined
  return first?.seen ?? `${conditions.length} conditions met`
}
