import type { XmlElement, XmlHandlers } from '../../input/xml.ts'
import { isXzufi } from '../../input/xzufi.ts'
import { KLASSEN, recordId, type XzufiObject, type XzufiOfferRecords } from './xzufi-records.ts'

type ObjectName = keyof typeof OBJECTS
type Field = 'id' | 'key' | 'url' | 'of' | 'zustaendigkeit' | 'leistung' | 'gebiet'

/**
 * What is read of each object: path below it to the field whose text is wanted. A code stands in no namespace;
 * XZuFi 2.3 writes the key of a Leistung as text of an Identifikator.
 */
const OBJECTS = {
  leistung: { id: 'id', 'referenzLeiKa/code': 'key', referenzLeistungsschluessel: 'key' },
  onlinedienst: { id: 'id', 'link/link': 'url' },
  organisationseinheit: { id: 'id' },
  zustaendigkeitTransferObjekt: {
    uebergeordnetesObjektID: 'of',
    'zustaendigkeit/id': 'zustaendigkeit',
    'zustaendigkeit/leistungID': 'leistung',
    'zustaendigkeit/gebietID': 'gebiet',
  },
  loesche: { id: 'id' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Field>>>>

const MAX_PATH = 2

/** An object while its elements are read. */
class Draft {
  readonly line: number
  readonly klasse: string
  id = ''
  of = ''
  zustaendigkeit = ''
  leistung = ''
  url = ''
  agency = ''
  readonly keys: string[] = []
  readonly gebiete: { readonly id: string; readonly scheme: string }[] = []

  constructor(line: number, klasse: string) {
    this.line = line
    this.klasse = klasse
  }
}

/**
 * Handlers that read Leistungen, Onlinedienste, Organisationseinheiten, Zuständigkeiten and `loesche` of one XZuFi
 * document into `records`; everything else is passed over. XZuFi 2.2 and 2.3.
 */
export class XzufiOfferHandlers implements XmlHandlers {
  readonly #file: string
  readonly #records: XzufiOfferRecords
  readonly #onObject: () => void
  #found = false
  #object: ObjectName | undefined
  #draft = new Draft(0, '')
  #depth = 0
  readonly #path: string[] = []
  #field: Field | undefined
  #fieldDepth = 0
  #agency = ''
  #scheme = ''
  #text = ''

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
    if (this.#field !== undefined || this.#depth > MAX_PATH) return
    this.#path[this.#depth - 1] = element.local
    const path = this.#depth === 1 ? element.local : `${this.#path[0]}/${element.local}`
    const fields: Readonly<Record<string, Field>> = OBJECTS[this.#object]
    if (!Object.hasOwn(fields, path)) return
    this.#field = fields[path]
    this.#fieldDepth = this.#depth
    this.#agency = element.attribute('schemeAgencyID') ?? ''
    this.#scheme = element.attribute('schemeID') ?? ''
    this.#text = ''
  }

  text(part: string): void {
    if (this.#field !== undefined) this.#text += part
  }

  close(): void {
    if (this.#object === undefined) return
    if (this.#field !== undefined && this.#depth === this.#fieldDepth) this.#take(this.#field)
    if (this.#depth === 0) this.#finish(this.#object)
    else this.#depth--
  }

  #openOutside(element: XmlElement, line: number): void {
    if (!isXzufi(element.uri)) return
    this.#found = true
    if (!isObject(element.local)) return
    this.#object = element.local
    this.#draft = new Draft(line, element.attribute('klasse') ?? '')
    this.#depth = 0
  }

  #take(field: Field): void {
    const text = this.#text.trim()
    const draft = this.#draft
    this.#field = undefined
    switch (field) {
      case 'id':
        draft.id = recordId(this.#agency, text)
        draft.agency = this.#agency
        break
      case 'key':
        if (text !== '' && !draft.keys.includes(text)) draft.keys.push(text)
        break
      case 'url':
        // Several languages or link types: the first is the service itself.
        draft.url ||= text
        break
      case 'of':
        draft.of = recordId(this.#agency, text)
        break
      case 'zustaendigkeit':
        draft.zustaendigkeit = recordId(this.#agency, text)
        break
      case 'leistung':
        draft.leistung = recordId(this.#agency, text)
        break
      case 'gebiet':
        draft.gebiete.push({ id: text, scheme: this.#scheme })
        break
    }
  }

  #finish(name: ObjectName): void {
    const draft = this.#draft
    this.#object = undefined
    if (name === 'loesche') {
      const kind = KLASSEN[draft.klasse]
      if (kind !== undefined) this.#records.remove(kind, draft.id)
      return
    }
    this.#onObject()
    const id =
      name === 'zustaendigkeitTransferObjekt'
        ? draft.zustaendigkeit || `${draft.of}\n${draft.leistung}`
        : draft.id
    this.#records.write(id, this.#toObject(name, draft))
  }

  #toObject(name: Exclude<ObjectName, 'loesche'>, draft: Draft): XzufiObject {
    switch (name) {
      case 'leistung':
        return { kind: 'leistung', keys: draft.keys }
      case 'onlinedienst':
        return { kind: 'onlinedienst', url: draft.url, agency: draft.agency }
      case 'organisationseinheit':
        return { kind: 'organisationseinheit' }
      case 'zustaendigkeitTransferObjekt':
        return {
          kind: 'zustaendigkeit',
          file: this.#file,
          line: draft.line,
          of: draft.of,
          leistung: draft.leistung,
          gebiete: draft.gebiete,
        }
    }
  }
}

function isObject(local: string): local is ObjectName {
  return Object.hasOwn(OBJECTS, local)
}
