import { usageError } from '../errors.ts'
import type { Store } from '../store/sqlite.ts'
import {
  type Effect,
  ITEM_STATES,
  type ItemState,
  RUN_KINDS,
  RUN_STATES,
  type Run,
  type RunItem,
  runId,
} from './model.ts'

/** All runs, the latest first. */
export async function listRuns(store: Store): Promise<readonly Run[]> {
  return store.db
    .prepare('SELECT id FROM run ORDER BY id DESC')
    .all()
    .map(({ id }) => readRun(store, Number(id)))
}

/**
 * The run that people name: `run-7`, `7`, or the latest by `latest`.
 * @throws OzgctlError 64 RUN_UNKNOWN with those that exist
 */
export async function findRun(store: Store, text: string): Promise<Run> {
  const numbers = store.db
    .prepare('SELECT id FROM run ORDER BY id DESC')
    .all()
    .map(({ id }) => Number(id))
  const wanted = text === 'latest' ? numbers[0] : Number(/^(?:run-)?(\d{1,15})$/.exec(text)?.[1])
  const found = numbers.find((number) => number === wanted)
  if (found !== undefined) return readRun(store, found)
  const some = numbers.slice(0, 5).map(runId).join(', ')
  throw usageError('RUN_UNKNOWN', `there is no run "${text}"`, [
    numbers.length === 0
      ? 'There has been no run in this store yet.'
      : `The latest are: ${some}. See: ozgctl run list`,
  ])
}

/** One run by its number, which exists. */
export function readRun(store: Store, number: number): Run {
  const row = store.db.prepare('SELECT * FROM run WHERE id = ?').get(number)
  if (row === undefined) throw new Error(`no run ${number}`)
  const counts = Object.fromEntries(ITEM_STATES.map((state) => [state, 0])) as Record<ItemState, number>
  for (const { state, n } of store.db
    .prepare('SELECT state, count(*) AS n FROM run_item WHERE run = ? GROUP BY state')
    .all(number))
    counts[oneOf(ITEM_STATES, state)] = Number(n)
  return {
    number,
    id: runId(number),
    kind: oneOf(RUN_KINDS, row.kind),
    scope: String(row.scope),
    command: String(row.command),
    actor: String(row.actor),
    host: String(row.host),
    startedAt: String(row.started_at),
    endedAt: textOrNull(row.ended_at),
    state: oneOf(RUN_STATES, row.state),
    reason: textOrNull(row.reason),
    options: JSON.parse(String(row.options)) as unknown,
    cancelRequested: row.cancel_requested === 1,
    counts,
  }
}

/** Items of a run in their order. @param states only these; all when empty */
export function* readItems(store: Store, run: number, states: readonly ItemState[] = []): Generator<RunItem> {
  for (const row of store.db.prepare('SELECT * FROM run_item WHERE run = ? ORDER BY ordinal').iterate(run)) {
    const state = oneOf(ITEM_STATES, row.state)
    if (states.length > 0 && !states.includes(state)) continue
    yield {
      ordinal: Number(row.ordinal),
      wave: Number(row.wave),
      key: String(row.item_key),
      name: String(row.name),
      action: String(row.action),
      input: JSON.parse(String(row.input)) as unknown,
      chained: row.chained === 1,
      memo: row.memo === null ? null : (JSON.parse(String(row.memo)) as unknown),
      output: row.output === null ? null : (JSON.parse(String(row.output)) as unknown),
      state,
      attempts: Number(row.attempts),
      reason: textOrNull(row.reason),
    }
  }
}

/** Every attempt at every item of a run: what was meant, by whom, and what became of it. */
export function* readEffects(store: Store, run: number): Generator<Effect> {
  for (const row of store.db
    .prepare('SELECT * FROM effect WHERE run = ? ORDER BY ordinal, epoch')
    .iterate(run))
    yield {
      ordinal: Number(row.ordinal),
      epoch: Number(row.epoch),
      intentAt: String(row.intent_at),
      intentBy: String(row.intent_by),
      outcome: textOrNull(row.outcome),
      outcomeAt: textOrNull(row.outcome_at),
      reason: textOrNull(row.reason),
    }
}

const textOrNull = (value: unknown): string | null => (value === null ? null : String(value))

function oneOf<T extends string>(words: readonly T[], value: unknown): T {
  const found = words.find((word) => word === value)
  if (found === undefined) throw new Error(`${String(value)} is none of ${words.join(', ')}`)
  return found
}
