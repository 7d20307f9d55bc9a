import type { LeikaKey } from '../leika/key.ts'
import { type Candidate, candidatesOf, type RegionKey } from '../region/key.ts'
import { isForAll, type Portals, type SharedBy } from './portals.ts'

/**
 * Whose offers count. `citizen`: everything that reaches someone who lives there. `own`: what the region's own
 * authority offers. `portal`: what its own portal shows, which is its own offers, those of Bezirk, Land and Bund, and
 * those shared into it through the network.
 */
export const VIEWS = ['citizen', 'own', 'portal'] as const
export type View = (typeof VIEWS)[number]

/** Candidates whose offers count for a region, as the matrix knows them. @param region raw register key */
export function countedCandidates(region: string, view: View, portals: Portals): readonly Candidate[] {
  switch (view) {
    case 'citizen':
      return candidatesOf(region)
    case 'own':
      return candidatesOf(region).filter(({ source }) => source === 'own')
    case 'portal':
      return portals.candidates(region)
  }
}

/** A region whose offers could reach people in another, for an explanation. */
export interface CandidateInView extends Candidate {
  /** Whether the view takes any of its offers. */
  readonly inView: boolean
  /** By what the portal shows its offers of a Leistung; null where that needs no sharing, or is not asked. */
  readonly sharedBy: ((key: LeikaKey) => SharedBy | undefined) | null
}

/**
 * All regions that could matter: those above, marked by whether the view takes them, and in the view `portal` the
 * other members that share something.
 * @param region raw register key
 */
export function candidatesInView(region: string, view: View, portals: Portals): readonly CandidateInView[] {
  const chain = candidatesOf(region)
  switch (view) {
    case 'citizen':
      return chain.map((candidate) => ({ ...candidate, inView: true, sharedBy: null }))
    case 'own':
      return chain.map((candidate) => ({ ...candidate, inView: candidate.source === 'own', sharedBy: null }))
    case 'portal': {
      const shared = (key: RegionKey) => ({
        inView: portals.sharesAny(key, region),
        sharedBy: (leistung: LeikaKey) => portals.sharedBy(key, region, leistung),
      })
      const others = portals.others(region).flatMap(({ keys }) => keys)
      return [
        ...chain.map((candidate) =>
          isForAll(candidate)
            ? { ...candidate, inView: true, sharedBy: null }
            : { ...candidate, ...shared(candidate.key) },
        ),
        ...others.map((key) => ({ key, source: 'member' as const, ...shared(key) })),
      ]
    }
  }
}
