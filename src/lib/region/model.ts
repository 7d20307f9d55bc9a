import type { Ags, Level } from './key.ts'

/** A row of the register. `key` is the raw prefix of its level: a kreisfreie Stadt has a row as county and one as Gemeinde. */
export interface Region {
  readonly key: string
  readonly level: Exclude<Level, 'bund'>
  readonly ags: Ags | null
  readonly name: string
  /** Textkennzeichen in words, e.g. `Landkreis`, `Samtgemeinde`, `kreisfreie Stadt`; null where the source has none. */
  readonly type: string | null
  readonly inhabitants: number | null
  readonly areaHa: number | null
  readonly postcode: string | null
  readonly seat: string | null
  readonly gemeindefrei: boolean
  /** Fields that this source lacks and that came from the former snapshot. */
  readonly carriedOver: readonly string[]
}

/** Names of the 16 Länder, for sources that list Gemeinden only. Code list bevoelkerungsstatistik:schluessel:bundesland. */
export const LAENDER: Readonly<Record<string, string>> = {
  '01': 'Schleswig-Holstein',
  '02': 'Hamburg',
  '03': 'Niedersachsen',
  '04': 'Bremen',
  '05': 'Nordrhein-Westfalen',
  '06': 'Hessen',
  '07': 'Rheinland-Pfalz',
  '08': 'Baden-Württemberg',
  '09': 'Bayern',
  '10': 'Saarland',
  '11': 'Berlin',
  '12': 'Brandenburg',
  '13': 'Mecklenburg-Vorpommern',
  '14': 'Sachsen',
  '15': 'Sachsen-Anhalt',
  '16': 'Thüringen',
}
