import { usageError } from '../errors.ts'
import { type LeikaKey, parentLeikaKey, parseLeikaKey } from '../leika/key.ts'
import type { Catalog, Leistung, OzgLeistung } from './model.ts'
import { searchCatalog } from './search.ts'

/** An OZG-Leistung with its Leistungen, or a Leistung with where it belongs. */
export type CatalogEntry =
  | { readonly kind: 'ozg'; readonly ozg: OzgLeistung; readonly leistungen: readonly Leistung[] }
  | {
      readonly kind: 'leistung'
      readonly leistung: Leistung
      readonly ozgLeistungen: readonly OzgLeistung[]
      /** The Leistungen one and two levels up (LOV, LO) that the catalogue has. */
      readonly parents: readonly Leistung[]
    }

/**
 * Finds one entry by OZG id or LeiKa key, the key in any spelling.
 * @throws OzgctlError 64 with what may have been meant
 */
export function showEntry(catalog: Catalog, wanted: string): CatalogEntry {
  const ozg = catalog.ozgLeistungen.find(({ id }) => id === wanted.trim())
  if (ozg !== undefined) {
    const keys = new Set(catalog.bundles.filter(({ ozgId }) => ozgId === ozg.id).map(({ key }) => key))
    return { kind: 'ozg', ozg, leistungen: catalog.leistungen.filter(({ key }) => keys.has(key)) }
  }
  const key = parseLeikaKey(wanted)
  const byKey = new Map(catalog.leistungen.map((leistung) => [leistung.key, leistung]))
  const leistung = key.ok ? byKey.get(key.value) : undefined
  if (leistung === undefined)
    throw usageError('ENTRY_UNKNOWN', `the catalogue has no "${wanted}"`, hints(catalog, wanted))
  const ids = new Set(
    catalog.bundles.filter((bundle) => bundle.key === leistung.key).map(({ ozgId }) => ozgId),
  )
  return {
    kind: 'leistung',
    leistung,
    ozgLeistungen: catalog.ozgLeistungen.filter(({ id }) => ids.has(id)),
    parents: parentsOf(leistung.key).flatMap((parent) => byKey.get(parent) ?? []),
  }
}

function parentsOf(key: LeikaKey): readonly LeikaKey[] {
  const parent = parentLeikaKey(key)
  return parent === undefined ? [] : [parent, ...parentsOf(parent)]
}

const MAX_HINTS = 8

function hints(catalog: Catalog, wanted: string): readonly string[] {
  const key = parseLeikaKey(wanted)
  if (key.ok) {
    const siblings = catalog.leistungen.filter(({ key: other }) => other.startsWith(key.value.slice(0, 8)))
    if (siblings.length > 0)
      return siblings.slice(0, MAX_HINTS).map(({ key: other, name }) => `${other}  ${name}`)
  }
  const hits = searchCatalog(catalog, wanted).slice(0, MAX_HINTS)
  return hits.length > 0
    ? hits.map((hit) =>
        hit.kind === 'ozg' ? `${hit.ozg.id}  ${hit.ozg.name}` : `${hit.leistung.key}  ${hit.leistung.name}`,
      )
    : ['Give an OZG id (five digits) or a LeiKa key (14 digits), or run: ozgctl catalog search TEXT']
}
