import type { LeikaKey } from '../leika/key.ts'
import type { Offer } from '../offer/model.ts'
import type { Source } from '../region/key.ts'
import type { SharedBy } from './portals.ts'
import type { CandidateInView } from './view.ts'

/** Why an offer counts or does not. */
export type Verdict =
  | 'counts'
  | 'not-in-view'
  | 'key-not-in-scope'
  | 'reifegrad-too-low'
  | 'not-yet-valid'
  | 'expired'

export interface ExplainedOffer {
  readonly offer: Offer
  readonly verdict: Verdict
  /** By what the portal shows it; null where that needs no sharing. */
  readonly sharedBy: SharedBy | null
}

/** A region that was looked at, with all its offers of any key of the OZG-Leistung. */
export interface ExplainedCandidate {
  readonly key: string
  readonly name: string
  readonly source: Source
  readonly inView: boolean
  readonly offers: readonly ExplainedOffer[]
}

export interface Explanation {
  readonly candidates: readonly ExplainedCandidate[]
  /** Keys of the OZG-Leistung in scope, and those of them with an offer that counts. */
  readonly keys: readonly LeikaKey[]
  readonly offeredKeys: readonly LeikaKey[]
  readonly covered: boolean
  /** The most specific region with an offer that counts; null when it is not covered. */
  readonly source: Source | null
}

export interface ExplainInput {
  /** In the order of `candidatesInView`, with name and offers. */
  readonly candidates: readonly (CandidateInView & {
    readonly name: string
    readonly offers: readonly Offer[]
  })[]
  readonly keysInScope: readonly LeikaKey[]
  readonly minReifegrad: number
  /** `YYYY-MM-DD` */
  readonly asOf: string
  readonly all: boolean
}

/** Judges every offer that could matter for one OZG-Leistung in one region. */
export function explain(input: ExplainInput): Explanation {
  const inScope = new Set(input.keysInScope)
  const candidates = input.candidates.map(({ key, name, source, inView, sharedBy, offers }) => ({
    key,
    name,
    source,
    inView,
    offers: offers.map((offer) => {
      const shared = sharedBy?.(offer.key)
      const isShown = inView && (sharedBy === null || shared !== undefined)
      return { offer, verdict: judge(offer, isShown, inScope, input), sharedBy: shared ?? null }
    }),
  }))
  const counting = candidates.flatMap(({ source, offers }) =>
    offers.filter(({ verdict }) => verdict === 'counts').map(({ offer }) => ({ source, key: offer.key })),
  )
  const offered = new Set(counting.map(({ key }) => key))
  const covered = input.all
    ? input.keysInScope.length > 0 && offered.size === input.keysInScope.length
    : offered.size > 0
  return {
    candidates,
    keys: input.keysInScope,
    offeredKeys: input.keysInScope.filter((key) => offered.has(key)),
    covered,
    source: covered ? (counting[0]?.source ?? null) : null,
  }
}

function judge(
  offer: Offer,
  isShown: boolean,
  inScope: ReadonlySet<LeikaKey>,
  { minReifegrad, asOf }: ExplainInput,
): Verdict {
  if (!inScope.has(offer.key)) return 'key-not-in-scope'
  if (offer.validFrom !== null && offer.validFrom > asOf) return 'not-yet-valid'
  if (offer.validTo !== null && offer.validTo < asOf) return 'expired'
  if (offer.reifegrad < minReifegrad) return 'reifegrad-too-low'
  return isShown ? 'counts' : 'not-in-view'
}
