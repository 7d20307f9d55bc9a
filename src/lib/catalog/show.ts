import { usageError } from '../errors.ts'
import { type LeikaKey, parentLeikaKey, parseLeikaKey } from '../leika/key.ts'
import { closest, foldText } from '../text.ts'
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

interface Named {
  readonly id: string
  readonly name: string
}

function hints(catalog: Catalog, wanted: string): readonly string[] {
  const near = isNumber(wanted) ? nearIds(catalog, wanted.replace(/\D/g, '')) : nearNames(catalog, wanted)
  return near.length > 0
    ? near.slice(0, MAX_HINTS).map(({ id, name }) => `${id}  ${name}`)
    : ['Give an OZG id (five digits) or a LeiKa key (14 digits), or run: ozgctl catalog search TEXT']
}

const isNumber = (text: string): boolean => /^[\d\s.-]+$/.test(text)

const named = ({ ozgLeistungen, leistungen }: Catalog): readonly Named[] => [
  ...ozgLeistungen,
  ...leistungen.map(({ key, name }) => ({ id: key, name })),
]

/** What begins like it, of a key the part that names the Leistungsobjekt; else what differs by a few digits. */
function nearIds(catalog: Catalog, digits: string): readonly Named[] {
  const all = named(catalog)
  const start = digits.slice(0, 8)
  const same = all.filter(({ id }) => id.startsWith(start))
  if (same.length > 0) return same
  const close = closest(
    digits,
    all.map(({ id }) => id),
  )
  return all.filter(({ id }) => close.includes(id))
}

/** What a search finds; else what is written almost the same. */
function nearNames(catalog: Catalog, text: string): readonly Named[] {
  const folded = foldText(text)
  if (folded === '') return []
  const hits = searchCatalog(catalog, text)
  if (hits.length > 0)
    return hits.map((hit) =>
      hit.kind === 'ozg' ? hit.ozg : { id: hit.leistung.key, name: hit.leistung.name },
    )
  const all = named(catalog)
  const close = closest(
    folded,
    all.map(({ name }) => foldText(name)),
  )
  return all.filter(({ name }) => close.includes(foldText(name)))
}
