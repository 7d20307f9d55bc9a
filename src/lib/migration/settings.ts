import {
  type Misread,
  no,
  noText,
  type Reading,
  type Setting,
  type SettingsShape,
  type SettingsValues,
  text,
} from '../connector/settings.ts'
import { parseRegionKey } from '../region/key.ts'
import { closest } from '../text.ts'
import type { Json, JsonObject } from './records/model.ts'

/** Settings that are made of others, for the parts of a migration. */

const ok = <T>(value: T): Reading<T> => ({ ok: true, value })

export const isMap = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value)

/** The path of a file. Only such settings are: what else is called `path` or begins with a slash is none. */
export const filePath = (description: string): Setting<string> => ({
  ...text(description),
  paths: (value) => (typeof value === 'string' ? [value] : []),
})

/** Paths of files that a map with these settings names. */
export const pathsIn = (shape: SettingsShape, written: unknown): readonly string[] =>
  isMap(written) ? Object.entries(shape).flatMap(([name, { paths }]) => paths?.(written[name]) ?? []) : []

/** A map with settings of its own. */
export function group<Shape extends SettingsShape>(
  description: string,
  shape: Shape,
): Setting<SettingsValues<Shape>> {
  return {
    description,
    need: 'required',
    schema: schemaOf(shape),
    paths: (value) => pathsIn(shape, value),
    read: (value) => {
      if (!isMap(value)) return no('must be a map of fields')
      const { values, problems } = readShape(shape, value)
      const [first] = problems
      return first === undefined ? ok(values) : first
    },
  }
}

/** JSON Schema of a map with these settings. */
export function schemaOf(shape: SettingsShape): object {
  const required = Object.entries(shape).flatMap(([name, { need }]) => (need === 'required' ? [name] : []))
  return {
    type: 'object',
    additionalProperties: false,
    ...(required.length > 0 ? { required } : {}),
    properties: Object.fromEntries(
      Object.entries(shape).map(([name, { description, schema }]) => [name, { description, ...schema }]),
    ),
  }
}

/** Reads all settings of a map. @returns with everything that is wrong, each with its path inside the map */
export function readShape<Shape extends SettingsShape>(
  shape: Shape,
  written: JsonObject,
): { readonly values: SettingsValues<Shape>; readonly problems: readonly Misread[] } {
  const values: Record<string, unknown> = {}
  const problems: Misread[] = []
  for (const [name, setting] of Object.entries(shape)) {
    const value = written[name]
    const isMissing = value === undefined || value === null
    const reading =
      isMissing && setting.need === 'required' ? no('is missing') : setting.read(value ?? undefined)
    if (reading.ok) values[name] = reading.value
    else problems.push({ ...reading, at: [name, ...(reading.at ?? [])] })
  }
  for (const name of Object.keys(written)) {
    if (Object.hasOwn(shape, name)) continue
    const near = closest(name, Object.keys(shape))[0]
    const hint =
      near === undefined ? `Fields here: ${Object.keys(shape).join(', ')}.` : `Did you mean ${near}?`
    problems.push({ ...no('there is no such field', hint), at: [name] })
  }
  // Every setting of the shape has been read, or there is a problem and nobody uses the values.
  return { values: values as SettingsValues<Shape>, problems }
}

/** A list of at least one. */
export function listOf<T>(description: string, item: Setting<T>, max = 1000): Setting<readonly T[]> {
  return {
    description,
    need: 'required',
    schema: { type: 'array', minItems: 1, maxItems: max, items: item.schema },
    read: (value) => {
      if (!Array.isArray(value) || value.length === 0) return no('must be a list')
      if (value.length > max) return no(`has ${value.length} items; at most ${max} are read`)
      const read: T[] = []
      for (const [at, one] of value.entries()) {
        const reading = item.read(one)
        if (!reading.ok) return { ...reading, at: [at, ...(reading.at ?? [])] }
        read.push(reading.value)
      }
      return ok(read)
    },
  }
}

/** A map of any names to values of one sort. */
export function mapOf<T>(
  description: string,
  item: Setting<T>,
  names: RegExp,
): Setting<Readonly<Record<string, T>>> {
  return {
    description,
    need: 'required',
    schema: {
      type: 'object',
      minProperties: 1,
      propertyNames: { pattern: names.source },
      additionalProperties: item.schema,
    },
    read: (value) => {
      if (!isMap(value) || Object.keys(value).length === 0) return no('must be a map of fields')
      const read: [string, T][] = []
      for (const [name, one] of Object.entries(value)) {
        if (!names.test(name)) return { ...no(`is no name like ${names.source}`), at: [name] }
        const reading = item.read(one)
        if (!reading.ok) return { ...reading, at: [name, ...(reading.at ?? [])] }
        read.push([name, reading.value])
      }
      return ok(Object.fromEntries(read))
    },
  }
}

/** Anything that JSON can say. */
export const json = (description: string): Setting<Json> => ({
  description,
  need: 'required',
  schema: {},
  read: (value) => ok(value as Json),
})

/** A short name in lower case that can stand in files, addresses and commands. */
export const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** Raw register key of a region, as a text: its zeros count. */
export function regionKey(description: string): Setting<string> {
  return {
    description,
    need: 'required',
    schema: { type: 'string', pattern: '^[0-9]{2,12}$' },
    read: (value) => {
      if (typeof value !== 'string') return noText
      return parseRegionKey(value).ok ? ok(value) : no('is no key of a region')
    },
  }
}

/** LeiKa key, 14 digits, as a text. */
export function leikaKey(description: string): Setting<string> {
  return {
    description,
    need: 'required',
    schema: { type: 'string', pattern: '^99[0-9]{12}$' },
    read: (value) => {
      if (typeof value !== 'string') return noText
      return /^99\d{12}$/.test(value)
        ? ok(value)
        : no('is no LeiKa key', 'It has 14 digits and begins with 99.')
    },
  }
}
