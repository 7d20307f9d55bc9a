import { parseDuration } from '../text.ts'

/** A value in a manifest that a setting makes something of, or what is wrong with it. */
export type Reading<T> = { readonly ok: true; readonly value: T } | Misread

export interface Misread {
  readonly ok: false
  readonly message: string
  /** Where inside the value, e.g. `[1, 'json']`. */
  readonly at?: readonly (string | number)[]
  readonly hint?: string
  /** A text was wanted. Only the source tells how to write it in quotes: the number of 034590014014 is another. */
  readonly wantsText?: true
}

/** One setting of a kind: its reader, its JSON Schema and its line in the documentation. */
export interface Setting<T> {
  readonly description: string
  readonly need: 'required' | 'optional'
  /** JSON Schema of the value as it is written. */
  readonly schema: object
  readonly read: (value: unknown) => Reading<T>
  /** Paths of files in a value as it is written; missing where there can be none. */
  readonly paths?: (value: unknown) => readonly string[]
}

export type SettingsShape = Readonly<Record<string, Setting<unknown>>>
export type SettingsValues<Shape extends SettingsShape> = {
  readonly [Name in keyof Shape]: Shape[Name] extends Setting<infer T> ? T : never
}

const ok = <T>(value: T): Reading<T> => ({ ok: true, value })
/** What is wrong with a value. */
export const no = (message: string, hint?: string): Misread => ({
  ok: false,
  message,
  ...(hint === undefined ? {} : { hint }),
})

/** Something else than a text stands where one belongs. */
export const noText: Misread = { ...no('must be a text'), wantsText: true }

/** A setting that may be left out, and what holds then. */
export function optional<T>(setting: Setting<T>): Setting<T | undefined>
export function optional<T>(setting: Setting<T>, fallback: T): Setting<T>
export function optional<T>(setting: Setting<T>, fallback?: T): Setting<T | undefined> {
  return {
    ...setting,
    need: 'optional',
    schema: fallback === undefined ? setting.schema : { ...setting.schema, default: fallback },
    read: (value) => (value === undefined ? ok(fallback) : setting.read(value)),
  }
}

/** @param pattern that the whole text has to match; linear, for it is run on what people write */
export function text(description: string, pattern?: RegExp): Setting<string> {
  return {
    description,
    need: 'required',
    schema: { type: 'string', minLength: 1, ...(pattern === undefined ? {} : { pattern: pattern.source }) },
    read: (value) => {
      if (typeof value !== 'string' || value === '') return noText
      if (pattern !== undefined && !pattern.test(value)) return no(`must look like ${pattern.source}`)
      return ok(value)
    },
  }
}

export function texts(description: string): Setting<readonly string[]> {
  return {
    description,
    need: 'required',
    schema: { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } },
    read: (value) => {
      if (!Array.isArray(value) || value.length === 0) return no('must be a list of texts')
      const at = value.findIndex((item) => typeof item !== 'string' || item === '')
      return at < 0 ? ok(value as readonly string[]) : { ...noText, at: [at] }
    },
  }
}

export function choice<const T extends string>(description: string, words: readonly T[]): Setting<T> {
  return {
    description,
    need: 'required',
    schema: { enum: words },
    read: (value) => {
      const found = words.find((word) => word === value)
      return found === undefined ? no(`must be one of: ${words.join(', ')}`) : ok(found)
    },
  }
}

export function integer(description: string, min: number, max: number): Setting<number> {
  return {
    description,
    need: 'required',
    schema: { type: 'integer', minimum: min, maximum: max },
    read: (value) =>
      typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
        ? ok(value)
        : no(`must be a whole number from ${min} to ${max}`),
  }
}

export function yesNo(description: string): Setting<boolean> {
  return {
    description,
    need: 'required',
    schema: { type: 'boolean' },
    read: (value) => (typeof value === 'boolean' ? ok(value) : no('must be true or false')),
  }
}

/** An absolute address. @param schemes with colon */
export function address(description: string, schemes: readonly string[] = ['https:', 'http:']): Setting<URL> {
  return {
    description,
    need: 'required',
    schema: { type: 'string', pattern: `^(${schemes.map((scheme) => scheme.slice(0, -1)).join('|')}):` },
    read: (value) => readAddress(value, schemes),
  }
}

/** @returns an address with one of the schemes that holds no user, password or fragment */
export function readAddress(value: unknown, schemes: readonly string[]): Reading<URL> {
  const url = typeof value === 'string' ? URL.parse(value) : null
  const hint = `It is like ${schemes[0]}//host.example.de/path.`
  if (url === null) return no('must be an address', hint)
  if (!schemes.includes(url.protocol)) return no(`must begin with ${schemes.join(' or ')}//`, hint)
  if (url.hostname === '') return no('must name a host', hint)
  if (url.username !== '' || url.password !== '')
    return no('may hold no name and no password', 'Name a profile in credentials instead.')
  return url.hash === '' ? ok(url) : no('may have no fragment (#…)')
}

/** A length of time such as `500ms`, `10s`, `5m`, `14d`. @returns milliseconds */
export function duration(description: string): Setting<number> {
  return {
    description,
    need: 'required',
    schema: { type: 'string', pattern: '^[0-9]+(ms|s|m|h|d)$' },
    read: (value) => {
      const milliseconds = typeof value === 'string' ? parseDuration(value) : undefined
      return milliseconds === undefined
        ? no('must be a length of time', 'It is like 500ms, 10s, 5m or 14d.')
        : ok(milliseconds)
    },
  }
}

const UNITS: Readonly<Record<string, number>> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9 }

/** A size such as `500kB`. @returns bytes */
export function size(description: string): Setting<number> {
  return {
    description,
    need: 'required',
    schema: { type: 'string', pattern: '^[0-9]+(B|kB|MB|GB)$' },
    read: (value) => {
      const [, count = '', unit = ''] =
        (typeof value === 'string' && /^([0-9]{1,9})(B|kB|MB|GB)$/.exec(value)) || []
      const factor = UNITS[unit]
      return factor === undefined
        ? no('must be a size', 'It is like 500kB or 2MB.')
        : ok(Number(count) * factor)
    },
  }
}
