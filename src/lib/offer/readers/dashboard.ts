import { badInput } from '../../errors.ts'
import type { CsvTable } from '../../input/csv.ts'
import { isJsonObject, type Json, jsonText } from '../../input/json.ts'
import type { InputSource } from '../../input/source.ts'
import { cellOf } from './columns.ts'
import { type FieldNames, type Origin, type ReaderOptions, takeOffer } from './fields.ts'

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

/** Both spellings of what is read of a record. */
const SPELLINGS = {
  key: ['leika_key', 'leikaKey'],
  ars: ['ars', 'ars'],
  name: ['ars_name', 'arsName'],
  url: ['url', 'url'],
  status: ['online_status', 'onlineStatus'],
  aktiv: ['aktiv', 'aktiv'],
} as const
type Field = keyof typeof SPELLINGS

/** The dashboard names the region, not the authority, and has neither Reifegrad nor validity. */
const fieldNames = (spelling: 0 | 1): FieldNames => ({
  region: SPELLINGS.ars[spelling],
  key: SPELLINGS.key[spelling],
  reifegrad: '',
  url: SPELLINGS.url[spelling],
  authority: SPELLINGS.name[spelling],
  validFrom: '',
  validTo: '',
})
const SNAKE = fieldNames(0)
const CAMEL = fieldNames(1)

/**
 * A row is an offer when its service works and is active. That the dashboard leaves a row out of its own count of
 * Flächendeckung says nothing about the service, so such a row is an offer all the same.
 */
type NoOffer = 'online-status-nicht-ok' | 'nicht-aktiv'

/** A page of the interface, counted from 0. */
export interface DashboardPage {
  readonly number: number
  readonly total: number
}

export interface DashboardOptions extends ReaderOptions {
  /** Is told of each row that is no offer. */
  readonly onIgnored: (reason: NoOffer) => void
  /** Is told of each page that says which of how many it is. */
  readonly onPage: (page: DashboardPage) => void
}

export async function readDashboardTable(
  table: CsvTable<string>,
  file: string,
  options: DashboardOptions,
): Promise<void> {
  const cell = (field: Field) =>
    cellOf(
      table.header,
      SPELLINGS[field].map((name) => name.toLowerCase()),
    )
  const cells: Readonly<Record<Field, ReturnType<typeof cellOf>>> = {
    key: cell('key'),
    ars: cell('ars'),
    name: cell('name'),
    url: cell('url'),
    status: cell('status'),
    aktiv: cell('aktiv'),
  }
  const names = table.format === DASHBOARD_TABLE_CAMEL.name ? CAMEL : SNAKE
  for await (const row of table.rows()) {
    const { line, columnNumber } = row
    const origin = { place: { file, line }, names, columnNumber }
    takeRow((field) => cells[field](row), origin, options)
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
      'this JSON is no page of the dashboard',
      { file: source.name, line: 1 },
      ['Expected are records with leika_key, ars and online_status, in a list or under "content".'],
    )
  for (const [at, record] of (records as readonly JsonRecord[]).entries()) {
    source.record()
    const cell = (field: Field): string => {
      const [snake, camel] = SPELLINGS[field]
      return textOf(record[snake] ?? record[camel])
    }
    // A document has no lines to name; the number of the record finds it.
    const names = Object.hasOwn(record, 'leikaKey') ? CAMEL : SNAKE
    takeRow(cell, { place: { file: `${source.name}[${at}]` }, names }, options)
  }
  const page = pageOf(document)
  if (page !== undefined) options.onPage(page)
}

type JsonRecord = { readonly [key: string]: Json }

function isDashboardRecord(value: Json): boolean {
  if (!isJsonObject(value)) return false
  return [SPELLINGS.key, SPELLINGS.ars, SPELLINGS.status].every((names) =>
    names.some((name) => Object.hasOwn(value, name)),
  )
}

/** Newer versions of the interface say under `page` what older ones say beside `content`. */
function pageOf(document: Json): DashboardPage | undefined {
  if (!isJsonObject(document)) return undefined
  const { number, totalPages } = isJsonObject(document.page) ? document.page : document
  return typeof number === 'number' && typeof totalPages === 'number'
    ? { number, total: totalPages }
    : undefined
}

/** The interface writes `aktiv` as ja or nein; whoever converts it may make it a truth value. */
const textOf = (value: Json | undefined): string =>
  typeof value === 'boolean' ? (value ? 'ja' : 'nein') : jsonText(value).trim()

function takeRow(cell: (field: Field) => string, origin: Origin, options: DashboardOptions): void {
  const reason = noOffer(cell('status'), cell('aktiv'))
  if (reason !== undefined) {
    options.onIgnored(reason)
    return
  }
  takeOffer(
    {
      region: cell('ars'),
      key: cell('key'),
      reifegrad: undefined,
      url: cell('url'),
      authority: cell('name'),
      validFrom: '',
      validTo: '',
    },
    origin,
    options,
  )
}

/** `aktiv` may be empty: only `nein` says that the service is off. */
function noOffer(status: string, aktiv: string): NoOffer | undefined {
  if (status.toLowerCase() !== 'ok') return 'online-status-nicht-ok'
  return aktiv.toLowerCase() === 'nein' ? 'nicht-aktiv' : undefined
}
