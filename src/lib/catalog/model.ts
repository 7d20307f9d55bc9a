import type { LeikaKey } from '../leika/key.ts'
import type { Typisierung } from '../leika/typisierung.ts'

/** A bundle of the OZG-Umsetzungskatalog. Ids are text of five digits. */
export interface OzgLeistung {
  readonly id: string
  readonly name: string
  readonly themenfeld: string | null
  readonly lage: string | null
}

/** A Leistung of the catalogue by its LeiKa key. */
export interface Leistung {
  readonly key: LeikaKey
  /** Leistungsbezeichnung, the precise name. */
  readonly name: string
  /** Leistungsbezeichnung II, the one for citizens; null where the source has none. */
  readonly name2: string | null
  readonly typen: readonly Typisierung[]
  readonly synonyms: readonly string[]
  readonly kurztext: string | null
  readonly rechtsgrundlage: string | null
  /** Informationsbereich SDG, 7 digits each; `0000000` (none) is left out. */
  readonly sdg: readonly string[]
}

export interface Catalog {
  readonly ozgLeistungen: readonly OzgLeistung[]
  readonly leistungen: readonly Leistung[]
  /** Which Leistung belongs to which OZG-Leistung, n:m. */
  readonly bundles: readonly Bundle[]
}

export interface Bundle {
  readonly ozgId: string
  readonly key: LeikaKey
}
