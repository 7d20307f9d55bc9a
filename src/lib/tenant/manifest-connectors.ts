import {
  type Definition,
  type DefinitionProblem,
  defineConnector,
  type Written,
} from '../connector/definition.ts'
import type { Place, Problem } from '../errors.ts'
import { Fields, type Placed, type PlainMap } from '../input/fields.ts'
import { closest } from '../text.ts'
import { problemAt, readLabel } from './manifest-values.ts'

/** The connectors that manifests declare, ready to be bound to tenants. */
export interface ManifestConnectors {
  /** By name. */
  readonly declared: ReadonlyMap<string, DeclaredConnector>
  /** Names of those that a network has for all of its tenants, by account. */
  readonly ofNetworks: ReadonlyMap<string, readonly string[]>
}

export interface DeclaredConnector {
  readonly name: string
  readonly definition: Definition
  readonly path: string
  readonly place: Place
}

/** A connector that a tenant has otherwise than the rest, or for itself, as it is written. */
interface OwnConnector {
  readonly name: Placed<string>
  readonly map: PlainMap
}

/** What one manifest says of connectors, before its parts are held against each other. */
export class ConnectorReader {
  readonly declared: OwnConnector[] = []
  readonly ofNetwork: readonly Placed<string>[]
  readonly #problems: Problem[]
  /** Every name that is used, with its place. */
  readonly used: Placed<string>[] = []
  readonly #names = new Map<string, Placed<string>>()

  constructor(fields: Fields, network: Fields | undefined, problems: Problem[]) {
    this.#problems = problems
    for (const item of fields.textsOrMaps('connectors') ?? []) this.#declare(item)
    this.ofNetwork = this.#labels(network?.texts('connectors') ?? [])
    this.used.push(...this.ofNetwork)
  }

  /** Names of the connectors of a tenant, sorted and each once, and those that it has for itself; undefined where it says nothing. */
  ofTenant(
    fields: Fields,
  ): { readonly names: readonly string[]; readonly own: readonly OwnConnector[] } | undefined {
    const items = fields.textsOrMaps('connectors')
    if (items === undefined) return undefined
    const own = items.flatMap((item) => (item instanceof Fields ? (this.#own(item) ?? []) : []))
    const named = this.#labels(items.flatMap((item) => (item instanceof Fields ? [] : [item])))
    this.used.push(...named)
    const names = [...named, ...own.map(({ name }) => name)].map(({ value }) => value)
    return { names: [...new Set(names)].sort(), own }
  }

  #declare(item: Placed<string> | Fields): void {
    if (!(item instanceof Fields)) {
      this.#problems.push(
        problemAt(
          'wrong-type',
          item,
          'must be a map with name and url',
          'Names alone belong to tenants and defaults.',
        ),
      )
      return
    }
    const own = this.#own(item)
    if (own === undefined) return
    const first = this.#names.get(own.name.value)
    if (first === undefined) {
      this.#names.set(own.name.value, own.name)
      this.declared.push(own)
    } else
      this.#problems.push(
        problemAt('duplicate-connector', own.name, `${own.name.value} is already at ${first.path}`),
      )
  }

  #own(fields: Fields): OwnConnector | undefined {
    const name = fields.text('name')
    const label = readLabel(name, this.#problems)
    return name === undefined || label === '' ? undefined : { name, map: fields.plain() }
  }

  #labels(found: readonly Placed<string>[]): readonly Placed<string>[] {
    return found.filter((name) => readLabel(name, this.#problems) !== '')
  }
}

/** Connectors of all manifests together: each name once. */
export async function declareConnectors(
  readers: readonly ConnectorReader[],
  problems: Problem[],
): Promise<ReadonlyMap<string, DeclaredConnector>> {
  const found = new Map<string, DeclaredConnector & { readonly at: Placed<string> }>()
  for (const { name, map } of readers.flatMap(({ declared }) => declared)) {
    const first = found.get(name.value)
    if (first !== undefined) {
      const where = `${first.path} (${first.place.file}:${first.place.line})`
      problems.push(problemAt('duplicate-connector', name, `${name.value} is already at ${where}`))
      continue
    }
    const definition = await defined(map, map.value, problems)
    if (definition !== undefined)
      found.set(name.value, { name: name.value, definition, path: map.path, place: name.place, at: name })
  }
  refuseUndeclared(readers, problems)
  return found
}

/** The definitions that a tenant has for itself: what it writes goes before what is declared under the name. */
export async function ownDefinitions(
  own: readonly OwnConnector[],
  readers: readonly ConnectorReader[],
  declared: ReadonlyMap<string, DeclaredConnector>,
  problems: Problem[],
): Promise<ReadonlyMap<string, Definition>> {
  const found = new Map<string, Definition>()
  for (const { name, map } of own) {
    const base = declared.get(name.value)?.definition.written ?? {}
    const isOther = map.value.system !== undefined || map.value.kind !== undefined
    const isNamed = readers.some((reader) => reader.declared.some((one) => one.name.value === name.value))
    // What is wrong with the declaration is told there, and not once more for each tenant.
    if (!isOther && isNamed && !declared.has(name.value)) continue
    const definition = await defined(map, isOther ? map.value : { ...base, ...map.value }, problems, true)
    if (definition !== undefined) found.set(name.value, definition)
  }
  return found
}

async function defined(
  map: PlainMap,
  written: Written,
  problems: Problem[],
  isOwn = false,
): Promise<Definition | undefined> {
  const checked = await defineConnector(written, isOwn)
  if (checked.ok) return checked.value
  problems.push(...checked.problems.map((problem) => placed(problem, map)))
  return undefined
}

function placed({ code, at, message, hint, wantsText }: DefinitionProblem, map: PlainMap): Problem {
  const path = at.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')
  return {
    code,
    place: map.placeOf(at),
    path: `${map.path}${path}`,
    message,
    hint: wantsText ? map.inQuotes(at) : hint,
  }
}

/** Where nothing is declared at all, names are just labels that the portal keeps. */
function refuseUndeclared(readers: readonly ConnectorReader[], problems: Problem[]): void {
  const names = readers.flatMap(({ declared }) => declared.map(({ name }) => name.value))
  if (names.length === 0) return
  const known = new Set(names)
  for (const used of readers.flatMap((reader) => reader.used))
    if (!known.has(used.value)) {
      const near = closest(used.value, names)[0]
      problems.push(
        problemAt(
          'connector-unknown',
          used,
          `${used.value} is declared nowhere`,
          near === undefined ? `Declared are: ${names.slice(0, 10).join(', ')}.` : `Did you mean ${near}?`,
        ),
      )
    }
}
