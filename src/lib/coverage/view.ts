import { OR_CONNECT } from '../portal/model.ts'
import type { TenantRecord } from '../portal/tenant-store.ts'
import { type Candidate, candidatesOf } from '../region/key.ts'

/**
 * Whose offers count. `citizen`: everything that reaches someone who lives there. `own`: what the region's own
 * authority offers. `portal`: what its own portal shows, which is its own offers, those of Land and Bund, and those
 * shared into it through the network.
 */
export const VIEWS = ['citizen', 'own', 'portal'] as const
export type View = (typeof VIEWS)[number]

/** Whether the portal of one region shows the offers of another. */
export type Sharing = (from: string, to: string) => boolean

export interface CandidateInView extends Candidate {
  readonly inView: boolean
}

/** All candidates of a region, marked by whether the view takes them. @param region raw register key */
export function candidatesInView(region: string, view: View, shares: Sharing): readonly CandidateInView[] {
  const candidates = candidatesOf(region)
  const self = candidates[0]?.key ?? ''
  return candidates.map((candidate) => ({ ...candidate, inView: isInView(candidate, self, view, shares) }))
}

function isInView({ key, source }: Candidate, self: string, view: View, shares: Sharing): boolean {
  if (view === 'citizen' || source === 'own') return true
  if (view === 'own') return false
  switch (source) {
    case 'verband':
    case 'kreis':
      return shares(key, self)
    case 'bezirk':
    case 'land':
    case 'bund':
      return true
  }
}

/** Tenants of one network share with each other when both are active and have the module OR-Connect. */
export function sharingOf(tenants: readonly TenantRecord[]): Sharing {
  const networks = new Map<string, ReadonlySet<string>>()
  for (const tenant of tenants) {
    if (tenant.state !== 'active' || !tenant.modules.includes(OR_CONNECT)) continue
    const key = candidatesOf(tenant.ars)[0]?.key ?? ''
    networks.set(key, new Set([...(networks.get(key) ?? []), `${tenant.portal} ${tenant.account}`]))
  }
  return (from, to) => {
    const there = networks.get(to)
    return [...(networks.get(from) ?? [])].some((network) => there?.has(network) === true)
  }
}
