import type { LeikaKey } from '../leika/key.ts'
import type { Catalog, Leistung, OzgLeistung } from './model.ts'

/** A Leistung in one of its OZG-Leistungen; one of the two is null where there is no partner. */
export type CatalogRow =
  | { readonly ozg: OzgLeistung | null; readonly leistung: Leistung }
  | { readonly ozg: OzgLeistung; readonly leistung: null }

/**
 * A catalogue as rows: each Leistung once for every OZG-Leistung it belongs to, Leistungen that belong to none, and
 * OZG-Leistungen without Leistungen; by OZG id and key, those without id last.
 */
export function catalogRows(catalog: Catalog): readonly CatalogRow[] {
  const ozgById = new Map(catalog.ozgLeistungen.map((ozg) => [ozg.id, ozg]))
  const leistungByKey = new Map(catalog.leistungen.map((leistung) => [leistung.key, leistung]))
  const bundled = new Set<LeikaKey>()
  const filled = new Set<string>()
  const rows: CatalogRow[] = []
  for (const { ozgId, key } of catalog.bundles) {
    const leistung = leistungByKey.get(key)
    if (leistung === undefined) continue
    const ozg = ozgById.get(ozgId) ?? { id: ozgId, name: '', themenfeld: null, lage: null }
    rows.push({ ozg, leistung })
    bundled.add(key)
    filled.add(ozgId)
  }
  for (const ozg of catalog.ozgLeistungen) if (!filled.has(ozg.id)) rows.push({ ozg, leistung: null })
  for (const leistung of catalog.leistungen)
    if (!bundled.has(leistung.key)) rows.push({ ozg: null, leistung })
  const order = ({ ozg, leistung }: CatalogRow): string => `${ozg?.id ?? '~'} ${leistung?.key ?? ''}`
  return rows.sort((a, b) => (order(a) < order(b) ? -1 : 1))
}
