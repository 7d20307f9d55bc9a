import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { onTestFinished } from 'vitest'

/** A request as it arrived. Names of headers in lower case. */
export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Which connection it came over, from 1. */
  readonly connection: number
}

/**
 * What the server does with one request. It writes bytes and no objects of `node:http`, which would not let it break
 * the rules.
 * @returns what was done, for `FaultServer.done`
 */
export type Step = (socket: Socket) => Promise<string>

export interface FaultServer {
  readonly origin: URL
  /** Every request that arrived whole, whatever became of it. */
  readonly requests: readonly SeenRequest[]
  /** What was done to each of them, in the order in which it was done: a fault that is not here did not happen. */
  readonly done: readonly string[]
  /** TCP connections that were opened. */
  readonly connections: number
  /** TLS handshakes that the server believes to be complete, and the errors of those that failed. */
  readonly handshakes: readonly string[]
  /** Resolves when no connection is open any more and `done` is complete. */
  allClosed(): Promise<void>
}

/**
 * A server on the loopback that answers by a script: one step a request, over all connections in order of arrival; the
 * last one again and again. It goes with the test.
 */
export async function faultServer(script: readonly Step[], tls?: TlsOptions): Promise<FaultServer> {
  const requests: SeenRequest[] = []
  const done: string[] = []
  const handshakes: string[] = []
  const serving: Promise<void>[] = []
  const serve = async (socket: Socket, connection: number): Promise<void> => {
    for await (const request of requestsOn(socket, connection)) {
      const step = script[Math.min(requests.length, script.length - 1)] ?? silence
      requests.push(request)
      done.push(await step(socket))
    }
  }
  const server = tls === undefined ? createServer() : createTlsServer(tls)
  const sockets = trackedSockets(server)
  server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    if (tls !== undefined) handshakes.push('complete')
    // A step ends with an error when the client leaves in the middle of it.
    serving.push(serve(socket, sockets.opened()).catch(() => undefined))
  })
  server.on('tlsClientError', (error: NodeJS.ErrnoException) => handshakes.push(error.code ?? error.message))
  const origin = await listening(server, tls === undefined ? 'http' : 'https')
  return {
    origin,
    requests,
    done,
    handshakes,
    get connections() {
      return sockets.opened()
    },
    allClosed: async () => {
      await sockets.allClosed()
      await Promise.all(serving)
    },
  }
}

/** Stands between clients and a TLS server and passes all on, until it is told to write bytes of its own to the clients and to close. */
export async function meddlingProxy(
  target: URL,
): Promise<{ readonly origin: URL; meddle(bytes: Uint8Array): void }> {
  const clients: Socket[] = []
  const server = createServer((client) => {
    clients.push(client)
    passOn(client, target)
  })
  trackedSockets(server)
  return {
    origin: await listening(server, 'https'),
    meddle: (bytes) => {
      for (const client of clients) client.end(bytes)
    },
  }
}

/** Passes one connection on to a TLS server; to all others it drips the begin of a handshake that has no end. */
export async function onceThrough(
  target: URL,
): Promise<{ readonly origin: URL; readonly log: readonly string[] }> {
  const log: string[] = []
  const server = createServer((client) => {
    if (log.length === 0) {
      log.push('passed on')
      passOn(client, target)
      return
    }
    client.resume()
    // A record of 16 KiB of a handshake message, RFC 8446 §5.1.
    drip(
      '\x16\x03\x03\x40\x00\x02\x00\x3f\xfc',
      '\x00',
      5,
    )(client).then(
      (done) => log.push(done),
      () => undefined,
    )
  })
  trackedSockets(server)
  return { origin: await listening(server, 'https'), log }
}

/** Takes connections and what is sent over them, and never says a word. @param then what it does with the first bytes */
export async function silentServer(
  scheme: 'http' | 'https',
  then: (socket: Socket) => void = () => undefined,
): Promise<{ readonly origin: URL; readonly received: readonly Buffer[]; allClosed(): Promise<void> }> {
  const received: Buffer[] = []
  const server = createServer((socket) =>
    socket.on('data', (part) => {
      received.push(part)
      then(socket)
    }),
  )
  const { allClosed } = trackedSockets(server)
  return { origin: await listening(server, scheme), received, allClosed }
}

/** An address of the loopback at which nobody listens. */
export async function deadOrigin(): Promise<URL> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return new URL(`http://127.0.0.1:${port}`)
}

/** A whole answer, as it should be. */
export function answer(
  status: number,
  body: string | Uint8Array = '',
  headers: Readonly<Record<string, string>> = {},
): Step {
  const length = { 'content-length': String(Buffer.byteLength(body)) }
  return async (socket) => {
    await written(socket, [head(status, { ...length, ...headers }), body])
    return `answered ${status}`
  }
}

/** These bytes, and then the connection is kept, closed in good order, or reset. */
export function raw(parts: readonly (string | Uint8Array)[], then: 'keep' | 'end' | 'reset'): Step {
  return async (socket) => {
    await written(socket, parts)
    const count = parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0)
    switch (then) {
      case 'keep':
        return `sent ${count} bytes`
      case 'end':
        socket.end()
        return `closed after ${count} bytes`
      case 'reset':
        socket.resetAndDestroy()
        return `reset after ${count} bytes`
    }
  }
}

/** The request is taken, and nothing follows. */
export const silence: Step = async () => 'kept silent'

/** One part after another, one every few milliseconds, for as long as the client stays. */
export function drip(begin: string, part: string, everyMs: number): Step {
  return async (socket) => {
    socket.write(begin)
    const timer = setInterval(() => socket.write(part), everyMs)
    socket.once('close', () => clearInterval(timer))
    await event(socket, 'close')
    return 'dripped until the client left'
  }
}

/** The same part as fast as the client takes it, for as long as it stays. */
export function flood(begin: string, part: string | Uint8Array): Step {
  return async (socket) => {
    socket.write(begin)
    const closed = event(socket, 'close')
    let parts = 0
    for (; !socket.destroyed; parts++)
      if (!socket.write(part)) await Promise.race([event(socket, 'drain'), closed])
    return parts > 1 ? 'flooded until the client left' : 'the client left at once'
  }
}

/** The head of an answer with these headers; several with one name as a list. */
export function head(
  status: number,
  headers: Readonly<Record<string, string | readonly string[]>> = {},
): string {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().map((text) => `${name}: ${text}\r\n`),
  )
  return `HTTP/1.1 ${status} Scripted\r\n${lines.join('')}\r\n`
}

/** Unlike `once` of Node, it does not take the reset by a client who leaves for its own failure. */
const event = (socket: Socket, name: 'drain' | 'close'): Promise<void> =>
  new Promise((resolve) => {
    socket.once(name, () => resolve())
  })

async function written(socket: Socket, parts: readonly (string | Uint8Array)[]): Promise<void> {
  for (const part of parts)
    await new Promise<void>((resolve, reject) => {
      socket.write(part, (error) => (error ? reject(error) : resolve()))
    })
}

/** The requests on a connection; bodies come with a Content-Length or not at all. */
async function* requestsOn(socket: Socket, connection: number): AsyncGenerator<SeenRequest> {
  let bytes = Buffer.alloc(0)
  // Taken by listeners and not by iterating the socket, which would close it with the last request.
  const parts: Buffer[] = []
  let wake = (): void => undefined
  let isOpen = true
  socket.on('error', () => undefined)
  socket.on('data', (part: Buffer) => {
    parts.push(part)
    wake()
  })
  socket.on('close', () => {
    isOpen = false
    wake()
  })
  while (isOpen || parts.length > 0) {
    bytes = Buffer.concat([bytes, ...parts.splice(0)])
    const end = bytes.indexOf('\r\n\r\n')
    const [line = '', ...fields] = bytes.subarray(0, Math.max(0, end)).toString('latin1').split('\r\n')
    const headers = Object.fromEntries(fields.map((field) => headerIn(field)))
    const length = end + 4 + Number(headers['content-length'] ?? 0)
    if (end >= 0 && bytes.length >= length) {
      const [method = '', path = ''] = line.split(' ')
      const body = bytes.subarray(end + 4, length).toString('utf8')
      bytes = bytes.subarray(length)
      yield { method, path, headers, body, connection }
    } else if (isOpen)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    else return
  }
}

function headerIn(field: string): readonly [string, string] {
  const [name = '', ...value] = field.split(':')
  return [name.toLowerCase(), value.join(':').trim()]
}

function passOn(client: Socket, target: URL): void {
  const upstream = connect(Number(target.port), target.hostname)
  upstream.on('error', () => client.destroy())
  upstream.on('close', () => client.destroy())
  client.on('close', () => upstream.destroy())
  client.pipe(upstream).pipe(client)
}

/** Counts the connections of a server, knows when all are closed, and closes them with the test. */
function trackedSockets(server: Server) {
  const open = new Set<Socket>()
  let opened = 0
  let wake = (): void => undefined
  server.on('connection', (socket: Socket) => {
    opened++
    open.add(socket)
    // A head and its body are two writes, and the second must not wait for the first to be acknowledged.
    socket.setNoDelay()
    socket.on('error', () => undefined)
    socket.on('close', () => {
      open.delete(socket)
      wake()
    })
  })
  onTestFinished(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return {
    opened: () => opened,
    allClosed: async () => {
      while (open.size > 0)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
    },
  }
}

async function listening(server: Server, scheme: 'http' | 'https'): Promise<URL> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return new URL(`${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`)
}
