import { HttpFailure } from '../../http/failure.ts'
import type { WriteOutcome } from '../driver.ts'
import { type Answer, problemText } from './session.ts'

/** Ends a write before its end; the outcome says what is known. */
export class Settled extends Error {
  readonly outcome: WriteOutcome

  constructor(outcome: WriteOutcome) {
    super(outcome.kind)
    this.outcome = outcome
  }
}

/**
 * Makes the outcome of a write of what ended it. What failed before anything was sent may be tried again; all else
 * may have been done.
 * @throws what is no matter of this write alone, e.g. refused credentials
 */
export function outcomeOf(error: unknown): WriteOutcome {
  if (error instanceof Settled) return error.outcome
  if (error instanceof HttpFailure)
    return error.sent === 'no'
      ? { kind: 'later', reason: error.message, afterMs: null }
      : { kind: 'unknown', reason: error.message }
  throw error
}

/**
 * Passes an answer that says yes, and if it has a body, in JSON: a login page is no yes. Ends the write with any other. 429 and 409 are certainly not done; after a 5xx
 * the work may be done all the same.
 * @throws Settled
 */
export function accepted(answer: Answer): Answer {
  const { status, retryAfterMs } = answer
  const isYes = status >= 200 && status < 300
  if (isYes && (answer.isEmpty || answer.json !== undefined)) return answer
  if (isYes) throw new Settled({ kind: 'unknown', reason: `HTTP ${status} with a page that is no JSON` })
  const reason = problemText(answer)
  if (status === 429) throw new Settled({ kind: 'later', reason, afterMs: retryAfterMs })
  if (status === 409 || status === 412) throw new Settled({ kind: 'conflict' })
  if (status === 503 && retryAfterMs !== null)
    throw new Settled({ kind: 'later', reason, afterMs: retryAfterMs })
  if (status >= 500 || status === 408) throw new Settled({ kind: 'unknown', reason })
  throw new Settled({ kind: 'refused', reason })
}

/**
 * A read in the course of a write: nothing of the write has been sent, so every failure means later.
 * @throws Settled
 */
export async function before<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error
    throw new Settled({ kind: 'later', reason: error.message, afterMs: null })
  }
}
