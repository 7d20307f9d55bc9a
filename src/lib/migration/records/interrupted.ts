import { OzgctlError } from '../../errors.ts'
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
  // Of this collection only: other tenants may have better ones.
  if (isCode(error, 'BAD_RECORDS')) return { kind: 'failed', reason: error.message }
  const isOutage = error instanceof HttpFailure || isCode(error, 'RECORDS_UNAVAILABLE')
  if (!isOutage) throw error
  if (stop.aborted) return { kind: 'unfinished' }
  const afterMs = error instanceof HttpFailure ? error.afterMs : null
  return { kind: 'later', reason: error.message, afterMs }
}

const isCode = (error: unknown, code: string): error is OzgctlError =>
  error instanceof OzgctlError && error.code === code
