import type { Context } from '../context.ts'
import { usageError } from '../errors.ts'
import type { Run } from '../journal/model.ts'
import { runsNow } from '../journal/now.ts'
import { findRun, listRuns } from '../journal/read.ts'
import type { Store } from '../store/sqlite.ts'
import { allFrozen, type Frozen } from './freeze.ts'
import { isMigration, optionsOf } from './read.ts'

/** A migration that has run, with its runs and rollbacks, the latest first. */
export interface MigrationSummary {
  readonly frozen: Frozen
  readonly runs: readonly { readonly run: Run; readonly holder: string | undefined }[]
}

/** All migrations that have run here. */
export async function listMigrations(store: Store, context: Context): Promise<readonly MigrationSummary[]> {
  const runs = (await runsNow(store, context)).filter(({ run }) => isMigration(run))
  return allFrozen(store).map((frozen) => ({
    frozen,
    runs: runs.filter(({ run }) => optionsOf(run).migration === frozen.id),
  }))
}

/**
 * The run that people name: `run-7`, `7`, or the latest of a migration by `latest`.
 * @throws OzgctlError 64 RUN_UNKNOWN, NO_MIGRATION
 */
export async function findMigrationRun(store: Store, text: string): Promise<Run> {
  if (text === 'latest') {
    const latest = (await listRuns(store)).find(isMigration)
    if (latest !== undefined) return latest
  }
  const run = await findRun(store, text)
  if (isMigration(run)) return run
  throw usageError('NO_MIGRATION', `${run.id} is no run of a migration`, ['See: ozgctl migration list'])
}
