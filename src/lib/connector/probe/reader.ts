import type { Socket } from 'node:net'
import { ProbeFailure } from './failure.ts'

const LINE_FEED = 0x0a
const MAX_LINE = 2048

/**
 * Reads a socket piece by piece as a conversation wants it. It takes no more from the network than it needs, so that a
 * server that talks without end fills the buffer of the socket and nothing else. Ends with the socket: whoever waits
 * gets an error.
 */
export class Reader {
  readonly #socket: Socket
  readonly #where: string
  #held = Buffer.alloc(0)

  /** @param where the other side, for messages */
  constructor(socket: Socket, where: string) {
    this.#socket = socket
    this.#where = where
  }

  /** Bytes that have come and that nobody has asked for yet. */
  get ahead(): number {
    return this.#held.length + this.#socket.readableLength
  }

  /** The next line, without its end. @throws ProbeFailure for one that is longer than any protocol allows */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#held.indexOf(LINE_FEED)
      if (end > MAX_LINE || (end < 0 && this.#held.length > MAX_LINE))
        throw new ProbeFailure('body', 'protocol', `${this.#where} sent a line without end`)
      if (end >= 0)
        return this.#taken(end + 1)
          .toString('utf8')
          .replace(/\r?\n$/, '')
      await this.#more()
    }
  }

  /** What comes first: a line, or as much of it as there is when the other side closes or says more than that. */
  async beginning(): Promise<string> {
    for (;;) {
      const end = this.#held.indexOf(LINE_FEED)
      const enough = end >= 0 ? end : this.#held.length >= MAX_LINE ? MAX_LINE : undefined
      if (enough !== undefined) return this.#taken(enough).toString('utf8').trimEnd()
      try {
        await this.#more()
      } catch (error) {
        if (this.#held.length === 0 || this.#isGivenUp) throw error
        return this.#taken(this.#held.length).toString('utf8').trimEnd()
      }
    }
  }

  /** Closed by us, for the time is over: what has come may be half of what was said. */
  get #isGivenUp(): boolean {
    return this.#socket.destroyed && !this.#socket.readableEnded && this.#socket.errored === null
  }

  /** So many bytes. @param count at most some thousand */
  async bytes(count: number): Promise<Buffer> {
    while (this.#held.length < count) await this.#more()
    return this.#taken(count)
  }

  #taken(count: number): Buffer {
    const taken = this.#held.subarray(0, count)
    this.#held = this.#held.subarray(count)
    return taken
  }

  async #more(): Promise<void> {
    const part: unknown = this.#socket.read()
    if (part instanceof Buffer) {
      this.#held = Buffer.concat([this.#held, part])
      return
    }
    if (this.#socket.errored) throw this.#socket.errored
    if (this.#socket.readableEnded || this.#socket.destroyed) throw closed()
    await readable(this.#socket)
  }
}

/** Waits until there is something to read, or the end. */
function readable(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error): void => {
      socket.off('readable', ready)
      socket.off('end', ready)
      socket.off('close', ready)
      socket.off('error', done)
      if (error === undefined) resolve()
      else reject(error)
    }
    const ready = (): void => done()
    socket.once('readable', ready)
    socket.once('end', ready)
    socket.once('close', ready)
    socket.once('error', done)
  })
}

const closed = (): Error => Object.assign(new Error('closed'), { code: 'ECONNRESET' })
