import { type Place, type Problem, unreachable } from '../errors.ts'
import { closest } from '../text.ts'
import type { YamlMap, YamlNode, YamlScalar } from './yaml.ts'

/** A value with its place, for checks that come later. */
export interface Placed<T> {
  readonly value: T
  readonly place: Place
  readonly path: string
}

/** What stands where one or several of something may. */
export interface OneOrMore {
  readonly isList: boolean
  readonly items: readonly Placed<string>[]
}

/** A map without the places of its values, which can still be asked for. */
export interface PlainMap {
  readonly value: Readonly<Record<string, unknown>>
  /** Of the map itself, e.g. `connectors[2]`. */
  readonly path: string
  /** @param at names and indexes that lead there from the map; where there is nothing, of what is around it */
  placeOf(at: readonly (string | number)[]): Place
  /** How to make a text of the number or word that stands there; undefined where that is not what is wrong. */
  inQuotes(at: readonly (string | number)[]): string | undefined
}

/**
 * The fields of one map of a manifest. What is wrong with them goes to `problems`; readers then answer
 * undefined.
 */
export class Fields {
  readonly #map: YamlMap
  readonly #path: string
  readonly #problems: Problem[]

  /** Checks at once that no field is unknown. @param known `any` where the names are data */
  constructor(map: YamlMap, path: string, known: readonly string[] | 'any', problems: Problem[]) {
    this.#map = map
    this.#path = path
    this.#problems = problems
    for (const [name, { key }] of map.entries) {
      if (known === 'any' || known.includes(name)) continue
      const near = name === '<<' ? undefined : closest(name, known)[0]
      this.#report('field-unknown', key, name, 'there is no such field', unknownHint(name, near, known))
    }
  }

  get place(): Place {
    return this.#map.place
  }

  /** Names of all fields that are there. */
  get names(): readonly string[] {
    return [...this.#map.entries.keys()]
  }

  get path(): string {
    return this.#path
  }

  /** A field that has to be there and be a text in quotes or without. */
  text(name: string): Placed<string> | undefined {
    const node = this.#required(name)
    if (node === undefined) return undefined
    if (node.kind === 'scalar' && typeof node.value === 'string') return this.#placed(name, node, node.value)
    return this.#wrongType(name, node, 'a text')
  }

  /** A text, or undefined where it is missing. */
  optionalText(name: string): Placed<string> | undefined {
    return this.#optional(name) === undefined ? undefined : this.text(name)
  }

  /** One scalar or a list of them, each exactly as it is written, so that keys keep their zeros. */
  oneOrMore(name: string, need: 'required' | 'optional'): OneOrMore | undefined {
    const node = need === 'required' ? this.#required(name) : this.#optional(name)
    if (node === undefined) return undefined
    if (node.kind === 'scalar') return { isList: false, items: [this.#placed(name, node, node.text)] }
    if (node.kind !== 'list') return this.#wrongType(name, node, 'a text or a list')
    const items = node.items.flatMap((item, at) => {
      const inner = `${name}[${at}]`
      if (item.kind === 'scalar') return [this.#placed(inner, item, item.text)]
      return this.#wrongType(inner, item, 'a text') ?? []
    })
    return { isList: true, items }
  }

  /** Whether a field holds just this word; anything else may stand there, too. */
  isWord(name: string, word: string): boolean {
    const node = this.#optional(name)
    return node?.kind === 'scalar' && node.value === word
  }

  /** A field of digits, exactly as they are written: 034590014014 without quotes is no number here. */
  digits(name: string): Placed<string> | undefined {
    const node = this.#required(name)
    if (node === undefined) return undefined
    if (node.kind === 'scalar') return this.#placed(name, node, node.text)
    return this.#wrongType(name, node, 'a key of digits')
  }

  /** A field with one of a few words, or undefined where it is missing. */
  choice<T extends string>(name: string, words: readonly T[]): T | undefined {
    const node = this.#optional(name)
    if (node === undefined) return undefined
    const found = node.kind === 'scalar' ? words.find((word) => word === node.value) : undefined
    if (found !== undefined) return found
    if (node.kind !== 'scalar') return this.#wrongType(name, node, `one of ${words.join(', ')}`)
    const near = closest(node.text, words)[0]
    this.#report(
      'value-unknown',
      node.place,
      name,
      `${JSON.stringify(node.text)} is not one of: ${words.join(', ')}`,
      near === undefined ? undefined : `Did you mean ${near}?`,
    )
    return undefined
  }

  /** A list of texts, or undefined where it is missing. */
  texts(name: string): readonly Placed<string>[] | undefined {
    const node = this.#optional(name)
    if (node === undefined) return undefined
    if (node.kind !== 'list') return this.#wrongType(name, node, 'a list')
    return node.items.flatMap((item, at) => {
      if (item.kind === 'scalar' && typeof item.value === 'string')
        return [this.#placed(`${name}[${at}]`, item, item.value)]
      return this.#wrongType(`${name}[${at}]`, item, 'a text') ?? []
    })
  }

  /** The maps of a list; undefined where it is missing and need not be there. */
  maps(name: string, known: readonly string[], need: 'required' | 'optional'): readonly Fields[] | undefined {
    const node = need === 'required' ? this.#required(name) : this.#optional(name)
    if (node === undefined) return undefined
    if (node.kind !== 'list') return this.#wrongType(name, node, 'a list') ?? []
    return node.items.flatMap((item, at) => {
      const inner = `${name}[${at}]`
      if (item.kind === 'map') return [new Fields(item, this.#inner(inner), known, this.#problems)]
      return this.#wrongType(inner, item, 'a map of fields') ?? []
    })
  }

  /** The map in a field, or undefined where it is missing. */
  map(name: string, known: readonly string[] | 'any', need: 'required' | 'optional'): Fields | undefined {
    const node = need === 'required' ? this.#required(name) : this.#optional(name)
    if (node === undefined) return undefined
    if (node.kind === 'map') return new Fields(node, this.#inner(name), known, this.#problems)
    return this.#wrongType(name, node, 'a map of fields')
  }

  /** All fields as plain values, with the place of anything in them. */
  plain(): PlainMap {
    const root = this.#map
    return {
      value: plainOf(root) as Readonly<Record<string, unknown>>,
      path: this.#path,
      placeOf: (at) => lookIn(root, at).place,
      inQuotes: (at) => inQuotes(lookIn(root, at).node),
    }
  }

  /** What stands in each item of a list: a text or a map of any fields. undefined where it is missing. */
  textsOrMaps(name: string): readonly (Placed<string> | Fields)[] | undefined {
    const node = this.#optional(name)
    if (node === undefined) return undefined
    if (node.kind !== 'list') return this.#wrongType(name, node, 'a list')
    return node.items.flatMap((item, at): readonly (Placed<string> | Fields)[] => {
      const inner = `${name}[${at}]`
      if (item.kind === 'map') return [new Fields(item, this.#inner(inner), 'any', this.#problems)]
      if (item.kind === 'scalar' && typeof item.value === 'string')
        return [this.#placed(inner, item, item.value)]
      return this.#wrongType(inner, item, 'a text or a map of fields') ?? []
    })
  }

  /** The number of the format's version; absent or 1. */
  version(name: string): void {
    const node = this.#optional(name)
    if (node !== undefined && (node.kind !== 'scalar' || node.value !== 1))
      this.#report('value-unknown', node.place, name, 'this ozgctl reads version 1 only', 'Update ozgctl.')
  }

  #optional(name: string): YamlNode | undefined {
    const node = this.#map.entries.get(name)?.value
    return node === undefined || isNull(node) ? undefined : node
  }

  #required(name: string): YamlNode | undefined {
    const node = this.#optional(name)
    if (node !== undefined) return node
    const key = this.#map.entries.get(name)?.key
    this.#report('field-missing', key ?? this.place, name, key === undefined ? 'is missing' : 'is empty')
    return undefined
  }

  #wrongType(name: string, node: YamlNode, wanted: string): undefined {
    const quote = wanted === 'a text' ? inQuotes(node) : undefined
    this.#report('wrong-type', node.place, name, `must be ${wanted}, not ${kindOf(node)}`, quote)
    return undefined
  }

  #placed(name: string, node: YamlScalar, value: string): Placed<string> {
    return { value, place: node.place, path: this.#inner(name) }
  }

  #report(code: string, place: Place, name: string, message: string, hint?: string): void {
    this.#problems.push({
      code,
      place,
      path: this.#inner(name),
      message,
      ...(hint === undefined ? {} : { hint }),
    })
  }

  #inner(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`
  }
}

function plainOf(node: YamlNode): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.value
    case 'list':
      return node.items.map(plainOf)
    case 'map':
      return Object.fromEntries([...node.entries].map(([name, { value }]) => [name, plainOf(value)]))
    default:
      return unreachable(node)
  }
}

/** What stands there; where there is nothing, the place of what is around it. */
function lookIn(
  root: YamlNode,
  at: readonly (string | number)[],
): { readonly node: YamlNode | undefined; readonly place: Place } {
  let node = root
  let { place } = root
  for (const step of at) {
    const entry = node.kind === 'map' ? node.entries.get(String(step)) : undefined
    const next = entry?.value ?? (node.kind === 'list' ? node.items[Number(step)] : undefined)
    if (next === undefined) return { node: undefined, place }
    node = next
    place = entry === undefined || next.kind === 'scalar' ? next.place : entry.key
  }
  return { node, place }
}

/** By the source: what YAML makes of it may be another number, as of a key that begins with zero. */
const inQuotes = (node: YamlNode | undefined): string | undefined =>
  node?.kind === 'scalar' && typeof node.value !== 'string' && node.text !== ''
    ? `Write it in quotes: "${node.text}"`
    : undefined

const isNull = (node: YamlNode): boolean => node.kind === 'scalar' && node.value === null

function kindOf(node: YamlNode): string {
  switch (node.kind) {
    case 'map':
      return 'a map of fields'
    case 'list':
      return 'a list'
    case 'scalar':
      return node.value === null
        ? 'empty'
        : typeof node.value === 'string'
          ? 'a text'
          : `the ${typeof node.value} ${node.text}`
    default:
      return unreachable(node)
  }
}

function unknownHint(name: string, near: string | undefined, known: readonly string[]): string {
  if (name === '<<') return 'Merge keys are not read; put what tenants share into defaults.'
  return near === undefined ? `Fields here: ${known.join(', ')}.` : `Did you mean ${near}?`
}
