import { badInput } from '../errors.ts'
import type { InputSource } from './source.ts'
import type { XmlElement, XmlHandlers } from './xml.ts'

/** OASIS genericode 1.0; only the root element is in this namespace, everything below is in none. */
export const GENERICODE_NS = 'http://docs.oasis-open.org/codelist/ns/genericode/1.0/'

const MAX_COLUMNS = 500
/** Characters of all values of a row, as in a table. */
const MAX_ROW = 1 << 20

/** Annotations may hold elements of any other namespace, whatever they are called. */
const isOurs = (uri: string): boolean => uri === '' || uri === GENERICODE_NS

export interface CodeListRow {
  readonly line: number
  /** Cell by column id; empty where the row has no value. */
  cell(column: string): string
}

export interface CodeList {
  canonicalUri: string
  version: string
  /** The column that the list's first key points to; the first column where no key is declared. */
  keyColumn: string
  readonly columns: string[]
}

/**
 * Handlers that read a genericode code list.
 * @param onRow is called per row, when Identification and ColumnSet have been read
 * @throws OzgctlError 65 for another root element or a list without columns
 */
export function genericodeHandlers(
  source: InputSource,
  root: XmlElement,
  onRow: (row: CodeListRow, list: CodeList) => void,
): XmlHandlers {
  if (root.local !== 'CodeList' || root.uri !== GENERICODE_NS)
    throw badInput(
      'GENERICODE_ROOT',
      `this is no genericode list: the root element is <${root.local}> of ${JSON.stringify(root.uri)}`,
      { file: source.name, line: 1 },
      [`A list begins with <CodeList> of "${GENERICODE_NS}".`],
    )
  const list: CodeList = { canonicalUri: '', version: '', keyColumn: '', columns: [] }
  const path: string[] = []
  let text = ''
  let column = -1
  let cells = new Map<string, string>()
  let rowLine = 0
  let rowLength = 0
  let inKey = false
  return {
    wantsText: true,
    open(element, line) {
      path.push(element.local)
      text = ''
      if (!isOurs(element.uri)) return
      switch (element.local) {
        case 'Row':
          if (list.columns.length === 0)
            throw badInput(
              'GENERICODE_COLUMNS',
              'a row stands before the columns are declared',
              { file: source.name, line },
              ['Fetch the file again: its ColumnSet is missing.'],
            )
          if (list.keyColumn === '') list.keyColumn = list.columns[0] ?? ''
          cells = new Map()
          rowLine = line
          rowLength = 0
          column = -1
          break
        case 'Value': {
          // A value without a column belongs to the one after the former value. genericode 1.0, Value.
          const named = element.attribute('ColumnRef')
          column = named === undefined ? column + 1 : list.columns.indexOf(named)
          break
        }
        case 'Column':
          if (list.columns.length >= MAX_COLUMNS)
            throw badInput(
              'GENERICODE_TOO_MANY_COLUMNS',
              `the list has more than ${MAX_COLUMNS} columns`,
              { file: source.name, line },
              ['No official list comes near: ask the sender what this file is.'],
            )
          list.columns.push(element.attribute('Id') ?? '')
          break
        case 'Key':
          inKey = true
          break
        case 'ColumnRef':
          if (inKey && list.keyColumn === '') list.keyColumn = element.attribute('Ref') ?? ''
          break
        default:
      }
    },
    text(part) {
      text += part
    },
    close(local, uri) {
      path.pop()
      if (!isOurs(uri)) return
      switch (local) {
        case 'SimpleValue':
          rowLength += text.length
          if (rowLength > MAX_ROW)
            throw badInput(
              'GENERICODE_ROW_TOO_LONG',
              `the row that begins here is longer than ${MAX_ROW} characters`,
              { file: source.name, line: rowLine },
              ['No official list comes near: ask the sender what this file is.'],
            )
          cells.set(list.columns[column] ?? '', text.trim())
          break
        case 'Row': {
          const row = cells
          onRow({ line: rowLine, cell: (name) => row.get(name) ?? '' }, list)
          source.record()
          break
        }
        case 'CanonicalUri':
          list.canonicalUri = text.trim()
          break
        case 'Version':
          if (path.at(-1) === 'Identification') list.version = text.trim()
          break
        case 'Key':
          inKey = false
          break
        default:
      }
      text = ''
    },
  }
}

/** The column that holds the name of a row: by its usual names, else the first that is not the key. */
export function nameColumn(list: CodeList): string {
  const usual = /^(bezeichnung|name|beschreibung|description(-de-de)?|wert|label)$/i
  return (
    list.columns.find((column) => usual.test(column)) ??
    list.columns.find((column) => column !== list.keyColumn) ??
    ''
  )
}
