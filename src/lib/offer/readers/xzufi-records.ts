import type { Ags } from '../../region/key.ts'
import { detached } from '../../text.ts'
import { type FieldNames, type ReaderOptions, takeOffer } from './fields.ts'

/** Who is responsible for a Leistung where. */
export interface Zustaendigkeit {
  readonly file: string
  readonly line: number
  readonly leistung: string
  /** Keys of regions as they are written. */
  readonly gebiete: readonly string[]
}

/** First and last day, empty where they are open. */
export interface Period {
  readonly from: string
  readonly to: string
}

/** Objects of a transfer by `loesche/@klasse`. Ids are unique only within one class and Redaktion. */
export interface XzufiObjects {
  readonly Leistung: { readonly keys: readonly string[] }
  readonly Onlinedienst: {
    readonly url: string
    readonly agency: string
    readonly periods: readonly Period[]
    readonly zustaendigkeiten: readonly Zustaendigkeit[]
  }
  readonly Organisationseinheit: { readonly zustaendigkeiten: readonly Zustaendigkeit[] }
  readonly Formular: { readonly zustaendigkeiten: readonly Zustaendigkeit[] }
  /** A Zuständigkeit that is sent by itself, with the id of the object that is responsible. */
  readonly Zustaendigkeit: Zustaendigkeit & { readonly owner: string }
}
export type Klasse = keyof XzufiObjects

/** Why a Zuständigkeit makes no offer, although nothing is wrong with it. */
type NoOffer = 'zustaendigkeit-organisationseinheit' | 'zustaendigkeit-formular' | 'zustaendigkeit-geloescht'

export interface XzufiOptions extends ReaderOptions {
  /** Finds the ARS of an AGS in the register. */
  readonly arsOf: (ags: Ags) => string | undefined
  readonly onIgnored: (reason: NoOffer) => void
}

const NAMES: FieldNames = {
  region: 'gebietID',
  key: 'referenzLeiKa',
  reifegrad: '',
  url: 'link',
  authority: 'schemeAgencyID',
  validFrom: 'gueltigkeit/beginn',
  validTo: 'gueltigkeit/ende',
}
const ALWAYS: readonly Period[] = [{ from: '', to: '' }]

/**
 * The objects of one transfer over all its files. The later `schreibe` of an id counts, `loesche` takes it out; so
 * offers are known only at the end.
 */
export class XzufiOfferRecords {
  readonly #objects: { readonly [K in Klasse]: Map<string, XzufiObjects[K]> } = {
    Leistung: new Map(),
    Onlinedienst: new Map(),
    Organisationseinheit: new Map(),
    Formular: new Map(),
    Zustaendigkeit: new Map(),
  }
  /** One copy of each text: Zuständigkeiten repeat the same ids and regions by the hundred thousand. */
  readonly #texts = new Map<string, string>()
  /** Of what was deleted; Zuständigkeiten may still point to it. */
  readonly #removed = new Set<string>()

  write<K extends Exclude<Klasse, 'Zustaendigkeit'>>(klasse: K, id: string, object: XzufiObjects[K]): void {
    this.#objects[klasse].set(detached(id), object)
  }

  /** @param id of the Zuständigkeit itself @param owner id of the object that is responsible */
  writeZustaendigkeit(id: string, owner: string, { file, line, leistung, gebiete }: Zustaendigkeit): void {
    this.#objects.Zustaendigkeit.set(detached(id), {
      file,
      line,
      leistung: this.#one(leistung),
      gebiete: gebiete.map((gebiet) => this.#one(gebiet)),
      owner: this.#one(owner),
    })
  }

  /** @param klasse of any kind; what is not read here is passed over */
  remove(klasse: string, id: string): void {
    if (!isKlasse(klasse)) return
    // Transfers hold millions of deletions of Zuständigkeiten, and nothing points to those.
    if (this.#objects[klasse].delete(id) && klasse !== 'Zustaendigkeit') this.#removed.add(`${klasse} ${id}`)
  }

  /**
   * Makes the offers: Onlinedienst × keys of the Leistung × Gebiete of each Zuständigkeit. A Zuständigkeit of an
   * Organisationseinheit says who is responsible, not that anything is online, and is counted as ignored.
   */
  emit(options: XzufiOptions): void {
    const { Onlinedienst, Organisationseinheit, Formular, Zustaendigkeit } = this.#objects
    for (const dienst of Onlinedienst.values())
      for (const zustaendigkeit of dienst.zustaendigkeiten) this.#offer(dienst, zustaendigkeit, options)
    for (const { zustaendigkeiten } of Organisationseinheit.values())
      for (const _ of zustaendigkeiten) options.onIgnored('zustaendigkeit-organisationseinheit')
    for (const { zustaendigkeiten } of Formular.values())
      for (const _ of zustaendigkeiten) options.onIgnored('zustaendigkeit-formular')
    for (const zustaendigkeit of Zustaendigkeit.values()) {
      const { owner } = zustaendigkeit
      const dienst = Onlinedienst.get(owner)
      if (dienst !== undefined) this.#offer(dienst, zustaendigkeit, options)
      else if (Organisationseinheit.has(owner)) options.onIgnored('zustaendigkeit-organisationseinheit')
      else if (Formular.has(owner)) options.onIgnored('zustaendigkeit-formular')
      else if (this.#removed.has(`Onlinedienst ${owner}`)) options.onIgnored('zustaendigkeit-geloescht')
      else reject('onlinedienst-unknown', 'uebergeordnetesObjektID', printId(owner), zustaendigkeit, options)
    }
  }

  #one(text: string): string {
    const known = this.#texts.get(text)
    if (known !== undefined) return known
    const own = detached(text)
    this.#texts.set(own, own)
    return own
  }

  #offer(dienst: XzufiObjects['Onlinedienst'], zustaendigkeit: Zustaendigkeit, options: XzufiOptions): void {
    const leistung = this.#objects.Leistung.get(zustaendigkeit.leistung)
    if (leistung === undefined) {
      if (this.#removed.has(`Leistung ${zustaendigkeit.leistung}`))
        options.onIgnored('zustaendigkeit-geloescht')
      else reject('leistung-unknown', 'leistungID', printId(zustaendigkeit.leistung), zustaendigkeit, options)
      return
    }
    const origin = { place: placeOf(zustaendigkeit), names: NAMES }
    for (const gebiet of orMissing(zustaendigkeit.gebiete))
      for (const key of orMissing(leistung.keys))
        for (const period of dienst.periods.length > 0 ? dienst.periods : ALWAYS)
          takeOffer(
            {
              region: regionOf(gebiet, options),
              key,
              reifegrad: undefined,
              url: dienst.url,
              authority: dienst.agency,
              validFrom: period.from,
              validTo: period.to,
            },
            origin,
            options,
          )
  }
}

/** Ids are unique only with their Redaktion; a line end separates what an id cannot hold. */
export const recordId = (agency: string, id: string): string => `${agency}\n${id}`
const printId = (id: string): string => id.replace('\n', ' ').trim()

/** Nothing at all is one thing that is missing, and reported as such. */
const orMissing = (list: readonly string[]): readonly string[] => (list.length > 0 ? list : [''])

const placeOf = ({ file, line }: Zustaendigkeit) => ({ file, line })

function reject(
  reason: string,
  field: string,
  value: string,
  zustaendigkeit: Zustaendigkeit,
  { defects }: XzufiOptions,
): void {
  defects.add({ action: 'rejected', reason, place: placeOf(zustaendigkeit), field, value })
}

function isKlasse(klasse: string): klasse is Klasse {
  return /^(Leistung|Onlinedienst|Organisationseinheit|Formular|Zustaendigkeit)$/.test(klasse)
}

/** Eight digits are an AGS: no prefix of an ARS has as many. `03404000` is a county by itself, with or without register. */
function regionOf(gebiet: string, { arsOf }: XzufiOptions): string {
  if (!/^\d{8}$/.test(gebiet)) return gebiet
  return arsOf(gebiet as Ags) ?? (gebiet.endsWith('000') ? gebiet.slice(0, 5) : gebiet)
}
