import { isIP, type Socket } from 'node:net'
import { ProbeFailure } from './probe/failure.ts'
import { Reader } from './probe/reader.ts'

/** An answer of a mail server (RFC 5321 §4.2). */
export interface SmtpReply {
  /** From 200 to 599. */
  readonly code: number
  /** Its lines without the code. */
  readonly lines: readonly string[]
}

/** RFC 5321 has no limit; servers with many extensions send twenty. */
const MAX_LINES = 100
const LEAVE_MS = 1000

/** The client's side of a conversation with a mail server. */
export class SmtpDialogue {
  readonly #socket: Socket
  readonly #where: string
  readonly #reader: Reader

  /** @param where the other side, for messages */
  constructor(socket: Socket, where: string) {
    this.#socket = socket
    this.#where = where
    this.#reader = new Reader(socket, where)
  }

  /** Bytes that have come before anything was asked. */
  get ahead(): number {
    return this.#reader.ahead
  }

  /** @throws ProbeFailure for what is no reply */
  async reply(): Promise<SmtpReply> {
    const lines: string[] = []
    let first = ''
    for (;;) {
      const line = await this.#reader.line()
      const [, code = '', mark = '', text = ''] = /^([2-5]\d\d)([ -]?)(.*)$/.exec(line) ?? []
      if (code === '' || (first !== '' && code !== first))
        throw new ProbeFailure(
          'body',
          'protocol',
          `${this.#where} does not speak SMTP: ${JSON.stringify(line)}`,
        )
      first = code
      lines.push(text)
      if (mark !== '-') return { code: Number(code), lines }
      if (lines.length >= MAX_LINES)
        throw new ProbeFailure(
          'body',
          'too-large',
          `${this.#where} sent a reply of more than ${MAX_LINES} lines`,
        )
    }
  }

  /** One command and its reply. @param line without line ends */
  async ask(line: string): Promise<SmtpReply> {
    this.#socket.write(`${line}\r\n`)
    return this.reply()
  }

  /** Takes leave (RFC 5321 §4.1.1.10). What the server makes of it changes nothing, and it has little time for it. */
  async quit(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LEAVE_MS)
    })
    const left = this.ask('QUIT').then(
      () => undefined,
      () => undefined,
    )
    await Promise.race([left, late])
    clearTimeout(timer)
  }

  /** What a client without a name of its own calls itself (RFC 5321 §4.1.3). */
  get name(): string {
    const address = this.#socket.localAddress ?? ''
    return isIP(address) === 6 ? `[IPv6:${address}]` : `[${address || '127.0.0.1'}]`
  }
}

/** Extensions by their keywords in capitals, each with its parameters (RFC 5321 §4.1.1.1). */
export function extensionsOf({ lines }: SmtpReply): ReadonlyMap<string, readonly string[]> {
  return new Map(
    lines.slice(1).map((line) => {
      const [keyword = '', ...parameters] = line.toUpperCase().split(/[ =]/)
      return [keyword, parameters]
    }),
  )
}

/** A reply on one line, as a condition shows it. */
export const seenReply = ({ code, lines }: SmtpReply): string => `${code} ${lines.join(' / ')}`.trimEnd()
