import type { Bundle, OzgLeistung } from '../catalog/model.ts'
import type { LeikaKey } from '../leika/key.ts'
import { isKommunal, type Typisierung } from '../leika/typisierung.ts'

/** An OZG-Leistung that counts, with those of its LeiKa keys that count. */
export interface ScopedOzg extends OzgLeistung {
  /** Empty for an OZG-Leistung without Leistungen: it stays in the denominator, and nobody can offer it. */
  readonly keys: readonly LeikaKey[]
}

/** Which OZG-Leistungen count: all, those that a municipality executes, or those that a file lists. */
export type ScopeChoice =
  | { readonly kind: 'all' }
  | { readonly kind: 'kommunal' }
  | {
      readonly kind: 'list'
      readonly name: string
      readonly ozgIds: ReadonlySet<string>
      readonly keys: ReadonlySet<LeikaKey>
    }

export interface CatalogParts {
  readonly ozgLeistungen: readonly OzgLeistung[]
  readonly bundles: readonly Bundle[]
  readonly typen: ReadonlyMap<LeikaKey, readonly Typisierung[]>
}

/**
 * The OZG-Leistungen in scope, in the order of their ids. `kommunal` keeps the keys that a municipality executes by
 * Typisierung and the OZG-Leistungen that have one; a list keeps the OZG-Leistungen it names whole, and of others
 * the keys it names.
 */
export function scopeOf(catalog: CatalogParts, choice: ScopeChoice): readonly ScopedOzg[] {
  const keysOf = Map.groupBy(catalog.bundles, ({ ozgId }) => ozgId)
  const counts = keyFilter(catalog, choice)
  return catalog.ozgLeistungen
    .map((ozg) => ({
      ...ozg,
      keys: (keysOf.get(ozg.id) ?? []).map(({ key }) => key).filter((key) => counts(ozg, key)),
    }))
    .filter(
      (ozg) =>
        ozg.keys.length > 0 || choice.kind === 'all' || (choice.kind === 'list' && choice.ozgIds.has(ozg.id)),
    )
}

function keyFilter(
  { typen }: CatalogParts,
  choice: ScopeChoice,
): (ozg: OzgLeistung, key: LeikaKey) => boolean {
  switch (choice.kind) {
    case 'all':
      return () => true
    case 'kommunal':
      return (_, key) => isKommunal(typen.get(key) ?? [])
    case 'list':
      return (ozg, key) => choice.ozgIds.has(ozg.id) || choice.keys.has(key)
  }
}

/** What a list names that the catalogue does not have; it cannot count and should be told. */
export function unknownInScope(catalog: CatalogParts, choice: ScopeChoice): readonly string[] {
  if (choice.kind !== 'list') return []
  const ids = new Set(catalog.ozgLeistungen.map(({ id }) => id))
  const bundled = new Set(catalog.bundles.map(({ key }) => key))
  return [
    ...[...choice.ozgIds].filter((id) => !ids.has(id)),
    ...[...choice.keys].filter((key) => !bundled.has(key)),
  ]
}
