import type { Socket } from 'node:net'
import { ProbeFailure } from './failure.ts'

const LONGEST_LINE = 8 << 10
const MOST_WAITING = 64 << 10

/** Lines that a server sends, read one after the other, with a limit to what it may send unasked. */
export class LineReader {
  readonly #socket: Socket
  readonly #where: string
  #buffer = ''
  #ended: Error | undefined
  #wake: (() => void) | undefined

  /** @param where the other side, for messages */
  constructor(socket: Socket, where: string) {
    this.#socket = socket
    this.#where = where
    socket.on('data', this.#onData)
    socket.once('close', this.#onClose)
  }

  /** What came and was not read yet. */
  get waiting(): string {
    return this.#buffer
  }

  /** The next line without its end. @throws ProbeFailure when there is none any more, or it is too long */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#buffer.indexOf('\n')
      if (end >= 0) {
        const line = this.#buffer.slice(0, end).replace(/\r$/, '')
        this.#buffer = this.#buffer.slice(end + 1)
        return line
      }
      if (this.#buffer.length > LONGEST_LINE)
        throw new ProbeFailure('body', 'too-large', `${this.#where} sent a line without end`)
      if (this.#ended !== undefined) throw this.#ended
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** Leaves the socket to somebody else. */
  release(): void {
    this.#socket.off('data', this.#onData)
    this.#socket.off('close', this.#onClose)
  }

  readonly #onData = (part: Buffer): void => {
    this.#buffer += part.toString('latin1')
    if (this.#buffer.length > MOST_WAITING) {
      this.#ended = new ProbeFailure('body', 'too-large', `${this.#where} sent more than was asked for`)
      this.#socket.destroy()
    }
    this.#wake?.()
  }

  readonly #onClose = (): void => {
    this.#ended ??= new ProbeFailure('body', 'reset', `${this.#where} closed the connection`)
    this.#wake?.()
  }
}
