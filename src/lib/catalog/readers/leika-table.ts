import type { CsvRow, CsvTable } from '../../input/csv.ts'
import type { DefectLog } from '../../input/defects.ts'
import { parseLeikaKey } from '../../leika/key.ts'
import type { Catalog, Leistung, OzgLeistung } from '../model.ts'
import {
  bareLeistung,
  type CellReport,
  capped,
  cellReport,
  nameOf,
  OZG_ID,
  oneLine,
  orNull,
  ozgOf,
  typenOf,
} from './fields.ts'
import { UniqueRows } from './unique-rows.ts'

/** Table of LeiKa keys joined to their OZG-Leistung, Themenfeld and Lage. */
export const LEIKA_TABLE = {
  name: 'leika-table',
  columns: ['leika_key', 'bezeichnung', 'typ', 'ozg_id', 'ozg_leistung', 'themenfeld', 'lage'],
} as const

/**
 * Reads the LeiKa table; it also names the OZG-Leistungen and so works alone. A row without a usable key is rejected,
 * but the OZG-Leistung it names exists and counts. One key may stand with several OZG-Leistungen, in a row each.
 */
export async function readLeikaTable(
  table: CsvTable<string>,
  file: string,
  defects: DefectLog,
): Promise<Catalog> {
  const report = cellReport(file, defects)
  const ozgLeistungen: OzgLeistung[] = []
  const rows = new UniqueRows<{ leistung: Leistung; ozgId: string | undefined }>(defects)
  for await (const row of table.rows()) {
    const ozg = readOzg(row, report)
    if (ozg !== undefined) ozgLeistungen.push(ozg)
    const typen = typenOf(row, 'typ', report)
    const key = parseLeikaKey(row.cell('leika_key'))
    if (!key.ok) {
      report('rejected', key.reason, row, 'leika_key')
      continue
    }
    const leistung = {
      ...bareLeistung(key.value),
      name: nameOf(row, 'bezeichnung', report),
      typen,
      rechtsgrundlage: orNull(capped(oneLine(row.cell('rechtsgrundlage')))),
    }
    const place = { file, line: row.line, column: row.columnNumber('leika_key') }
    rows.add({
      key: key.value,
      content: JSON.stringify(leistung),
      variant: ozg?.id ?? '',
      place,
      field: 'leika_key',
      value: { leistung, ozgId: ozg?.id },
    })
  }
  const values = rows.values()
  return {
    ozgLeistungen,
    leistungen: values.map(({ leistung }) => leistung),
    bundles: values.flatMap(({ leistung, ozgId }) =>
      ozgId === undefined ? [] : [{ ozgId, key: leistung.key }],
    ),
  }
}

function readOzg(row: CsvRow, report: CellReport): OzgLeistung | undefined {
  const ozg = ozgOf(row)
  if (OZG_ID.test(ozg.id)) return ozg
  report('kept', ozg.id === '' ? 'ozg-missing' : 'ozg-invalid', row, 'ozg_id')
  return undefined
}
