import type { XmlElement, XmlHandlers } from '../../input/xml.ts'
import { isXzufi } from '../../input/xzufi.ts'
import { XzufiDraft } from './xzufi-draft.ts'
import type { XzufiRecords } from './xzufi-records.ts'

// Small numbers and no paths: a transfer has millions of elements, and all but a few are passed over.
const NOTHING = 0
const ID = 1
const KEY = 2
const TYP = 3
const SDG = 4
const SDG_GROUP = 5
const MODUL = 6
const MODUL_CODE = 7
const MODUL_TEXT = 8
const BEGRIFFE = 9
const BEGRIFF = 10

/** Children of `leistung` that are read. */
const SECTIONS: ReadonlyMap<string, number> = new Map([
  ['id', ID],
  ['referenzLeiKa', KEY],
  ['referenzLeistungsschluessel', KEY],
  ['typisierung', TYP],
  ['informationsbereichSDG', SDG],
  ['informationsbereicheSDG', SDG_GROUP],
  ['modulText', MODUL],
  ['modulBegriffImKontext', BEGRIFFE],
])

/**
 * Handlers that read the elements `leistung` and `loesche` of one XZuFi document into `records`; everything else,
 * other namespaces included, is passed over. Children of a code (`code`, `name`) stand in no namespace.
 * XZuFi 2.1 to 2.3.
 */
export class XzufiHandlers implements XmlHandlers {
  readonly #file: string
  readonly #records: XzufiRecords
  readonly #onLeistung: () => void
  #found = false
  /** The open `leistung`; a `loesche` is read by the same means. */
  #draft: XzufiDraft | undefined
  #isLoesche = false
  /** Depth below the open `leistung` or `loesche`. */
  #depth = 0
  #section = NOTHING
  /** Whether the child of the section that is open holds what is wanted. */
  #inChild = false
  #target = NOTHING
  #targetDepth = 0
  #text = ''
  #knownUri = ''
  #known = false

  /** @param onLeistung is called for each `leistung` */
  constructor(file: string, records: XzufiRecords, onLeistung: () => void) {
    this.#file = file
    this.#records = records
    this.#onLeistung = onLeistung
  }

  /** Whether the document held any element of XZuFi. */
  get found(): boolean {
    return this.#found
  }

  get wantsText(): boolean {
    return this.#target !== NOTHING
  }

  open(element: XmlElement, line: number): void {
    if (this.#draft === undefined) {
      this.#openOutside(element, line)
      return
    }
    this.#depth++
    if (this.#target !== NOTHING) {
      // Markup inside a wanted text, where others write it in CDATA: `plainText` will take it out again.
      this.#text += `<${element.local}>`
    } else if (this.#depth === 1) {
      this.#openSection(element, this.#draft)
    } else if (this.#section !== NOTHING) {
      this.#openInSection(element, this.#draft)
    }
  }

  text(part: string): void {
    if (this.#target !== NOTHING) this.#text += part
  }

  close(local: string): void {
    const draft = this.#draft
    if (draft === undefined) return
    if (this.#target !== NOTHING) {
      if (this.#depth === this.#targetDepth) this.#take(draft)
      else this.#text += `</${local}>`
    }
    if (this.#depth === 1) {
      if (this.#section === MODUL) draft.closeModul()
      this.#section = NOTHING
    } else if (this.#depth === 0) {
      this.#finish(draft)
    }
    this.#depth--
  }

  #openOutside(element: XmlElement, line: number): void {
    if (!this.#isXzufi(element.uri)) return
    this.#found = true
    const isLoesche = element.local === 'loesche' && element.attribute('klasse') === 'Leistung'
    if (!isLoesche && element.local !== 'leistung') return
    this.#draft = new XzufiDraft(line)
    this.#isLoesche = isLoesche
    this.#depth = 0
  }

  #openSection(element: XmlElement, draft: XzufiDraft): void {
    this.#section = this.#isXzufi(element.uri) ? (SECTIONS.get(element.local) ?? NOTHING) : NOTHING
    this.#inChild = false
    if (this.#section === ID) {
      draft.agency = element.attribute('schemeAgencyID') ?? ''
      this.#collect(ID)
    } else if (this.#section === MODUL) {
      draft.openModul()
    } else if (element.local === 'referenzLeistungsschluessel') {
      // An Identifikator: the key is its text, where 2.2 has a code.
      this.#collect(KEY)
    }
  }

  #openInSection(element: XmlElement, draft: XzufiDraft): void {
    const { local, uri } = element
    if (uri !== '' && !this.#isXzufi(uri)) return
    switch (this.#section) {
      case KEY:
      case TYP:
      case SDG:
        if (this.#depth === 2 && local === 'code') this.#collect(this.#section)
        break
      case SDG_GROUP:
        if (this.#depth === 2) this.#inChild = local === 'informationsbereichSDG1'
        else if (this.#isCodeOfChild(local)) this.#collect(SDG)
        break
      case MODUL:
        if (this.#isCodeOfChild(local)) this.#collect(MODUL_CODE)
        else if (this.#depth === 2) {
          this.#inChild = local === 'leikaTextmodul'
          if (local === 'inhalt' && draft.wantsText() && isGerman(element)) this.#collect(MODUL_TEXT)
        }
        break
      case BEGRIFFE:
        if (this.#depth === 3 && local === 'begriff' && isGerman(element)) this.#collect(BEGRIFF)
        break
      default:
    }
  }

  #isCodeOfChild(local: string): boolean {
    return this.#depth === 3 && this.#inChild && local === 'code'
  }

  #collect(target: number): void {
    this.#target = target
    this.#targetDepth = this.#depth
    this.#text = ''
  }

  #take(draft: XzufiDraft): void {
    const text = this.#text
    switch (this.#target) {
      case ID:
        draft.id = text.trim()
        break
      case KEY:
        draft.addKey(text)
        break
      case TYP:
        draft.addTyp(text)
        break
      case SDG:
        draft.addSdg(text)
        break
      case MODUL_CODE:
        draft.modulCode = text.trim()
        break
      case MODUL_TEXT:
        draft.modulText = text
        break
      case BEGRIFF:
        draft.addSynonym(text)
        break
      default:
    }
    this.#target = NOTHING
    this.#text = ''
  }

  #finish(draft: XzufiDraft): void {
    if (this.#isLoesche) {
      this.#records.remove(draft.agency, draft.id)
    } else {
      this.#records.write(draft.agency, draft.id, draft.toLeistung(this.#file))
      this.#onLeistung()
    }
    this.#draft = undefined
  }

  #isXzufi(uri: string): boolean {
    if (uri !== this.#knownUri) {
      this.#knownUri = uri
      this.#known = isXzufi(uri)
    }
    return this.#known
  }
}

/** Texts without a language are German as well. */
function isGerman(element: XmlElement): boolean {
  const language = element.attribute('languageCode')
  return language === undefined || /^de\b/i.test(language)
}
