import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Mode, OpenStandIn, StandIn, StandInControl } from './stand-in.ts'

/** A request as a stand-in sees it. */
export interface StandInRequest {
  readonly method: string
  /** Without query. */
  readonly path: string
  readonly query: URLSearchParams
  /** Names in lower case. */
  readonly headers: IncomingMessage['headers']
  readonly body: string
  readonly bytes: Uint8Array
  /** `http://127.0.0.1:port` of this stand-in. */
  readonly origin: string
}

export interface StandInReply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** A text and bytes are sent as they are, anything else as JSON. */
  readonly body?: unknown
}

export interface HttpStandIn {
  readonly kind: string
  readonly wrong: string
  /** Path of the connector's address, beginning with `/`. */
  readonly path: string
  readonly wantsCredentials: boolean
  readonly settings: (origin: string) => Readonly<Record<string, unknown>>
  /** Answers as the system does, or in the mode `wrong` as one that has a fault. */
  readonly reply: (
    request: StandInRequest,
    mode: 'healthy' | 'wrong',
    control: StandInControl,
  ) => StandInReply | Promise<StandInReply>
  /** The longest body that it takes, in bytes; 1 MiB where nothing is said. */
  readonly maxBody?: number
  /** What it keeps, where it can be filled. */
  readonly kept?: Pick<OpenStandIn, 'fill' | 'reset'>
}

const MAX_BODY = 1 << 20

/** A stand-in that speaks HTTP: slow and down are the same for all of them. */
export const httpStandIn = (definition: HttpStandIn): StandIn => ({
  kind: definition.kind,
  wrong: definition.wrong,
  open: (control) => open(definition, control),
})

/** A stand-in that keeps something: each one that is opened keeps its own. */
export const keepingStandIn = (
  { kind, wrong }: Pick<StandIn, 'kind' | 'wrong'>,
  make: (control: StandInControl) => HttpStandIn,
): StandIn => ({ kind, wrong, open: (control) => open(make(control), control) })

async function open(definition: HttpStandIn, control: StandInControl): Promise<OpenStandIn> {
  const timers = new Set<NodeJS.Timeout>()
  let origin = ''
  const server = createServer((request, response) => {
    const answer = async (mode: Mode): Promise<void> => {
      const seen = await seenRequest(request, origin, definition.maxBody ?? MAX_BODY)
      send(response, await definition.reply(seen, mode === 'wrong' ? 'wrong' : 'healthy', control))
    }
    const mode = control.mode()
    if (mode === 'down') {
      request.socket.resetAndDestroy()
      return
    }
    const run = (): void => void answer(mode).catch(() => request.socket.resetAndDestroy())
    if (mode !== 'slow') return run()
    const timer = setTimeout(() => {
      timers.delete(timer)
      run()
    }, control.slowMs)
    timers.add(timer)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: `${origin}${definition.path}`,
    settings: definition.settings(origin),
    wantsCredentials: definition.wantsCredentials,
    ...definition.kept,
    close: async () => {
      for (const timer of timers) clearTimeout(timer)
      server.closeAllConnections()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
    },
  }
}

async function seenRequest(
  request: IncomingMessage,
  origin: string,
  maxBody: number,
): Promise<StandInRequest> {
  const { method = 'GET', url = '/', headers } = request
  const { pathname, searchParams } = new URL(url, origin)
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request) {
    length += part.length
    if (length > maxBody) throw new Error('too large')
    parts.push(part)
  }
  const bytes = Buffer.concat(parts)
  return {
    method,
    path: pathname,
    query: searchParams,
    headers,
    body: bytes.toString('utf8'),
    bytes,
    origin,
  }
}

function send(response: ServerResponse, { status, headers = {}, body }: StandInReply): void {
  const isPlain = typeof body === 'string' || body instanceof Uint8Array
  const bytes = body === undefined ? '' : isPlain ? body : JSON.stringify(body)
  response.writeHead(status, {
    ...(body === undefined || isPlain ? {} : { 'content-type': 'application/json' }),
    'content-length': String(Buffer.byteLength(bytes)),
    ...headers,
  })
  response.end(bytes)
}

/** Whether a request carries the credentials of the control as HTTP Basic (RFC 7617). */
export function hasBasic({ headers }: StandInRequest, { clientId, clientSecret }: StandInControl): boolean {
  const [, given = ''] = /^Basic (.+)$/.exec(headers.authorization ?? '') ?? []
  return Buffer.from(given, 'base64').toString('utf8') === `${clientId}:${clientSecret}`
}
