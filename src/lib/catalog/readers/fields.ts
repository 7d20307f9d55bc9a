import type { CsvRow } from '../../input/csv.ts'
import type { Defect, DefectLog } from '../../input/defects.ts'
import { parseTypisierungen, type Typisierung } from '../../leika/typisierung.ts'
import type { Leistung, OzgLeistung } from '../model.ts'

const MAX_TEXT = 2000
/** More than enough for a text of 2,000 characters in HTML; bounds the work on a hostile one. */
const MAX_HTML = 64 << 10

// Soft hyphens, zero width signs, marks of direction, tags: they come along when texts are copied from web pages.
const INVISIBLE = /[\p{Cf}\u2065\u{E0000}-\u{E007F}]/gu

/**
 * Trimmed, without characters that nobody sees, and with one blank for every run of white space and controls: tables
 * hold trailing blanks, tabs and no-break spaces. A word with a soft hyphen in it would not be found.
 */
export const oneLine = (text: string): string =>
  text
    .toWellFormed()
    .replace(INVISIBLE, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()

export const orNull = (text: string): string | null => (text === '' ? null : text)

/** A text of at most 2,000 characters; a longer one ends with `…`. */
export function capped(text: string): string {
  if (text.length <= MAX_TEXT) return text
  return `${text.slice(0, MAX_TEXT - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  shy: '',
}
const INLINE = /^<\/?(?:a|abbr|b|em|i|small|span|strong|sub|sup|u)(?![\w-])/i

/**
 * Plain text of an XZuFi text: HTML tags go (words of a paragraph or list stay apart), entities are resolved, white
 * space is folded. A `<` that opens no tag stays.
 */
export function plainText(html: string): string {
  if (!/[<&]/.test(html)) return oneLine(html)
  // `[^<>]` and not `[^>]`: many `<` in a row must not be scanned to the end each time.
  const text = html.slice(0, MAX_HTML).replace(/<[/!a-z][^<>]*>/gi, (tag) => (INLINE.test(tag) ? '' : ' '))
  return oneLine(
    text.replace(/&(#\d{1,7}|#x[\da-f]{1,6}|[a-z]{2,6});/gi, (whole, name: string) => entity(name) ?? whole),
  )
}

function entity(name: string): string | undefined {
  if (!name.startsWith('#')) return ENTITIES[name]
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
  const allowed = code >= 0x20 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
  return allowed ? String.fromCodePoint(code) : undefined
}

/** Parts of a cell that holds several values separated by `|`. */
export function splitList(cell: string): readonly string[] {
  return [
    ...new Set(
      cell
        .split('|')
        .map(oneLine)
        .filter((part) => part !== ''),
    ),
  ]
}

/** SDG codes without the one that says "none". Code list urn:xoev-de:fim:codeliste:sdginformationsbereich. */
export function sdgCodes(codes: readonly string[]): readonly string[] {
  return [...new Set(codes.filter((code) => /^\d{7}$/.test(code) && code !== '0000000'))]
}

/** Reports what is wrong with a cell, with its line, the number of its column and its content. */
export type CellReport = (action: Defect['action'], reason: string, row: CsvRow, column: string) => void

export function cellReport(file: string, defects: DefectLog): CellReport {
  return (action, reason, row, column) =>
    defects.add({
      action,
      reason,
      place: { file, line: row.line, column: row.columnNumber(column) },
      field: column,
      value: row.cell(column),
    })
}

/** Types of a Typ cell; one that is not in the code list is reported and left out. */
export function typenOf(row: CsvRow, column: string, report: CellReport): readonly Typisierung[] {
  const { typen, unknown } = parseTypisierungen(row.cell(column))
  if (unknown.length > 0) report('kept', 'typ-unknown', row, column)
  return typen
}

export function nameOf(row: CsvRow, column: string, report: CellReport): string {
  const name = oneLine(row.cell(column))
  if (name === '') report('kept', 'name-missing', row, column)
  return name
}

export const OZG_ID = /^\d{5}$/

/** The OZG-Leistung that a row of a table names with the columns of the OZG-Umsetzungskatalog. */
export function ozgOf(row: CsvRow): OzgLeistung {
  return {
    id: row.cell('ozg_id'),
    name: oneLine(row.cell('ozg_leistung')),
    themenfeld: orNull(oneLine(row.cell('themenfeld'))),
    lage: orNull(oneLine(row.cell('lage'))),
  }
}

/** A Leistung of which only the key is known yet. */
export function bareLeistung(key: Leistung['key']): Leistung {
  return {
    key,
    name: '',
    name2: null,
    typen: [],
    synonyms: [],
    kurztext: null,
    rechtsgrundlage: null,
    sdg: [],
  }
}
