import type { CheckReport, Part, Status, Verdict } from '../connector/model.ts'
import type { EndpointHealth, HealthResult, Since } from '../health/model.ts'
import type { Words } from './lang.ts'

/** One part of an endpoint, as it stands in a list. */
export interface HealthPart {
  readonly health: EndpointHealth
  readonly verdict: Verdict
}

/** In the order in which people want to know: what is surely broken before what nobody knows anything of. */
export const RANK: Readonly<Record<Status, number>> = { critical: 0, unknown: 1, warning: 2, ok: 3 }

export const STATUS: Readonly<Record<Status, Words>> = {
  ok: { de: 'OK', en: 'OK' },
  warning: { de: 'WARNUNG', en: 'WARNING' },
  critical: { de: 'KRITISCH', en: 'CRITICAL' },
  unknown: { de: 'UNBEKANNT', en: 'UNKNOWN' },
}
export const PART: Readonly<Record<Part, Words>> = {
  service: { de: 'Dienst', en: 'service' },
  certificate: { de: 'Zertifikat', en: 'certificate' },
}

const NOT_ASKED: Verdict = {
  part: 'service',
  status: 'unknown',
  conditions: [],
  summary: 'not asked: the time was over before its turn',
  isCut: true,
}

/** What was found, or that nobody asked. */
export const verdictsOf = (report: CheckReport | null): readonly Verdict[] => report?.verdicts ?? [NOT_ASKED]

/** All parts of all endpoints, worst first, and else in the order of the result. */
export function partsWorstFirst({ endpoints }: Pick<HealthResult, 'endpoints'>): readonly HealthPart[] {
  return endpoints
    .flatMap((health) => verdictsOf(health.report).map((verdict) => ({ health, verdict })))
    .toSorted((a, b) => RANK[a.verdict.status] - RANK[b.verdict.status])
}

/** From when on a part has been as this run found it. Of what was not asked to the end only the past is known. */
export const sinceOf = ({ health: { since }, verdict }: HealthPart): Since | undefined =>
  verdict.isCut ? undefined : since[verdict.part]

/** How a part stands; undefined where there is none. */
export const statusOf = ({ report }: EndpointHealth, wanted: Part): Status | undefined =>
  verdictsOf(report).find(({ part }) => part === wanted)?.status

/** Endpoints by the status of one part; those without it count nowhere. */
export function countByStatus(
  { endpoints }: Pick<HealthResult, 'endpoints'>,
  part: Part,
): Readonly<Record<Status, number>> {
  const counts: Record<Status, number> = { ok: 0, warning: 0, critical: 0, unknown: 0 }
  for (const health of endpoints) {
    const status = statusOf(health, part)
    if (status !== undefined) counts[status]++
  }
  return counts
}
