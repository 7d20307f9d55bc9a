import type { Context } from '../context.ts'
import { OzgctlError, usageError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { type NewItem, openItems, type Run, type RunItem, runId } from '../journal/model.ts'
import { listRuns, readItems, readRun } from '../journal/read.ts'
import { hasNotEnded, moveRun } from '../journal/states.ts'
import type { Store } from '../store/sqlite.ts'
import { closest } from '../text.ts'
import { type Definition, definitionOf } from './definition.ts'
import type { UndoInput } from './executor.ts'
import { type ItemInput, journalWave, waveOfJournal } from './items.ts'
import { isMigration, optionsOf, undoneItems } from './read.ts'
import type { Json } from './records/model.ts'
import { type MigrationWork, runUndo } from './runs.ts'

/** What of a run is to be taken back; all where nothing is said. */
export interface RollbackScope {
  /** Counted from 1. */
  readonly wave: number | undefined
  /** Keys of tenants, as they were when the run began. */
  readonly keys: readonly string[]
}

/** A step of a tenant, and what becomes of it. */
export interface RollbackStep {
  readonly wave: number
  readonly key: string
  readonly name: string
  readonly step: string
  readonly ordinal: number
  readonly memo: Json
  readonly undo: 'yes' | 'nothing' | 'never'
}

export interface RollbackPlan {
  readonly run: Run
  /** Of each tenant the last step first. */
  readonly steps: readonly RollbackStep[]
  /** Tenants that lose what they were still to get. */
  readonly keys: readonly string[]
}

/**
 * What a rollback would take back: every step that was begun and not taken back yet, in reverse order.
 * @throws OzgctlError 64 NO_MIGRATION, ROLLBACK_EMPTY, WAVE_UNKNOWN, TENANT_UNKNOWN, SELECTION_EMPTY; 65 CHANGED_SINCE
 */
export async function planRollback(store: Store, run: Run, scope: RollbackScope): Promise<RollbackPlan> {
  if (run.kind !== 'migration')
    throw usageError('NO_MIGRATION', `${run.id} is no run of a migration`, ['See: ozgctl migration list'])
  const definition = await definitionOf(optionsOf(run).document)
  const items = [...readItems(store, run.number)].filter(({ input }) => (input as ItemInput).kind === 'step')
  const meant = items.filter((item) => isMeant(item, scope))
  refuseUnknown(items, scope, run)
  if (meant.length === 0) throw nothingMeant(scope, run)
  const undone = await undoneItems(store, run.number)
  const steps = meant
    .filter((item) => wasBegun(item) && !undone.has(item.ordinal))
    .map((item) => rollbackStep(item, definition))
  const ordered = [...Map.groupBy(steps, ({ key }) => key).values()]
    .reverse()
    .flatMap((ofTenant) => ofTenant.toReversed())
  const keys = [...new Set(meant.map(({ key }) => key))]
  if (ordered.every(({ undo }) => undo === 'nothing') && !meant.some(({ state }) => state === 'pending'))
    throw usageError('ROLLBACK_EMPTY', `there is nothing left of ${run.id} to take back`)
  await refuseLater(store, run, keys)
  return { run, steps: ordered, keys }
}

/** Takes steps of a run back. */
export function rollback(
  context: Context,
  store: Store,
  { run, steps, keys }: RollbackPlan,
  work: MigrationWork,
) {
  return runUndo(context, store, run, undoItems(steps), keys, work, (number) =>
    closeItems(store, context, run.number, keys, `rolled back by ${runId(number)}`),
  )
}

/** Of each tenant a chain, so that a step is taken back only when those after it have been. */
function undoItems(steps: readonly RollbackStep[]): readonly NewItem[] {
  const last = Math.max(0, ...steps.map(({ wave }) => wave))
  let before = ''
  return steps
    .filter(({ undo }) => undo === 'yes')
    .map(({ wave, key, name, step, ordinal, memo }) => {
      const chained = key === before
      before = key
      return {
        // Waves go back in reverse order, too.
        wave: journalWave(last - wave),
        key,
        name,
        action: step,
        input: { kind: 'undo', step, ordinal, memo } satisfies UndoInput,
        chained,
      }
    })
}

const isMeant = ({ wave, key }: RunItem, scope: RollbackScope): boolean =>
  (scope.wave === undefined || waveOfJournal(wave) + 1 === scope.wave) &&
  (scope.keys.length === 0 || scope.keys.includes(key))

/** Something may have been changed: what an undo needs is noted before the first effect. */
const wasBegun = ({ memo }: RunItem): boolean => memo !== null

function rollbackStep(
  { wave, key, name, action, ordinal, memo }: RunItem,
  { steps }: Definition,
): RollbackStep {
  const step = steps.find(({ id }) => id === action)
  return {
    wave: waveOfJournal(wave),
    key,
    name,
    step: action,
    ordinal,
    memo: memo as Json,
    undo: step?.behaviour.undoable(step.written) ?? 'never',
  }
}

/** Each of them has to be there: one of several that is mistyped would be left as it is, and nobody told. */
function refuseUnknown(items: readonly RunItem[], { wave, keys }: RollbackScope, run: Run): void {
  const waves = Math.max(0, ...items.map((item) => waveOfJournal(item.wave) + 1))
  if (wave !== undefined && wave > waves)
    throw usageError('WAVE_UNKNOWN', `${run.id} has ${waves} waves, and no wave ${wave}`)
  const known = [...new Set(items.map(({ key }) => key))]
  const unknown = keys.filter((key) => !known.includes(key))
  if (unknown.length === 0) return
  throw usageError('TENANT_UNKNOWN', `${run.id} has nothing to do with ${unknown.join(', ')}`, [
    ...closest(unknown[0] ?? '', known).map((key) => `Did you mean ${key}?`),
    `See its tenants: ozgctl migration status ${run.id}`,
  ])
}

function nothingMeant({ wave, keys }: RollbackScope, run: Run): OzgctlError {
  const words = [wave === undefined ? [] : [`--wave ${wave}`], keys.map((key) => `--tenant ${key}`)].flat()
  return usageError('SELECTION_EMPTY', `${run.id} has no tenant with ${words.join(' and ')}`, [
    `See which tenant is in which wave: ozgctl migration status ${run.id}`,
  ])
}

/** What a later run has made of a tenant would be lost, or in the way. */
async function refuseLater(store: Store, run: Run, keys: readonly string[]): Promise<void> {
  const { portal } = optionsOf(run)
  for (const later of await listRuns(store)) {
    if (later.number <= run.number || later.kind !== 'migration' || !isMigration(later)) continue
    if (optionsOf(later).portal !== portal) continue
    const undone = await undoneItems(store, later.number)
    const found = [...readItems(store, later.number, ['done'])].find(
      ({ key, ordinal, memo }) => keys.includes(key) && memo !== null && !undone.has(ordinal),
    )
    if (found !== undefined)
      throw new OzgctlError(
        'CHANGED_SINCE',
        `${later.id} has changed ${found.key} (${found.name}) since ${run.id}`,
        {
          exit: EXIT.badInput,
          suggestions: [
            `Take that back first: ozgctl migration rollback ${later.id} --tenant ${found.key}`,
            'Or name only the other tenants with --tenant.',
          ],
        },
      )
  }
}

/** What is taken back is not gone on with. Call it inside of a transaction. */
function closeItems(
  store: Store,
  context: Context,
  run: number,
  keys: readonly string[],
  reason: string,
): void {
  const before = readRun(store, run)
  store.db
    .prepare(
      `UPDATE run_item SET state = 'cancelled', epoch = epoch + 1, owner = NULL,
       reason = ? || CASE WHEN reason IS NULL THEN '' ELSE '; before: ' || reason END
       WHERE run = ? AND state IN ('pending', 'running', 'unknown', 'failed')
       AND item_key IN (SELECT value FROM json_each(?))`,
    )
    .run(reason, run, JSON.stringify(keys))
  const isLeft = store.db
    .prepare(
      "SELECT 1 FROM run_item WHERE run = ? AND wave % 2 = 0 AND state IN ('pending', 'running', 'unknown')",
    )
    .get(run)
  if (isLeft === undefined && hasNotEnded(before) && openItems(before) > 0)
    moveRun(store, context, run, 'cancelled', reason)
}
