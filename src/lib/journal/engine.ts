import { setImmediate } from 'node:timers/promises'
import pLimit from 'p-limit'
import { redacted } from '../config/secret.ts'
import type { Context } from '../context.ts'
import { messageOf, unreachable } from '../errors.ts'
import type { Store } from '../store/sqlite.ts'
import { backoffMs, LONGEST_PAUSE_MS } from './backoff.ts'
import { type Attempt, type DriveOptions, type Executor, type StopCause, withoutSecrets } from './executor.ts'
import { nextAttempt, requestOf, type SettledItem, stepRun } from './journal.ts'
import { deadlineUnder, type Lease } from './lease.ts'
import { AdaptiveLimit } from './limit.ts'
import { type ClaimedItem, type ItemOutcome, type Run, totalItems } from './model.ts'
import { Notes } from './notes.ts'

/** An item is given up after so many attempts; `run resume` tries again. */
const MAX_ATTEMPTS = 6
/** So many times in a row nothing but refusals, and the other side counts as gone. */
const GIVE_UP_AFTER = 6
/** So many calls at once where nobody says otherwise. */
const DEFAULT_CALLS = 32
/** Claimed but not sent: enough to keep all busy while the disk writes. */
const WINDOW_PER_CALL = 8
const MAX_WINDOW = 2048
/** Outcomes are written at least so often, for whoever watches. */
const FLUSH_MS = 500
/** So often somebody's wish that the run stop is looked for. */
const LISTEN_MS = 1000

/** One process's work on one run, see `driveRun`. */
export class Engine {
  readonly #store: Store
  readonly #context: Context
  readonly #lease: Lease
  readonly #run: Run
  readonly #executor: Executor
  readonly #options: DriveOptions
  readonly #limit: AdaptiveLimit
  readonly #calls: ReturnType<typeof pLimit>
  /** Aborted with the stop: ends all waiting. */
  readonly #quit = new AbortController()
  /** Aborted when requests under way are not ours any more. */
  readonly #cut = new AbortController()
  /** Outcomes that are not on disk yet. */
  #settled: SettledItem[] = []
  /** Claimed and not settled. */
  readonly #inHand = new Set<ClaimedItem>()
  #wake: () => void = () => undefined
  #stop: StopCause | undefined
  #done: number
  readonly #maxFailures: number
  #failed: number
  /** Times in a row that the other side wanted less, without any success in between. */
  #refusals = 0
  #flushedAt: number
  /** The longest that this process let an item wait, in milliseconds. */
  #longestWait = 0
  readonly #notes: Notes

  constructor(
    store: Store,
    context: Context,
    lease: Lease,
    run: Run,
    executor: Executor,
    options: DriveOptions,
  ) {
    if (executor.deadlineMs > deadlineUnder(lease))
      throw new Error(
        `${executor.deadlineMs} ms for a request are too long for a lease of ${lease.leaseMs} ms`,
      )
    this.#store = store
    this.#context = context
    this.#lease = lease
    this.#run = run
    this.#executor = executor
    this.#options = options
    const calls = Math.max(1, Math.min(options.concurrency ?? DEFAULT_CALLS, executor.concurrency))
    this.#limit = new AdaptiveLimit(calls)
    this.#calls = pLimit(calls)
    const { pending, running, unknown, failed } = run.counts
    this.#done = totalItems(run) - pending - running - unknown
    this.#failed = failed
    this.#maxFailures = options.maxFailures?.(totalItems(run)) ?? Number.POSITIVE_INFINITY
    this.#flushedAt = context.uptime()
    this.#notes = new Notes(store, lease, run.number)
  }

  async drive(): Promise<StopCause | undefined> {
    const stopBySignal = (): void => this.#stopFor({ kind: 'signal' })
    const stopByLoss = (): void => this.#stopFor({ kind: 'error', error: this.#lease.lost.reason })
    this.#options.signal?.addEventListener('abort', stopBySignal)
    this.#lease.lost.addEventListener('abort', stopByLoss)
    if (this.#options.signal?.aborted === true) stopBySignal()
    const listening = setInterval(() => this.#listen(), LISTEN_MS)
    try {
      await this.#untilSettled()
      await this.#finishInFlight()
    } finally {
      clearInterval(listening)
      this.#options.signal?.removeEventListener('abort', stopBySignal)
      this.#lease.lost.removeEventListener('abort', stopByLoss)
    }
    return this.#stop
  }

  async #untilSettled(): Promise<void> {
    try {
      this.#tellProgress()
      while (await this.#turn()) await this.#somethingHappened()
    } catch (error) {
      // The journal cannot be written: nothing more is sent, and what is under way is read back by a resume.
      this.#stopFor({ kind: 'error', error })
    }
  }

  /** Work that takes long settles nothing meanwhile; a wish to stop has to reach it all the same. */
  #listen(): void {
    try {
      const wish = requestOf(this.#store, this.#run.number)
      if (wish !== undefined) this.#stopFor({ kind: wish })
    } catch (error) {
      this.#stopFor({ kind: 'error', error })
    }
    if (this.#settled.length > 0) this.#wake()
  }

  /** @param due time on the clock of the store that has come @returns whether there is anything to wait for */
  async #turn(due = 0): Promise<boolean> {
    const window = this.#window()
    const isIdle = this.#inHand.size === 0
    // With a call to spare, what hangs on the outcomes can begin.
    const isIdling = this.#inHand.size < this.#limit.current
    const isDue =
      isIdle ||
      this.#settled.length >= window / 2 ||
      (this.#settled.length > 0 && (isIdling || this.#context.uptime() - this.#flushedAt >= FLUSH_MS))
    if (!isDue) return true
    const claimed = await this.#step(this.#stop === undefined ? window - this.#inHand.size : 0, due)
    this.#schedule(claimed)
    if (this.#inHand.size > 0) return true
    // Settled while the disk wrote: something may hang on it.
    if (this.#settled.length > 0) return this.#turn()
    if (this.#stop !== undefined) return false
    const next = nextAttempt(this.#store, this.#run.number)
    if (next === undefined) return false
    // Nothing waits longer than it was told to, also where the clock was set back meanwhile.
    const wait = Math.min(next - this.#store.now(), this.#longestWait)
    await this.#context.sleep(Math.max(1, wait), this.#quit.signal)
    this.#wake()
    return this.#turn(next)
  }

  async #step(count: number, due = 0): Promise<readonly ClaimedItem[]> {
    const settled = this.#settled
    // Others are settled while the disk writes.
    this.#settled = []
    const claimed = await stepRun(
      this.#store,
      this.#context,
      this.#lease,
      this.#run.number,
      settled,
      count,
      due,
    )
    this.#flushedAt = this.#context.uptime()
    // Lets a signal through, also where all the work is done without waiting. Two turns: signals are looked for
    // between one and the next.
    await setImmediate()
    await setImmediate()
    this.#listen()
    return claimed
  }

  #window(): number {
    return Math.min(MAX_WINDOW, this.#executor.batch * this.#limit.max * WINDOW_PER_CALL)
  }

  #schedule(claimed: readonly ClaimedItem[]): void {
    for (const item of claimed) this.#inHand.add(item)
    const { batch } = this.#executor
    for (let from = 0; from < claimed.length; from += batch) {
      const items = claimed.slice(from, from + batch)
      void this.#calls(() => this.#work(items))
    }
  }

  /** Never rejects: whatever happens becomes an outcome of the items. */
  async #work(items: readonly ClaimedItem[]): Promise<void> {
    try {
      const open: ClaimedItem[] = []
      for (const item of items) if (!item.unknown || (await this.#isStillOpen(item))) open.push(item)
      await this.#pause()
      if (this.#stop !== undefined || open.length === 0) return this.#giveBack(open)
      if (!this.#lease.lasts(this.#executor.deadlineMs)) await this.#lease.renew()
      await this.#send(open)
    } catch (error) {
      // Whatever came that far is settled already: this is what was not sent.
      this.#stopFor({ kind: 'error', error })
      this.#giveBack(items)
    } finally {
      this.#wake()
    }
  }

  /** From here on an item may have been done, whatever is thrown. Never rejects. */
  async #send(items: readonly ClaimedItem[]): Promise<void> {
    let attempts: readonly Attempt[]
    try {
      attempts = await this.#executor.execute(items, this.#cut.signal, {
        stop: this.#quit.signal,
        note: (item, memo) => this.#notes.add(item, memo),
      })
    } catch (error) {
      this.#stopFor({ kind: 'error', error })
      for (const item of items)
        this.#settle(item, { kind: 'unknown', reason: redacted(messageOf(error)), notBefore: 0 })
      return
    }
    await Promise.all(items.map((item, at) => this.#take(item, withoutSecrets(attempts[at]))))
  }

  /** Whether an item that may have been done has still to be done. */
  async #isStillOpen(item: ClaimedItem): Promise<boolean> {
    if (this.#stop !== undefined) return true
    const answer = await this.#executor.isDone(item)
    if (answer === 'yes') this.#succeed(item, { kind: 'done' })
    if (answer === 'unclear') this.#retry(item, 'unknown', 'cannot be read back', null)
    if (answer === 'ask') this.#settle(item, { kind: 'asked', reason: UNCLEAR })
    return answer === 'no'
  }

  /** Waits while the other side wants nothing to come. */
  async #pause(): Promise<void> {
    for (;;) {
      const wait = this.#limit.pausedUntil - this.#context.uptime()
      if (wait <= 0 || this.#stop !== undefined) return
      await this.#context.sleep(wait, this.#quit.signal)
    }
  }

  /** What was not sent stays to be done; what may have been done before stays unknown. */
  #giveBack(items: readonly ClaimedItem[]): void {
    const reason = 'stopped before it was sent'
    for (const item of items)
      this.#settle(item, { kind: item.unknown ? 'unknown' : 'later', reason, notBefore: 0 })
  }

  async #take(item: ClaimedItem, attempt: Attempt | undefined): Promise<void> {
    switch (attempt?.kind) {
      case 'done':
      case 'already':
        this.#succeed(item, attempt)
        break
      case 'halt':
        this.#stopFor({ kind: 'halted', reason: attempt.reason })
        this.#settle(item, { kind: 'later', reason: attempt.reason, notBefore: 0 })
        break
      case 'unfinished':
        this.#settle(item, { kind: 'later', reason: 'stopped on the way', notBefore: 0 })
        break
      case 'wait': {
        const notBefore = this.#after(attempt.afterMs)
        this.#settle(item, { kind: 'later', reason: attempt.reason, notBefore })
        break
      }
      case 'failed':
        this.#refusals = 0
        this.#settle(item, attempt)
        break
      case 'later':
        this.#retry(item, 'later', attempt.reason, attempt.afterMs)
        break
      case 'unknown':
      case undefined:
        await this.#readBack(item, attempt?.reason ?? 'the portal said nothing about it')
        break
      default:
        unreachable(attempt)
    }
  }

  /** What became of an item that was sent. Where that cannot be asked now, it stays unknown. @param reason why it is */
  async #readBack(item: ClaimedItem, reason: string): Promise<void> {
    if (!this.#inHand.has(item)) return
    try {
      const answer = await this.#executor.isDone(item)
      if (answer === 'yes') this.#succeed(item, { kind: 'done' })
      else if (answer === 'ask') this.#settle(item, { kind: 'asked', reason: `${reason}; ${UNCLEAR}` })
      else this.#retry(item, answer === 'no' ? 'later' : 'unknown', reason, null)
    } catch (error) {
      this.#stopFor({ kind: 'error', error })
      const both = `${reason}; it could not be read back: ${redacted(messageOf(error))}`
      this.#settle(item, { kind: 'unknown', reason: both, notBefore: 0 })
    }
  }

  #succeed(item: ClaimedItem, outcome: Extract<ItemOutcome, { kind: 'done' | 'already' }>): void {
    this.#refusals = 0
    this.#limit.succeeded()
    this.#calls.concurrency = this.#limit.current
    this.#settle(item, outcome)
  }

  /** @param afterMs what the other side asked for */
  #retry(item: ClaimedItem, kind: 'later' | 'unknown', reason: string, afterMs: number | null): void {
    // One refusal concerns its item. When nothing has worked since, it concerns all.
    const pauseMs = afterMs ?? (this.#refusals > 0 ? backoffMs(this.#refusals, this.#context.random) : 0)
    if (this.#limit.overloaded(this.#context.uptime(), pauseMs)) this.#refusals++
    this.#calls.concurrency = this.#limit.current
    if (this.#refusals >= GIVE_UP_AFTER || (afterMs ?? 0) > LONGEST_PAUSE_MS)
      this.#stopFor({ kind: 'unavailable', reason })
    // To be asked to wait is no failure, but nobody waits for ever.
    const attempts = afterMs === null ? MAX_ATTEMPTS : 5 * MAX_ATTEMPTS
    const isOver = this.#stop === undefined && kind === 'later' && item.attempts >= attempts
    const notBefore = this.#after(afterMs ?? backoffMs(item.attempts, this.#context.random))
    if (isOver) this.#settle(item, { kind: 'failed', reason: `${reason} (${item.attempts} attempts)` })
    else this.#settle(item, { kind, reason, notBefore })
  }

  /** A time on the clock of the store. */
  #after(milliseconds: number): number {
    this.#longestWait = Math.max(this.#longestWait, milliseconds)
    return this.#store.now() + milliseconds
  }

  #settle(item: ClaimedItem, outcome: ItemOutcome): void {
    if (!this.#inHand.delete(item)) return
    this.#settled.push({ item, outcome })
    this.#options.onSettled?.(item, outcome)
    if (outcome.kind === 'later' || outcome.kind === 'unknown') return
    const hasFailed = outcome.kind === 'failed' || outcome.kind === 'asked'
    this.#done++
    if (hasFailed) this.#failed++
    this.#tellProgress()
    if (hasFailed && this.#failed >= this.#maxFailures)
      this.#stopFor({ kind: 'failures', failed: this.#failed })
  }

  #tellProgress(): void {
    this.#options.onProgress?.(this.#done, this.#failed)
  }

  #stopFor(cause: StopCause): void {
    this.#stop ??= cause
    this.#quit.abort()
    if (this.#lease.lost.aborted) this.#cut.abort()
    this.#wake()
  }

  async #somethingHappened(): Promise<void> {
    if (this.#inHand.size === 0) return
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
  }

  async #finishInFlight(): Promise<void> {
    while (this.#inHand.size > 0) await this.#somethingHappened()
    if (this.#settled.length > 0 && !this.#lease.lost.aborted) await this.#step(0)
  }
}

const UNCLEAR = 'whether it was done cannot be found out: look, and say so'
