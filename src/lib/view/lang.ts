export const LANGS = ['de', 'en'] as const
/** Language of what people read. JSON and CSV keys are English in every language. */
export type Lang = (typeof LANGS)[number]

/** The same in each language. */
export type Words = Readonly<Record<Lang, string>>

/** A whole number with the language's thousands separator. */
export function formatNumber(value: number, lang: Lang): string {
  const digits = String(Math.abs(value))
  const first = digits.length % 3
  const groups = [
    ...(first > 0 ? [digits.slice(0, first)] : []),
    ...(digits.slice(first).match(/.{3}/g) ?? []),
  ]
  return `${value < 0 ? '-' : ''}${groups.join(lang === 'de' ? '.' : ',')}`
}

/** Per cent with one decimal. @param share between 0 and 1; null where there is nothing to divide by */
export function formatPercent(share: number | null, lang: Lang): string {
  if (share === null) return '–'
  const text = (Math.floor(share * 1000 + 1e-9) / 10).toFixed(1)
  return `${lang === 'de' ? text.replace('.', ',') : text} %`
}

/** `2026-11-23 14:05` of an ISO 8601 time, UTC. */
export function formatTime(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)}`
}
