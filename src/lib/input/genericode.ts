import { badInput } from '../errors.ts'
import type { InputSource } from './source.ts'
import type { XmlElement, XmlHandlers } from './xml.ts'

/** OASIS genericode 1.0; only the root element is in this namespace, everything below is in none. */
export const GENERICODE_NS = 'http://docs.oasis-open.org/codelist/ns/genericode/1.0/'

export interface CodeListRow {
  readonly line: number
  /** Cell by column id; empty where the row has no value. */
  cell(column: string): string
}

export interface CodeList {
  canonicalUri: string
  version: string
  /** The column that the list's first key points to. */
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
  if (root.local !== 'CodeList')
    throw badInput('GENERICODE_ROOT', `the root element is ${root.local}, not CodeList`, {
      file: source.name,
      line: 1,
    })
  const list: CodeList = { canonicalUri: '', version: '', keyColumn: '', columns: [] }
  const path: string[] = []
  let text = ''
  let column = ''
  let cells = new Map<string, string>()
  let rowLine = 0
  let inKey = false
  return {
    wantsText: true,
    open(element, line) {
      path.push(element.local)
      text = ''
      switch (element.local) {
        case 'Row':
          if (list.columns.length === 0)
            throw badInput('GENERICODE_COLUMNS', 'a row stands before the columns are declared', {
              file: source.name,
              line,
            })
          cells = new Map()
          rowLine = line
          break
        case 'Value':
          column = element.attribute('ColumnRef') ?? list.columns[cells.size] ?? ''
          cells.set(column, '')
          break
        case 'Column':
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
    close(local) {
      path.pop()
      switch (local) {
        case 'SimpleValue':
          cells.set(column, text.trim())
          break
        case 'Row': {
          const row = cells
          onRow({ line: rowLine, cell: (name) => row.get(name) ?? '' }, list)
          source.facts.records++
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
