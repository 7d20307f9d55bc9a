import type { Defect } from '../../src/lib/input/defects.ts'
import { DefectLog } from '../../src/lib/input/defects.ts'
import { readXml } from '../../src/lib/input/xml.ts'
import type { LeikaKey } from '../../src/lib/leika/key.ts'
import { importOffers, type OfferImportOptions } from '../../src/lib/offer/import.ts'
import type { Offer } from '../../src/lib/offer/model.ts'
import type { DashboardPage } from '../../src/lib/offer/readers/dashboard.ts'
import { XzufiOfferHandlers } from '../../src/lib/offer/readers/xzufi.ts'
import { XzufiOfferRecords } from '../../src/lib/offer/readers/xzufi-records.ts'
import { readOffers } from '../../src/lib/offer/store.ts'
import type { RegionKey } from '../../src/lib/region/key.ts'
import type { Snapshot } from '../../src/lib/snapshot/snapshots.ts'
import type { Store } from '../../src/lib/store/sqlite.ts'
import { temporaryFile } from './folder.ts'
import { inPieces, sourceOf } from './source.ts'
import { testContext } from './store.ts'

/** An offer of Melle with everything open. */
export function offer(more: Partial<Record<keyof Offer, unknown>> = {}): Offer {
  return {
    region: '034590024024' as RegionKey,
    key: '99110009104000' as LeikaKey,
    reifegrad: 2,
    assumed: false,
    url: 'https://a.example/',
    authority: 'Melle',
    validFrom: null,
    validTo: null,
    ...more,
  } as Offer
}

/** What a reader hands on, and the options that collect it. */
export function reading(assumedReifegrad?: number) {
  const offers: Offer[] = []
  const lines: (number | undefined)[] = []
  const defects: Defect[] = []
  const ignored: string[] = []
  const pages: DashboardPage[] = []
  return {
    offers,
    lines,
    defects,
    ignored,
    pages,
    options: {
      assumedReifegrad,
      defects: new DefectLog((defect) => defects.push(defect)),
      sink: (found: Offer, { line }: { readonly line?: number | undefined }) => {
        offers.push(found)
        lines.push(line)
      },
      onIgnored: (reason: string) => {
        ignored.push(reason)
      },
      onPage: (page: DashboardPage) => {
        pages.push(page)
      },
      arsOf: (): string | undefined => undefined,
    },
  }
}

/** `line:column reason field=value` of each defect. */
export const brief = (defects: readonly Defect[]): readonly string[] =>
  defects.map(
    ({ place, reason, field, value }) =>
      `${place.line ?? '?'}:${place.column ?? '?'} ${reason} ${field}=${value}`,
  )

/** The offers of XZuFi documents that make one transfer. */
export async function readTransfer(
  documents: readonly string[],
  more: { readonly arsOf?: (ags: string) => string | undefined } = {},
) {
  const found = reading(2)
  const records = new XzufiOfferRecords()
  let objects = 0
  for (const [at, document] of documents.entries()) {
    const handlers = new XzufiOfferHandlers(`${at + 1}.xml`, records, () => objects++)
    await readXml(sourceOf('', { name: `${at + 1}.xml` }), inPieces(document, 50), () => handlers)
  }
  records.emit({ ...found.options, ...more })
  return { ...found, objects }
}

/** Imports texts as files of one call. */
export async function importTexts(
  store: Store,
  texts: Readonly<Record<string, string | Uint8Array>>,
  options: Partial<OfferImportOptions> = {},
) {
  const context = testContext()
  const defects: Defect[] = []
  const files = Object.entries(texts).map(([name, text]) => temporaryFile(name, text))
  const onDefect = (defect: Defect): void => {
    defects.push(defect)
  }
  // How much may be wrong or go is not what readers are tested for.
  const lenient = { maxRejects: { percent: 100 }, replace: true }
  const result = await importOffers(context, store, { onDefect, ...lenient, ...options, files })
  return { ...result, defects, warnings: context.warnings }
}

export const offersOf = (store: Store, { rowId }: Snapshot): readonly Offer[] => [...readOffers(store, rowId)]
