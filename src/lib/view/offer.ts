import type { OfferImportResult } from '../offer/import.ts'
import { importJson } from './import.ts'
import { formatNumber, type Lang } from './lang.ts'

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
      : `${formatNumber(list.length, lang)} ${lang === 'de' ? de : en}: ${list.slice(0, 5).join(', ')}${list.length > 5 ? ', …' : ''}\n`
  return (
    line(unknown.regions, 'Regionen stehen nicht im Verzeichnis', 'regions are not in the register') +
    line(unknown.leistungen, 'Schlüssel stehen nicht im Katalog', 'keys are not in the catalogue')
  )
}
