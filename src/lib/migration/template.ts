import type { Json } from './records/model.ts'

/**
 * The template language of migrations: `${tenant.ars}` stands for a value, `$${` for `${` itself. Names and dots are all
 * there is; nothing is computed, nothing is run, and what a value holds is never looked at again.
 */

/** What stands between the braces, split at the dots. */
export type Path = readonly string[]
/** The value of a path; undefined where there is none. */
export type Lookup = (path: Path) => string | undefined

const PLACEHOLDER = /\$\$\{|\$\{([^{}]*)\}/g
const PATH = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/
/** An address: values in it are percent-encoded, but for a connector's address at its beginning. */
const ADDRESS = /^(https?:\/\/|\$\{connector\.)/
/** Filled in later, record by record. */
const RECORD = 'record'

/** A placeholder that cannot be filled. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError'
}

/** Every path in the texts of a value, as it is written; what is no path is there, too. */
export function pathsIn(value: Json): readonly string[] {
  if (typeof value === 'string')
    return [...value.matchAll(PLACEHOLDER)].flatMap(([, path]) => (path === undefined ? [] : [path]))
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(pathsIn)
}

/** Splits a path. @returns undefined for what is none */
export const splitPath = (path: string): Path | undefined => (PATH.test(path) ? path.split('.') : undefined)

/**
 * Fills the placeholders of all texts in a value; names of fields stay. Texts about a record stay as they are until there
 * is one.
 * @throws TemplateError for a path without a value
 */
export function expandAll(value: Json, lookup: Lookup): Json {
  if (typeof value === 'string') return isAboutRecords(value) ? value : expandText(value, lookup)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item: Json) => expandAll(item, lookup))
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, expandAll(inner, lookup)]))
}

/** Whether a text waits for a record. */
const isAboutRecords = (text: string): boolean =>
  pathsIn(text).some((path) => path === RECORD || path.startsWith(`${RECORD}.`))

/**
 * Fills the placeholders of one text.
 * @throws TemplateError for a path without a value, and for a value that would make an address one of something else
 */
export function expandText(text: string, lookup: Lookup): string {
  const isAddress = ADDRESS.test(text)
  const filled = text.replace(PLACEHOLDER, (all, written: string | undefined, at: number) => {
    if (written === undefined) return all.slice(1)
    const path = splitPath(written)
    const value = path === undefined ? undefined : lookup(path)
    if (path === undefined || value === undefined)
      throw new TemplateError(`there is no value for \${${written}}`)
    if (!isAddress) return value
    return at === 0 && path[0] === 'connector' ? value : encodeURIComponent(value)
  })
  if (isAddress) refuseOtherPlace(text, filled)
  return filled
}

/** Parts of a path that are none: servers and `URL` take them for the folder itself or the one above (RFC 3986 §5.2.4). */
const NO_PART = /^(?:\.|%2e){0,2}$/i

/** A record with the key `..` must not become a request to the collection, or to what is above it. */
function refuseOtherPlace(text: string, filled: string): void {
  // The address of a connector at the begin is as it is, and has parts of its own: they are counted from the end.
  const rest = text.replace(/^\$\{connector\.[^{}]*\}/, '')
  const written = partsOf(rest.replace(PLACEHOLDER, (_all, path) => (path === undefined ? '$' : '\0')))
  const parts = partsOf(filled).slice(-written.length)
  const odd = written.findIndex((part, at) => part.includes('\0') && NO_PART.test(parts[at] ?? ''))
  if (odd >= 0)
    throw new TemplateError(`a value is ${JSON.stringify(parts[odd] ?? '')}, and no part of an address`)
}

const partsOf = (address: string): readonly string[] => (address.split(/[?#]/, 1)[0] ?? '').split('/')
