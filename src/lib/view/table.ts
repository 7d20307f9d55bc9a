import type { Lang } from './lang.ts'
import { neutralCsv, neutralMarkdown, neutralTerminal } from './neutral.ts'

export type Cell = string | number | null

/** A column of a list or report. `key` heads it in CSV and stays the same in every language. */
export interface Column<Row> {
  readonly key: string
  readonly title: Readonly<Record<Lang, string>>
  readonly value: (row: Row) => Cell
  /** How people read the value; machines get it as it is. */
  readonly show?: (value: Cell, lang: Lang) => string
  /** Never shortened on the screen: keys, and what the row is about. */
  readonly whole?: boolean
  /** Left out on a screen too narrow for all columns, those with the lowest number first. */
  readonly spare?: number
  /** Left out for people when no row has a value here. */
  readonly rare?: boolean
  /** Left out on the screen, e.g. because it is too wide there. */
  readonly csvOnly?: boolean
}

export const FORMATS = ['table', 'csv', 'markdown', 'json'] as const
export type Format = (typeof FORMATS)[number]

/**
 * Rows as aligned text for a terminal.
 * @param width of the terminal in characters; the widest text column gives way
 * @param heading styles the line of titles; it must not change its width
 */
export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  lang: Lang,
  width: number,
  heading: (text: string) => string = (text) => text,
): string {
  const { cells, heads, widths, right } = fitting(forPeople(columns, rows, lang), rows, lang, width)
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) =>
        right[at]
          ? clip(cell, widths[at] ?? 0).padStart(widths[at] ?? 0)
          : clip(cell, widths[at] ?? 0).padEnd(widths[at] ?? 0),
      )
      .join('  ')
      .trimEnd()
  return [heading(line(heads)), line(widths.map((size) => '─'.repeat(size))), ...cells.map(line)]
    .map((text) => `${text}\n`)
    .join('')
}

function forPeople<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  lang: Lang,
): readonly Column<Row>[] {
  return columns.filter(
    (column) =>
      column.csvOnly !== true && (column.rare !== true || rows.some((row) => show(column, row, lang) !== '')),
  )
}

/** Cells and widths of the columns that fit, with texts shortened and spare columns left out where they do not. */
function fitting<Row>(columns: readonly Column<Row>[], rows: readonly Row[], lang: Lang, width: number) {
  const cells = rows.map((row) => columns.map((column) => neutralTerminal(show(column, row, lang))))
  const heads = columns.map((column) => column.title[lang])
  const widths = heads.map((head, at) =>
    cells.reduce((most, row) => Math.max(most, row[at]?.length ?? 0), head.length),
  )
  const right = columns.map(
    (column) => rows.every((row) => typeof column.value(row) !== 'string') && rows.length > 0,
  )
  const over = shrink(
    widths,
    columns.map((column, at) => column.whole !== true && right[at] !== true),
    width,
  )
  const spare = columns
    .filter((column) => column.spare !== undefined)
    .sort((a, b) => (a.spare ?? 0) - (b.spare ?? 0))[0]
  if (over > 0 && spare !== undefined)
    return fitting(
      columns.filter((column) => column !== spare),
      rows,
      lang,
      width,
    )
  return { cells, heads, widths, right }
}

/**
 * Takes width from the widest text column, bit by bit, so that the columns that give way end up equally wide.
 * @returns how much is still too wide
 */
function shrink(widths: number[], mayShrink: readonly boolean[], width: number): number {
  const total = widths.reduce((sum, size) => sum + size, 0) + 2 * (widths.length - 1)
  let over = total - width
  for (; over > 0; over--) {
    const size = Math.max(...widths.filter((_, at) => mayShrink[at]), 0)
    if (size <= MIN_WIDTH) break
    widths[widths.findIndex((known, at) => mayShrink[at] === true && known === size)] = size - 1
  }
  return over
}

/** Narrower than this a text says nothing any more. */
const MIN_WIDTH = 12

const clip = (text: string, size: number): string =>
  text.length > size ? `${text.slice(0, size - 1)}…` : text

/** Rows as CSV with `;` (what German spreadsheets open), values untouched by language. */
export function renderCsv<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const lines = [columns.map((column) => column.key)].concat(
    rows.map((row) => columns.map((column) => neutralCsv(String(column.value(row) ?? '')))),
  )
  return lines.map((cells) => `${cells.join(';')}\n`).join('')
}

export function renderMarkdown<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  lang: Lang,
): string {
  const shown = forPeople(columns, rows, lang)
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`
  const right = shown.map(
    (column) => rows.length > 0 && rows.every((row) => typeof column.value(row) !== 'string'),
  )
  return (
    line(shown.map((column) => column.title[lang])) +
    line(right.map((is) => (is ? '---:' : '---'))) +
    rows.map((row) => line(shown.map((column) => neutralMarkdown(show(column, row, lang))))).join('')
  )
}

function show<Row>(column: Column<Row>, row: Row, lang: Lang): string {
  const value = column.value(row)
  return column.show === undefined ? String(value ?? '') : column.show(value, lang)
}
