import { HttpFailure } from '../../http/failure.ts'
import type { Attempt } from '../../journal/executor.ts'

/** The work on a transfer came to a stop before its end. */
export class Interrupted extends Error {
  readonly attempt: Attempt

  constructor(attempt: Attempt) {
    super('interrupted')
    this.attempt = attempt
  }
}

/** A transfer that will not get further like this. @param reason a sentence */
export const failing = (reason: string): Interrupted => new Interrupted({ kind: 'failed', reason })

/**
 * What an error in the course of a transfer or of its undo means for the item.
 * @param stop a failure after it is no failure: it was asked for
 * @throws what is no matter of this item alone
 */
export function attemptOf(error: unknown, stop: AbortSignal): Attempt {
  if (error instanceof Interrupted) return error.attempt
  if (!(error instanceof HttpFailure)) throw error
  return stop.aborted
    ? { kind: 'unfinished' }
    : { kind: 'later', reason: error.message, afterMs: error.afterMs }
}
