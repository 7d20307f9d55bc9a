import { randomUUID } from 'node:crypto'
import type { Context } from '../context.ts'
import { OzgctlError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { type Store, transaction } from '../store/sqlite.ts'
import { type Holder, holderOf, isGone } from './holder.ts'
import { runId } from './model.ts'

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
  #until: number
  #run = 0

  constructor(
    store: Store,
    context: Context,
    held: { scope: string; owner: string; epoch: number; leaseMs: number },
  ) {
    this.#store = store
    this.#context = context
    this.scope = held.scope
    this.owner = held.owner
    this.leaseMs = held.leaseMs
    this.#epoch = held.epoch
    this.#until = context.uptime() + held.leaseMs
    this.lost = this.#lost.signal
    this.#timer = setInterval(() => void this.#beat(), Math.max(20, held.leaseMs / 4))
    this.#timer.unref()
  }

  /**
   * Whether it lasts that long still. Asked before every request: a process that was stopped and woke up must not
   * send anything before it has found out whether it still may.
   */
  lasts(milliseconds: number): boolean {
    return !this.lost.aborted && this.#context.uptime() + milliseconds < this.#until
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
    const until = this.#context.uptime() + this.leaseMs
    const { changes } = this.#store.db
      .prepare('UPDATE lock SET lease_until = ? WHERE scope = ? AND holder = ? AND epoch = ?')
      .run(until, this.scope, this.owner, this.#epoch)
    if (Number(changes) === 0) throw this.#lose()
    this.#until = until
    return until
  }

  /** Tells others for which run the scope is held. Call it inside of a transaction. */
  setRun(run: number): void {
    this.renewNow()
    this.#run = run
    this.#store.db.prepare('UPDATE lock SET run = ? WHERE scope = ?').run(run, this.scope)
  }

  /** Gives the scope back. A lease that was lost is not ours to give. */
  async release(): Promise<void> {
    clearInterval(this.#timer)
    if (this.lost.aborted) return
    await transaction(this.#store.db, () =>
      this.#store.db
        .prepare(
          'UPDATE lock SET holder = NULL, lease_until = 0 WHERE scope = ? AND holder = ? AND epoch = ?',
        )
        .run(this.scope, this.owner, this.#epoch),
    )
  }

  async #beat(): Promise<void> {
    if (this.lost.aborted) return
    try {
      await this.renew()
    } catch {
      // A store that is busy for a moment is asked again at the next beat; a lost lease has told so by its signal.
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
 * Takes the right to work on a scope. A holder on this machine that is dead is succeeded at once, one that cannot be
 * asked when its lease has ended.
 * @throws OzgctlError SCOPE_LOCKED (exit 5) with who holds it since when
 */
export async function acquireLease(
  store: Store,
  context: Context,
  scope: string,
  options: LeaseOptions,
): Promise<Lease> {
  const owner = randomUUID()
  const here = holderOf(context.host, context.pid)
  const deadline = context.uptime() + options.waitMs
  for (;;) {
    const held = await transaction(store.db, () => tryToTake(store, context, scope, owner, here, options))
    if (held.taken)
      return new Lease(store, context, { scope, owner, epoch: held.epoch, leaseMs: options.leaseMs })
    if (context.uptime() >= deadline) throw locked(scope, held.row)
    await context.sleep(TRY_AGAIN_MS)
  }
}

type Row = Readonly<Record<string, unknown>>
type Attempt = { readonly taken: true; readonly epoch: number } | { readonly taken: false; readonly row: Row }

function tryToTake(
  store: Store,
  context: Context,
  scope: string,
  owner: string,
  here: Holder,
  { leaseMs, operation }: LeaseOptions,
): Attempt {
  const row = store.db.prepare('SELECT * FROM lock WHERE scope = ?').get(scope)
  const now = context.uptime()
  if (
    row !== undefined &&
    row.holder !== null &&
    Number(row.lease_until) > now &&
    !isGone(holderIn(row), here)
  )
    return { taken: false, row }
  const epoch = Number(row?.epoch ?? 0) + 1
  store.db
    .prepare(
      `INSERT INTO lock (scope, epoch, holder, run, actor, host, pid, process_start, boot, operation, since, lease_until)
       VALUES (?, ?, ?, NULL, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (scope) DO UPDATE SET epoch = excluded.epoch, holder = excluded.holder, run = excluded.run,
       actor = excluded.actor, host = excluded.host, pid = excluded.pid, process_start = excluded.process_start,
       boot = excluded.boot, operation = excluded.operation, since = excluded.since, lease_until = excluded.lease_until`,
    )
    .run(
      scope,
      epoch,
      owner,
      context.actor,
      here.host,
      here.pid,
      here.processStart,
      here.boot,
      operation,
      context.now().toISOString(),
      now + leaseMs,
    )
  return { taken: true, epoch }
}

/** Whether somebody alive holds a scope now; who, as people read it. */
export async function holderOfScope(
  store: Store,
  context: Context,
  scope: string,
): Promise<string | undefined> {
  const row = store.db.prepare('SELECT * FROM lock WHERE scope = ? AND holder IS NOT NULL').get(scope)
  if (row === undefined) return undefined
  const isOver =
    Number(row.lease_until) <= context.uptime() || isGone(holderIn(row), holderOf(context.host, context.pid))
  return isOver ? undefined : describe(row)
}

const holderIn = (row: Row): Holder => ({
  host: String(row.host),
  pid: Number(row.pid),
  processStart: String(row.process_start),
  boot: String(row.boot),
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
