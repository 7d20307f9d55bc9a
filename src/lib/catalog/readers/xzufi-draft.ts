import { detached } from '../../text.ts'
import { capped, plainText, splitList } from './fields.ts'
import type { XzufiLeistung } from './xzufi-records.ts'

/** Modules of code list urn:de:xzufi:codeliste:leistungstextmodulleika that the catalogue keeps. */
const FIELDS = { '02': 'name', '03': 'name2', '05': 'kurztext', '07': 'rechtsgrundlage' } as const
type ModulCode = keyof typeof FIELDS

/** A Leistung while its elements are read. */
export class XzufiDraft {
  readonly line: number
  agency = ''
  id = ''
  modulCode = ''
  modulText = ''
  readonly #texts: Record<(typeof FIELDS)[ModulCode], string> = {
    name: '',
    name2: '',
    kurztext: '',
    rechtsgrundlage: '',
  }
  readonly #keys: string[] = []
  readonly #typen: string[] = []
  readonly #sdg: string[] = []
  readonly #synonyms = new Set<string>()

  constructor(line: number) {
    this.line = line
  }

  openModul(): void {
    this.modulCode = ''
    this.modulText = ''
  }

  /** Whether an `inhalt` of the open module may be needed; most of a transfer are long texts that are not. */
  wantsText(): boolean {
    return this.modulText === '' && (this.modulCode === '' || this.modulCode in FIELDS)
  }

  /** XZuFi 2.3 repeats a module for each Zugangskanal: the first with a text counts. */
  closeModul(): void {
    if (!isModulCode(this.modulCode)) return
    const field = FIELDS[this.modulCode]
    if (this.#texts[field] === '') this.#texts[field] = detached(capped(plainText(this.modulText)))
  }

  addKey(text: string): void {
    this.#keys.push(detached(text.trim()))
  }

  addTyp(text: string): void {
    this.#typen.push(text.trim())
  }

  addSdg(text: string): void {
    this.#sdg.push(text.trim())
  }

  addSynonym(text: string): void {
    for (const synonym of splitList(plainText(text))) this.#synonyms.add(detached(synonym))
  }

  toLeistung(file: string): XzufiLeistung {
    return {
      file,
      line: this.line,
      ...this.#texts,
      keys: this.#keys,
      typen: this.#typen,
      sdg: this.#sdg,
      synonyms: [...this.#synonyms],
    }
  }
}

const isModulCode = (code: string): code is ModulCode => code in FIELDS
