import { hash } from 'node:crypto'
import { unreachable } from '../errors.ts'
import type { NewItem } from '../journal/model.ts'
import type { PortalCapabilities, PortalWrite } from '../portal/driver.ts'
import { LEVELS, levelOf } from '../region/key.ts'
import { canonicalJson } from '../text.ts'
import type { NetworkChange, Plan, TenantChange } from './plan.ts'

/** What a run does: a change of a plan, or taking a tenant under management. */
export type Change = NetworkChange | TenantChange | AdoptChange

export interface AdoptChange {
  readonly kind: 'adopt'
  readonly tenant: { readonly ars: string; readonly name: string }
  readonly expected: string
}

/**
 * The changes of a plan as items for the journal. Where a portal needs a region before those in it, they come in
 * waves from above, and what is deleted goes from below.
 */
export function itemsOf(
  changes: readonly Change[],
  { parentsFirst }: PortalCapabilities,
): readonly NewItem[] {
  return changes.map((change) => ({
    wave: waveOf(change, parentsFirst),
    ...subjectOf(change),
    action: change.kind,
    input: change,
  }))
}

/** In the order in which they are done. */
export const changesOf = (plan: Plan): readonly Change[] => [...plan.networks, ...plan.tenants]

/** Key and name of what a change is about. */
function subjectOf(change: Change): { readonly key: string; readonly name: string } {
  return 'network' in change
    ? { key: change.network.account, name: change.network.name }
    : { key: change.tenant.ars, name: change.tenant.name }
}

function waveOf(change: Change, parentsFirst: boolean): number {
  if ('network' in change) return 0
  if (!parentsFirst) return 1
  const depth = 1 + LEVELS.indexOf(levelOf(change.tenant.ars))
  return change.kind === 'delete' ? 2 * LEVELS.length + 2 - depth : depth
}

/** What is sent for a change. @param portal name of the portal, part of the key */
export function writeOf(portal: string, change: Change): PortalWrite {
  switch (change.kind) {
    case 'network-create':
    case 'network-change': {
      const { network, expected } = change
      return { kind: 'network', network, expected, key: keyOf(portal, 'network', expected, network) }
    }
    case 'create': {
      const { tenant } = change
      return { kind: 'create', tenant, key: keyOf(portal, 'create', null, tenant) }
    }
    case 'change':
    case 'move':
    case 'suspend': {
      const { former, expected, tenant } = change
      const kind = change.kind === 'suspend' ? 'suspend' : 'update'
      return { kind, ars: former.ars, expected, tenant, key: keyOf(portal, former.ars, expected, tenant) }
    }
    case 'adopt': {
      const { tenant, expected, kind } = change
      return { kind, ars: tenant.ars, expected, key: keyOf(portal, kind, expected, tenant.ars) }
    }
    case 'delete': {
      const { tenant, expected, kind } = change
      return { kind, tenant, expected, key: keyOf(portal, kind, expected, tenant.ars) }
    }
    default:
      return unreachable(change)
  }
}

/** From what there was to what is wanted: every attempt sends the same key, also after a crash. */
function keyOf(portal: string, what: string, expected: string | null, wanted: unknown): string {
  return hash('sha256', canonicalJson([portal, what, expected, wanted]), 'hex').slice(0, 32)
}
