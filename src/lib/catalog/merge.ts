import type { Bundle, Catalog, Leistung, OzgLeistung } from './model.ts'

/**
 * Makes one catalogue of what several sources say. Of names, texts, Themenfeld and Lage the first that is not empty
 * wins, in the order of the sources; types, synonyms, SDG codes and bundles are united.
 */
export function mergeCatalogs(sources: Iterable<Catalog>): Catalog {
  const parts = [...sources]
  const ozg = parts.flatMap((part) => part.ozgLeistungen)
  const leistungen = parts.flatMap((part) => part.leistungen)
  const bundles = parts.flatMap((part) => part.bundles)
  return {
    ozgLeistungen: merged(ozg, ({ id }) => id, mergeOzg),
    leistungen: merged(leistungen, ({ key }) => key, mergeLeistung),
    bundles: merged(bundles, bundleId, (bundle) => bundle),
  }
}

const bundleId = ({ ozgId, key }: Bundle): string => `${ozgId} ${key}`

/**
 * All that is said about one thing is merged at once: thousands of records of one key cost no more than as many keys.
 * In the order of code units, as SQLite sorts: a snapshot reads back as it was written.
 */
function merged<T>(
  items: readonly T[],
  idOf: (item: T) => string,
  merge: (first: T, all: readonly T[]) => T,
): readonly T[] {
  return [...Map.groupBy(items, idOf)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, all]) => all.slice(0, 1).map((first) => (all.length === 1 ? first : merge(first, all))))
}

function mergeOzg({ id }: OzgLeistung, all: readonly OzgLeistung[]): OzgLeistung {
  return {
    id,
    name: firstSaid(all, ({ name }) => name) ?? '',
    themenfeld: firstSaid(all, ({ themenfeld }) => themenfeld),
    lage: firstSaid(all, ({ lage }) => lage),
  }
}

function mergeLeistung({ key }: Leistung, all: readonly Leistung[]): Leistung {
  return {
    key,
    name: firstSaid(all, ({ name }) => name) ?? '',
    name2: firstSaid(all, ({ name2 }) => name2),
    typen: union(all, ({ typen }) => typen),
    synonyms: union(all, ({ synonyms }) => synonyms),
    kurztext: firstSaid(all, ({ kurztext }) => kurztext),
    rechtsgrundlage: firstSaid(all, ({ rechtsgrundlage }) => rechtsgrundlage),
    sdg: union(all, ({ sdg }) => sdg),
  }
}

function firstSaid<T>(all: readonly T[], textOf: (item: T) => string | null): string | null {
  const found = all.find((item) => (textOf(item) ?? '') !== '')
  return found === undefined ? null : textOf(found)
}

const union = <T, V>(all: readonly T[], valuesOf: (item: T) => readonly V[]): readonly V[] => [
  ...new Set(all.flatMap(valuesOf)),
]
