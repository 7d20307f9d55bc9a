import { CsvError, type InfoRecord, parse } from 'csv-parse'
import { badInput, type Place } from '../errors.ts'
import type { DefectLog } from './defects.ts'
import type { InputSource } from './source.ts'

export const DELIMITERS = [';', ',', '\t', '|'] as const
export type Delimiter = (typeof DELIMITERS)[number]

/** A table that a reader understands. Column names are compared trimmed and without regard to case. */
export interface TableFormat<Name extends string = string> {
  readonly name: Name
  readonly columns: readonly string[]
}

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

const MAX_ROW = 1 << 20
const MAX_COLUMNS = 500

/**
 * Recognises a table by its header line and streams its rows. Rows with another number of columns than the header
 * are reported as `column-count` and left out; a last row that is cut off fails the file.
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

interface HeaderSplit {
  readonly header: string
  readonly headerLine: number
  rest(): AsyncIterable<string>
}

async function splitHeader(text: AsyncIterable<string>, file: string): Promise<HeaderSplit> {
  const iterator = text[Symbol.asyncIterator]()
  let buffered = ''
  let headerLine = 1
  let ended = false
  const more = async (): Promise<void> => {
    const next = await iterator.next()
    if (next.done === true) ended = true
    else buffered += next.value
  }
  for (;;) {
    const end = buffered.search(/\r\n|\n|\r(?!$)/)
    if (end < 0 && !ended) {
      if (buffered.length > MAX_ROW)
        throw badInput(
          'CSV_LINE_TOO_LONG',
          `the first line is longer than ${MAX_ROW} characters`,
          { file, line: headerLine },
          ['This is no table: its first line should name the columns.'],
        )
      await more()
      continue
    }
    const line = end < 0 ? buffered : buffered.slice(0, end)
    const rest = end < 0 ? '' : buffered.slice(end).replace(/^(\r\n|\n|\r)/, '')
    if (line.trim() !== '' && !/^sep=.$/i.test(line.trim())) {
      return { header: line, headerLine, rest: () => continueWith(rest, iterator) }
    }
    if (rest === '' && ended)
      throw badInput('CSV_EMPTY', 'the file holds no header line', { file }, ['Fetch the file again.'])
    buffered = rest
    headerLine++
  }
}

async function* continueWith(first: string, iterator: AsyncIterator<string>): AsyncGenerator<string> {
  if (first !== '') yield first
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value
}

function matchHeader<Name extends string>(
  line: string,
  formats: readonly TableFormat<Name>[],
  place: Place,
  forced?: Delimiter,
) {
  const tried = (forced === undefined ? DELIMITERS : [forced]).map((delimiter) => ({
    delimiter,
    header: headerCells(line, delimiter),
  }))
  const matches = tried.flatMap(({ delimiter, header }) => {
    const format = bestFormat(formats, new Set(header))
    return format === undefined ? [] : [{ format: format.name, delimiter, header }]
  })
  const [match, second] = matches
  if (match === undefined) throw unknownHeader(tried, formats, place)
  if (second !== undefined)
    throw badInput(
      'CSV_AMBIGUOUS',
      `the header fits with "${match.delimiter}" and with "${second.delimiter}"`,
      place,
      ['Name it with --delimiter.'],
    )
  refuseDuplicates(match.header, place)
  return match
}

/** The format with the most columns wins: a table may hold all columns of a smaller one. */
function bestFormat<Name extends string>(
  formats: readonly TableFormat<Name>[],
  header: ReadonlySet<string>,
): TableFormat<Name> | undefined {
  return formats
    .filter((format) => format.columns.every((column) => header.has(normal(column))))
    .sort((a, b) => b.columns.length - a.columns.length)[0]
}

function headerCells(line: string, delimiter: Delimiter): string[] {
  return line.split(delimiter).map((cell) => normal(cell.trim().replace(/^"(.*)"$/, '$1')))
}

const normal = (column: string): string => column.trim().normalize('NFC').toLowerCase()

function refuseDuplicates(header: readonly string[], place: Place): void {
  if (header.length > MAX_COLUMNS)
    throw badInput(
      'CSV_TOO_MANY_COLUMNS',
      `the header has ${header.length} columns; at most ${MAX_COLUMNS} are read`,
      place,
      ['Remove the columns that are not needed.'],
    )
  const twice = header.findIndex((column, at) => column !== '' && header.indexOf(column) !== at)
  if (twice >= 0) {
    throw badInput(
      'CSV_DUPLICATE_COLUMN',
      `the column "${header[twice]}" stands twice in the header`,
      { ...place, column: twice + 1 },
      ['Remove or rename one of them: which one counts cannot be guessed.'],
    )
  }
}

function unknownHeader(
  tried: readonly { header: readonly string[] }[],
  formats: readonly TableFormat[],
  place: Place,
): Error {
  const widest = tried.reduce(
    (best, { header }) => (header.length > best.length ? header : best),
    [] as readonly string[],
  )
  const nearest = formats
    .map((format) => ({
      format,
      missing: format.columns.filter((column) => !widest.includes(normal(column))),
    }))
    .sort(
      (a, b) => a.missing.length / a.format.columns.length - b.missing.length / b.format.columns.length,
    )[0]
  const known = formats.map((format) => `${format.name}: ${format.columns.join(', ')}`)
  const hint =
    nearest !== undefined && nearest.missing.length < nearest.format.columns.length
      ? `; nearest is ${nearest.format.name}, which lacks ${nearest.missing.join(', ')}`
      : ''
  return badInput('CSV_UNKNOWN', `the columns of this table are not known${hint}`, place, known)
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
  let short: ParsedRow | undefined
  try {
    for await (const rows of parseRows(watched(), delimiter, count)) {
      for (const { line, cells } of rows) {
        if (short !== undefined) reportColumnCount(short, header, source.name, defects)
        short = undefined
        if (cells.length !== header.length) {
          short = { line, cells }
          continue
        }
        source.facts.records++
        yield { line, cells, cell: (column) => cells[columnOf(column) ?? -1]?.trim() ?? '', columnNumber }
      }
    }
  } catch (error) {
    throw csvError(error, source.name, count)
  }
  if (short === undefined) return
  if (!endsWithNewline && short.cells.length < header.length) {
    throw badInput(
      'CSV_TRUNCATED',
      `the last row has ${short.cells.length} of ${header.length} columns and no line end: the file was cut off`,
      { file: source.name, line: short.line },
      ['Fetch the file again.'],
    )
  }
  reportColumnCount(short, header, source.name, defects)
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
