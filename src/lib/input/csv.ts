import { Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { badInput } from '../errors.ts'
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
  const match = matchHeader(lines.header, formats, source.name, delimiter)
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
        throw badInput('CSV_LINE_TOO_LONG', `the first line is longer than ${MAX_ROW} characters`, {
          file,
          line: headerLine,
        })
      await more()
      continue
    }
    const line = end < 0 ? buffered : buffered.slice(0, end)
    const rest = end < 0 ? '' : buffered.slice(end).replace(/^(\r\n|\n|\r)/, '')
    if (line.trim() !== '' && !/^sep=.$/i.test(line.trim())) {
      return { header: line, headerLine, rest: () => continueWith(rest, iterator) }
    }
    if (rest === '' && ended) throw badInput('CSV_EMPTY', 'the file holds no header line', { file })
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
  file: string,
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
  if (match === undefined) throw unknownHeader(tried, formats, file)
  if (second !== undefined)
    throw badInput(
      'CSV_AMBIGUOUS',
      `the header fits with "${match.delimiter}" and with "${second.delimiter}"`,
      { file, line: 1 },
      ['Name it with --delimiter.'],
    )
  refuseDuplicates(match.header, file)
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

function refuseDuplicates(header: readonly string[], file: string): void {
  if (header.length > MAX_COLUMNS)
    throw badInput(
      'CSV_TOO_MANY_COLUMNS',
      `the header has ${header.length} columns; at most ${MAX_COLUMNS} are read`,
      { file, line: 1 },
    )
  const twice = header.findIndex((column, at) => column !== '' && header.indexOf(column) !== at)
  if (twice >= 0) {
    throw badInput(
      'CSV_DUPLICATE_COLUMN',
      `the column "${header[twice]}" stands twice in the header`,
      { file, line: 1, column: twice + 1 },
      ['Remove or rename one of them: which one counts cannot be guessed.'],
    )
  }
}

function unknownHeader(
  tried: readonly { header: readonly string[] }[],
  formats: readonly TableFormat[],
  file: string,
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
  return badInput('CSV_UNKNOWN', `the columns of this table are not known${hint}`, { file, line: 1 }, known)
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
  let endsWithNewline = true
  async function* watched(): AsyncGenerator<string> {
    for await (const part of lines.rest()) {
      endsWithNewline = /[\r\n]$/.test(part)
      yield part
    }
  }
  const parser = Readable.from(watched()).pipe(
    parse({
      delimiter,
      relax_column_count: true,
      skip_empty_lines: true,
      info: true,
      max_record_size: MAX_ROW,
    }),
  )
  let short: { line: number; cells: readonly string[] } | undefined
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: string[]
      info: { lines: number }
    }>) {
      if (short !== undefined) reportColumnCount(short, header, source.name, defects)
      short = undefined
      const line = info.lines + lines.headerLine
      if (record.length !== header.length) {
        short = { line, cells: record }
        continue
      }
      source.facts.records++
      yield {
        line,
        cells: record,
        cell: (column) => record[columnOf(column) ?? -1]?.trim() ?? '',
        columnNumber: (column) => {
          const index = columnOf(column)
          return index === undefined ? undefined : index + 1
        },
      }
    }
  } catch (error) {
    throw csvError(error, source.name, lines.headerLine)
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

function reportColumnCount(
  row: { line: number; cells: readonly string[] },
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

function csvError(error: unknown, file: string, headerLine: number): unknown {
  if (!(error instanceof CsvError)) return error
  const line = typeof error.lines === 'number' ? error.lines + headerLine : undefined
  const place = { file, line }
  switch (error.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return badInput('CSV_QUOTE_NOT_CLOSED', 'a quote that opens near here is never closed', place, [
        'The file was cut off, or a quotation mark in a text is not doubled ("").',
      ])
    case 'CSV_MAX_RECORD_SIZE':
      return badInput('CSV_ROW_TOO_LONG', `a row is longer than ${MAX_ROW} characters`, place, [
        'Look for a quotation mark that is never closed.',
      ])
    default:
      return badInput('CSV_BROKEN', `the quoting is broken: ${error.message}`, place, [
        'A field that holds a quotation mark must be quoted as a whole, the mark doubled ("").',
      ])
  }
}
