import { inspect } from 'node:util'
import { HiddenTexts } from './redact.ts'

const SHOWN = '***'

/** Every secret that this process knows, so that none gets out by accident. */
const hidden = new HiddenTexts()
const given = new Set<string>()
/** Those that were issued to it on the way or made of others, tokens and headers. Only the newest: a watch gets ever more. */
const issued = new Set<string>()
const MOST_ISSUED = 1000

/** A text that shows itself to nobody who does not ask for it by name. */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
    if (given.has(text)) return
    given.add(text)
    hidden.add(text)
  }

  /** The text itself; only for what sends or stores it. */
  reveal(): string {
    return this.#text
  }

  toString(): string {
    return SHOWN
  }

  toJSON(): string {
    return SHOWN
  }

  [inspect.custom](): string {
    return SHOWN
  }
}

/** Remembers what is sent in the place of a secret, for whoever is asked may repeat it. @returns the same text */
export function sentAs(text: string): string {
  if (!issued.delete(text)) hidden.add(text)
  issued.add(text)
  const [oldest = ''] = issued
  if (issued.size > MOST_ISSUED && issued.delete(oldest)) hidden.remove(oldest)
  return text
}

/** A login by name and password, as HTTP sends it (RFC 7617). */
export const basicLogin = (name: string, password: string): string =>
  `Basic ${sentAs(Buffer.from(`${name}:${password}`).toString('base64'))}`

/** A login by token, as HTTP sends it (RFC 6750). */
export const bearerLogin = (token: string): string => `Bearer ${sentAs(token)}`

/**
 * A text without any secret that this process knows, however it is encoded. Words of others go through here before they
 * are stored or shown, and whole: of a secret that was cut the rest would not be known.
 */
export const redacted = (text: string): string => hidden.takenOutOf(text, SHOWN)

/** The beginning of what another says. First without secrets, then cut: of half a secret nobody would know. */
export const excerpt = (text: string, length: number): string => redacted(text).slice(0, length)

/** The same as `redacted` for all texts in a value of JSON. */
export function redactedJson(value: unknown): unknown {
  if (typeof value === 'string') return redacted(value)
  if (Array.isArray(value)) return value.map(redactedJson)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [redacted(name), redactedJson(inner)]),
  )
}
