import { failureOf, type HttpFailure } from '../../http/failure.ts'
import type { Fault, Phase } from '../model.ts'

/** An exchange that brought nothing that can be judged. */
export class ProbeFailure extends Error {
  readonly phase: Phase
  readonly fault: Fault
  /** What the operator can do. */
  readonly hint: string | undefined

  constructor(phase: Phase, fault: Fault, message: string, hint?: string) {
    super(message)
    this.name = 'ProbeFailure'
    this.phase = phase
    this.fault = fault
    this.hint = hint
  }
}

/** Ends a check of which a condition says all: what comes behind it has nothing to go on with. */
export class Unmet extends Error {}

/** Names an error of a socket, of TLS or of HTTP. @param where the other side, for the message */
export function probeFailureOf(error: unknown, phase: Phase, where: string): ProbeFailure {
  if (error instanceof ProbeFailure) return error
  const failure = failureOf(error, where, 'no')
  const fault = failure.fault === 'stopped' ? 'timeout' : failure.fault
  return new ProbeFailure(phase, fault, sentence(failure, error, where), failure.suggestions[0])
}

/** Codes of Node's HTTP parser that say which limit was passed. */
const TOO_LARGE = ['HPE_HEADER_OVERFLOW', 'ERR_STREAM_PREMATURE_CLOSE_TOO_LARGE']

function sentence(failure: HttpFailure, error: unknown, where: string): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (TOO_LARGE.includes(code)) return `${where} sent more headers than are taken`
  return failure.message
}
