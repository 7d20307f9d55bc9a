import type { XmlElement, XmlHandlers } from '../../input/xml.ts'
import { isXzufi } from '../../input/xzufi.ts'
import { type Field, XzufiOfferDraft } from './xzufi-draft.ts'
import type { XzufiOfferRecords } from './xzufi-records.ts'

/** A wanted child, or its wanted children. */
type Child = Field | ReadonlyMap<string, Field>
type Children = ReadonlyMap<string, Child>

const ZUSTAENDIGKEIT: Child = new Map([
  ['id', 'zustaendigkeit'],
  ['leistungID', 'leistung'],
  ['gebietID', 'gebiet'],
] as const)
/** An Organisationseinheit or a Formular: that it is responsible, not for what. */
const RESPONSIBLE: Children = new Map<string, Child>([
  ['id', 'id'],
  ['zustaendigkeit', new Map()],
])

/**
 * What is read of each object. A code stands in no namespace, and XZuFi 2.3 writes the key of a Leistung as text of an
 * Identifikator. Zuständigkeiten come as objects of their own or inside the one that is responsible.
 */
const OBJECTS = {
  leistung: new Map<string, Child>([
    ['id', 'id'],
    ['referenzLeiKa', new Map([['code', 'key']])],
    ['referenzLeistungsschluessel', 'key'],
  ]),
  onlinedienst: new Map<string, Child>([
    ['id', 'id'],
    ['link', new Map([['link', 'url'] as const, ['uri', 'url'] as const])],
    ['gueltigkeit', new Map([['beginn', 'from'] as const, ['ende', 'to'] as const])],
    ['zustaendigkeit', ZUSTAENDIGKEIT],
  ]),
  organisationseinheit: RESPONSIBLE,
  formular: RESPONSIBLE,
  zustaendigkeitTransferObjekt: new Map<string, Child>([
    ['uebergeordnetesObjektID', 'owner'],
    ['zustaendigkeit', ZUSTAENDIGKEIT],
  ]),
  loesche: new Map<string, Child>([['id', 'id']]),
} as const satisfies Readonly<Record<string, Children>>
type ObjectName = keyof typeof OBJECTS

const NO_CHILDREN: Children = new Map()

/**
 * Handlers that read Leistungen, Onlinedienste, Zuständigkeiten with what is responsible for them, and `loesche` of one
 * XZuFi document into `records`; everything else, other namespaces included, is passed over. XZuFi 2.1 to 2.3.
 */
export class XzufiOfferHandlers implements XmlHandlers {
  readonly #file: string
  readonly #records: XzufiOfferRecords
  readonly #onObject: () => void
  #found = false
  #object: ObjectName | undefined
  #draft = new XzufiOfferDraft(0, '')
  /** Depth below the open object. */
  #depth = 0
  /** What is wanted inside the open child of the object. */
  #children = NO_CHILDREN
  #field: Field | undefined
  #fieldDepth = 0
  #agency = ''
  #scheme = ''
  #text = ''

  /** @param onObject is called for each object that is read */
  constructor(file: string, records: XzufiOfferRecords, onObject: () => void) {
    this.#file = file
    this.#records = records
    this.#onObject = onObject
  }

  /** Whether the document held any element of XZuFi. */
  get found(): boolean {
    return this.#found
  }

  get wantsText(): boolean {
    return this.#field !== undefined
  }

  open(element: XmlElement, line: number): void {
    if (this.#object === undefined) {
      this.#openOutside(element, line)
      return
    }
    this.#depth++
    if (this.#depth === 1) {
      const child = isXzufi(element.uri) ? OBJECTS[this.#object].get(element.local) : undefined
      this.#children = NO_CHILDREN
      if (typeof child === 'string') this.#collect(child, element)
      else if (child !== undefined) {
        this.#children = child
        this.#draft.open(element.local, this.#file, line)
      }
    } else if (this.#depth === 2) {
      const child = this.#children.get(element.local)
      if (typeof child === 'string' && (element.uri === '' || isXzufi(element.uri)))
        this.#collect(child, element)
    }
  }

  text(part: string): void {
    if (this.#field !== undefined) this.#text += part
  }

  close(): void {
    if (this.#object === undefined) return
    if (this.#field !== undefined && this.#depth === this.#fieldDepth) {
      this.#draft.take(this.#field, this.#text.trim(), this.#agency, this.#scheme)
      this.#field = undefined
    }
    if (this.#depth === 0) this.#finish(this.#object)
    else this.#depth--
  }

  #openOutside(element: XmlElement, line: number): void {
    if (!isXzufi(element.uri)) return
    this.#found = true
    if (!isObject(element.local)) return
    this.#object = element.local
    this.#draft = new XzufiOfferDraft(line, element.attribute('klasse') ?? '')
    this.#depth = 0
  }

  #collect(field: Field, element: XmlElement): void {
    this.#field = field
    this.#fieldDepth = this.#depth
    this.#agency = element.attribute('schemeAgencyID') ?? ''
    this.#scheme = element.attribute('schemeID') ?? ''
    this.#text = ''
  }

  #finish(name: ObjectName): void {
    this.#object = undefined
    if (name !== 'loesche') this.#onObject()
    const { id, klasse, keys, url, agency, periods, owner, zustaendigkeit, zustaendigkeiten } = this.#draft
    switch (name) {
      case 'loesche':
        this.#records.remove(klasse, id)
        break
      case 'leistung':
        this.#records.write('Leistung', id, { keys })
        break
      case 'onlinedienst':
        this.#records.write('Onlinedienst', id, { url, agency, periods, zustaendigkeiten })
        break
      case 'organisationseinheit':
        this.#records.write('Organisationseinheit', id, { zustaendigkeiten })
        break
      case 'formular':
        this.#records.write('Formular', id, { zustaendigkeiten })
        break
      case 'zustaendigkeitTransferObjekt':
        for (const one of zustaendigkeiten)
          this.#records.writeZustaendigkeit(zustaendigkeit || `${owner}\n${one.leistung}`, owner, one)
        break
    }
  }
}

function isObject(local: string): local is ObjectName {
  return Object.hasOwn(OBJECTS, local)
}
