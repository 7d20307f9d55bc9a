import type { CsvRow, CsvTable } from '../../input/csv.ts'
import { type RawOffer, type ReaderOptions, takeOffer } from './fields.ts'

/** Our own table; of its columns only region and key must be there. */
export const OFFER_TABLE = { name: 'offer-table', columns: ['region', 'leika_key'] } as const

const COLUMNS: Readonly<Record<keyof RawOffer, string>> = {
  region: 'region',
  key: 'leika_key',
  reifegrad: 'reifegrad',
  url: 'url',
  authority: 'authority',
  validFrom: 'valid_from',
  validTo: 'valid_to',
}

/** Reads `region;leika_key;reifegrad;url;authority;valid_from;valid_to`. */
export async function readOfferTable(
  table: CsvTable<string>,
  file: string,
  options: ReaderOptions,
): Promise<void> {
  for await (const row of table.rows()) takeOffer(rawOffer(row), placeIn(row, file), options)
}

function rawOffer(row: CsvRow): RawOffer {
  return {
    region: row.cell(COLUMNS.region),
    key: row.cell(COLUMNS.key),
    reifegrad: row.cell(COLUMNS.reifegrad),
    url: row.cell(COLUMNS.url),
    authority: row.cell(COLUMNS.authority),
    validFrom: row.cell(COLUMNS.validFrom),
    validTo: row.cell(COLUMNS.validTo),
  }
}

const placeIn = (row: CsvRow, file: string) => (field: keyof RawOffer) => ({
  file,
  line: row.line,
  column: row.columnNumber(COLUMNS[field]),
})
