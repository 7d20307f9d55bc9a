import type { LeikaKey } from '../leika/key.ts'
import type { RegionKey } from '../region/key.ts'

/** An offer (Angebot): one authority lets people in one region use one Leistung online. */
export interface Offer {
  /** For whom: a Gemeinde, everyone in a county, a Land or the Bund. */
  readonly region: RegionKey
  readonly key: LeikaKey
  /** 0 to 7: Reifegrad model 1.1 ends at 4, model 2.0 of July 2025 at 7. */
  readonly reifegrad: number
  /** The source has no Reifegrad; the value comes from the operator or the default. */
  readonly assumed: boolean
  /** Address of the online service; empty where the source has none. */
  readonly url: string
  readonly authority: string
  /** First and last day of validity, `YYYY-MM-DD`; null where it is open. */
  readonly validFrom: string | null
  readonly validTo: string | null
}

export const MAX_REIFEGRAD = 7
/** From this Reifegrad on a Leistung counts as online. */
export const ONLINE = 2
/** From this Reifegrad on a Leistung counts as OZG-konform. */
export const KONFORM = 3
