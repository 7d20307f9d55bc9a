import type { Ags, RegionKey } from '../../region/key.ts'
import { type ReaderOptions, takeOffer } from './fields.ts'

/** Objects of a transfer that an offer is made of; each knows where it stands. */
export type XzufiObject =
  | { readonly kind: 'leistung'; readonly keys: readonly string[] }
  | { readonly kind: 'onlinedienst'; readonly url: string; readonly agency: string }
  | { readonly kind: 'organisationseinheit' }
  | {
      readonly kind: 'zustaendigkeit'
      readonly file: string
      readonly line: number
      /** Id of the Onlinedienst or Organisationseinheit that is responsible. */
      readonly of: string
      readonly leistung: string
      readonly gebiete: readonly { readonly id: string; readonly scheme: string }[]
    }

type Kind = XzufiObject['kind']

/** `loesche/@klasse` of what is read here. */
export const KLASSEN: Readonly<Record<string, Kind>> = {
  Leistung: 'leistung',
  Onlinedienst: 'onlinedienst',
  Organisationseinheit: 'organisationseinheit',
  Zustaendigkeit: 'zustaendigkeit',
}

export interface XzufiOptions extends ReaderOptions {
  /** Finds the ARS of an AGS in the register. */
  readonly arsOf: (ags: Ags) => string | undefined
  readonly onIgnored: (reason: 'zustaendigkeit-organisationseinheit' | 'zustaendigkeit-geloescht') => void
}

/**
 * The objects of one transfer over all its files. The later `schreibe` of an id counts, `loesche` takes it out; so
 * offers are known only at the end.
 */
export class XzufiOfferRecords {
  readonly #objects: { readonly [K in Kind]: Map<string, Extract<XzufiObject, { kind: K }>> } = {
    leistung: new Map(),
    onlinedienst: new Map(),
    organisationseinheit: new Map(),
    zustaendigkeit: new Map(),
  }
  /** Of what was deleted; Zuständigkeiten may still point to it. */
  readonly #removed = new Set<string>()

  write(id: string, object: XzufiObject): void {
    const objects: Map<string, XzufiObject> = this.#objects[object.kind]
    objects.set(id, object)
    this.#removed.delete(`${object.kind} ${id}`)
  }

  remove(kind: Kind, id: string): void {
    // Transfers hold millions of deletions of Zuständigkeiten, and nothing points to those.
    if (this.#objects[kind].delete(id) && kind !== 'zustaendigkeit') this.#removed.add(`${kind} ${id}`)
  }

  /**
   * Makes the offers: Onlinedienst × keys of the Leistung × Gebiete of each Zuständigkeit. A Zuständigkeit of an
   * Organisationseinheit says who is responsible, not that anything is online, and is counted as ignored.
   */
  emit(options: XzufiOptions): void {
    for (const zustaendigkeit of this.#objects.zustaendigkeit.values()) {
      const place = { file: zustaendigkeit.file, line: zustaendigkeit.line }
      const reject = (reason: string, field: string, value: string): void =>
        options.defects.add({ action: 'rejected', reason, place, field, value })
      const dienst = this.#objects.onlinedienst.get(zustaendigkeit.of)
      const leistung = this.#objects.leistung.get(zustaendigkeit.leistung)
      if (this.#objects.organisationseinheit.has(zustaendigkeit.of)) {
        options.onIgnored('zustaendigkeit-organisationseinheit')
      } else if (
        this.#removed.has(`onlinedienst ${zustaendigkeit.of}`) ||
        this.#removed.has(`leistung ${zustaendigkeit.leistung}`)
      ) {
        options.onIgnored('zustaendigkeit-geloescht')
      } else if (dienst === undefined) {
        reject('onlinedienst-unknown', 'uebergeordnetesObjektID', printId(zustaendigkeit.of))
      } else if (leistung === undefined) {
        reject('leistung-unknown', 'leistungID', printId(zustaendigkeit.leistung))
      } else if (zustaendigkeit.gebiete.length === 0) {
        reject('region-missing', 'gebietID', '')
      } else {
        for (const gebiet of zustaendigkeit.gebiete)
          for (const key of leistung.keys.length > 0 ? leistung.keys : [''])
            takeOffer(
              {
                region: regionOf(gebiet, options),
                key,
                reifegrad: undefined,
                url: dienst.url,
                authority: dienst.agency,
                validFrom: '',
                validTo: '',
              },
              () => place,
              options,
            )
      }
    }
  }
}

/** Ids are unique only with their Redaktion; a line end separates what an id cannot hold. */
export const recordId = (agency: string, id: string): string => `${agency}\n${id}`
const printId = (id: string): string => id.replace('\n', ' ').trim()

/** A Gebiet is named by ARS or its prefix, and by AGS where its scheme says so. */
function regionOf(
  { id, scheme }: { readonly id: string; readonly scheme: string },
  { arsOf }: XzufiOptions,
): string {
  if (!scheme.endsWith(':ags') || !/^\d{8}$/.test(id)) return id
  return arsOf(id as Ags) ?? (id.endsWith('000') ? (id.slice(0, 5) as RegionKey) : id)
}
