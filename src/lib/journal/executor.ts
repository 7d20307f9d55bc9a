import { redacted, redactedJson } from '../config/secret.ts'
import type { OzgctlError } from '../errors.ts'
import type { ClaimedItem, ItemOutcome } from './model.ts'

/** Does the items of one kind of run. The engine decides when, how many at once, and whether again. */
export interface Executor {
  /** The most items in one call of `execute`. */
  readonly batch: number
  /** The most calls at once. */
  readonly concurrency: number
  /** No call of `execute` sends anything later than so many milliseconds after its begin. */
  readonly deadlineMs: number
  /**
   * Does items and says what became of each, in the same order. Their intents are on disk. Rejects only when no other item
   * will fare better; whether any of these was done is unknown then.
   */
  execute(items: readonly ClaimedItem[], signal: AbortSignal, desk: Desk): Promise<readonly Attempt[]>
  /**
   * Reads back whether an item is as wanted. `ask`: it cannot be found out, a person has to say.
   * Rejects only when no other item will fare better.
   */
  isDone(item: ClaimedItem): Promise<'yes' | 'no' | 'unclear' | 'ask'>
  /**
   * What belongs to the run when nothing of it is open any more: a run is done only after it, and a resume repeats it.
   * @param stop aborted when the operator wants to stop
   * @throws OzgctlError where it cannot be done now; nothing of what was done before is lost
   */
  readonly finish?: (stop: AbortSignal | undefined) => Promise<'done' | 'stopped'>
}

/** What an executor of long work needs of the engine. */
export interface Desk {
  /** Aborted when the run is to stop: what is under way is brought to a place from which it can go on. */
  readonly stop: AbortSignal
  /** Keeps what an undo of an item needs. When it has come back, it is on disk. @throws OzgctlError LEASE_LOST */
  note(item: ClaimedItem, memo: unknown): Promise<void>
}

/** What became of one attempt, as far as the other side said. */
export type Attempt =
  | { readonly kind: 'done' | 'already'; readonly output?: unknown }
  /** It will never work like this. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** Certainly not done, but it may work later; `afterMs` when the other side says when. */
  | { readonly kind: 'later'; readonly reason: string; readonly afterMs: number | null }
  /** Perhaps done. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** Not now, and not by itself: nothing more begins until somebody resumes the run. */
  | { readonly kind: 'halt'; readonly reason: string }
  /** Stopped where it can go on, as it was asked to. */
  | { readonly kind: 'unfinished' }
  /** Its time has not come; nobody is to blame. */
  | { readonly kind: 'wait'; readonly reason: string; readonly afterMs: number }

/** What an executor found out is in words of the other side, which may repeat what it was sent: nothing of that is kept. */
export function withoutSecrets(attempt: Attempt | undefined): Attempt | undefined {
  if (attempt === undefined) return undefined
  if ('reason' in attempt) return { ...attempt, reason: redacted(attempt.reason) }
  return 'output' in attempt && attempt.output !== undefined
    ? { ...attempt, output: redactedJson(attempt.output) }
    : attempt
}

export interface DriveOptions {
  /** At most so many calls at once, within what the executor allows. */
  readonly concurrency?: number | undefined
  /** How many failures of so many items are enough to begin nothing more; undefined for no end. */
  readonly maxFailures?: ((total: number) => number | undefined) | undefined
  /** Aborted when the operator wants to stop: what was sent is waited for, nothing more is sent. */
  readonly signal?: AbortSignal | undefined
  /** Is told how many items are settled, and how many of them failed. */
  readonly onProgress?: ((settled: number, failed: number) => void) | undefined
  /** Is told of each item that was settled. */
  readonly onSettled?: ((item: ClaimedItem, outcome: ItemOutcome) => void) | undefined
}

/** Why the engine stopped before the end. */
export type StopCause =
  | { readonly kind: 'signal' }
  | { readonly kind: 'cancelled' }
  /** Somebody asked for a pause. */
  | { readonly kind: 'paused' }
  /** An item wants that nothing more begins: a gate that did not open, a person to be asked. */
  | { readonly kind: 'halted'; readonly reason: string }
  | { readonly kind: 'failures'; readonly failed: number }
  /** The other side did not do anything any more; with its last words. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  /** Nothing is open, but what follows the items could not be done: the copy of the portal in the store. */
  | { readonly kind: 'unfinished'; readonly error: OzgctlError }
  /** E.g. the credentials are not valid, the lease was lost, the disk is full. */
  | { readonly kind: 'error'; readonly error: unknown }
