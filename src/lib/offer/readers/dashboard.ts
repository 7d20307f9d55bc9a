import { badInput } from '../../errors.ts'
import type { CsvTable } from '../../input/csv.ts'
import { isJsonObject, type Json } from '../../input/json.ts'
import type { InputSource } from '../../input/source.ts'
import { type PlaceOf, type ReaderOptions, takeOffer } from './fields.ts'

/**
 * The table of the federal dashboard "Digitale Verwaltung"; its names are written in snake case or, in some
 * downloads, in camel case. API zum Digitalisierungsfortschritt 1.0, DvDataDto.
 */
export const DASHBOARD_TABLE = {
  name: 'dashboard',
  columns: ['leika_key', 'ars', 'online_status'],
} as const
export const DASHBOARD_TABLE_CAMEL = {
  name: 'dashboard-camel',
  columns: ['leikaKey', 'ars', 'onlineStatus'],
} as const

/**
 * A row is an offer when its service works and is active. That the dashboard leaves a row out of its own count of
 * Flächendeckung says nothing about the service, so such a row is an offer all the same.
 */
type NoOffer = 'online-status-nicht-ok' | 'nicht-aktiv'

interface DashboardRow {
  readonly key: string
  readonly ars: string
  readonly name: string
  readonly url: string
  readonly onlineStatus: string
  readonly aktiv: string
}

export interface DashboardOptions extends ReaderOptions {
  /** Is told of each row that is no offer. */
  readonly onIgnored: (reason: NoOffer) => void
}

export async function readDashboardTable(
  table: CsvTable<string>,
  file: string,
  options: DashboardOptions,
): Promise<void> {
  for await (const row of table.rows()) {
    const cell = (snake: string): string => row.cell(snake) || row.cell(camel(snake))
    takeRow(rowOf(cell), () => ({ file, line: row.line }), options)
  }
}

/**
 * Reads a page of the interface (`{"content": […]}`), or a plain list of its records.
 * @throws OzgctlError 65 when the document holds no such records
 */
export function readDashboardJson(document: Json, source: InputSource, options: DashboardOptions): void {
  const records = isJsonObject(document) ? document.content : document
  if (!Array.isArray(records) || !records.every(isDashboardRecord))
    throw badInput(
      'DASHBOARD_JSON',
      'this JSON is no page of the dashboard: records with leika_key, ars and online_status are expected',
      { file: source.name, line: 1 },
    )
  for (const record of records as readonly { readonly [key: string]: Json }[]) {
    source.facts.records++
    const cell = (snake: string): string => textOf(record[snake] ?? record[camel(snake)])
    // A document has no lines to name; the number of the record finds it.
    takeRow(rowOf(cell), () => ({ file: `${source.name}[${source.facts.records - 1}]` }), options)
  }
}

function isDashboardRecord(value: Json): boolean {
  return isJsonObject(value) && ('leika_key' in value || 'leikaKey' in value) && 'ars' in value
}

const camel = (snake: string): string =>
  snake.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
const textOf = (value: Json | undefined): string =>
  typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : ''

function rowOf(cell: (snake: string) => string): DashboardRow {
  return {
    key: cell('leika_key'),
    ars: cell('ars'),
    name: cell('ars_name'),
    url: cell('url'),
    onlineStatus: cell('online_status'),
    aktiv: cell('aktiv'),
  }
}

function takeRow(row: DashboardRow, placeOf: PlaceOf, options: DashboardOptions): void {
  const reason = noOffer(row)
  if (reason !== undefined) {
    options.onIgnored(reason)
    return
  }
  takeOffer(
    {
      region: row.ars,
      key: row.key,
      reifegrad: undefined,
      url: row.url,
      authority: row.name,
      validFrom: '',
      validTo: '',
    },
    placeOf,
    options,
  )
}

/** `aktiv` may be empty: only `nein` says that the service is off. */
function noOffer({ onlineStatus, aktiv }: DashboardRow): NoOffer | undefined {
  if (onlineStatus.toLowerCase() !== 'ok') return 'online-status-nicht-ok'
  if (aktiv.toLowerCase() === 'nein') return 'nicht-aktiv'
  return undefined
}
