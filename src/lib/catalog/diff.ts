import type { Catalog, Leistung, OzgLeistung } from './model.ts'

/** What changed between two catalogues. */
export interface CatalogDiff {
  readonly ozgLeistungen: Changes<OzgLeistung>
  readonly leistungen: Changes<Leistung>
  /** Which Leistung belongs to which OZG-Leistung; a bundle has nothing that could change. */
  readonly bundles: Pick<Changes<{ readonly ozgId: string; readonly key: string }>, 'added' | 'removed'>
}

export interface Changes<T> {
  readonly added: readonly T[]
  readonly removed: readonly T[]
  readonly changed: readonly { readonly from: T; readonly to: T; readonly fields: readonly string[] }[]
}

/** Compares by OZG id and LeiKa key. */
export function diffCatalogs(before: Catalog, after: Catalog): CatalogDiff {
  const { added, removed } = changes(before.bundles, after.bundles, ({ ozgId, key }) => `${ozgId} ${key}`)
  return {
    ozgLeistungen: changes(before.ozgLeistungen, after.ozgLeistungen, ({ id }) => id),
    leistungen: changes(before.leistungen, after.leistungen, ({ key }) => key),
    bundles: { added, removed },
  }
}

function changes<T extends object>(
  before: readonly T[],
  after: readonly T[],
  idOf: (item: T) => string,
): Changes<T> {
  const old = new Map(before.map((item) => [idOf(item), item]))
  const now = new Map(after.map((item) => [idOf(item), item]))
  return {
    added: after.filter((item) => !old.has(idOf(item))),
    removed: before.filter((item) => !now.has(idOf(item))),
    changed: after.flatMap((to) => {
      const from = old.get(idOf(to))
      const fields = from === undefined ? [] : changedFields(from, to)
      return from !== undefined && fields.length > 0 ? [{ from, to, fields }] : []
    }),
  }
}

function changedFields<T extends object>(from: T, to: T): readonly string[] {
  return Object.keys(to).filter(
    (field) => JSON.stringify(from[field as keyof T]) !== JSON.stringify(to[field as keyof T]),
  )
}
