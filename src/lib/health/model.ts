import type { KindId } from '../connector/kinds/index.ts'
import type { CheckReport, Part, Status } from '../connector/model.ts'
import type { Affects } from '../connector/systems/model.ts'

/** A connector as it is for one or several tenants: one address. */
export interface Endpoint {
  /** Stable as long as name and address stay: what its history hangs on. */
  readonly id: string
  /** Name of the connector in the manifest. */
  readonly connector: string
  readonly title: string
  /** Id of the system; null where only a kind is named. */
  readonly system: string | null
  readonly kind: KindId
  /** Address without query. */
  readonly url: string
  /** Whom it serves of those that were asked for, by key. */
  readonly tenants: readonly TenantRef[]
  /** Raw register keys of all that it serves, asked for or not. */
  readonly serves: readonly string[]
  readonly affects: Affects
}

export interface TenantRef {
  /** Raw register key. */
  readonly ars: string
  readonly name: string
}

/** What one check run brought for one endpoint. */
export interface EndpointHealth {
  readonly endpoint: Endpoint
  /** null when the time was over before it was its turn. */
  readonly report: CheckReport | null
  /** From when on each part has been as it is now, in milliseconds since 1970; what the store does not know is missing. */
  readonly since: { readonly [Name in Part]?: Since }
}

export interface Since {
  readonly at: number
  /** What it was before; null when this is the first that is known. */
  readonly before: Status | null
}

/** A run of `health check`. */
export interface HealthResult {
  readonly startedAt: number
  readonly durationMs: number
  /** Sorted by status, worst first, then by connector and address. */
  readonly endpoints: readonly EndpointHealth[]
  /** Checks that were made: endpoints that are the same but for their name are asked once. */
  readonly checks: number
  /** Pairs of tenant and connector that these serve. */
  readonly bindings: number
  /** The worst of all parts. */
  readonly status: Status
}

/** The status of a part; `unknown` where it was not its turn. */
export function statusOfPart({ report }: EndpointHealth, part: Part): Status | undefined {
  if (report === null) return part === 'service' ? 'unknown' : undefined
  return report.verdicts.find((verdict) => verdict.part === part)?.status
}
