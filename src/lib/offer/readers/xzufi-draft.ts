import { detached } from '../../text.ts'
import { type Period, recordId, type Zustaendigkeit } from './xzufi-records.ts'

/** What the text of an element is. */
export type Field = 'id' | 'key' | 'url' | 'from' | 'to' | 'owner' | 'zustaendigkeit' | 'leistung' | 'gebiet'

/** Code lists of Destatis that hold prefixes of an ARS, or AGS. */
const REGION_SCHEME = /:(rs|ags|kreis|bezirk|bundesland)$/

/** An object while its elements are read; one class for all of them, for none has many fields. */
export class XzufiOfferDraft {
  readonly line: number
  /** `loesche/@klasse`. */
  readonly klasse: string
  id = ''
  agency = ''
  url = ''
  owner = ''
  zustaendigkeit = ''
  readonly keys: string[] = []
  readonly periods: Writable<Period>[] = []
  readonly zustaendigkeiten: (Writable<Zustaendigkeit> & { readonly gebiete: string[] })[] = []

  constructor(line: number, klasse: string) {
    this.line = line
    this.klasse = klasse
  }

  /** Begins a child that there may be several of. */
  open(local: string, file: string, line: number): void {
    if (local === 'gueltigkeit') this.periods.push({ from: '', to: '' })
    if (local === 'zustaendigkeit') this.zustaendigkeiten.push({ file, line, leistung: '', gebiete: [] })
  }

  /** @param agency, scheme schemeAgencyID and schemeID of the element, empty where it has none */
  take(field: Field, text: string, agency: string, scheme: string): void {
    const period = this.periods.at(-1)
    const zustaendigkeit = this.zustaendigkeiten.at(-1)
    switch (field) {
      case 'id':
        this.id = recordId(agency, text)
        this.agency = detached(agency)
        break
      case 'key':
        if (!this.keys.includes(text)) this.keys.push(detached(text))
        break
      case 'url':
        // Several languages or kinds of link: the first is the service itself.
        this.url ||= detached(text)
        break
      case 'from':
        if (period !== undefined) period.from = dayOf(text)
        break
      case 'to':
        if (period !== undefined) period.to = dayOf(text)
        break
      case 'owner':
        this.owner = recordId(agency, text)
        break
      case 'zustaendigkeit':
        this.zustaendigkeit = recordId(agency, text)
        break
      case 'leistung':
        if (zustaendigkeit !== undefined) zustaendigkeit.leistung = recordId(agency, text)
        break
      case 'gebiet':
        zustaendigkeit?.gebiete.push(gebietOf(text, scheme))
        break
    }
  }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** The day of a time such as `2026-01-01T00:00:00+01:00`, as the Redaktion wrote it. */
const dayOf = (time: string): string => detached(time.replace(/T.*/s, ''))

/** A number of another scheme could look like a region; with its scheme beside it nobody takes it for one. */
function gebietOf(text: string, scheme: string): string {
  const isRegion = scheme === '' || REGION_SCHEME.test(scheme) || /^\d{12}$/.test(text)
  return isRegion ? detached(text) : `${text} (${scheme})`
}
