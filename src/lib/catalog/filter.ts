import { usageError } from '../errors.ts'
import { isTypisierung, TYPISIERUNGEN } from '../leika/typisierung.ts'
import { foldText } from '../text.ts'
import type { CatalogRow } from './rows.ts'

/** What a list is narrowed to; names are compared without regard to case and umlauts. */
export interface CatalogFilter {
  readonly themenfeld?: string | undefined
  readonly lage?: string | undefined
  readonly typ?: string | undefined
  readonly ozg?: string | undefined
}

/** @throws OzgctlError 64 for a Themenfeld, Lage, Typisierung or OZG-Leistung that the catalogue does not have */
export function filterRows(rows: readonly CatalogRow[], filter: CatalogFilter): readonly CatalogRow[] {
  const themenfeld = named(rows, 'Themenfeld', filter.themenfeld, ({ ozg }) => ozg?.themenfeld)
  const lage = named(rows, 'Lage', filter.lage, ({ ozg }) => ozg?.lage)
  const { ozg } = filter
  const typ = filter.typ?.toLowerCase()
  if (typ !== undefined && !isTypisierung(typ))
    throw usageError('TYP_UNKNOWN', `"${filter.typ}" is no Typisierung`, [
      `There are: ${TYPISIERUNGEN.join(', ')}`,
    ])
  if (ozg !== undefined && !rows.some((row) => row.ozg?.id === ozg))
    throw usageError('OZG_UNKNOWN', `the catalogue has no OZG-Leistung "${ozg}"`, [
      'Look for it: ozgctl catalog search TEXT',
    ])
  return rows.filter(
    (row) =>
      (themenfeld === undefined || row.ozg?.themenfeld === themenfeld) &&
      (lage === undefined || row.ozg?.lage === lage) &&
      (typ === undefined || row.leistung?.typen.includes(typ) === true) &&
      (ozg === undefined || row.ozg?.id === ozg),
  )
}

/** `Wohnen & Umzug` is also meant by `wohnen und umzug`. */
const foldName = (name: string): string => foldText(name).replaceAll(' und ', ' ')

/** The name as the catalogue writes it: the wanted one, or the only one that begins with it. */
function named(
  rows: readonly CatalogRow[],
  what: string,
  wanted: string | undefined,
  nameOf: (row: CatalogRow) => string | null | undefined,
): string | undefined {
  if (wanted === undefined) return undefined
  const names = [...new Set(rows.map(nameOf).filter((name) => typeof name === 'string'))].sort()
  const folded = foldName(wanted)
  const exact = names.find((name) => foldName(name) === folded)
  const near = names.filter((name) => foldName(name).includes(folded))
  const [only] = near
  if (exact !== undefined) return exact
  if (only !== undefined && near.length === 1) return only
  throw usageError(
    `${what.toUpperCase()}_UNKNOWN`,
    near.length > 1 ? `"${wanted}" can mean several of ${what}` : `the catalogue has no ${what} "${wanted}"`,
    [`There are: ${(near.length > 1 ? near : names).join('; ')}`],
  )
}
