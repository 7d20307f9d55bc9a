import { redacted } from '../config/secret.ts'
import type { Context } from '../context.ts'
import { unreachable } from '../errors.ts'
import { type Store, transaction } from '../store/sqlite.ts'
import { writeAudit } from './audit.ts'
import { cancelChain, IS_FREE, PARKED, parkOthers, reopenChains } from './chain.ts'
import { type Lease, type LeaseOptions, leaseWithRun } from './lease.ts'
import {
  type ClaimedItem,
  type ItemOutcome,
  type NewItem,
  OPEN_STATES,
  type Run,
  type RunKind,
  type RunState,
  runId,
} from './model.ts'
import { readRun } from './read.ts'
import { moveRun } from './states.ts'
import { closeOpenItems, unknownOutcomes } from './unknown.ts'

export interface NewRun {
  readonly kind: RunKind
  readonly options: unknown
  readonly items: readonly NewItem[]
  /** Done in the same transaction; throws when the run must not begin. */
  readonly before?: (run: number) => void
}

/** What became of one claimed item. */
export interface SettledItem {
  readonly item: Pick<ClaimedItem, 'ordinal' | 'epoch'>
  readonly outcome: ItemOutcome
}

/** Which items a resumed run works on. */
export type ResumeSelection = 'open' | 'failed'

/**
 * Writes down a run with all its items, in one transaction: from here on nothing of it is lost. A run on the same
 * scope that was left unfinished is superseded: this one was made from what the portal has now.
 * @param lease on the scope of the run
 */
export async function beginRun(store: Store, context: Context, lease: Lease, wanted: NewRun): Promise<Run> {
  const number = await transaction(store.db, () => {
    const run = insertRun(store, context, lease.scope, wanted)
    lease.setRun(run)
    return run
  })
  return readRun(store, number)
}

/**
 * The same on a scope that the run has to itself from its beginning to its end: it waits for no other and supersedes
 * none. @param prefix of the scope; its number is the next that no run ever had
 * @returns the run, and the lease on its scope
 */
export async function beginOwnRun(
  store: Store,
  context: Context,
  prefix: string,
  options: Omit<LeaseOptions, 'waitMs'>,
  wanted: NewRun,
): Promise<{ readonly run: Run; readonly lease: Lease }> {
  let number = 0
  const lease = await leaseWithRun(store, context, options, () => {
    const scope = nextScope(store, prefix)
    number = insertRun(store, context, scope, wanted)
    return { scope, run: number }
  })
  return { run: readRun(store, number), lease }
}

function nextScope(store: Store, prefix: string): string {
  const last = store.db
    .prepare(
      `SELECT max(CAST(substr(scope, length(?1) + 2) AS INTEGER)) AS number FROM run
       WHERE substr(scope, 1, length(?1) + 1) = ?1 || '#'`,
    )
    .get(prefix)?.number
  return `${prefix}#${Number(last ?? 0) + 1}`
}

/** Call it inside of a transaction. @returns the number of the run */
function insertRun(store: Store, context: Context, scope: string, wanted: NewRun): number {
  const row = store.db
    .prepare(
      `INSERT INTO run (kind, scope, command, actor, host, started_at, state, options, cancel_requested)
       VALUES (?, ?, ?, ?, ?, ?, 'running', ?, 0) RETURNING id`,
    )
    .get(
      wanted.kind,
      scope,
      context.command,
      context.actor,
      context.host,
      context.now().toISOString(),
      JSON.stringify(wanted.options),
    )
  const run = Number(row?.id)
  const insert = store.db.prepare(
    `INSERT INTO run_item
     (run, ordinal, wave, item_key, name, action, input, chained, state, epoch, lease_until, next_at, attempts)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'pending', 0, 0, 0, 0)`,
  )
  wanted.items.forEach(({ wave, key, name, action, input, chained = false }, ordinal) => {
    insert.run(run, ordinal, wave, key, name, action, JSON.stringify(input), chained ? 1 : 0)
  })
  // Before anything is superseded: who refuses sees what the others are about.
  wanted.before?.(run)
  supersede(store, context, scope, run)
  writeAudit(store, context, { event: 'started', scope, run, detail: `${wanted.items.length} items` })
  return run
}

function supersede(store: Store, context: Context, scope: string, by: number): void {
  const former = store.db
    .prepare("SELECT id FROM run WHERE scope = ? AND id <> ? AND state IN ('running', 'stopped')")
    .all(scope, by)
  for (const { id } of former) {
    const run = Number(id)
    const reason = `superseded by ${runId(by)}`
    endForGood(store, context, run, 'superseded', reason)
    writeAudit(store, context, { event: 'superseded', scope, run, detail: `by ${runId(by)}` })
    const unknown = unknownOutcomes(store, run)
    if (unknown > 0)
      context.warn(
        `${runId(run)} left ${unknown} items of which nobody knows whether they were done; ${runId(by)} begins from what there is now`,
      )
  }
}

/** What is not done yet is not done any more, and of what may have been done the run says so. */
function endForGood(
  store: Store,
  context: Context,
  run: number,
  state: 'cancelled' | 'superseded',
  reason: string,
): void {
  closeOpenItems(store, run, reason)
  const unknown = unknownOutcomes(store, run)
  const but = unknown > 0 ? `; of ${unknown} items nobody knows whether they were done` : ''
  moveRun(store, context, run, state, `${reason}${but}`)
}

/**
 * Makes a run ready to go on. What a former process had in hand becomes `unknown` and is read back first; with
 * `failed`, what failed is tried again, and only that.
 * @throws OzgctlError 64 RUN_ENDED for a run that was cancelled or superseded
 */
export async function reopenRun(
  store: Store,
  context: Context,
  lease: Lease,
  run: number,
  selection: ResumeSelection,
): Promise<Run> {
  await transaction(store.db, () => {
    lease.setRun(run)
    moveRun(store, context, run, 'running', null)
    store.db
      .prepare(
        `UPDATE run_item SET state = 'unknown', owner = NULL, epoch = epoch + 1, lease_until = 0, next_at = 0
         WHERE run = ? AND state = 'running'`,
      )
      .run(run)
    if (selection === 'failed') {
      parkOthers(store, run)
      reopenChains(store, run)
      store.db
        .prepare(
          "UPDATE run_item SET state = 'unknown', next_at = 0, attempts = 0 WHERE run = ? AND state = 'failed'",
        )
        .run(run)
    } else
      store.db
        .prepare(
          "UPDATE run_item SET next_at = 0, attempts = 0 WHERE run = ? AND state IN ('pending', 'unknown')",
        )
        .run(run)
    store.db.prepare('UPDATE run SET cancel_requested = 0, pause_requested = 0 WHERE id = ?').run(run)
    writeAudit(store, context, { event: 'resumed', scope: lease.scope, run, detail: selection })
  })
  return readRun(store, run)
}

/**
 * One step of a run, in one transaction and so with one wait for the disk: writes the outcomes of items, then claims
 * further ones and writes their intents. Only when it has come back may anything be sent for them.
 * @param count how many items to claim at most
 * @param due time of which it is known that it has come, whatever the clock of the store says
 * @returns claimed items, of one wave
 * @throws OzgctlError LEASE_LOST; then nothing was written
 */
export async function stepRun(
  store: Store,
  context: Context,
  lease: Lease,
  run: number,
  settled: readonly SettledItem[],
  count: number,
  due = 0,
): Promise<readonly ClaimedItem[]> {
  return transaction(store.db, () => {
    const until = lease.renewNow()
    const at = context.now().toISOString()
    if (settled.length > 0) writeOutcomes(store, lease, run, settled, at)
    return count > 0 ? claim(store, context, lease, run, count, until, Math.max(due, store.now())) : []
  })
}

/** Guarded by owner and epoch: of an older claim nothing is changed. */
function writeOutcomes(
  store: Store,
  lease: Lease,
  run: number,
  settled: readonly SettledItem[],
  at: string,
): void {
  const update = store.db.prepare(
    `UPDATE run_item SET state = ?, reason = ?, next_at = ?, output = ?, owner = NULL, lease_until = 0
     WHERE run = ? AND ordinal = ? AND owner = ? AND epoch = ?`,
  )
  const note = store.db.prepare(
    'UPDATE effect SET outcome = ?, outcome_at = ?, reason = ? WHERE run = ? AND ordinal = ? AND epoch = ?',
  )
  for (const { item, outcome } of settled) {
    const { state, reason, nextAt } = stateAfter(outcome)
    const output = 'output' in outcome && outcome.output !== undefined ? JSON.stringify(outcome.output) : null
    const { changes } = update.run(state, reason, nextAt, output, run, item.ordinal, lease.owner, item.epoch)
    if (Number(changes) === 0) continue
    note.run(effectOf(outcome), at, reason, run, item.ordinal, item.epoch)
    if (state === 'failed') cancelChain(store, run, item.ordinal)
  }
}

/** Keeps what an undo of items needs. @throws OzgctlError LEASE_LOST; then nothing was written */
export async function noteItems(
  store: Store,
  lease: Lease,
  run: number,
  notes: readonly { readonly item: Pick<ClaimedItem, 'ordinal' | 'epoch'>; readonly memo: unknown }[],
): Promise<void> {
  await transaction(store.db, () => {
    lease.renewNow()
    const update = store.db.prepare(
      'UPDATE run_item SET memo = ? WHERE run = ? AND ordinal = ? AND owner = ? AND epoch = ?',
    )
    for (const { item, memo } of notes)
      update.run(JSON.stringify(memo), run, item.ordinal, lease.owner, item.epoch)
  })
}

function stateAfter(outcome: ItemOutcome) {
  switch (outcome.kind) {
    case 'done':
    case 'already':
      return { state: outcome.kind, reason: null, nextAt: 0 }
    case 'failed':
    case 'asked':
      return { state: 'failed', reason: outcome.reason, nextAt: 0 }
    case 'later':
      return { state: 'pending', reason: outcome.reason, nextAt: Math.ceil(outcome.notBefore) }
    case 'unknown':
      return { state: 'unknown', reason: outcome.reason, nextAt: Math.ceil(outcome.notBefore) }
    default:
      return unreachable(outcome)
  }
}

/** What is kept of an attempt: that a person has to look settles nothing. */
const effectOf = ({ kind }: ItemOutcome): Exclude<ItemOutcome['kind'], 'asked'> =>
  kind === 'asked' ? 'unknown' : kind

function claim(
  store: Store,
  context: Context,
  lease: Lease,
  run: number,
  count: number,
  until: number,
  now: number,
): readonly ClaimedItem[] {
  const wave = presentWave(store, run)
  if (wave === undefined) return []
  const free = freeItems(store, run, wave, now, count)
  const take = store.db.prepare(
    `UPDATE run_item SET state = 'running', owner = ?, epoch = epoch + 1, lease_until = ?, attempts = attempts + 1
     WHERE run = ? AND ordinal = ?`,
  )
  const intent = store.db.prepare(
    'INSERT INTO effect (run, ordinal, epoch, intent_at, intent_by) VALUES (?, ?, ?, ?, ?)',
  )
  const at = context.now().toISOString()
  return free.map((row) => {
    const ordinal = Number(row.ordinal)
    const epoch = Number(row.epoch) + 1
    take.run(lease.owner, until, run, ordinal)
    intent.run(run, ordinal, epoch, at, `${context.actor}@${context.host}`)
    return {
      ordinal,
      epoch,
      wave,
      key: String(row.item_key),
      name: String(row.name),
      action: String(row.action),
      input: JSON.parse(String(row.input)) as unknown,
      attempts: Number(row.attempts) + 1,
      unknown: row.state === 'unknown',
      memo: row.memo === null ? null : (JSON.parse(String(row.memo)) as unknown),
    }
  })
}

/** The first wave with an item that is not settled. Asked state by state, for then the index knows it. */
function presentWave(store: Store, run: number): number | undefined {
  const first = store.db.prepare(
    'SELECT wave FROM run_item WHERE run = ? AND state = ? ORDER BY wave LIMIT 1',
  )
  const waves = OPEN_STATES.flatMap((state) => {
    const wave = first.get(run, state)?.wave
    return typeof wave === 'number' ? [wave] : []
  })
  return waves.length > 0 ? Math.min(...waves) : undefined
}

/** Items that may be claimed, those to be read back first. */
function freeItems(store: Store, run: number, wave: number, now: number, count: number) {
  const select = store.db.prepare(
    `SELECT ordinal, wave, item_key, name, action, input, epoch, attempts, state, memo FROM run_item i
     WHERE run = ? AND state = ? AND wave = ? AND next_at <= ? AND ${IS_FREE} ORDER BY ordinal LIMIT ?`,
  )
  const unknown = select.all(run, 'unknown', wave, now, count)
  return [...unknown, ...select.all(run, 'pending', wave, now, count - unknown.length)]
}

/** Ends the work of this process on a run. */
export async function endRun(
  store: Store,
  context: Context,
  lease: Lease,
  run: number,
  state: Exclude<RunState, 'running' | 'superseded'>,
  reason: string | null,
): Promise<Run> {
  const why = reason === null ? null : redacted(reason)
  await transaction(store.db, () => {
    lease.renewNow()
    if (state === 'cancelled') endForGood(store, context, run, state, why ?? 'cancelled')
    else moveRun(store, context, run, state, why)
    const event = state === 'stopped' || state === 'cancelled' ? state : 'finished'
    writeAudit(store, context, { event, scope: lease.scope, run, detail: why ?? '' })
  })
  return readRun(store, run)
}

/** Asks whoever works on a run to stop for good; the run is looked at between two steps. */
export async function requestCancel(store: Store, context: Context, { number, scope }: Run): Promise<void> {
  await transaction(store.db, () => {
    store.db.prepare('UPDATE run SET cancel_requested = 1 WHERE id = ?').run(number)
    writeAudit(store, context, { event: 'cancel requested', scope, run: number })
  })
}

/** Asks whoever works on a run to stop so that it can be resumed. */
export async function requestPause(store: Store, context: Context, { number, scope }: Run): Promise<void> {
  await transaction(store.db, () => {
    store.db.prepare('UPDATE run SET pause_requested = 1 WHERE id = ?').run(number)
    writeAudit(store, context, { event: 'pause requested', scope, run: number })
  })
}

/** What somebody asked of a run that is being worked on. */
export function requestOf(store: Store, run: number): 'cancelled' | 'paused' | undefined {
  const row = store.db.prepare('SELECT cancel_requested, pause_requested FROM run WHERE id = ?').get(run)
  if (row?.cancel_requested === 1) return 'cancelled'
  return row?.pause_requested === 1 ? 'paused' : undefined
}

/** When the next item may be tried again, on the clock of the store; undefined when none is waiting for its time. */
export function nextAttempt(store: Store, run: number): number | undefined {
  // Items of later waves wait for those of this one, and not for a time.
  const wave = presentWave(store, run)
  if (wave === undefined) return undefined
  const next = store.db
    .prepare(
      `SELECT min(next_at) AS next FROM run_item i
       WHERE run = ? AND wave = ? AND state IN ('pending', 'unknown') AND next_at < ${PARKED} AND ${IS_FREE}`,
    )
    .get(run, wave)?.next
  return typeof next === 'number' ? next : undefined
}
