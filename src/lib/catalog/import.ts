import type { Context } from '../context.ts'
import { badInput, unreachable } from '../errors.ts'
import { readCsv } from '../input/csv.ts'
import type { DefectLog } from '../input/defects.ts'
import { GENERICODE_NS } from '../input/genericode.ts'
import { readJson } from '../input/json.ts'
import { readXml, type XmlElement } from '../input/xml.ts'
import { type ImportOptions, type ImportResult, type InputText, runImport } from '../snapshot/importing.ts'
import type { Store } from '../store/sqlite.ts'
import { mergeCatalogs } from './merge.ts'
import type { Catalog } from './model.ts'
import { isExportJson, readExportJson } from './readers/export-json.ts'
import { EXPORT_TABLE, readExportTable } from './readers/export-table.ts'
import { FIM_CSV, readFimCsv } from './readers/fim-csv.ts'
import { readFimJson } from './readers/fim-json.ts'
import { leikaListReader } from './readers/genericode.ts'
import { LEIKA_TABLE, readLeikaTable } from './readers/leika-table.ts'
import { OZG_TABLE, readOzgTable } from './readers/ozg-table.ts'
import { XzufiHandlers } from './readers/xzufi.ts'
import { XzufiRecords } from './readers/xzufi-records.ts'
import { insertCatalog } from './store.ts'

const TABLES = [OZG_TABLE, LEIKA_TABLE, FIM_CSV, EXPORT_TABLE] as const

/** What the files said, in their order. XZuFi is known only at the end: later files replace and delete. */
type Part = () => Catalog

/**
 * Imports the service catalogue: OZG and LeiKa tables, the FIM portal's CSV and JSON, genericode lists of LeiKa keys,
 * XZuFi, or what `catalog export` wrote. Files are recognised by content; those of one call are merged.
 * @throws OzgctlError 65 when a file is none of these or cannot be read to its end, and for the reasons of `runImport`
 */
export async function importCatalog(
  context: Context,
  store: Store,
  options: ImportOptions,
): Promise<ImportResult> {
  const parts: Part[] = []
  const transfer = new XzufiRecords()
  return runImport(context, store, options, {
    kind: 'catalog',
    mainCount: ['leistungen', 'ozgLeistungen'],
    // The LeiKa has some 6,000 Leistungen; transfers of XZuFi hold their texts in several languages.
    limits: { of: 'a service catalogue', records: 500_000, bytes: 2 ** 31 },
    read: async (input, defects) => {
      const part = await readPart(input, transfer, defects)
      if (part !== undefined) parts.push(() => part)
      else if (!parts.includes(readTransfer)) parts.push(readTransfer)
      function readTransfer(): Catalog {
        return transfer.catalog(defects)
      }
    },
    finish: async () => {
      const catalog = mergeCatalogs(parts.map((part) => part()))
      return {
        counts: { ozgLeistungen: catalog.ozgLeistungen.length, leistungen: catalog.leistungen.length },
        ignored: {},
        write: (snapshot) => insertCatalog(store, snapshot, catalog),
      }
    },
  })
}

/** @returns undefined for a document of XZuFi, whose Leistungen went into `transfer` */
async function readPart(
  input: InputText,
  transfer: XzufiRecords,
  defects: DefectLog,
): Promise<Catalog | undefined> {
  switch (input.kind) {
    case 'text':
      return readTable(input, defects)
    case 'json':
      return readJsonPart(input, defects)
    case 'xml':
      return readDocument(input, transfer, defects)
    default:
      return unreachable(input.kind)
  }
}

async function readJsonPart({ source, text }: InputText, defects: DefectLog): Promise<Catalog> {
  const document = await readJson(source, text)
  source.facts.format = isExportJson(document) ? EXPORT_TABLE.name : 'fim-json'
  return isExportJson(document)
    ? readExportJson(document, source, defects)
    : readFimJson(document, source, defects)
}

async function readTable({ source, text, delimiter }: InputText, defects: DefectLog): Promise<Catalog> {
  const table = await readCsv(source, text, TABLES, defects, delimiter)
  source.facts.format = table.format
  switch (table.format) {
    case 'ozg-table':
      return readOzgTable(table, source.name, defects)
    case 'leika-table':
      return readLeikaTable(table, source.name, defects)
    case 'fim-csv':
      return readFimCsv(table, source.name, defects)
    case 'ozgctl-catalog':
      return readExportTable(table, source.name, defects)
    default:
      return unreachable(table.format)
  }
}

async function readDocument(
  { source, text }: InputText,
  transfer: XzufiRecords,
  defects: DefectLog,
): Promise<Catalog | undefined> {
  let list: (() => Catalog) | undefined
  let rootName = ''
  const xzufi = new XzufiHandlers(source.name, transfer, source.record)
  await readXml(source, text, (root) => {
    rootName = describeRoot(root)
    source.facts.format = root.uri === GENERICODE_NS ? 'genericode' : 'xzufi'
    if (root.uri !== GENERICODE_NS) return xzufi
    const reader = leikaListReader(source, root, defects)
    list = reader.result
    return reader.handlers
  })
  if (list !== undefined) return list()
  if (!xzufi.found)
    throw badInput(
      'XML_UNKNOWN',
      `this is neither XZuFi nor genericode: the root element is ${rootName}`,
      { file: source.name, line: 1 },
      ['XZuFi has the namespace http://xoev.de/schemata/xzufi/…, whatever its root element is called.'],
    )
  return undefined
}

function describeRoot({ local, uri }: XmlElement): string {
  return uri === '' ? `<${local}> in no namespace` : `<${local}> of ${JSON.stringify(uri)}`
}
