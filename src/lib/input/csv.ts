import { badInput } from '../errors.ts'
import {
  type Delimiter,
  type HeaderSplit,
  MAX_ROW,
  matchHeader,
  normal,
  splitHeader,
  type TableFormat,
} from './csv-header.ts'
import { csvError, csvRows, LineCount, type ParsedRow } from './csv-rows.ts'
import type { DefectLog } from './defects.ts'
import type { InputSource } from './source.ts'

/** A row with its cells by column; a cell that the file has no column for is the empty text. */
export interface CsvRow {
  readonly line: number
  cell(column: string): string
  columnNumber(column: string): number | undefined
  readonly cells: readonly string[]
}

export interface CsvTable<Name extends string> {
  readonly format: Name
  readonly delimiter: Delimiter
  readonly header: readonly string[]
  rows(): AsyncIterable<CsvRow>
}

/**
 * Recognises a table by its header line and streams its rows. Rows with another number of columns than the header
 * are reported as `column-count` and left out. A last row without a line end, which the others have, fails the file:
 * whether its last cell is whole cannot be seen.
 * @throws OzgctlError 65 for an unknown or ambiguous header, duplicate columns, broken quoting or an over-long row
 */
export async function readCsv<Name extends string>(
  source: InputSource,
  text: AsyncIterable<string>,
  formats: readonly TableFormat<Name>[],
  defects: DefectLog,
  delimiter?: Delimiter,
): Promise<CsvTable<Name>> {
  const lines = await splitHeader(text, source.name)
  const match = matchHeader(lines.header, formats, { file: source.name, line: lines.headerLine }, delimiter)
  return {
    ...match,
    rows: () => readRows(source, lines, match.header, match.delimiter, defects),
  }
}

async function* readRows(
  source: InputSource,
  lines: HeaderSplit,
  header: readonly string[],
  delimiter: Delimiter,
  defects: DefectLog,
): AsyncGenerator<CsvRow> {
  const at = new Map(header.map((column, index) => [column, index]))
  const columnOf = (column: string): number | undefined => at.get(normal(column))
  const columnNumber = (column: string): number | undefined => {
    const index = columnOf(column)
    return index === undefined ? undefined : index + 1
  }
  let endsWithNewline = true
  async function* watched(): AsyncGenerator<string> {
    for await (const part of lines.rest()) {
      endsWithNewline = /[\r\n]$/.test(part)
      yield part
    }
  }
  const count = new LineCount(lines.headerLine)
  let last: ParsedRow | undefined
  try {
    for await (const rows of csvRows(watched(), { delimiter, maxRow: MAX_ROW }, count)) {
      for (const row of rows) {
        const { line, cells } = row
        last = row
        if (cells.length !== header.length) {
          reportColumnCount(row, header, source.name, defects)
          continue
        }
        source.record()
        yield { line, cells, cell: (column) => cells[columnOf(column) ?? -1]?.trim() ?? '', columnNumber }
      }
    }
  } catch (error) {
    throw csvError(error, source.name, count, MAX_ROW)
  }
  if (last !== undefined && !endsWithNewline) throw cutOff(last, header, source.name)
}

function cutOff({ line, cells }: ParsedRow, header: readonly string[], file: string): Error {
  const columns = cells.length < header.length ? ` has ${cells.length} of ${header.length} columns and` : ''
  const end = JSON.stringify((cells.at(-1) ?? '').slice(-40))
  return badInput(
    'CSV_TRUNCATED',
    `the last row${columns} ends in ${end} without a line end: the file may be cut off there`,
    { file, line },
    ['Fetch the file again. If it is whole, add a line end behind its last row.'],
  )
}

function reportColumnCount(
  row: ParsedRow,
  header: readonly string[],
  file: string,
  defects: DefectLog,
): void {
  defects.add({
    action: 'rejected',
    reason: 'column-count',
    place: { file, line: row.line },
    field: `${row.cells.length} of ${header.length} columns`,
    value: row.cells.join(' ').slice(0, 200),
  })
}
