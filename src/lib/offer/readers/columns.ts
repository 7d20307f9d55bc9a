import type { CsvRow } from '../../input/csv.ts'

/**
 * Reads the cell of one column, which is looked up once for the whole table: it may have millions of rows.
 * @param header column names in lower case
 * @param names spellings of the column; a table without it has empty cells there
 */
export function cellOf(
  header: readonly string[],
  names: readonly string[],
): (row: Pick<CsvRow, 'cells'>) => string {
  const at = header.findIndex((column) => names.includes(column))
  return ({ cells }) => cells[at]?.trim() ?? ''
}
