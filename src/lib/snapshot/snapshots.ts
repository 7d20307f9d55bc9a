import { usageError } from '../errors.ts'
import type { DefectSummary } from '../input/defects.ts'
import type { SourceFacts } from '../input/source.ts'
import { type Store, transaction } from '../store/sqlite.ts'

export type SnapshotKind = 'region' | 'catalog' | 'offer'

/** What an import found, kept with its snapshot. */
export interface ImportSummary {
  readonly counts: Readonly<Record<string, number>>
  readonly rejected: DefectSummary
  /** Rows that are used although a field was wrong and is left empty. */
  readonly kept: DefectSummary
  /** Rows that do not belong into this snapshot and are no fault, e.g. city districts in the list of Gemeinden. */
  readonly ignored: Readonly<Record<string, number>>
}

export interface Snapshot extends ImportSummary {
  /** Key in the store. */
  readonly rowId: number
  /** What people and JSON call it: kind and number, e.g. `catalog-3`. */
  readonly id: string
  readonly kind: SnapshotKind
  readonly active: boolean
  /** ISO 8601, UTC. */
  readonly createdAt: string
  readonly actor: string
  readonly host: string
  readonly sources: readonly Readonly<SourceFacts>[]
}

export interface NewSnapshot {
  readonly kind: SnapshotKind
  readonly createdAt: string
  readonly actor: string
  readonly host: string
  readonly sources: readonly Readonly<SourceFacts>[]
  readonly summary: ImportSummary
}

/**
 * Writes a snapshot and makes it the active one of its kind, in one transaction: readers see the former or the new
 * one, whole.
 * @param fill writes the rows under the given row id
 */
export async function addSnapshot(
  store: Store,
  snapshot: NewSnapshot,
  fill: (rowId: number) => void,
): Promise<Snapshot> {
  return transaction(store.db, () => insertSnapshot(store, snapshot, fill))
}

/**
 * The same, if what is active is still what it was compared with.
 * @returns undefined, and nothing is written, when another import came in between
 */
export async function addSnapshotAfter(
  store: Store,
  former: Snapshot | undefined,
  snapshot: NewSnapshot,
  fill: (rowId: number) => void,
): Promise<Snapshot | undefined> {
  const select = store.db.prepare('SELECT id FROM snapshot WHERE kind = ? AND active = 1')
  return transaction(store.db, () => {
    const active = select.get(snapshot.kind)?.id
    return active === former?.rowId ? insertSnapshot(store, snapshot, fill) : undefined
  })
}

/** Call it inside of a transaction. */
function insertSnapshot(store: Store, snapshot: NewSnapshot, fill: (rowId: number) => void): Snapshot {
  const number = nextNumber(store, snapshot.kind)
  store.db.prepare('UPDATE snapshot SET active = 0 WHERE kind = ? AND active = 1').run(snapshot.kind)
  const added = store.db
    .prepare(
      'INSERT INTO snapshot (kind, number, active, created_at, actor, host, sources, summary) VALUES (?, ?, 1, ?, ?, ?, ?, ?) RETURNING *',
    )
    .get(
      snapshot.kind,
      number,
      snapshot.createdAt,
      snapshot.actor,
      snapshot.host,
      JSON.stringify(snapshot.sources),
      JSON.stringify(snapshot.summary),
    )
  const written = toSnapshot(added ?? {})
  fill(written.rowId)
  return written
}

/** The snapshot that `addSnapshot` would write now. It belongs to no row: `rowId` is 0. */
export async function previewSnapshot(
  store: Store,
  { kind, summary, ...record }: NewSnapshot,
): Promise<Snapshot> {
  return { ...summary, ...record, kind, rowId: 0, id: `${kind}-${nextNumber(store, kind)}`, active: false }
}

function nextNumber(store: Store, kind: SnapshotKind): number {
  const last = store.db.prepare('SELECT coalesce(max(number), 0) AS n FROM snapshot WHERE kind = ?').get(kind)
  return Number(last?.n) + 1
}

export async function listSnapshots(store: Store, kind: SnapshotKind): Promise<readonly Snapshot[]> {
  return store.db.prepare('SELECT * FROM snapshot WHERE kind = ? ORDER BY number').all(kind).map(toSnapshot)
}

export async function activeSnapshot(store: Store, kind: SnapshotKind): Promise<Snapshot | undefined> {
  const row = store.db.prepare('SELECT * FROM snapshot WHERE kind = ? AND active = 1').get(kind)
  return row === undefined ? undefined : toSnapshot(row)
}

/** @throws OzgctlError 64 with the store, which may be another than was meant, and the command that imports one */
export async function requireActive(store: Store, kind: SnapshotKind): Promise<Snapshot> {
  const snapshot = await activeSnapshot(store, kind)
  if (snapshot !== undefined) return snapshot
  const what = {
    region: 'register of municipalities',
    catalog: 'service catalogue',
    offer: 'list of offers',
  }[kind]
  throw usageError(
    `NO_${kind.toUpperCase()}_SNAPSHOT`,
    `no ${what} has been imported into the store ${store.path} yet`,
    [`Run: ozgctl ${kind} import FILE`],
  )
}

/**
 * Finds a snapshot by what people write: `catalog-3` or `3`.
 * @throws OzgctlError 64 listing those that exist
 */
export async function findSnapshot(store: Store, kind: SnapshotKind, reference: string): Promise<Snapshot> {
  const all = await listSnapshots(store, kind)
  const found = all.find((snapshot) => snapshot.id === reference || snapshot.id === `${kind}-${reference}`)
  if (found !== undefined) return found
  const known = all.map((snapshot) => snapshot.id).join(', ')
  throw usageError('SNAPSHOT_UNKNOWN', `there is no snapshot "${reference}"`, [
    known === '' ? `Run: ozgctl ${kind} import FILE` : `There are: ${known}`,
  ])
}

/** The pair that a `diff` compares: both named, or the last two. */
export async function snapshotPair(
  store: Store,
  kind: SnapshotKind,
  from?: string,
  to?: string,
): Promise<readonly [Snapshot, Snapshot]> {
  const all = await listSnapshots(store, kind)
  const second = to === undefined ? all.at(-1) : await findSnapshot(store, kind, to)
  const first = from === undefined ? all.at(-2) : await findSnapshot(store, kind, from)
  if (first === undefined || second === undefined) {
    throw usageError(
      'SNAPSHOT_UNKNOWN',
      `a comparison needs two snapshots; there ${all.length === 1 ? 'is one' : 'is none'}`,
      [`Run: ozgctl ${kind} import FILE`],
    )
  }
  return [first, second]
}

function toSnapshot(row: Readonly<Record<string, unknown>>): Snapshot {
  const kind = String(row.kind) as SnapshotKind
  return {
    ...(JSON.parse(String(row.summary)) as ImportSummary),
    rowId: Number(row.id),
    id: `${kind}-${Number(row.number)}`,
    kind,
    active: row.active === 1,
    createdAt: String(row.created_at),
    actor: String(row.actor),
    host: String(row.host),
    sources: JSON.parse(String(row.sources)) as SourceFacts[],
  }
}
