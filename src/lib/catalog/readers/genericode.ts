import { badInput } from '../../errors.ts'
import type { DefectLog } from '../../input/defects.ts'
import { type CodeList, type CodeListRow, genericodeHandlers, nameColumn } from '../../input/genericode.ts'
import type { InputSource } from '../../input/source.ts'
import type { XmlElement, XmlHandlers } from '../../input/xml.ts'
import { parseLeikaKey } from '../../leika/key.ts'
import { parseTypisierungen } from '../../leika/typisierung.ts'
import type { Catalog, Leistung } from '../model.ts'
import { bareLeistung, oneLine } from './fields.ts'
import { UniqueRows } from './unique-rows.ts'

export interface CatalogXmlReader {
  readonly handlers: XmlHandlers
  /** What the document said, once it has been read. */
  result(): Catalog
}

/**
 * Reads a genericode list of LeiKa keys. Its URN is not fixed anywhere, so the list is known by its first key.
 * @throws OzgctlError 65 for a list of something else, e.g. of regions
 */
export function leikaListReader(source: InputSource, root: XmlElement, defects: DefectLog): CatalogXmlReader {
  const rows = new UniqueRows<Leistung>(defects)
  const handlers = genericodeHandlers(source, root, (row, list) => {
    const place = { file: source.name, line: row.line }
    const field = list.keyColumn
    const value = row.cell(field)
    const key = parseLeikaKey(value)
    if (!key.ok) {
      if (source.facts.records === 0 && !/leika/i.test(list.canonicalUri))
        throw unknownList(list, source.name)
      defects.add({ action: 'rejected', reason: key.reason, place, field, value })
      return
    }
    const leistung = {
      ...bareLeistung(key.value),
      name: oneLine(row.cell(nameColumn(list))),
      typen: typen(row, list, source.name, defects),
    }
    rows.add({
      key: key.value,
      content: JSON.stringify(leistung),
      variant: '',
      place,
      field,
      value: leistung,
    })
  })
  return { handlers, result: () => ({ ozgLeistungen: [], leistungen: rows.values(), bundles: [] }) }
}

function typen(row: CodeListRow, list: CodeList, file: string, defects: DefectLog): Leistung['typen'] {
  const column = list.columns.find((name) => /^(typ|typisierung)$/i.test(name))
  if (column === undefined) return []
  const parsed = parseTypisierungen(row.cell(column))
  if (parsed.unknown.length > 0)
    defects.add({
      action: 'kept',
      reason: 'typ-unknown',
      place: { file, line: row.line },
      field: column,
      value: row.cell(column),
    })
  return parsed.typen
}

function unknownList(list: CodeList, file: string): Error {
  return badInput(
    'CODE_LIST_UNKNOWN',
    `this is the code list ${list.canonicalUri || '(unnamed)'}, not one of LeiKa keys`,
    { file },
    ['Lists of regions are read by: ozgctl region import'],
  )
}
