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
  const shown = columns.filter((column) => column.csvOnly !== true)
  const cells = rows.map((row) => shown.map((column) => neutralTerminal(show(column, row, lang))))
  const heads = shown.map((column) => column.title[lang])
  const widths = shown.map((_, at) =>
    Math.max(heads[at]?.length ?? 0, ...cells.map((row) => row[at]?.length ?? 0)),
  )
  const right = shown.map(
    (column) => rows.every((row) => typeof column.value(row) !== 'string') && rows.length > 0,
  )
  shrink(widths, right, width)
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

function shrink(widths: number[], right: readonly boolean[], width: number): void {
  const total = () => widths.reduce((sum, size) => sum + size, 0) + 2 * (widths.length - 1)
  for (let over = total() - width; over > 0; over = total() - width) {
    const widest = widths.reduce(
      (best, size, at) => (!right[at] && size > (widths[best] ?? 0) ? at : best),
      right.indexOf(false),
    )
    const size = widths[widest] ?? 0
    if (widest < 0 || size <= 12) return
    widths[widest] = Math.max(12, size - over)
  }
}

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
  const shown = columns.filter((column) => column.csvOnly !== true)
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
