import type { LeikaKey } from '../leika/key.ts'
import type { ServiceSelection, SharingRule } from '../portal/model.ts'
import { foldText } from '../text.ts'

/** A set of Leistungen: all but some, or only some. Whole networks share "all", whatever the catalogue has. */
export type ServiceSet =
  | { readonly kind: 'all-but'; readonly keys: ReadonlySet<LeikaKey> }
  | { readonly kind: 'only'; readonly keys: ReadonlySet<LeikaKey> }

/** What rules can name of a catalogue. */
export interface NamedServices {
  readonly ozgLeistungen: readonly { readonly id: string; readonly themenfeld: string | null }[]
  readonly bundles: readonly { readonly ozgId: string; readonly key: LeikaKey }[]
}

export const NO_CATALOG: NamedServices = { ozgLeistungen: [], bundles: [] }

/** LeiKa keys of the OZG-Leistungen and Themenfelder that rules name; made once for a catalogue. */
export class ServiceCatalog {
  readonly #byOzg = new Map<string, LeikaKey[]>()
  readonly #byThemenfeld = new Map<string, LeikaKey[]>()

  constructor({ ozgLeistungen, bundles }: NamedServices) {
    const themenfeldOf = new Map(ozgLeistungen.map(({ id, themenfeld }) => [id, themenfeld]))
    for (const { id, themenfeld } of ozgLeistungen) {
      this.#byOzg.set(id, [])
      if (themenfeld !== null) this.#byThemenfeld.set(foldName(themenfeld), [])
    }
    for (const { ozgId, key } of bundles) {
      this.#byOzg.get(ozgId)?.push(key)
      this.#byThemenfeld.get(foldName(themenfeldOf.get(ozgId) ?? ''))?.push(key)
    }
  }

  hasOzg(id: string): boolean {
    return this.#byOzg.has(id)
  }

  hasThemenfeld(name: string): boolean {
    return this.#byThemenfeld.has(foldName(name))
  }

  /** Keys that any of the lists names; what the catalogue does not have names none. */
  keysOf({ leistungen, ozg, themenfelder }: ServiceSelection): ReadonlySet<LeikaKey> {
    return new Set([
      ...(leistungen as readonly LeikaKey[]),
      ...ozg.flatMap((id) => this.#byOzg.get(id) ?? []),
      ...themenfelder.flatMap((name) => this.#byThemenfeld.get(foldName(name)) ?? []),
    ])
  }

  /** What a rule shares. Its exceptions win over what it names. */
  servicesOf({ services, except }: SharingRule): ServiceSet {
    const excepted = this.keysOf(except)
    return services === 'all'
      ? { kind: 'all-but', keys: excepted }
      : { kind: 'only', keys: new Set([...this.keysOf(services)].filter((key) => !excepted.has(key))) }
  }
}

export const ALL_SERVICES: ServiceSet = { kind: 'all-but', keys: new Set() }

export const includesService = ({ kind, keys }: ServiceSet, key: LeikaKey): boolean =>
  keys.has(key) === (kind === 'only')

/** Whether nothing is in it. "All" is never empty: catalogues grow. */
export const isEmptySet = ({ kind, keys }: ServiceSet): boolean => kind === 'only' && keys.size === 0

/** What is in both. */
export function intersection(a: ServiceSet, b: ServiceSet): ServiceSet {
  if (a.kind === 'all-but' && b.kind === 'all-but')
    return { kind: 'all-but', keys: new Set([...a.keys, ...b.keys]) }
  const [only, other] = a.kind === 'only' ? [a, b] : [b, a]
  return { kind: 'only', keys: new Set([...only.keys].filter((key) => includesService(other, key))) }
}

/** Whether all of `inner` is in `outer`. */
export function isWithin(inner: ServiceSet, outer: ServiceSet): boolean {
  if (inner.kind === 'only') return [...inner.keys].every((key) => includesService(outer, key))
  // A finite list never holds "all".
  return outer.kind === 'all-but' && [...outer.keys].every((key) => inner.keys.has(key))
}

/** `Familie & Kind` is also meant by `familie und kind`. */
const foldName = (name: string): string => foldText(name).replaceAll(' und ', ' ')
