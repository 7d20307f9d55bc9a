import { usageError } from '../errors.ts'
import { foldLoosely, foldText } from '../text.ts'
import type { Catalog, Leistung, OzgLeistung } from './model.ts'

export type Hit =
  | { readonly kind: 'ozg'; readonly ozg: OzgLeistung; readonly found: FoundIn }
  | { readonly kind: 'leistung'; readonly leistung: Leistung; readonly found: FoundIn }

/** Where the words were found; the earlier the better. */
export const FOUND_IN = ['exact', 'name', 'synonym', 'text'] as const
export type FoundIn = (typeof FOUND_IN)[number]

/**
 * Finds OZG-Leistungen and Leistungen with all words of a text, each at the beginning of a word, in names, synonyms
 * and short texts. Case, accents and the spelling of umlauts do not matter: `Führerschein`, `Fuehrerschein` and
 * `Fuhrerschein` find the same. The best come first, OZG-Leistungen before their Leistungen.
 * @throws OzgctlError 64 for a text without any word
 */
export function searchCatalog(catalog: Catalog, text: string): readonly Hit[] {
  const words = foldText(text).split(' ')
  if (words[0] === '')
    throw usageError('SEARCH_EMPTY', `there is no word in ${JSON.stringify(text)}`, [
      'Give the beginnings of one or more words, such as: ozgctl catalog search hund anmeld',
    ])
  const loose = foldLoosely(text).split(' ')
  const matches = (candidate: string): boolean =>
    hasWords(foldText(candidate), words) || hasWords(foldLoosely(candidate), loose)
  const find = (
    names: readonly string[],
    synonyms: readonly string[],
    kurztext: string,
  ): FoundIn | undefined => {
    const isExact = (name: string): boolean =>
      foldText(name) === words.join(' ') || foldLoosely(name) === loose.join(' ')
    if (names.some(isExact)) return 'exact'
    if (names.some(matches)) return 'name'
    if (synonyms.some(matches)) return 'synonym'
    return matches([...names, ...synonyms, kurztext].join(' ')) ? 'text' : undefined
  }
  const ozgHits = catalog.ozgLeistungen.flatMap((ozg): Hit[] => {
    const found = find([ozg.name, ozg.id], [], '')
    return found === undefined ? [] : [{ kind: 'ozg', ozg, found }]
  })
  const hits = catalog.leistungen.flatMap((leistung): Hit[] => {
    const found = find(
      [leistung.name, leistung.name2 ?? '', leistung.key],
      leistung.synonyms,
      leistung.kurztext ?? '',
    )
    return found === undefined ? [] : [{ kind: 'leistung', leistung, found }]
  })
  return [...ozgHits, ...hits].sort((a, b) => FOUND_IN.indexOf(a.found) - FOUND_IN.indexOf(b.found))
}

function hasWords(folded: string, words: readonly string[]): boolean {
  const padded = ` ${folded}`
  return words.every((word) => padded.includes(` ${word}`))
}
