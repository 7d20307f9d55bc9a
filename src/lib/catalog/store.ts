import type { LeikaKey } from '../leika/key.ts'
import type { Typisierung } from '../leika/typisierung.ts'
import type { Store } from '../store/sqlite.ts'
import type { Bundle, Catalog, Leistung, OzgLeistung } from './model.ts'

/** Writes a catalogue; called inside its snapshot's transaction. */
export function insertCatalog(store: Store, snapshot: number, catalog: Catalog): void {
  const ozg = store.db.prepare('INSERT INTO ozg_leistung VALUES (?, ?, ?, ?, ?)')
  for (const { id, name, themenfeld, lage } of catalog.ozgLeistungen)
    ozg.run(snapshot, id, name, themenfeld, lage)
  const leistung = store.db.prepare('INSERT INTO leistung VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
  for (const row of catalog.leistungen) {
    leistung.run(
      snapshot,
      row.key,
      row.name,
      row.name2,
      row.typen.join(','),
      JSON.stringify(row.synonyms),
      row.kurztext,
      row.rechtsgrundlage,
      row.sdg.join(','),
    )
  }
  const bundle = store.db.prepare('INSERT INTO bundle VALUES (?, ?, ?)')
  for (const { ozgId, key } of catalog.bundles) bundle.run(snapshot, ozgId, key)
}

export async function readOzgLeistungen(store: Store, snapshot: number): Promise<readonly OzgLeistung[]> {
  const rows = store.db
    .prepare('SELECT ozg_id, name, themenfeld, lage FROM ozg_leistung WHERE snapshot = ? ORDER BY ozg_id')
    .all(snapshot)
  return rows.map((row) => ({
    id: String(row.ozg_id),
    name: String(row.name),
    themenfeld: text(row.themenfeld),
    lage: text(row.lage),
  }))
}

export async function readBundles(store: Store, snapshot: number): Promise<readonly Bundle[]> {
  const rows = store.db
    .prepare('SELECT ozg_id, leika_key FROM bundle WHERE snapshot = ? ORDER BY ozg_id, leika_key')
    .all(snapshot)
  return rows.map((row) => ({ ozgId: String(row.ozg_id), key: String(row.leika_key) as LeikaKey }))
}

/** Types by key: all that a coverage report needs of the Leistungen. */
export async function readTypen(
  store: Store,
  snapshot: number,
): Promise<ReadonlyMap<LeikaKey, readonly Typisierung[]>> {
  const rows = store.db.prepare('SELECT leika_key, typen FROM leistung WHERE snapshot = ?').all(snapshot)
  return new Map(rows.map((row) => [String(row.leika_key) as LeikaKey, list(row.typen) as Typisierung[]]))
}

/** Names by key. */
export async function readNames(store: Store, snapshot: number): Promise<ReadonlyMap<LeikaKey, string>> {
  const rows = store.db.prepare('SELECT leika_key, name FROM leistung WHERE snapshot = ?').all(snapshot)
  return new Map(rows.map((row) => [String(row.leika_key) as LeikaKey, String(row.name)]))
}

async function readLeistungen(store: Store, snapshot: number): Promise<readonly Leistung[]> {
  return store.db
    .prepare('SELECT * FROM leistung WHERE snapshot = ? ORDER BY leika_key')
    .all(snapshot)
    .map(toLeistung)
}

export async function readCatalog(store: Store, snapshot: number): Promise<Catalog> {
  return {
    ozgLeistungen: await readOzgLeistungen(store, snapshot),
    leistungen: await readLeistungen(store, snapshot),
    bundles: await readBundles(store, snapshot),
  }
}

function toLeistung(row: Readonly<Record<string, unknown>>): Leistung {
  return {
    key: String(row.leika_key) as LeikaKey,
    name: String(row.name),
    name2: text(row.name2),
    typen: list(row.typen) as Typisierung[],
    synonyms: JSON.parse(String(row.synonyms)) as string[],
    kurztext: text(row.kurztext),
    rechtsgrundlage: text(row.rechtsgrundlage),
    sdg: list(row.sdg),
  }
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)
const list = (value: unknown): string[] =>
  String(value)
    .split(',')
    .filter((part) => part !== '')
