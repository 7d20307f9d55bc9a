import { importCatalog } from '../../src/lib/catalog/import.ts'
import type { Catalog } from '../../src/lib/catalog/model.ts'
import { readCatalog } from '../../src/lib/catalog/store.ts'
import type { Defect } from '../../src/lib/input/defects.ts'
import { temporaryFile } from './folder.ts'
import { temporaryStore, testContext } from './store.ts'

export interface Imported extends Catalog {
  readonly rejected: Readonly<Record<string, number>>
  readonly kept: Readonly<Record<string, number>>
  readonly defects: readonly Defect[]
}

/** Imports files of this content into a new store and reads the catalogue back. */
export async function importedCatalog(
  ...contents: readonly (readonly [name: string, content: string | Uint8Array])[]
): Promise<Imported> {
  return importedFiles(contents.map(([name, content]) => temporaryFile(name, content)))
}

/** Imports files, folders or archives into a new store and reads the catalogue back. */
async function importedFiles(files: readonly string[]): Promise<Imported> {
  const store = await temporaryStore()
  const defects: Defect[] = []
  const options = { files, onDefect: (defect: Defect) => defects.push(defect) }
  const { snapshot } = await importCatalog(testContext(), store, options)
  return {
    ...(await readCatalog(store, snapshot.rowId)),
    rejected: snapshot.rejected.byReason,
    kept: snapshot.kept.byReason,
    defects,
  }
}

/** A document of XZuFi 2.2 with these elements in its root. */
export function xzufi22(body: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<a:anything xmlns:a="http://xoev.de/schemata/xzufi/2_2_0" xmlns:other="urn:other">${body}</a:anything>`
}
