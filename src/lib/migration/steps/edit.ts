import type { Attempt } from '../../journal/executor.ts'
import type { Kept, PortalWrite } from '../../portal/driver.ts'
import type { Network, Tenant } from '../../portal/model.ts'
import { attemptWrite } from '../../tenant/executor.ts'
import { writeOf } from '../../tenant/writes.ts'
import { canonicalJson } from '../../text.ts'
import type { Json } from '../records/model.ts'
import type { BoundStep, Check, StepPlace } from './step.ts'

/** What an edit makes of what there is, or why it cannot. */
export type Edited<T> = { readonly ok: true; readonly value: T; readonly what: readonly string[] } | Refusal

interface Refusal {
  readonly ok: false
  readonly reason: string
}

export const edited = <T>(value: T, what: readonly string[]): Edited<T> => ({ ok: true, value, what })
export const refused = (reason: string): Refusal => ({ ok: false, reason })

/** `field: former → present`, for people. */
export const change = (field: string, former: unknown, present: unknown): string =>
  `${field}: ${shown(former)} → ${shown(present)}`

const shown = (value: unknown): string =>
  value === undefined || value === null ? '—' : typeof value === 'string' ? value : canonicalJson(value)

export const isEqual = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b)

/**
 * A step that makes another tenant of a tenant and changes nothing else: it is done when the edit leaves what is there.
 * @param memo what an undo needs, of the tenant as it was before
 */
export function tenantEdit(
  { kept, portal }: StepPlace,
  edit: (tenant: Tenant) => Edited<Tenant>,
  memo: (tenant: Tenant) => Json,
): BoundStep {
  return {
    check: async () => {
      const result = edit(kept.value)
      if (!result.ok) return { kind: 'never', reason: result.reason }
      if (isEqual(result.value, kept.value)) return { kind: 'so' }
      return { kind: 'todo', what: result.what, memo: memo(kept.value) }
    },
    perform: async (_memo, signal) => {
      const result = edit(kept.value)
      if (!result.ok) return { kind: 'failed', reason: result.reason }
      return attemptWrite(portal, tenantWrite(portal.portal, kept, result.value), signal)
    },
  }
}

export function tenantWrite(portal: string, { value, version }: Kept<Tenant>, tenant: Tenant): PortalWrite {
  const isSuspended = value.state === 'active' && tenant.state === 'suspended'
  const kind = isSuspended ? 'suspend' : value.ars === tenant.ars ? 'change' : 'move'
  return writeOf(portal, {
    kind,
    former: value,
    expected: version,
    tenant,
    fields: [],
    changedOutside: false,
  })
}

/** A step that makes another network of the network of a tenant. Several tenants may do so at the same time. */
export function networkEdit(
  { kept, portal }: StepPlace,
  edit: (network: Network) => Edited<Network>,
  memo: (network: Network) => Json,
): BoundStep {
  const read = async (): Promise<Kept<Network> | undefined> =>
    (await portal.networks()).find(({ value }) => value.account === kept.value.account)
  return {
    check: async (): Promise<Check> => {
      const found = await read()
      if (found === undefined) return { kind: 'never', reason: 'it belongs to no network' }
      const result = edit(found.value)
      if (!result.ok) return { kind: 'never', reason: result.reason }
      if (isEqual(result.value, found.value)) return { kind: 'so' }
      return { kind: 'todo', what: result.what, memo: memo(found.value) }
    },
    perform: async (_memo, signal): Promise<Attempt> => {
      // Others change the same network for their tenants: what they did meanwhile is kept, and the edit done anew.
      for (let attempt = 0; attempt < NETWORK_ATTEMPTS; attempt++) {
        const found = await read()
        if (found === undefined) return { kind: 'failed', reason: 'it belongs to no network' }
        const result = edit(found.value)
        if (!result.ok) return { kind: 'failed', reason: result.reason }
        if (isEqual(result.value, found.value)) return { kind: 'already' }
        const written = await attemptWrite(portal, networkWrite(portal.portal, found, result.value), signal)
        if (written.kind !== 'failed') return written
      }
      return { kind: 'later', reason: 'the network is being changed by others', afterMs: null }
    },
  }
}

const NETWORK_ATTEMPTS = 5

const networkWrite = (portal: string, { version }: Kept<Network>, network: Network): PortalWrite =>
  writeOf(portal, { kind: 'network-change', network, expected: version, fields: [] })
