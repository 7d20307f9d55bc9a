import { badInput, type Place } from '../errors.ts'

export const DELIMITERS = [';', ',', '\t', '|'] as const
export type Delimiter = (typeof DELIMITERS)[number]

/** A table that a reader understands. Column names are compared trimmed and without regard to case. */
export interface TableFormat<Name extends string = string> {
  readonly name: Name
  readonly columns: readonly string[]
}

/** Characters of a row, the header line included. */
export const MAX_ROW = 1 << 20
const MAX_COLUMNS = 500

/** The first line that is no blank and no `sep=;`, and the text behind it. */
export interface HeaderSplit {
  readonly header: string
  readonly headerLine: number
  rest(): AsyncIterable<string>
}

/** @throws OzgctlError 65 when there is no header line */
export async function splitHeader(text: AsyncIterable<string>, file: string): Promise<HeaderSplit> {
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

/**
 * Finds the format and delimiter that a header line fits.
 * @throws OzgctlError 65 when none or several do, or a column stands twice
 */
export function matchHeader<Name extends string>(
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

/** Column names are compared in this form. */
export const normal = (column: string): string => column.trim().normalize('NFC').toLowerCase()

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
