import { foldText, withoutTail } from '../text.ts'

export const MAX_LABEL = 63
export const MAX_HOST = 253

/** A part of a host name: RFC 1035 §2.3.1 and RFC 1123 §2.1, lower case. */
export function isLabel(text: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text)
}

/** A full host name in lower case, at least two labels. */
export function isHostName(text: string): boolean {
  const labels = text.split('.')
  return text.length <= MAX_HOST && labels.length > 1 && labels.every(isLabel)
}

const MAX_NAME = 200

/** What is wrong with a name for people; nothing when it can be used. */
export function nameProblem(text: string): string | undefined {
  if (text.trim() === '') return 'is empty'
  if (text.length > MAX_NAME) return `is longer than ${MAX_NAME} characters`
  return /[\p{C}\p{Zl}\p{Zp}]/u.test(text) ? 'holds control characters or invisible marks' : undefined
}

/**
 * A label made of a name: ä as ae, ß as ss, Sorbian ł as l, other accents dropped, hyphens for all that is no
 * letter.
 */
export function slugOf(name: string): string {
  const ascii = foldText(name.replace(/[łŁ]/g, 'l')).replace(/[^a-z0-9]+/g, '-')
  return cutLabel(ascii, MAX_LABEL)
}

/** Cuts a label to a length, without a hyphen at either end. */
export function cutLabel(label: string, length: number): string {
  return withoutTail(label.slice(0, length).replace(/^-+/, ''), '-')
}
