import { randomUUID } from 'node:crypto'
import type { Context } from '../context.ts'
import { OzgctlError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { isReplaced } from '../store/failures.ts'
import { type Store, transaction } from '../store/sqlite.ts'
import { type Holder, holderOf } from './holder.ts'
import { runId } from './model.ts'
import { type Clocks, standingOf, tenureOf } from './tenure.ts'

export interface LeaseOptions {
  /** How long a holder may be silent before others may take over, in milliseconds. */
  readonly leaseMs: number
  /** How long to wait while another holds the scope, in milliseconds; 0 gives up at once. */
  readonly waitMs: number
  /** What for, as others read it. */
  readonly operation: string
}

export const DEFAULT_LEASE_MS = 60_000

const TRY_AGAIN_MS = 250
const LONGEST_REQUEST_MS = 20_000

/**
 * How long a request may take under a lease, in milliseconds: it is over before the lease is, also when it begins just
 * before a renewal that does not succeed.
 */
export const deadlineUnder = ({ leaseMs }: Pick<LeaseOptions, 'leaseMs'>): number =>
  Math.min(LONGEST_REQUEST_MS, Math.floor(leaseMs / 3))

/** What a scope was taken with. */
interface Hold {
  readonly scope: string
  readonly owner: string
  readonly epoch: number
  readonly leaseMs: number
  readonly run: number
  readonly ends: Clocks
}

/**
 * The right to work on a scope, for one process at a time. It lasts while it is renewed; a holder that was silent for
 * too long loses it to whoever asks next, and everything it writes afterwards has no effect, because the epoch has
 * moved on.
 */
export class Lease {
  readonly scope: string
  /** Unique to this holder. */
  readonly owner: string
  readonly leaseMs: number
  /** Aborted with the reason when the lease was lost. */
  readonly lost: AbortSignal
  readonly #store: Store
  readonly #context: Context
  readonly #epoch: number
  readonly #lost = new AbortController()
  readonly #timer: NodeJS.Timeout
  /** When it ends as it is on disk. */
  #ends: Clocks
  #run: number

  constructor(store: Store, context: Context, held: Hold) {
    this.#store = store
    this.#context = context
    this.scope = held.scope
    this.owner = held.owner
    this.leaseMs = held.leaseMs
    this.#epoch = held.epoch
    this.#ends = held.ends
    this.#run = held.run
    this.lost = this.#lost.signal
    this.#timer = setInterval(() => void this.#beat(), Math.max(20, held.leaseMs / 4))
    this.#timer.unref()
  }

  /**
   * Whether it lasts that long still, on both clocks by which others judge, in the store that others see. Asked before
   * every request: a process that was stopped and woke up must not send anything before it has found out whether it
   * still may.
   */
  lasts(milliseconds: number): boolean {
    if (this.lost.aborted || !this.#store.db.isInPlace()) return false
    const { store, uptime } = clocksOf(this.#store, this.#context)
    return uptime + milliseconds < this.#ends.uptime && store + milliseconds < this.#ends.store
  }

  /** Prolongs it, and the claims on items that go with it. @throws OzgctlError LEASE_LOST when somebody else has taken over */
  async renew(): Promise<void> {
    await transaction(this.#store.db, () => {
      const until = this.renewNow()
      this.#store.db
        .prepare("UPDATE run_item SET lease_until = ? WHERE run = ? AND state = 'running' AND owner = ?")
        .run(until, this.#run, this.owner)
    })
  }

  /** The same inside of a transaction. @returns the end of the lease on the clock of the store */
  renewNow(): number {
    const now = clocksOf(this.#store, this.#context)
    const ends = later(now, this.leaseMs)
    const { changes } = this.#store.db
      .prepare('UPDATE lock SET lease_until = ?, renewed_at = ? WHERE scope = ? AND holder = ? AND epoch = ?')
      .run(ends.store, now.uptime, this.scope, this.owner, this.#epoch)
    if (Number(changes) === 0) throw this.#lose()
    this.#store.db.afterCommit(() => {
      this.#ends = ends
    })
    return ends.store
  }

  /** Tells others for which run the scope is held. Call it inside of a transaction. */
  setRun(run: number): void {
    this.renewNow()
    this.#run = run
    this.#store.db.prepare('UPDATE lock SET run = ? WHERE scope = ?').run(run, this.scope)
  }

  /** Gives the scope back. A lease that was lost, or whose store was taken away, is not ours to give. */
  async release(): Promise<void> {
    clearInterval(this.#timer)
    if (this.lost.aborted) return
    try {
      await transaction(this.#store.db, () =>
        this.#store.db
          .prepare(
            `UPDATE lock SET holder = NULL, lease_until = 0, lease_ms = NULL, renewed_at = NULL
             WHERE scope = ? AND holder = ? AND epoch = ?`,
          )
          .run(this.scope, this.owner, this.#epoch),
      )
    } catch (error) {
      if (!isReplaced(error)) throw error
    }
  }

  async #beat(): Promise<void> {
    if (this.lost.aborted) return
    try {
      await this.renew()
    } catch (error) {
      // A store that is busy for a moment is asked again at the next beat; a lost lease has told so by its signal.
      if (isReplaced(error)) this.#lost.abort(error)
    }
  }

  #lose(): OzgctlError {
    clearInterval(this.#timer)
    const row = this.#store.db.prepare('SELECT * FROM lock WHERE scope = ?').get(this.scope)
    const by = row === undefined ? 'somebody' : describe(row)
    const error = new OzgctlError(
      'LEASE_LOST',
      `${this.scope} was taken over by ${by}; this process stopped`,
      {
        exit: EXIT.locked,
        suggestions: [
          'It was silent for longer than its lease. What it had sent is settled by whoever took over.',
          'See: ozgctl run list',
        ],
      },
    )
    this.#lost.abort(error)
    return error
  }
}

/**
 * Takes the right to work on a scope. A holder that is certainly dead is succeeded at once, every other when its lease
 * has ended.
 * @throws OzgctlError SCOPE_LOCKED (exit 5) with who holds it since when
 */
export async function acquireLease(
  store: Store,
  context: Context,
  scope: string,
  options: LeaseOptions,
): Promise<Lease> {
  const here = holderOf(context.host, context.pid)
  const deadline = context.uptime() + options.waitMs
  for (;;) {
    const attempt = await transaction(store.db, () => tryToTake(store, context, scope, here, options))
    if (attempt.kind === 'taken') return new Lease(store, context, attempt.hold)
    if (context.uptime() >= deadline) throw locked(scope, attempt.by)
    await context.sleep(TRY_AGAIN_MS)
  }
}

/**
 * Makes a scope that nobody had before, and the run that it is for, in one transaction.
 * @param begin what else is done in it; names the scope and the number of the run
 */
export async function leaseWithRun(
  store: Store,
  context: Context,
  options: Omit<LeaseOptions, 'waitMs'>,
  begin: () => { readonly scope: string; readonly run: number },
): Promise<Lease> {
  const here = holderOf(context.host, context.pid)
  const hold = await transaction(store.db, () => {
    const { scope, run } = begin()
    return take(store, context, scope, here, options, run)
  })
  return new Lease(store, context, hold)
}

type Row = Readonly<Record<string, unknown>>
type Attempt = { readonly kind: 'taken'; readonly hold: Hold } | { readonly kind: 'held'; readonly by: Row }

function tryToTake(
  store: Store,
  context: Context,
  scope: string,
  here: Holder,
  options: LeaseOptions,
): Attempt {
  const row = heldRow(store, scope)
  const standing = row === undefined ? 'over' : standingOf(tenureOf(row), here, clocksOf(store, context))
  if (row === undefined || standing === 'over')
    return { kind: 'taken', hold: take(store, context, scope, here, options, null) }
  if (standing === 'anew') measureAnew(store, context, scope, Number(row.lease_ms ?? DEFAULT_LEASE_MS))
  return { kind: 'held', by: row }
}

const heldRow = (store: Store, scope: string): Row | undefined =>
  store.db.prepare('SELECT * FROM lock WHERE scope = ? AND holder IS NOT NULL').get(scope)

function take(
  store: Store,
  context: Context,
  scope: string,
  here: Holder,
  { leaseMs, operation }: Omit<LeaseOptions, 'waitMs'>,
  run: number | null,
): Hold {
  const owner = randomUUID()
  const now = clocksOf(store, context)
  const ends = later(now, leaseMs)
  const row = store.db
    .prepare(
      `INSERT INTO lock (scope, epoch, holder, run, actor, host, machine, boot, namespace, pid, process_start, operation,
         since, lease_until, lease_ms, renewed_at)
       VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (scope) DO UPDATE SET epoch = lock.epoch + 1, holder = excluded.holder, run = excluded.run,
       actor = excluded.actor, host = excluded.host, machine = excluded.machine, boot = excluded.boot,
       namespace = excluded.namespace, pid = excluded.pid, process_start = excluded.process_start,
       operation = excluded.operation, since = excluded.since, lease_until = excluded.lease_until,
       lease_ms = excluded.lease_ms, renewed_at = excluded.renewed_at
       RETURNING epoch`,
    )
    .get(
      scope,
      owner,
      run,
      context.actor,
      here.host,
      here.machine,
      here.boot,
      here.namespace,
      here.pid,
      here.processStart,
      operation,
      context.now().toISOString(),
      ends.store,
      leaseMs,
      now.uptime,
    )
  return { scope, owner, epoch: Number(row?.epoch), leaseMs, run: run ?? 0, ends }
}

/** Lets a lease that cannot be measured last as long as ever, from now on. Its holder, if it lives, renews it. */
function measureAnew(store: Store, context: Context, scope: string, leaseMs: number): void {
  const now = clocksOf(store, context)
  store.db
    .prepare('UPDATE lock SET lease_until = ?, lease_ms = ?, renewed_at = ? WHERE scope = ?')
    .run(now.store + leaseMs, leaseMs, now.uptime, scope)
}

/** Who holds a scope now, as people read it; undefined where nobody does. */
export async function holderOfScope(
  store: Store,
  context: Context,
  scope: string,
): Promise<string | undefined> {
  const row = heldRow(store, scope)
  if (row === undefined) return undefined
  const here = holderOf(context.host, context.pid)
  const standing = standingOf(tenureOf(row), here, clocksOf(store, context))
  return standing === 'over' ? undefined : describe(row)
}

const clocksOf = (store: Store, context: Context): Clocks => ({
  store: store.now(),
  uptime: context.uptime(),
})

const later = ({ store, uptime }: Clocks, milliseconds: number): Clocks => ({
  store: store + milliseconds,
  uptime: uptime + milliseconds,
})

function describe(row: Row): string {
  const run = row.run === null ? '' : `, ${runId(Number(row.run))}`
  return `${row.actor}@${row.host} (pid ${row.pid}${run}, ${row.operation}, since ${row.since})`
}

function locked(scope: string, row: Row): OzgctlError {
  const run = row.run === null ? [] : [`Watch it: ozgctl run watch ${runId(Number(row.run))}`]
  return new OzgctlError('SCOPE_LOCKED', `${scope} is being worked on by ${describe(row)}`, {
    exit: EXIT.locked,
    suggestions: [...run, 'Run the command again when it is done, or wait for it with --wait 10m.'],
  })
}
