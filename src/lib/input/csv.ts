import { CsvError, type InfoRecord, parse } from 'csv-parse'
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

interface ParsedRow {
  readonly line: number
  readonly cells: readonly string[]
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
    for await (const rows of parseRows(watched(), delimiter, count)) {
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
    throw csvError(error, source.name, count)
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

/** Rows by the parts of the text that they end in: handing over each by itself costs as much as parsing it. */
async function* parseRows(
  text: AsyncIterable<string>,
  delimiter: Delimiter,
  count: LineCount,
): AsyncGenerator<readonly ParsedRow[]> {
  let rows: ParsedRow[] = []
  const parser = parse({
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_ROW,
    on_record: (cells: readonly string[], { lines }: InfoRecord) => {
      rows.push({ line: count.lineOf(cells, lines), cells })
      return null
    },
  })
  // A failure arrives by the call that caused it.
  parser.on('error', () => undefined)
  const taken = (): readonly ParsedRow[] => {
    const done = rows
    rows = []
    return done
  }
  for await (const part of text) {
    await new Promise<void>((resolve, reject) => {
      parser.write(part, (error) => (error ? reject(error) : resolve()))
    })
    yield taken()
  }
  await new Promise<void>((resolve, reject) => {
    parser.end((error?: Error | null) => (error ? reject(error) : resolve()))
  })
  yield taken()
}

/**
 * Lines as an editor counts them. csv-parse counts from the row after the header, names the line on which a row ends,
 * and counts CRLF inside a quoted cell twice.
 */
class LineCount {
  readonly #headerLine: number
  #twice = 0
  /** The line after the last whole row. */
  next: number

  constructor(headerLine: number) {
    this.#headerLine = headerLine
    this.next = headerLine + 1
  }

  /** @param counted line on which csv-parse is */
  now(counted: number): number {
    return this.#headerLine + counted - this.#twice
  }

  /** Line on which a row begins. */
  lineOf(cells: readonly string[], counted: number): number {
    let inside = 0
    for (const cell of cells) {
      if (!cell.includes('\n') && !cell.includes('\r')) continue
      this.#twice += cell.split('\r\n').length - 1
      inside += cell.split(/\r\n|\n|\r/).length - 1
    }
    const end = this.now(counted)
    this.next = end + 1
    return end - inside
  }
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

function csvError(error: unknown, file: string, count: LineCount): unknown {
  if (!(error instanceof CsvError)) return error
  const begin = { file, line: count.next }
  const line = typeof error.lines === 'number' ? count.now(error.lines) : undefined
  switch (error.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return badInput(
        'CSV_QUOTE_NOT_CLOSED',
        'a quotation mark in the row that begins here is never closed',
        begin,
        ['The file was cut off, or a quotation mark in a text is not doubled ("").'],
      )
    case 'CSV_MAX_RECORD_SIZE':
      return badInput(
        'CSV_ROW_TOO_LONG',
        `the row that begins here is longer than ${MAX_ROW} characters`,
        begin,
        ['Look in it for a quotation mark that is never closed.'],
      )
    case 'CSV_INVALID_CLOSING_QUOTE':
      return badInput('CSV_BROKEN', 'text follows the quotation mark that ends a field', { file, line }, [
        QUOTING,
      ])
    case 'INVALID_OPENING_QUOTE':
      return badInput('CSV_BROKEN', 'a quotation mark stands in a field that is not quoted', { file, line }, [
        QUOTING,
      ])
    default:
      return badInput('CSV_BROKEN', `the table cannot be read (${error.code})`, { file, line }, [QUOTING])
  }
}

const QUOTING = 'A field that holds a quotation mark must be quoted as a whole, the mark doubled ("").'
