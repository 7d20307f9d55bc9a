/** A way to one value in JSON. */
export type JsonPath = readonly (string | number)[]

const SEGMENT =
  /^(?:\.([A-Za-z_\u0080-\uFFFF][\w\u0080-\uFFFF-]*)|\[(-?\d{1,6})\]|\['((?:[^'\\]|\\['\\])*)'\]|\["((?:[^"\\]|\\["\\])*)"\])/

/**
 * Reads a singular query of JSONPath (RFC 9535 §2.3.5.1): names and indexes, as in `$.components.db.status` or
 * `$['a b'][0]`; `$.` at the front may be left out.
 * @returns undefined for anything else
 */
export function parseJsonPath(text: string): JsonPath | undefined {
  let rest = text.startsWith('$') ? text.slice(1) : text.startsWith('[') ? text : `.${text}`
  const path: (string | number)[] = []
  while (rest !== '') {
    const found = SEGMENT.exec(rest)
    if (found === null) return undefined
    const [all, name, index, single, double] = found
    const quoted = single ?? double
    path.push(index === undefined ? (name ?? (quoted ?? '').replace(/\\(.)/g, '$1')) : Number(index))
    rest = rest.slice(all.length)
  }
  return path
}

/** @returns undefined where the value has nothing there; only own fields count */
export function valueAt(value: unknown, path: JsonPath): unknown {
  let at: unknown = value
  for (const step of path) {
    if (typeof step === 'number') at = Array.isArray(at) ? at.at(step) : undefined
    else
      at =
        typeof at === 'object' && at !== null && !Array.isArray(at) && Object.hasOwn(at, step)
          ? Reflect.get(at, step)
          : undefined
    if (at === undefined) return undefined
  }
  return at
}
