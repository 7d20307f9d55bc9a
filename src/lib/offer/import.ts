import { readTypen } from '../catalog/store.ts'
import type { Context } from '../context.ts'
import { badInput, unreachable } from '../errors.ts'
import { readCsv } from '../input/csv.ts'
import type { DefectLog } from '../input/defects.ts'
import { readJson } from '../input/json.ts'
import { readXml } from '../input/xml.ts'
import type { Ags } from '../region/key.ts'
import { readArsByAgs, readRegionKeys } from '../register/store.ts'
import { type ImportOptions, type ImportResult, type InputText, runImport } from '../snapshot/importing.ts'
import { activeSnapshot } from '../snapshot/snapshots.ts'
import type { Store } from '../store/sqlite.ts'
import { ONLINE } from './model.ts'
import {
  DASHBOARD_TABLE,
  DASHBOARD_TABLE_CAMEL,
  type DashboardOptions,
  type DashboardPage,
  readDashboardJson,
  readDashboardTable,
} from './readers/dashboard.ts'
import type { ReaderOptions } from './readers/fields.ts'
import { OFFER_TABLE, readOfferTable } from './readers/offer-table.ts'
import { XzufiOfferHandlers } from './readers/xzufi.ts'
import { XzufiOfferRecords, type XzufiOptions } from './readers/xzufi-records.ts'
import { OfferStage, type StagedOffers } from './stage.ts'
import { offersVanish } from './vanished.ts'

const TABLES = [OFFER_TABLE, DASHBOARD_TABLE, DASHBOARD_TABLE_CAMEL] as const

export interface OfferImportOptions extends ImportOptions {
  /** Reifegrad of offers whose source has none. */
  readonly reifegrad?: number | undefined
  /** These are all offers there are: regions that have none any more are no mistake. */
  readonly replace?: boolean
}

/** What the offers name and the store does not have; null where there is nothing to compare with yet. */
export interface UnknownOffered {
  readonly regions: readonly string[] | null
  readonly leistungen: readonly string[] | null
}

export interface OfferImportResult extends ImportResult {
  readonly unknown: UnknownOffered
}

/**
 * Imports offers: our own table, the federal dashboard's table or JSON, or XZuFi; recognised by content. Identical
 * offers count once. Offers for unknown regions or keys are kept and told.
 * @throws OzgctlError 65 when a file is none of these or cannot be read to its end, when regions that have offers would
 * have none any more, and for the reasons of `runImport`
 */
export async function importOffers(
  context: Context,
  store: Store,
  options: OfferImportOptions,
): Promise<OfferImportResult> {
  const arsOf = await arsLookup(store)
  const stage = new OfferStage(store)
  const transfer = new XzufiOfferRecords()
  const ignored: Record<string, number> = {}
  const pages: DashboardPage[] = []
  const reader = (defects: DefectLog): Options => ({
    defects,
    sink: stage.add.bind(stage),
    assumedReifegrad: options.reifegrad,
    arsOf,
    onIgnored: (reason: string) => {
      ignored[reason] = (ignored[reason] ?? 0) + 1
    },
    onPage: (page) => pages.push(page),
  })
  let staged: StagedOffers | undefined
  try {
    const result = await runImport(context, store, options, {
      kind: 'offer',
      mainCount: 'offers',
      // 11,000 Gemeinden with 600 Leistungen each are 6.6 million. They are held on the disk.
      limits: { of: 'a list of offers', records: 20_000_000, bytes: 2 ** 34 },
      read: (input, defects) => readFile(input, transfer, reader(defects)),
      refuse: async (former) =>
        options.replace === true ? undefined : offersVanish(store, former, staged?.regions ?? []),
      finish: async (defects) => {
        transfer.emit(withDefault(reader(defects)))
        warnOfMissingPages(context, pages)
        staged = stage.finish(({ region, key }, place) =>
          defects.add({
            action: 'kept',
            reason: 'duplicate-row',
            place,
            field: 'region leika_key',
            value: `${region} ${key}`,
          }),
        )
        const { count: offers, regions, assumed } = staged
        return {
          // How many have an assumed Reifegrad is said where there are any: whoever counts them should know.
          counts: { offers, regions: regions.length, ...(assumed > 0 ? { assumedReifegrad: assumed } : {}) },
          ignored,
          write: staged.write,
        }
      },
    })
    return { ...result, unknown: await unknownOf(context, store, staged) }
  } finally {
    stage.close()
  }
}

type Options = ReaderOptions &
  Omit<DashboardOptions & XzufiOptions, 'onIgnored'> & { readonly onIgnored: (reason: string) => void }

/** The dashboard and XZuFi know no Reifegrad: what they list can be used online, which is Reifegrad 2. */
const withDefault = (options: Options): Options => ({
  ...options,
  assumedReifegrad: options.assumedReifegrad ?? ONLINE,
})

async function readFile(input: InputText, transfer: XzufiOfferRecords, options: Options): Promise<void> {
  const { source, text } = input
  switch (input.kind) {
    case 'text':
      return readTable(input, options)
    case 'json':
      source.facts.format = 'dashboard'
      return readDashboardJson(await readJson(source, text), source, withDefault(options))
    case 'xml': {
      source.facts.format = 'xzufi'
      const handlers = new XzufiOfferHandlers(source.name, transfer, source.record)
      await readXml(source, text, () => handlers)
      if (handlers.found) return
      throw badInput('XML_UNKNOWN', 'this XML is not XZuFi', { file: source.name, line: 1 }, [
        'XZuFi has the namespace http://xoev.de/schemata/xzufi/…, whatever its root element is called.',
      ])
    }
    default:
      return unreachable(input.kind)
  }
}

async function readTable({ source, text, delimiter }: InputText, options: Options): Promise<void> {
  const table = await readCsv(source, text, TABLES, options.defects, delimiter)
  switch (table.format) {
    case 'offer-table':
      source.facts.format = 'offer-table'
      return readOfferTable(table, source.name, options)
    case 'dashboard':
    case 'dashboard-camel':
      source.facts.format = 'dashboard'
      return readDashboardTable(table, source.name, withDefault(options))
    default:
      return unreachable(table.format)
  }
}

async function arsLookup(store: Store): Promise<(ags: Ags) => string | undefined> {
  const register = await activeSnapshot(store, 'region')
  if (register === undefined) return () => undefined
  const arsByAgs = await readArsByAgs(store, register.rowId)
  return (ags) => arsByAgs.get(ags)
}

/** A download in pages is easily taken for the whole. */
function warnOfMissingPages(context: Context, pages: readonly DashboardPage[]): void {
  // A number from outside: more pages than that nobody has, and nobody counts them.
  const total = Math.min(100_000, Math.max(0, ...pages.map((page) => page.total)))
  const read = new Set(pages.map((page) => page.number))
  if (read.size >= total) return
  context.warn(
    `${total - read.size} of the ${total} pages of the dashboard were not given: name all of them in one call`,
  )
}

async function unknownOf(
  context: Context,
  store: Store,
  staged: StagedOffers | undefined,
): Promise<UnknownOffered> {
  const register = await activeSnapshot(store, 'region')
  const catalog = await activeSnapshot(store, 'catalog')
  if (register === undefined)
    context.warn('no register yet: whether the regions exist was not checked; run: ozgctl region import FILE')
  if (catalog === undefined)
    context.warn('no catalogue yet: whether the keys exist was not checked; run: ozgctl catalog import FILE')
  const regions = register && (await readRegionKeys(store, register.rowId))
  const keys = catalog && (await readTypen(store, catalog.rowId))
  return {
    regions: regions === undefined ? null : (staged?.regions ?? []).filter((region) => !regions.has(region)),
    leistungen: keys === undefined ? null : (staged?.keys ?? []).filter((key) => !keys.has(key)),
  }
}
