import type { LeikaKey } from '../leika/key.ts'
import type { Bundle, Catalog, Leistung, OzgLeistung } from './model.ts'

/**
 * Makes one catalogue of what several sources say. Of names, texts, Themenfeld and Lage the first that is not empty
 * wins, in the order of the sources; types, synonyms, SDG codes and bundles are united.
 */
export function mergeCatalogs(parts: Iterable<Catalog>): Catalog {
  const ozgLeistungen = new Map<string, OzgLeistung>()
  const leistungen = new Map<LeikaKey, Leistung>()
  const bundles = new Map<string, Bundle>()
  for (const part of parts) {
    for (const ozg of part.ozgLeistungen) ozgLeistungen.set(ozg.id, mergeOzg(ozgLeistungen.get(ozg.id), ozg))
    for (const leistung of part.leistungen)
      leistungen.set(leistung.key, mergeLeistung(leistungen.get(leistung.key), leistung))
    for (const bundle of part.bundles) bundles.set(`${bundle.ozgId} ${bundle.key}`, bundle)
  }
  return {
    ozgLeistungen: inOrder([...ozgLeistungen.values()], ({ id }) => id),
    leistungen: inOrder([...leistungen.values()], ({ key }) => key),
    bundles: inOrder([...bundles.values()], ({ ozgId, key }) => `${ozgId} ${key}`),
  }
}

function mergeOzg(known: OzgLeistung | undefined, added: OzgLeistung): OzgLeistung {
  if (known === undefined) return added
  return {
    id: known.id,
    name: known.name || added.name,
    themenfeld: known.themenfeld ?? added.themenfeld,
    lage: known.lage ?? added.lage,
  }
}

function mergeLeistung(known: Leistung | undefined, added: Leistung): Leistung {
  if (known === undefined) return added
  return {
    key: known.key,
    name: known.name || added.name,
    name2: known.name2 ?? added.name2,
    typen: union(known.typen, added.typen),
    synonyms: union(known.synonyms, added.synonyms),
    kurztext: known.kurztext ?? added.kurztext,
    rechtsgrundlage: known.rechtsgrundlage ?? added.rechtsgrundlage,
    sdg: union(known.sdg, added.sdg),
  }
}

/** Most sources repeat what is known: then nothing new is made. */
function union<T>(known: readonly T[], added: readonly T[]): readonly T[] {
  const fresh = added.filter((value) => !known.includes(value))
  return fresh.length === 0 ? known : [...known, ...fresh]
}

/** By code unit, as SQLite sorts: a snapshot reads back in the order in which it was written. */
function inOrder<T>(values: T[], key: (value: T) => string): readonly T[] {
  return values.sort((a, b) => (key(a) < key(b) ? -1 : 1))
}
