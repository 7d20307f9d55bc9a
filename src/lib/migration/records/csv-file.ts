import { OzgctlError } from '../../errors.ts'
import { csvError, csvRows, LineCount, type ParsedRow } from '../../input/csv-rows.ts'
import {
  badFile,
  badRecordsFor,
  bytesFrom,
  cursorAt,
  type Decode,
  decoderOf,
  type FileEncoding,
  type FileEnds,
  type FilePlace,
  fileEnds,
  MAX_PAGE,
  MAX_RECORD,
  notDecoded,
  placeAt,
} from './file-bytes.ts'
import type { DataRecord, JsonObject, RecordPage } from './model.ts'
import { isScalar, keyOf, scalarText } from './scalar.ts'

export interface CsvReading {
  readonly key: string
  readonly size: number
  readonly delimiter: string
  readonly encoding: FileEncoding
}

/** A page of a file with columns. Rows that do not fit the head line are set aside with their line. */
export async function csvPage(reading: CsvReading, path: string, cursor: string | null): Promise<RecordPage> {
  const { key, size, encoding } = reading
  const ends = await fileEnds(path, encoding)
  const head = await headIn(reading, path, ends)
  if (!head.columns.includes(key))
    throw badFile(path, `it has no column ${key}; there are: ${head.columns.slice(0, 20).join(', ')}`)
  const from = cursor === null ? head.next : placeAt(path, cursor)
  const decode = decoderOf(encoding)
  const records: DataRecord[] = []
  const faults: { key: string; reason: string }[] = []
  for await (const row of rowsFrom(reading, path, from)) {
    const isCut = !ends.endsWithLine && from.byte + row.end >= ends.size
    const record = isCut ? CUT : (rowRecord(row, head.columns, key, decode) ?? notDecoded(encoding))
    if (typeof record === 'string') faults.push({ key: `line ${row.line}`, reason: record })
    else records.push(record)
    if (records.length + faults.length >= size || row.end >= MAX_PAGE)
      return { records, faults, next: cursorAt({ byte: from.byte + row.end, line: row.next }) }
  }
  return { records, faults, next: null }
}

const CUT = 'the file ends in it without a line end: perhaps it was cut off'

/** @returns what is wrong with the row as a text; undefined when a cell cannot be decoded */
function rowRecord(
  { cells }: ParsedRow,
  columns: readonly string[],
  key: string,
  decode: Decode,
): DataRecord | string | undefined {
  if (cells.length !== columns.length)
    return `it has ${cells.length} cells, and the head line ${columns.length}`
  const fields: [string, string][] = []
  for (const [at, name] of columns.entries()) {
    const value = cellText(cells[at] ?? '', decode)
    if (value === undefined) return undefined
    fields.push([name, value])
  }
  const record = Object.fromEntries(fields)
  const found = keyOf(record[key])
  return found === undefined ? 'it has no key' : { key: found, fields: record }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
const ASCII = /^[\x00-\x7f]*$/

/** A cell with a character for each byte as the text that it is. */
const cellText = (cell: string, decode: Decode): string | undefined =>
  ASCII.test(cell) ? cell : decode(Buffer.from(cell, 'latin1'))

interface Head {
  readonly columns: readonly string[]
  /** Where the rows begin. */
  readonly next: FilePlace
}

/** Columns of a file. @throws OzgctlError BAD_RECORDS */
export async function columnsOf(reading: CsvReading, path: string): Promise<readonly string[]> {
  return (await headIn(reading, path, await fileEnds(path, reading.encoding))).columns
}

async function headIn(reading: CsvReading, path: string, { begin }: FileEnds): Promise<Head> {
  const decode = decoderOf(reading.encoding)
  for await (const { cells, end, next } of rowsFrom(reading, path, begin)) {
    const columns = cells.map((cell) => cellText(cell, decode) ?? '\uFFFD')
    if (columns.includes('\uFFFD')) throw badFile(path, `in its head line: ${notDecoded(reading.encoding)}`)
    const twice = columns.find((name, at) => columns.indexOf(name) < at)
    if (twice !== undefined) throw badFile(path, `it has the column ${JSON.stringify(twice)} twice`)
    return { columns, next: { byte: begin.byte + end, line: next } }
  }
  throw badFile(path, 'the file is empty, and has no head line')
}

async function* rowsFrom(
  { delimiter }: CsvReading,
  path: string,
  from: FilePlace,
): AsyncGenerator<ParsedRow> {
  const count = new LineCount(from.line - 1)
  try {
    const form = { delimiter, maxRow: MAX_RECORD, encoding: 'latin1' } as const
    for await (const rows of csvRows(bytesFrom(path, from.byte), form, count)) yield* rows
  } catch (error) {
    const known = csvError(error, path, count, MAX_RECORD)
    throw known !== error && known instanceof OzgctlError ? badRecordsFor(known) : error
  }
}

/** A record with the texts that its cells have: a cell without a text is like one that is not there. */
export const withTexts = (record: DataRecord): DataRecord => ({
  ...record,
  fields: Object.fromEntries(
    Object.entries(record.fields).map(([name, value]) => {
      const text = value === null ? '' : isScalar(value) ? scalarText(value) : JSON.stringify(value)
      return [name, text === '' ? null : text]
    }),
  ),
})

/** A row of a record with texts, or why it cannot be one. */
export function csvRow(fields: JsonObject, columns: readonly string[], delimiter: string): CsvRow {
  const odd = Object.keys(fields).find((name) => fields[name] !== null && !columns.includes(name))
  if (odd !== undefined)
    return { ok: false, reason: `the file has no column for ${JSON.stringify(odd)}: name all in columns` }
  const cells = columns.map((name) => String(fields[name] ?? ''))
  if (!cells.every((cell) => cell.isWellFormed()))
    return { ok: false, reason: 'it holds half a character, which no file can hold' }
  return { ok: true, text: csvLine(cells, delimiter) }
}

export type CsvRow =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string }

/**
 * A line with quotes where it needs them, RFC 4180 §2. A single empty cell is quoted: the line would be none. So is the
 * sign that is taken for the mark of the byte order at the begin of a file.
 */
export const csvLine = (cells: readonly string[], delimiter: string): string => {
  const isQuoted = (cell: string): boolean =>
    /["\r\n\uFEFF]/.test(cell) || cell.includes(delimiter) || (cell === '' && cells.length === 1)
  return `${cells.map((cell) => (isQuoted(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(delimiter)}\n`
}
