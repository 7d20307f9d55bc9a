import { importCatalog } from '../../src/lib/catalog/import.ts'
import type { Bundle, Catalog, Leistung } from '../../src/lib/catalog/model.ts'
import { readCatalog } from '../../src/lib/catalog/store.ts'
import type { Defect } from '../../src/lib/input/defects.ts'
import type { LeikaKey } from '../../src/lib/leika/key.ts'
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
export async function importedFiles(files: readonly string[]): Promise<Imported> {
  const store = await temporaryStore()
  const defects: Defect[] = []
  // How much may be wrong is not what readers are tested for.
  const options = { files, maxRejects: { percent: 100 }, onDefect: (defect: Defect) => defects.push(defect) }
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

/** A Leistung of which only this is known. */
export function leistung(key: string, name: string, more: Partial<Leistung> = {}): Leistung {
  return {
    key: key as LeikaKey,
    name,
    name2: null,
    typen: [],
    synonyms: [],
    kurztext: null,
    rechtsgrundlage: null,
    sdg: [],
    ...more,
  }
}

export const bundle = (ozgId: string, key: string): Bundle => ({ ozgId, key: key as LeikaKey })

/** Three OZG-Leistungen, one of them empty; a Leistungsobjekt in two of them; a Leistung in none. */
export const SMALL: Catalog = {
  ozgLeistungen: [
    { id: '10001', name: 'Eins', themenfeld: 'Bauen & Wohnen', lage: 'Umzug' },
    { id: '10002', name: 'Zwei', themenfeld: 'Bildung', lage: 'Schule' },
    { id: '10003', name: 'Leer', themenfeld: 'Bildung', lage: 'Studium' },
  ],
  leistungen: [
    leistung('99001001000000', 'Objekt', { typen: ['5'] }),
    leistung('99001001012000', 'Ausstellung', { typen: ['2/3'] }),
    leistung('99001001012001', 'Detail'),
    leistung('99009009000000', 'ohne OZG'),
  ],
  bundles: [
    bundle('10001', '99001001000000'),
    bundle('10002', '99001001000000'),
    bundle('10002', '99001001012000'),
  ],
}
