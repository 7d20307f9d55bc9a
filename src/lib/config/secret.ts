import { inspect } from 'node:util'

const SHOWN = '***'

/** Every secret that this process knows, so that none gets out by accident. */
const known = new Set<string>()

/** A text that shows itself to nobody who does not ask for it by name. */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
    if (text !== '') known.add(text)
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

/**
 * A text without any secret that this process knows, in the forms in which they travel: plain, as part of an address, in
 * Base64. The last door for errors and remarks, whose words may come from elsewhere.
 */
export function redacted(text: string): string {
  let shown = text
  for (const secret of known) for (const form of formsOf(secret)) shown = shown.replaceAll(form, SHOWN)
  return shown
}

function formsOf(secret: string): readonly string[] {
  const base64 = Buffer.from(secret).toString('base64')
  return [secret, encodeURIComponent(secret), base64, base64.replaceAll('=', '')]
}
