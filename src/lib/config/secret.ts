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
  const inJson = JSON.stringify(secret).slice(1, -1)
  return [secret, inJson, encodeURIComponent(secret), ...base64Forms(secret)]
}

/** Shorter pieces could be part of anything. */
const SHORTEST_PIECE = 8

/** What is always the same of its Base64, wherever among other bytes it begins, as behind `id:` in a Basic header. */
function base64Forms(secret: string): readonly string[] {
  return [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)])
    const whole = bytes.toString('base64').replaceAll('=', '')
    const piece = whole.slice(Math.ceil((before * 8) / 6), bytes.length % 3 === 0 ? undefined : -1)
    return piece.length >= SHORTEST_PIECE ? [piece] : []
  })
}
