import type { OfferChange, OfferDiff, OfferTerms } from '../offer/diff.ts'
import type { OfferImportResult } from '../offer/import.ts'
import type { NamedOffer } from '../offer/list.ts'
import { importJson } from './import.ts'
import { formatNumber, type Lang } from './lang.ts'
import type { Column } from './table.ts'

const MAX_LISTED = 1000

/** `offer import --json`. */
export function offerImportJson(result: OfferImportResult) {
  const { regions, leistungen } = result.unknown
  return {
    ...importJson(result),
    unknown: { regions: regions?.length ?? null, leistungen: leistungen?.length ?? null },
    unknownRegions: regions?.slice(0, MAX_LISTED) ?? [],
    unknownLeistungen: leistungen?.slice(0, MAX_LISTED) ?? [],
  }
}

/** Lines about what the offers name and the store does not have. */
export function unknownText({ unknown }: OfferImportResult, lang: Lang): string {
  const line = (list: readonly string[] | null, de: string, en: string): string =>
    list === null || list.length === 0
      ? ''
      : `${lang === 'de' ? de : en}: ${formatNumber(list.length, lang)} (${list.slice(0, 5).join(', ')}${list.length > 5 ? ', …' : ''})\n`
  return (
    line(
      unknown.regions,
      'Regionen, die nicht im Verzeichnis stehen',
      'regions that are not in the register',
    ) +
    line(unknown.leistungen, 'Schlüssel, die nicht im Katalog stehen', 'keys that are not in the catalogue')
  )
}

const text = (de: string, en = de): Readonly<Record<Lang, string>> => ({ de, en })
const validity = (from: string | null, to: string | null): string =>
  from === null && to === null ? '' : `${from ?? ''} – ${to ?? ''}`.trim()

/** An offer as JSON shows it. */
export const offerJson = ({ region, key, regionName, name, ...rest }: NamedOffer) => ({
  ars: region,
  regionName,
  leikaKey: key,
  name,
  ...rest,
})

export const offerColumns: readonly Column<NamedOffer>[] = [
  { key: 'region', title: text('ARS'), value: ({ region }) => region || 'DE' },
  { key: 'region_name', title: text('Region', 'region'), value: ({ regionName }) => regionName },
  { key: 'leika_key', title: text('LeiKa-Schlüssel', 'LeiKa key'), value: ({ key }) => key },
  { key: 'name', title: text('Leistung'), value: ({ name }) => name },
  { key: 'reifegrad', title: text('Reifegrad'), value: ({ reifegrad }) => reifegrad },
  {
    key: 'assumed',
    title: text('angenommen', 'assumed'),
    value: ({ assumed }) => (assumed ? 'ja' : ''),
    csvOnly: true,
  },
  { key: 'url', title: text('Adresse', 'URL'), value: ({ url }) => url },
  { key: 'authority', title: text('Behörde', 'authority'), value: ({ authority }) => authority },
  { key: 'valid_from', title: text('gültig ab', 'from'), value: ({ validFrom }) => validFrom ?? '' },
  { key: 'valid_to', title: text('bis', 'to'), value: ({ validTo }) => validTo ?? '' },
]

export function offerSummary(offers: readonly NamedOffer[], snapshot: string, lang: Lang): string {
  const regions = new Set(offers.map(({ region }) => region)).size
  const [of, word] = { de: ['Angebote', 'Regionen'], en: ['offers', 'regions'] }[lang]
  return `${snapshot}: ${formatNumber(offers.length, lang)} ${of}, ${formatNumber(regions, lang)} ${word}\n`
}

const termsText = (terms: OfferTerms | null): string =>
  terms === null
    ? ''
    : [`${terms.reifegrad}`, validity(terms.validFrom, terms.validTo), terms.authority]
        .filter((part) => part !== '')
        .join(', ')

export const offerDiffColumns: readonly Column<OfferChange>[] = [
  { key: 'change', title: text('Änderung', 'change'), value: ({ change }) => change },
  { key: 'region', title: text('ARS'), value: ({ region }) => region || 'DE' },
  { key: 'leika_key', title: text('LeiKa-Schlüssel', 'LeiKa key'), value: ({ key }) => key },
  { key: 'url', title: text('Adresse', 'URL'), value: ({ url }) => url },
  { key: 'from', title: text('vorher', 'before'), value: ({ from }) => termsText(from) },
  { key: 'to', title: text('nachher', 'after'), value: ({ to }) => termsText(to) },
]

/** `offer diff --json`. */
export function offerDiffJson(from: string, to: string, { counts, changes }: OfferDiff) {
  return {
    schemaVersion: 1,
    from,
    to,
    counts,
    changes: changes.map(({ region, key, ...rest }) => ({ ars: region, leikaKey: key, ...rest })),
  }
}

export function offerDiffSummary(from: string, to: string, { counts }: OfferDiff, lang: Lang): string {
  const [added, removed, changed] = {
    de: ['neu', 'entfallen', 'geändert'],
    en: ['added', 'removed', 'changed'],
  }[lang]
  const count = (value: number): string => formatNumber(value, lang)
  return `${from} → ${to}: ${count(counts.added)} ${added}, ${count(counts.removed)} ${removed}, ${count(counts.changed)} ${changed}\n`
}
