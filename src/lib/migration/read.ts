import type { Run } from '../journal/model.ts'
import { listRuns } from '../journal/read.ts'
import type { Store } from '../store/sqlite.ts'
import { journalWave } from './items.ts'
import type { JsonObject } from './records/model.ts'

/** What a run of a migration, or of its rollback, needs to go on; kept with the run. */
export interface MigrationRunOptions {
  readonly migration: string
  readonly hash: string
  /** The definition as it was when the run began. */
  readonly document: JsonObject
  readonly portal: string
  /** Where paths in it start from. */
  readonly folder: string
  readonly data: readonly string[]
  /** Waves of tenants. */
  readonly waves: number
  readonly tenants: number
  readonly atLeastOnce: boolean
  /** Number of the run that is taken back; null for a migration. */
  readonly of: number | null
}

export const isMigration = ({ kind }: Pick<Run, 'kind'>): boolean =>
  kind === 'migration' || kind === 'rollback'

/** Every writer of these runs writes this. */
export const optionsOf = ({ options }: Pick<Run, 'options'>): MigrationRunOptions =>
  options as MigrationRunOptions

/** Values that steps saved for a tenant, by the id of the step. */
export function outputsOf(store: Store, run: number, key: string): Readonly<Record<string, JsonObject>> {
  const rows = store.db
    .prepare('SELECT action, output FROM run_item WHERE run = ? AND item_key = ? AND output IS NOT NULL')
    .all(run, key)
  return Object.fromEntries(
    rows.map(({ action, output }) => [String(action), JSON.parse(String(output)) as JsonObject]),
  )
}

/** Keys of the tenants of all waves up to one, each once. */
export function keysOfWave(store: Store, run: number, wave: number): readonly string[] {
  return store.db
    .prepare(
      'SELECT DISTINCT item_key FROM run_item WHERE run = ? AND wave <= ? AND wave % 2 = 0 ORDER BY item_key',
    )
    .all(run, journalWave(wave))
    .map(({ item_key }) => String(item_key))
}

/** Ordinals of items of a run that a rollback has taken back. */
export async function undoneItems(store: Store, run: number): Promise<ReadonlySet<number>> {
  const undone = new Set<number>()
  for (const { number } of await rollbacksOf(store, run))
    for (const { input } of store.db
      .prepare("SELECT input FROM run_item WHERE run = ? AND state IN ('done', 'already')")
      .all(number))
      undone.add((JSON.parse(String(input)) as { ordinal: number }).ordinal)
  return undone
}

/** Rollbacks of a run, the latest first. */
export async function rollbacksOf(store: Store, run: number): Promise<readonly Run[]> {
  return (await listRuns(store)).filter((one) => one.kind === 'rollback' && optionsOf(one).of === run)
}

/** A tenant of a run that another run has still to deal with. */
export interface Busy {
  readonly run: number
  readonly key: string
}

/** The first of these tenants that another run of a migration is not finished with. Call it inside of a transaction. */
export function busyTenant(
  store: Store,
  run: number,
  portal: string,
  keys: readonly string[],
): Busy | undefined {
  const row = store.db
    .prepare(
      `SELECT r.id AS run, i.item_key AS key FROM run r JOIN run_item i ON i.run = r.id
       WHERE r.id <> ? AND r.kind IN ('migration', 'rollback') AND r.state IN ('running', 'stopped')
       AND json_extract(r.options, '$.portal') = ?
       AND i.state IN ('pending', 'running', 'unknown') AND i.item_key IN (SELECT value FROM json_each(?)) LIMIT 1`,
    )
    .get(run, portal, JSON.stringify(keys))
  return row === undefined ? undefined : { run: Number(row.run), key: String(row.key) }
}
