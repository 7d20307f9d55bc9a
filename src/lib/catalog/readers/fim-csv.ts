import type { CsvTable } from '../../input/csv.ts'
import type { DefectLog } from '../../input/defects.ts'
import { parseLeikaKey } from '../../leika/key.ts'
import type { Catalog, Leistung } from '../model.ts'
import { bareLeistung, cellReport, nameOf, oneLine, orNull, splitList, typenOf } from './fields.ts'
import { UniqueRows } from './unique-rows.ts'

/** The LeiKa as the FIM portal exports it; of its eleven columns these three are needed, in any order. */
export const FIM_CSV = { name: 'fim-csv', columns: ['Schluessel', 'Typ', 'Bezeichnung'] } as const

/** Reads the FIM portal's CSV. Its group columns hold labels, which the key says already; it names no OZG-Leistung. */
export async function readFimCsv(
  table: CsvTable<string>,
  file: string,
  defects: DefectLog,
): Promise<Catalog> {
  const report = cellReport(file, defects)
  const rows = new UniqueRows<Leistung>(defects)
  for await (const row of table.rows()) {
    const typen = typenOf(row, 'Typ', report)
    const key = parseLeikaKey(row.cell('Schluessel'))
    if (!key.ok) {
      report('rejected', key.reason, row, 'Schluessel')
      continue
    }
    const value = {
      ...bareLeistung(key.value),
      name: nameOf(row, 'Bezeichnung', report),
      name2: orNull(oneLine(row.cell('Bezeichnung2'))),
      typen,
      synonyms: splitList(row.cell('Synonyme')),
    }
    const place = { file, line: row.line, column: row.columnNumber('Schluessel') }
    rows.add({
      key: key.value,
      content: JSON.stringify(value),
      variant: '',
      place,
      field: 'Schluessel',
      value,
    })
  }
  return { ozgLeistungen: [], leistungen: rows.values(), bundles: [] }
}
