import { OzgctlError } from '../../errors.ts'
import { EXIT } from '../../exit-codes.ts'
import { HttpFailure } from '../../http/failure.ts'
import type { WriteOutcome } from '../driver.ts'
import { type Answer, isAbsent, problemText } from './session.ts'

export const DONE: WriteOutcome = { kind: 'done', repeated: false }
export const REPEATED: WriteOutcome = { kind: 'done', repeated: true }
export const CONFLICT: WriteOutcome = { kind: 'conflict' }
export const refused = (reason: string): WriteOutcome => ({ kind: 'refused', reason })

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

/** The same outcome, saying first what it is about. */
function about(what: string, outcome: WriteOutcome): WriteOutcome {
  switch (outcome.kind) {
    case 'done':
      return outcome
    case 'conflict':
      return outcome.reason === undefined ? outcome : { ...outcome, reason: `${what}: ${outcome.reason}` }
    case 'refused':
    case 'later':
    case 'unknown':
      return { ...outcome, reason: `${what}: ${outcome.reason}` }
  }
}

/** Does a part of a write; where that ends the write, the outcome says which part it was. @throws Settled */
export async function part<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new Settled(about(what, outcomeOf(error)))
  }
}

/** Whether what was sent last was certainly not done. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof Settled && (error.outcome.kind === 'refused' || error.outcome.kind === 'conflict')

/**
 * Passes an answer that says yes, and if it has a body, in JSON: a login page is no yes. Ends the write with any other,
 * in the portal's own words. 4xx are certainly not done; after a 5xx the work may be done all the same. A 404 that is
 * not the portal's own comes from something in front of it, which may be gone in a moment.
 * @throws Settled
 */
export function accepted(answer: Answer): Answer {
  const { status, retryAfterMs } = answer
  const isYes = status >= 200 && status < 300
  if (isYes && (answer.isEmpty || answer.json !== undefined)) return answer
  if (isYes) throw new Settled({ kind: 'unknown', reason: `HTTP ${status} with a page that is no JSON` })
  const reason = problemText(answer)
  if (status === 429) throw new Settled({ kind: 'later', reason, afterMs: retryAfterMs })
  if (status === 409 || status === 412 || isAbsent(answer)) throw new Settled({ kind: 'conflict', reason })
  if (status === 404) throw new Settled({ kind: 'later', reason, afterMs: retryAfterMs })
  if (status === 503 && retryAfterMs !== null)
    throw new Settled({ kind: 'later', reason, afterMs: retryAfterMs })
  if (status >= 500 || status === 408) throw new Settled({ kind: 'unknown', reason })
  throw new Settled({ kind: 'refused', reason })
}

/** The JSON object of an answer that says yes and what there is now. @throws Settled */
export function acceptedBody(answer: Answer): object {
  const { json } = accepted(answer)
  if (typeof json === 'object' && json !== null) return json
  throw new Settled({ kind: 'unknown', reason: 'the portal did not say what it has now' })
}

/** Passes an answer to a delete that says that it is gone, or was not there. @throws Settled */
export function acceptedDelete(answer: Answer): void {
  if (isAbsent(answer)) return
  const { status } = accepted(answer)
  // 202 promises it and no more.
  if (status !== 200 && status !== 204)
    throw new Settled({ kind: 'unknown', reason: `HTTP ${status} to a delete` })
}

/**
 * A read in the course of a write: it asks for nothing to be done, so every failure means later.
 * @throws Settled; what is no matter of this write alone
 */
export async function before<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    const isOutage = error instanceof OzgctlError && error.exit === EXIT.unavailable
    if (!(error instanceof HttpFailure) && !isOutage) throw error
    throw new Settled({ kind: 'later', reason: error.message, afterMs: null })
  }
}
