import type { CsvTable } from '../../input/csv.ts'
import { cellOf } from './columns.ts'
import { type FieldNames, type RawOffer, type ReaderOptions, takeOffer } from './fields.ts'

/** Our own table; of its columns only region and key must be there. */
export const OFFER_TABLE = { name: 'offer-table', columns: ['region', 'leika_key'] } as const

const NAMES: FieldNames = {
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
  const cell = (field: keyof RawOffer) => cellOf(table.header, [NAMES[field]])
  const region = cell('region')
  const key = cell('key')
  const reifegrad = cell('reifegrad')
  const url = cell('url')
  const authority = cell('authority')
  const validFrom = cell('validFrom')
  const validTo = cell('validTo')
  for await (const row of table.rows()) {
    const raw: RawOffer = {
      region: region(row),
      key: key(row),
      reifegrad: reifegrad(row),
      url: url(row),
      authority: authority(row),
      validFrom: validFrom(row),
      validTo: validTo(row),
    }
    const place = { file, line: row.line }
    takeOffer(raw, { place, names: NAMES, columnNumber: row.columnNumber }, options)
  }
}
