import { formatNumber, type Lang, type Words } from './lang.ts'

const text = (de: string, en = de): Words => ({ de, en })

const UNITS: readonly (readonly [number, Words, Words])[] = [
  [86_400_000, text('Tag', 'day'), text('Tage', 'days')],
  [3_600_000, text('Stunde', 'hour'), text('Stunden', 'hours')],
  [60_000, text('Minute', 'minute'), text('Minuten', 'minutes')],
  [1000, text('Sekunde', 'second'), text('Sekunden', 'seconds')],
]

/** A length of time in its largest unit, e.g. `3 Stunden`. */
export function timeSpan(milliseconds: number, lang: Lang): string {
  for (const [length, one, many] of UNITS) {
    const count = Math.floor(milliseconds / length)
    if (count >= 1) return `${formatNumber(count, lang)} ${(count === 1 ? one : many)[lang]}`
  }
  return lang === 'de' ? '0 Sekunden' : '0 seconds'
}
