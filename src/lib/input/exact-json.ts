/** A number as it is written, where no number of JavaScript says the same. `JSON.stringify` writes it just so. */
export interface ExactNumber {
  readonly rawJSON: string
}

/** What JSON can say, with every number as it is written. */
export type ExactJson =
  | null
  | boolean
  | number
  | string
  | ExactNumber
  | readonly ExactJson[]
  | { readonly [name: string]: ExactJson }

/** ECMAScript proposal "JSON.parse source text access", in V8 since 11.4; the types of TypeScript do not have it yet. */
declare global {
  interface JSON {
    rawJSON(text: string): ExactNumber
    isRawJSON(value: unknown): value is ExactNumber
    parse(
      text: string,
      reviver: (name: string, value: unknown, context: { readonly source?: string }) => unknown,
    ): unknown
  }
}

/** What a text holds, and where it says a thing twice: of members of one name the last one counts. */
export interface ReadJson {
  readonly value: ExactJson
  /** Ways to the members whose name stood in the same object before; cut after a few steps. */
  readonly twice: readonly (readonly (string | number)[])[]
}

/** Levels of lists and objects in each other: whatever goes through them has to come back. */
const MOST_LEVELS = 500

/**
 * Reads JSON without a loss: a number that JavaScript would change (`12345678901234567890`, `1.0`, `1e400`, `-0`) is
 * kept as it is written. A mark of the byte order at the front is left out (RFC 8259 §8.1).
 * @returns undefined for what is no JSON
 */
export function readExactJson(text: string): ReadJson | undefined {
  const json = text.startsWith('\uFEFF') ? text.slice(1) : text
  try {
    const plain = JSON.parse(json) as ExactJson
    const found = { members: 0, numbers: 0 }
    count(plain, found)
    // Millions of records pass: what is written the same again has lost nothing.
    if (found.numbers > 0 && JSON.stringify(plain) === json) return { value: plain, twice: [] }
    const mayChange = found.numbers > 0 && MAY_CHANGE.test(json)
    const value = mayChange ? (JSON.parse(json, keepNumber) as ExactJson) : plain
    return { value, twice: namesIn(json) === found.members ? [] : membersTwice(json) }
  } catch (error) {
    // The latter for thousands of levels, which nothing here could write again either.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined
    throw error
  }
}

/** Whether a value has more levels than can be handled; never for what is no object and no list. */
export const isTooDeep = (value: unknown, left = MOST_LEVELS): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (left === 0 || Object.values(value).some((inner) => isTooDeep(inner, left - 1)))

const keepNumber = (_name: string, value: unknown, { source }: { readonly source?: string }): unknown =>
  typeof value === 'number' && source !== undefined && String(value) !== source ? JSON.rawJSON(source) : value

/**
 * Where a number may stand that `String(Number(text))` writes otherwise: one with 16 signs or more, an exponent, a zero
 * at the end of its fraction, many at its begin, or -0. A number follows a comma, a colon, a bracket, a blank or nothing;
 * in a text the like means a second look and no more.
 */
const MAY_CHANGE = /(?:^|[[:,\s])(?:-?(?:\d[\d.]{15}|\d+(?:\.\d+)?[eE]|\d+\.\d*0(?!\d)|0\.0{6})|-0(?!\.?\d))/

/** How many names of members there are at most: each has a colon behind it, and texts may hold the like. */
function namesIn(json: string): number {
  if (BLANK_COLONS.some((colon) => json.includes(colon))) return json.match(/"\s*:/g)?.length ?? 0
  let names = 0
  for (let at = json.indexOf('":'); at >= 0; at = json.indexOf('":', at + 2)) names++
  return names
}

const BLANK_COLONS = [' :', '\t:', '\n:', '\r:']

/** Counts the members of all objects, and all numbers; what is too deep does not count. */
function count(value: ExactJson, found: { members: number; numbers: number }, left = MOST_LEVELS): void {
  if (typeof value === 'number') found.numbers++
  if (typeof value !== 'object' || value === null || left === 0) return
  if (Array.isArray(value)) for (const inner of value) count(inner, found, left - 1)
  else
    for (const inner of Object.values(value)) {
      found.members++
      if (typeof inner !== 'string') count(inner, found, left - 1)
    }
}

/** Steps of a way that are kept: enough to tell which record it leads into. */
const STEPS = 20

/** An object that is open: the names so far and the last one; or a list: which item it is at. */
type Open = { readonly names: Set<string>; name: string } | { at: number }

/** Goes through a text that is known to be JSON. */
function membersTwice(text: string): ReadJson['twice'] {
  const twice: (string | number)[][] = []
  const open: Open[] = []
  for (let at = 0; at < text.length; at++) {
    const top = open.at(-1)
    switch (text[at]) {
      case '{':
        open.push({ names: new Set(), name: '' })
        break
      case '[':
        open.push({ at: 0 })
        break
      case '}':
      case ']':
        open.pop()
        break
      case ',':
        if (top !== undefined && 'at' in top) top.at++
        break
      case '"': {
        const end = textEnd(text, at)
        if (top !== undefined && 'names' in top && isName(text, end)) {
          top.name = String(JSON.parse(text.slice(at, end + 1)))
          if (top.names.has(top.name))
            twice.push(open.slice(0, STEPS).map((one) => ('at' in one ? one.at : one.name)))
          top.names.add(top.name)
        }
        at = end
        break
      }
    }
  }
  return twice
}

/** Index of the quotation mark that ends a text. */
function textEnd(text: string, begin: number): number {
  for (let end = text.indexOf('"', begin + 1); ; end = text.indexOf('"', end + 1)) {
    let signs = 0
    while (text[end - 1 - signs] === '\\') signs++
    if (signs % 2 === 0) return end
  }
}

function isName(text: string, end: number): boolean {
  COLON.lastIndex = end + 1
  return COLON.test(text)
}

const COLON = /\s*:/y
