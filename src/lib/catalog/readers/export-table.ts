import type { CsvRow, CsvTable } from '../../input/csv.ts'
import type { DefectLog } from '../../input/defects.ts'
import { parseLeikaKey } from '../../leika/key.ts'
import type { Catalog, Leistung, OzgLeistung } from '../model.ts'
import { cellReport, OZG_ID, oneLine, orNull, ozgOf, sdgCodes, splitList, typenOf } from './fields.ts'
import { UniqueRows } from './unique-rows.ts'

/** What `catalog export --output csv` writes: everything a snapshot holds, a row for each Leistung and OZG-Leistung. */
export const EXPORT_TABLE = {
  name: 'ozgctl-catalog',
  columns: [
    'leika_key',
    'bezeichnung',
    'bezeichnung2',
    'typ',
    'synonyme',
    'kurztext',
    'rechtsgrundlage',
    'sdg',
    'ozg_id',
    'ozg_leistung',
    'themenfeld',
    'lage',
  ],
} as const

/**
 * Reads an exported catalogue back to what it was. A row without key is an OZG-Leistung without Leistungen, one
 * without ozg_id a Leistung of no OZG-Leistung; neither is a fault.
 */
export async function readExportTable(
  table: CsvTable<string>,
  file: string,
  defects: DefectLog,
): Promise<Catalog> {
  const report = cellReport(file, defects)
  const ozgLeistungen: OzgLeistung[] = []
  const rows = new UniqueRows<{ leistung: Leistung; ozgId: string }>(defects)
  for await (const raw of table.rows()) {
    const row = asItWas(raw)
    const ozg = ozgOf(row)
    if (OZG_ID.test(ozg.id)) ozgLeistungen.push(ozg)
    else if (ozg.id !== '') report('kept', 'ozg-invalid', raw, 'ozg_id')
    const key = parseLeikaKey(row.cell('leika_key'))
    if (!key.ok) {
      if (key.reason !== 'leika-key-missing' || !OZG_ID.test(ozg.id))
        report('rejected', key.reason, raw, 'leika_key')
      continue
    }
    const leistung = {
      key: key.value,
      name: oneLine(row.cell('bezeichnung')),
      name2: orNull(oneLine(row.cell('bezeichnung2'))),
      typen: typenOf(raw, 'typ', report),
      synonyms: splitList(row.cell('synonyme')),
      kurztext: orNull(oneLine(row.cell('kurztext'))),
      rechtsgrundlage: orNull(oneLine(row.cell('rechtsgrundlage'))),
      sdg: sdgCodes(splitList(row.cell('sdg'))),
    }
    const place = { file, line: raw.line, column: raw.columnNumber('leika_key') }
    const ozgId = OZG_ID.test(ozg.id) ? ozg.id : ''
    rows.add({
      key: key.value,
      content: JSON.stringify(leistung),
      variant: ozgId,
      place,
      field: 'leika_key',
      value: { leistung, ozgId },
    })
  }
  const values = rows.values()
  return {
    ozgLeistungen,
    leistungen: values.map(({ leistung }) => leistung),
    bundles: values.flatMap(({ leistung, ozgId }) => (ozgId === '' ? [] : [{ ozgId, key: leistung.key }])),
  }
}

/** Takes back the apostrophe that keeps a spreadsheet from reading a cell as a formula: see `neutralCsv`. */
function asItWas(row: CsvRow): CsvRow {
  const cell = (column: string): string =>
    row.cell(column).replace(/^'(?='*[\s\u00A0]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20|%])/, '')
  return { ...row, cell }
}
