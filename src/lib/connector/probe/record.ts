import { redacted } from '../../config/secret.ts'
import type { Exchange, Fault, Phase, Phases } from '../model.ts'
import type { HttpReply } from './exchange.ts'
import { ProbeFailure } from './failure.ts'

const SEEN_LENGTH = 200

export const PHASE_WORDS: Readonly<Record<Phase, string>> = {
  resolve: 'looking up the name',
  connect: 'connecting',
  tls: 'setting up TLS',
  request: 'sending the request',
  firstByte: 'waiting for the answer',
  body: 'reading the answer',
}

/** What becomes of one exchange, as far as it comes. */
export class ExchangeRecord {
  current: Phase = 'resolve'
  readonly #name: string
  readonly #target: string
  #phases: Phases = {}
  #status: number | null = null
  #bytes = 0
  #failed: { readonly phase: Phase; readonly fault: Fault; readonly message: string } | null = null

  constructor(name: string, target: string) {
    this.#name = name
    this.#target = target
  }

  readonly phase = (phase: Phase): void => {
    this.current = phase
  }

  add(phases: Phases): void {
    this.#phases = { ...this.#phases, ...phases }
  }

  answered({ status, body }: HttpReply): void {
    this.#status = status
    this.#bytes = body.length
  }

  failed(error: unknown): unknown {
    if (error instanceof ProbeFailure)
      this.#failed = { phase: error.phase, fault: error.fault, message: shown(error.message) }
    return error
  }

  done(): Exchange {
    return {
      name: this.#name,
      target: this.#target,
      phases: this.#phases,
      httpStatus: this.#status,
      bytes: this.#bytes,
      failed: this.#failed,
    }
  }
}

/** A text from outside on one line, shortened and without secrets. */
export function shown(text: string): string {
  const line = redacted(text)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is taken out
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .trim()
  return line.length > SEEN_LENGTH ? `${line.slice(0, SEEN_LENGTH - 1)}…` : line
}
