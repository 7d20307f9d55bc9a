/** Nobody means more than a day; a larger number is a slip. */
const LONGEST_MS = 86_400_000

/**
 * How long a server asks to wait, in milliseconds: `Retry-After` in seconds or as a date (RFC 9110 §10.2.3).
 * @returns null when there is none or it means nothing; 0 for a time that has passed
 */
export function retryAfterMs(value: string | undefined, now: Date): number | null {
  const text = value?.trim() ?? ''
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : dateMs(text) - now.getTime()
  return Number.isNaN(wait) ? null : Math.min(LONGEST_MS, Math.max(0, wait))
}

/** The three forms of HTTP dates all begin with a weekday; `Date` alone would take "2" for a year. */
function dateMs(text: string): number {
  return /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text) ? Date.parse(text) : Number.NaN
}
