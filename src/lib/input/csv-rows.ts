import { CsvError, type InfoRecord, parse } from 'csv-parse'
import { badInput } from '../errors.ts'

/** A row of a table, wherever its cells belong. */
export interface ParsedRow {
  /** On which it begins. */
  readonly line: number
  /** On which the one after it begins, empty lines aside. */
  readonly next: number
  readonly cells: readonly string[]
  /** How many bytes there are up to its end, the line end included. */
  readonly end: number
}

/** How a table is written. */
export interface CsvForm {
  readonly delimiter: string
  /** The longest row, in bytes. */
  readonly maxRow: number
  /** `latin1`: cells have a character for each byte, whatever the encoding is. */
  readonly encoding?: 'utf8' | 'latin1'
}

/**
 * Rows by the parts of the text that they end in: handing over each by itself costs as much as parsing it. Rows end with
 * CRLF, LF or CR; empty lines are none.
 * @throws CsvError, see `csvError`
 */
export async function* csvRows(
  text: AsyncIterable<string | Uint8Array>,
  { delimiter, maxRow, encoding = 'utf8' }: CsvForm,
  count: LineCount,
): AsyncGenerator<readonly ParsedRow[]> {
  let rows: ParsedRow[] = []
  const parser = parse({
    delimiter,
    encoding,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: maxRow,
    on_record: (cells: readonly string[], info: InfoRecord) => {
      rows.push({ line: count.lineOf(cells, info), next: count.next, cells, end: info.bytes })
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

type Counted = Pick<InfoRecord, 'lines' | 'empty_lines'>

/**
 * Lines as an editor counts them. csv-parse counts from the begin of what it is given, names the line on which a row
 * ends, and counts CRLF inside a quoted cell twice.
 */
export class LineCount {
  readonly #before: number
  #twice = 0
  #empty = 0
  /** The line after the last whole row. */
  next: number

  /** @param before lines before the text */
  constructor(before: number) {
    this.#before = before
    this.next = before + 1
  }

  /** @param counted line on which csv-parse is */
  now(counted: number): number {
    return this.#before + counted - this.#twice
  }

  /** Line on which the row begins that comes after the last whole one. @param empty lines so far */
  begin(empty: number): number {
    return this.next + empty - this.#empty
  }

  /** Line on which a row begins. */
  lineOf(cells: readonly string[], { lines, empty_lines }: Counted): number {
    this.#empty = empty_lines
    let inside = 0
    for (const cell of cells) {
      if (!cell.includes('\n') && !cell.includes('\r')) continue
      this.#twice += cell.split('\r\n').length - 1
      inside += cell.split(/\r\n|\n|\r/).length - 1
    }
    const end = this.now(lines)
    this.next = end + 1
    return end - inside
  }
}

/** What a fault of the table is, with its place; other errors pass unchanged. */
export function csvError(error: unknown, file: string, count: LineCount, maxRow: number): unknown {
  if (!(error instanceof CsvError)) return error
  const empty = typeof error.empty_lines === 'number' ? error.empty_lines : 0
  const begin = { file, line: count.begin(empty) }
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
        `the row that begins here is longer than ${maxRow} characters`,
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
