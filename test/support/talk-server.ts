import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface TalkServer {
  readonly host: string
  readonly port: number
  /** Everything that was sent to it, over all connections. */
  readonly received: readonly Buffer[]
}

/** A server on the loopback that is given each connection as it comes. It goes with the test. */
export async function talkServer(talk: (socket: Socket) => void): Promise<TalkServer> {
  const received: Buffer[] = []
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.setNoDelay()
    socket.on('error', () => undefined)
    socket.on('close', () => open.delete(socket))
    socket.on('data', (part: Buffer) => received.push(part))
    talk(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { host: `127.0.0.1:${port}`, port, received }
}

/** The same bytes as fast as the other side takes them, for as long as it stays. */
export function pour(socket: Socket, part: string | Uint8Array): void {
  const on = (): void => {
    while (!socket.destroyed && socket.write(part));
  }
  socket.on('drain', on)
  on()
}

/** Answers line by line. @param answer to a line, or undefined for silence */
export function lineByLine(socket: Socket, answer: (line: string) => string | undefined): void {
  let held = ''
  socket.on('data', (part: Buffer) => {
    held += part.toString('latin1')
    for (let end = held.indexOf('\n'); end >= 0; end = held.indexOf('\n')) {
      const line = held.slice(0, end).replace(/\r$/, '')
      held = held.slice(end + 1)
      const text = answer(line)
      if (text !== undefined) socket.write(text)
    }
  })
}
