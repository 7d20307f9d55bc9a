/** From this length on a text is found wherever it is; a shorter one is part of other words too often. */
const SHORTEST_PIECE = 8
/** Found only where no letter or digit stands beside it. Still shorter ones are words themselves, and protect nothing. */
const SHORTEST_WORD = 4
/** Nobody reads more of what another system says. */
const LONGEST = 16_384
const TOO_MUCH = 500_000

/** Texts that are taken out of others, however they are encoded there. Texts are bytes here, a character a byte. */
export class HiddenTexts {
  /** By their first bytes: however many there are, a text is gone through once. */
  readonly #pieces = new Map<string, readonly string[]>()
  readonly #words = new Map<string, readonly string[]>()
  /** How many of them begin with two bytes: most places of most texts need no closer look. */
  readonly #beginnings = new Uint32Array(1 << 16)

  /** Looks from now on for a text, its Base64 and its hexadecimal digits. All other encodings are undone. */
  add(text: string): void {
    this.#each(text, (index, start, form) => {
      index.set(start, [...(index.get(start) ?? []), form])
      this.#count(form, 1)
    })
  }

  /** Takes back one `add` of this text. */
  remove(text: string): void {
    this.#each(text, (index, start, form) => {
      const forms = index.get(start) ?? []
      const left = forms.toSpliced(forms.indexOf(form), 1)
      if (left.length > 0) index.set(start, left)
      else index.delete(start)
      this.#count(form, -1)
    })
  }

  #count(form: string, by: 1 | -1): void {
    const at = twoBytes(form, 0)
    this.#beginnings[at] = (this.#beginnings[at] ?? 0) + by
  }

  /**
   * A text without any of them. Instead of guessing how each may have been encoded, the encodings of the text are
   * undone, up to three around each other, and what is found then is taken out where it stood.
   */
  takenOutOf(text: string, instead: string): string {
    if (this.#pieces.size + this.#words.size === 0) return text
    const whole = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
    const bytes = Buffer.from(whole)
    const spans = viewsOf(bytes.toString('latin1')).flatMap((view) => [...this.#foundIn(view)])
    if (spans.length === 0) return whole
    const parts: string[] = []
    let from = 0
    for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
      if (start >= from) parts.push(bytes.toString('utf8', from, start), instead)
      from = Math.max(from, end)
    }
    return [...parts, bytes.toString('utf8', from)].join('')
  }

  #each(
    text: string,
    work: (index: Map<string, readonly string[]>, start: string, form: string) => void,
  ): void {
    const bytes = Buffer.from(text)
    const hex = bytes.toString('hex')
    const plain = bytes.toString('latin1')
    for (const form of new Set([plain, ...base64Forms(bytes), hex, hex.toUpperCase()]))
      if (form.length >= SHORTEST_PIECE) work(this.#pieces, form.slice(0, SHORTEST_PIECE), form)
    if (plain.length >= SHORTEST_WORD && plain.length < SHORTEST_PIECE)
      work(this.#words, plain.slice(0, SHORTEST_WORD), plain)
  }

  *#foundIn({ bytes, at }: View): Generator<Span> {
    const span = (start: number, { length }: string): Span => ({
      start: at?.[start] ?? start,
      end: at?.[start + length] ?? start + length,
    })
    for (let start = 0; start + SHORTEST_WORD <= bytes.length; start++) {
      if (this.#beginnings[twoBytes(bytes, start)] === 0) continue
      for (const piece of this.#pieces.get(bytes.slice(start, start + SHORTEST_PIECE)) ?? [])
        if (bytes.startsWith(piece, start)) yield span(start, piece)
      if (this.#words.size === 0) continue
      for (const word of this.#words.get(bytes.slice(start, start + SHORTEST_WORD)) ?? [])
        if (isAlone(bytes, start, word)) yield span(start, word)
    }
  }
}

const twoBytes = (bytes: string, at: number): number => (bytes.charCodeAt(at) << 8) | bytes.charCodeAt(at + 1)

/** Bytes beyond ASCII are parts of letters, too. */
const LETTER = /[0-9A-Za-z\u0080-\u00ff]/

function isAlone(bytes: string, start: number, word: string): boolean {
  const [before = '', after = ''] = [bytes[start - 1], bytes[start + word.length]]
  return bytes.startsWith(word, start) && !LETTER.test(before) && !LETTER.test(after)
}

/** What is always the same of its Base64, wherever among other bytes it begins, as behind `id:` in a Basic header. */
function base64Forms(secret: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), secret])
    const end = bytes.length % 3 === 0 ? undefined : -1
    return (['base64', 'base64url'] as const).map((form) =>
      bytes
        .toString(form)
        .replaceAll('=', '')
        .slice(Math.ceil((before * 8) / 6), end),
    )
  })
}

/** A text with encodings undone, and where each of its bytes stood; one byte more is the end. */
interface View {
  readonly bytes: string
  /** undefined where nothing was undone. */
  readonly at: readonly number[] | undefined
}

interface Span {
  readonly start: number
  readonly end: number
}

/** An encoding of single characters: how one looks, and what it stands for. */
interface Encoding {
  readonly form: RegExp
  readonly meaning: (written: string) => string
}

const utf8 = (character: string): string => Buffer.from(character).toString('latin1')
const codePoint = (number: number): string =>
  utf8(number <= 0x10ffff ? String.fromCodePoint(number) : '\ufffd')
const percent = (written: string): string => String.fromCharCode(Number.parseInt(written.slice(1), 16))

const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
}
const SHORT: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

const ENCODINGS: readonly Encoding[] = [
  // Addresses, RFC 3986 §2.1.
  { form: /%[0-9A-Fa-f]{2}/g, meaning: percent },
  // Forms, which write a blank as a plus.
  { form: /%[0-9A-Fa-f]{2}|\+/g, meaning: (written) => (written === '+' ? ' ' : percent(written)) },
  // JSON, RFC 8259 §7, and what scripts write besides.
  {
    form: /\\u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|\\["'\\/bfnrt]/g,
    meaning: (written) => {
      const [high = 0, low] = [...written.matchAll(/[ux]([0-9A-Fa-f]+)/g)].map(([, hex = '']) =>
        Number.parseInt(hex, 16),
      )
      if (low !== undefined) return utf8(String.fromCharCode(high, low))
      if (/^\\[ux]./.test(written)) return utf8(String.fromCharCode(high))
      return SHORT[written[1] ?? ''] ?? written.slice(1)
    },
  },
  // HTML and XML.
  {
    form: /&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|amp|lt|gt|quot|apos|nbsp);/gi,
    meaning: (written) => {
      const name = written.slice(1, -1).toLowerCase()
      if (name.startsWith('#x')) return codePoint(Number.parseInt(name.slice(2), 16))
      if (name.startsWith('#')) return codePoint(Number(name.slice(1)))
      return utf8(NAMED[name] ?? '')
    },
  },
]

const ENCODED = /[%+\\&]/
const DEEPEST = 3

/** A text, and what it reads like with encodings undone in every order. */
function viewsOf(text: string): readonly View[] {
  const views = new Map<string, View>([[text, { bytes: text, at: undefined }]])
  if (!ENCODED.test(text)) return [...views.values()]
  let size = text.length
  let latest: readonly View[] = [...views.values()]
  for (let depth = 0; depth < DEEPEST; depth++) {
    const next: View[] = []
    for (const view of latest)
      for (const encoding of ENCODINGS) {
        const plain = size < TOO_MUCH ? undone(view, encoding) : undefined
        if (plain === undefined || views.has(plain.bytes)) continue
        size += plain.bytes.length
        views.set(plain.bytes, plain)
        next.push(plain)
      }
    latest = next
  }
  return [...views.values()]
}

/** @returns undefined where there is nothing of that encoding */
function undone({ bytes, at }: View, { form, meaning }: Encoding): View | undefined {
  const parts: string[] = []
  const places: number[] = []
  let from = 0
  const copy = (end: number): void => {
    parts.push(bytes.slice(from, end))
    for (let place = from; place < end; place++) places.push(at?.[place] ?? place)
    from = end
  }
  for (const { 0: written, index } of bytes.matchAll(form)) {
    copy(index)
    const plain = meaning(written)
    parts.push(plain)
    from = index + written.length
    // All of what was written belongs to the first byte that it stands for.
    for (let byte = 0; byte < plain.length; byte++)
      places.push(at?.[byte === 0 ? index : from] ?? (byte === 0 ? index : from))
  }
  if (from === 0) return undefined
  copy(bytes.length)
  places.push(at?.[bytes.length] ?? bytes.length)
  return { bytes: parts.join(''), at: places }
}
