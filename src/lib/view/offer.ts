import type { OfferChange, OfferDiff, OfferTerms } from '../offer/diff.ts'
import type { OfferImportResult } from '../offer/import.ts'
import type { NamedOffer } from '../offer/list.ts'
import { importJson, importText } from './import.ts'
import { formatNumber, type Lang, type Words } from './lang.ts'
import type { Cell, Column } from './table.ts'

const MAX_LISTED = 1000

const text = (de: string, en = de): Words => ({ de, en })

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

/** Summary of an import for people; what the offers name and the store does not have stands before the last line. */
export function offerImportText(result: OfferImportResult, lang: Lang): string {
  const summary = importText(result, lang)
  const last = summary.lastIndexOf('\n', summary.length - 2) + 1
  return summary.slice(0, last) + unknownText(result, lang) + summary.slice(last)
}

function unknownText({ unknown }: OfferImportResult, lang: Lang): string {
  const line = (list: readonly string[] | null, words: Words): string => {
    if (list === null || list.length === 0) return ''
    const some = list.slice(0, 5).join(', ') + (list.length > 5 ? ', …' : '')
    return `${formatNumber(list.length, lang)} × ${words[lang]}: ${some}\n`
  }
  return (
    line(unknown.regions, text('Gebiet nicht im Verzeichnis', 'region not in the register')) +
    line(unknown.leistungen, text('Schlüssel nicht im Katalog', 'key not in the catalogue'))
  )
}

/** An offer as JSON shows it. */
export const offerJson = ({ region, key, regionName, name, ...rest }: NamedOffer) => ({
  ars: region,
  regionName,
  leikaKey: key,
  name,
  ...rest,
})

const yesOrNothing = (value: Cell, lang: Lang): string =>
  value === 'true' ? { de: 'ja', en: 'yes' }[lang] : ''

export const offerColumns: readonly Column<NamedOffer>[] = [
  { key: 'region', whole: true, title: text('ARS'), value: ({ region }) => region || 'DE' },
  { key: 'region_name', spare: 2, title: text('Gebiet', 'region'), value: ({ regionName }) => regionName },
  { key: 'leika_key', whole: true, title: text('LeiKa-Schlüssel', 'LeiKa key'), value: ({ key }) => key },
  { key: 'name', title: text('Leistung'), value: ({ name }) => name },
  { key: 'reifegrad', title: text('Reifegrad'), value: ({ reifegrad }) => reifegrad },
  {
    key: 'assumed',
    title: text('angenommen', 'assumed'),
    value: ({ assumed }) => String(assumed),
    show: yesOrNothing,
    csvOnly: true,
  },
  { key: 'url', spare: 3, title: text('Adresse', 'URL'), value: ({ url }) => url },
  { key: 'authority', spare: 1, title: text('Behörde', 'authority'), value: ({ authority }) => authority },
  { key: 'valid_from', title: text('gültig ab', 'from'), value: ({ validFrom }) => validFrom ?? '' },
  { key: 'valid_to', title: text('bis', 'to'), value: ({ validTo }) => validTo ?? '' },
]

/** The last line of a list. */
export function offerSummary(offers: readonly NamedOffer[], snapshot: string, lang: Lang): string {
  const regions = new Set(offers.map(({ region }) => region)).size
  const assumed = offers.filter((offer) => offer.assumed).length
  const [of, word, some] = {
    de: ['Angebote', 'Gebiete', 'mit angenommenem Reifegrad'],
    en: ['offers', 'regions', 'with an assumed Reifegrad'],
  }[lang]
  const note = assumed === 0 ? '' : `, ${formatNumber(assumed, lang)} ${some}`
  return `${snapshot}: ${formatNumber(offers.length, lang)} ${of}, ${formatNumber(regions, lang)} ${word}${note}\n`
}

const CHANGES: Readonly<Record<OfferChange['change'], Words>> = {
  added: text('neu', 'added'),
  removed: text('entfallen', 'removed'),
  changed: text('geändert', 'changed'),
}

const TERMS: Readonly<Record<keyof OfferTerms, Words>> = {
  reifegrad: text('Reifegrad'),
  assumed: text('Reifegrad angenommen', 'Reifegrad assumed'),
  url: text('Adresse', 'URL'),
  authority: text('Behörde', 'authority'),
  validFrom: text('gültig ab', 'valid from'),
  validTo: text('gültig bis', 'valid to'),
}

const showFields = (value: Cell, lang: Lang): string =>
  String(value)
    .split(', ')
    .map((field) => TERMS[field as keyof OfferTerms]?.[lang] ?? '')
    .join(', ')

/** Both sides of a term: what it was and what it is. @param spare of the first; none for CSV only */
function termColumns(term: keyof OfferTerms, key: string, spare?: number): readonly Column<OfferChange>[] {
  const { de, en } = TERMS[term]
  const side = (name: 'from' | 'to', when: Words): Column<OfferChange> => ({
    key: `${name}_${key}`,
    title: { de: `${de} ${when.de}`, en: `${en} ${when.en}` },
    value: (row) => {
      const value = row[name]?.[term] ?? null
      return typeof value === 'boolean' ? String(value) : value
    },
    ...(spare === undefined ? { csvOnly: true } : { spare: name === 'from' ? spare : spare + 1 }),
  })
  return [side('from', text('alt', 'before')), side('to', text('neu', 'after'))]
}

export const offerDiffColumns: readonly Column<OfferChange>[] = [
  {
    key: 'change',
    title: text('Änderung', 'change'),
    value: ({ change }) => change,
    show: (value, lang) => CHANGES[value as OfferChange['change']][lang],
  },
  { key: 'region', whole: true, title: text('ARS'), value: ({ region }) => region || 'DE' },
  { key: 'leika_key', whole: true, title: text('LeiKa-Schlüssel', 'LeiKa key'), value: ({ key }) => key },
  {
    key: 'fields',
    title: text('was', 'what'),
    value: ({ fields }) => fields.join(', '),
    show: showFields,
  },
  ...termColumns('reifegrad', 'reifegrad', 3),
  ...termColumns('url', 'url', 1),
  ...termColumns('assumed', 'assumed'),
  ...termColumns('authority', 'authority'),
  ...termColumns('validFrom', 'valid_from'),
  ...termColumns('validTo', 'valid_to'),
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

/** How many of each, for the last line of `offer diff`. */
export function offerDiffCounts({ counts, changes }: OfferDiff, lang: Lang): string {
  const parts = Object.entries(counts).map(
    ([change, count]) => `${formatNumber(count, lang)} ${CHANGES[change as OfferChange['change']][lang]}`,
  )
  const shown = {
    de: ['gezeigt sind die ersten', 'davon'],
    en: ['shown are the first', 'of them'],
  }[lang]
  const total = counts.added + counts.removed + counts.changed
  const note = total > changes.length ? `; ${shown[0]} ${formatNumber(changes.length, lang)} ${shown[1]}` : ''
  return `${parts.join(', ')}${note}`
}
