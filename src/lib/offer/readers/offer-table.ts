import type { CsvRow, CsvTable } from '../../input/csv.ts'
import { OFFER_COLUMNS, type RawOffer, type ReaderOptions, takeOffer } from './fields.ts'

/** Our own table; of its columns only region and key must be there. */
export const OFFER_TABLE = { name: 'offer-table', columns: ['region', 'leika_key'] } as const

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
    region: row.cell(OFFER_COLUMNS.region),
    key: row.cell(OFFER_COLUMNS.key),
    reifegrad: row.cell(OFFER_COLUMNS.reifegrad),
    url: row.cell(OFFER_COLUMNS.url),
    authority: row.cell(OFFER_COLUMNS.authority),
    validFrom: row.cell(OFFER_COLUMNS.validFrom),
    validTo: row.cell(OFFER_COLUMNS.validTo),
  }
}

const placeIn = (row: CsvRow, file: string) => (field: keyof RawOffer) => ({
  file,
  line: row.line,
  column: row.columnNumber(OFFER_COLUMNS[field]),
})
