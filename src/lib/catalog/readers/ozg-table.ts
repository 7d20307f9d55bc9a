import type { CsvTable } from '../../input/csv.ts'
import type { DefectLog } from '../../input/defects.ts'
import type { Catalog, OzgLeistung } from '../model.ts'
import { cellReport, OZG_ID, ozgOf } from './fields.ts'
import { UniqueRows } from './unique-rows.ts'

/** Table of the OZG-Leistungen, as derived from the OZG-Umsetzungskatalog. */
export const OZG_TABLE = {
  name: 'ozg-table',
  columns: ['ozg_id', 'ozg_leistung', 'themenfeld', 'lage'],
} as const

/** Reads the OZG-Leistungen with Themenfeld and Lage. A row without a usable id is rejected. */
export async function readOzgTable(
  table: CsvTable<string>,
  file: string,
  defects: DefectLog,
): Promise<Catalog> {
  const report = cellReport(file, defects)
  const rows = new UniqueRows<OzgLeistung>(defects)
  for await (const row of table.rows()) {
    const value = ozgOf(row)
    if (!OZG_ID.test(value.id)) {
      report('rejected', value.id === '' ? 'ozg-missing' : 'ozg-invalid', row, 'ozg_id')
      continue
    }
    if (value.name === '') report('kept', 'name-missing', row, 'ozg_leistung')
    const place = { file, line: row.line, column: row.columnNumber('ozg_id') }
    rows.add({ key: value.id, content: JSON.stringify(value), variant: '', place, field: 'ozg_id', value })
  }
  return { ozgLeistungen: rows.values(), leistungen: [], bundles: [] }
}
