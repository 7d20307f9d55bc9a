const UMLAUTS: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue', ß: 'ss' }

/** Text for comparing: lower case, umlauts written out, other accents dropped, one blank between words. */
export function foldText(text: string): string {
  return text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[äöüß]/g, (letter) => UMLAUTS[letter] ?? letter)
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

/** Like `foldText`, but umlauts lose their dots: for people who write `Fuhrerschein`. */
export function foldLoosely(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

/**
 * The candidates that were probably meant by a mistyped text, best first, at most three. A candidate of fewer words
 * is compared with as many words of the text, for arguments may follow.
 */
export function closest(text: string, candidates: readonly string[]): readonly string[] {
  const words = text.split(' ')
  const near = candidates
    .map((candidate) => {
      const part = words.slice(0, candidate.split(' ').length).join(' ')
      return { candidate, distance: editDistance(part, candidate) }
    })
    .filter(({ candidate, distance }) => distance <= Math.max(1, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.distance - b.distance || a.candidate.localeCompare(b.candidate))
  return near
    .filter(({ distance }) => distance <= (near[0]?.distance ?? 0) + 1)
    .slice(0, 3)
    .map(({ candidate }) => candidate)
}

/** Fewest single letters to insert, delete or replace (Levenshtein). */
function editDistance(from: string, to: string): number {
  // What is that long is no slip of a word, and may be hostile.
  if (from.length > 60) return from.length
  let former = Array.from({ length: to.length + 1 }, (_, at) => at)
  for (const [row, letter] of [...from].entries()) {
    const next = [row + 1]
    for (const [at, other] of [...to].entries()) {
      const replaced = (former[at] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(replaced, (former[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1))
    }
    former = next
  }
  return former.at(-1) ?? 0
}

/** The text without one sign at its end, however often it stands there. A regular expression would try every place. */
export function withoutTail(text: string, sign: string): string {
  let end = text.length
  while (end > 0 && text[end - 1] === sign) end--
  return text.slice(0, end)
}

/** A copy of its own. What V8 cuts out of a text keeps the whole text (here a megabyte of the file) in memory. */
export function detached(text: string): string {
  // Shorter ones are copied anyway.
  if (text.length < 13) return text
  // Half the memory where every character fits into a byte, as in German texts.
  const encoding = /[\u0100-\uFFFF]/.test(text) ? 'utf16le' : 'latin1'
  return Buffer.from(text, encoding).toString(encoding)
}

/**
 * JSON with the fields of every object in the order of their names: equal values have equal texts. Fields that are
 * undefined are left out, as JSON does it. Every version and key of a write is made of it, thousands a second.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (JSON.isRawJSON(value)) return canonicalNumber(value.rawJSON)
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const fields: string[] = []
  for (const name of Object.keys(value).sort()) {
    const inner = value[name as keyof typeof value] as unknown
    if (inner !== undefined) fields.push(`${JSON.stringify(name)}:${canonicalJson(inner)}`)
  }
  return `{${fields.join(',')}}`
}

/**
 * One text for all ways in which JSON writes a number: `1.0`, `10e-1` and `1` are `1`, and `-0` is `0`. Numbers that
 * JavaScript takes for the same stay apart.
 */
export function canonicalNumber(text: string): string {
  const near = String(Number(text))
  const exact = decimalOf(text)
  return decimalOf(near) === exact ? near : exact
}

/** Digits without zeros at their ends, and the power of ten that they are multiplied with. */
function decimalOf(number: string): string {
  const [, sign, whole = '', fraction = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? []
  const digits = whole + fraction
  let begin = 0
  while (digits[begin] === '0') begin++
  let end = digits.length
  while (end > begin && digits[end - 1] === '0') end--
  if (begin === end) return '0'
  // A power of many digits is more than a number can say.
  const zeros = BigInt(digits.length - end - fraction.length)
  return `${sign}${digits.slice(begin, end)}e${BigInt(power) + zeros}`
}

const DURATION_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** A length of time such as `500ms`, `10s`, `5m`, `2h` or `14d`. @returns milliseconds; undefined for anything else */
export function parseDuration(text: string): number | undefined {
  const [, number = '', unit = ''] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text.trim()) ?? []
  const factor = DURATION_UNITS[unit]
  return factor === undefined ? undefined : Number(number) * factor
}

/** So many, or so many of a hundred. */
export type Amount = { readonly count: number } | { readonly percent: number }

/** An amount such as `10` or `5%`; undefined for anything else. */
export function parseAmount(text: string): Amount | undefined {
  const [, number = '', percent] = /^(\d{1,6})(%?)$/.exec(text.trim()) ?? []
  if (number === '' || (percent === '%' && Number(number) > 100)) return undefined
  return percent === '%' ? { percent: Number(number) } : { count: Number(number) }
}

/** What somebody asks who wants not to be asked for a while, to stand behind a sentence; nothing where he asks nothing. */
export function pauseText(milliseconds: number | null): string {
  if (milliseconds === null || milliseconds < 1000) return ''
  const unit =
    (['d', 'h', 'm', 's'] as const).find((one) => milliseconds >= 2 * (DURATION_UNITS[one] ?? 1)) ?? 's'
  return ` and asks for a pause of ${Math.ceil(milliseconds / (DURATION_UNITS[unit] ?? 1))}${unit}`
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROLS = /[\u0000-\u001f\u007f]/

/** Whether there are signs in it that no line of text has: they end lines, cut names off, or move the cursor. */
export const hasControls = (text: string): boolean => CONTROLS.test(text)
