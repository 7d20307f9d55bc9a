import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { OzgctlError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { Problem, type SandboxAnswer } from './answer.ts'
import { FaultPlan, type FaultRule } from './faults.ts'
import { liferayRoutes, type Removable, type Routes } from './routes.ts'
import { StandIns } from './stand-ins/stand-ins.ts'
import { SandboxState } from './state.ts'

export interface SandboxOptions {
  /** 0 for any that is free. */
  readonly port: number
  readonly faults: readonly FaultRule[]
  readonly without: readonly Removable[]
  /** Whether there is a stand-in of every kind of connector, too. */
  readonly connectors?: boolean | undefined
  readonly now: () => Date
  /** Is told of every request, before and after it was done; with `drop` it is not done and not answered. */
  readonly onRequest?: RequestHook | undefined
}

export type RequestHook = (
  phase: 'received' | 'done',
  method: string,
  path: string,
) => Promise<'drop' | 'go on'> | undefined

/** What the sandbox did, for tests. */
export interface SandboxStats {
  readonly requests: number
  readonly tokens: number
  /** How often something was created, by `kind code`. */
  readonly creates: Readonly<Record<string, number>>
  /** How often each fault happened. */
  readonly faults: Readonly<Record<string, number>>
}

const TOKEN_SECONDS = 600
const MAX_BODY = 64 << 20

/** A server on this machine only that behaves like the part of Liferay that ozgctl uses. */
export class Sandbox {
  readonly clientId: string = 'sandbox'
  /** Made anew with each start, and worth nothing elsewhere. */
  readonly clientSecret = randomBytes(24).toString('base64url')
  readonly #options: SandboxOptions
  readonly #server: Server
  readonly #state: SandboxState
  readonly #routes: Routes
  readonly #faults: FaultPlan
  readonly #tokens = new Map<string, number>()
  #requests = 0
  #standIns: StandIns | undefined

  constructor(options: SandboxOptions) {
    this.#options = options
    this.#state = new SandboxState(options.now, {
      dropsFields: options.without.includes('custom-fields'),
      keepsCodes: options.without.includes('new-reference-codes'),
    })
    this.#routes = liferayRoutes(this.#state, options.without)
    this.#faults = new FaultPlan(options.faults)
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        send(request, response, internalError(error))
      })
    })
    this.#server.keepAliveTimeout = 60_000
  }

  /** @returns the address that it listens at. @throws OzgctlError 69 PORT_TAKEN */
  async start(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) =>
        reject(portError(error, this.#options.port)),
      )
      this.#server.listen(this.#options.port, '127.0.0.1', resolve)
    })
    if (this.#options.connectors === true)
      this.#standIns = await StandIns.start({ ...this.#options, ...this.#login })
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** undefined where none were asked for. */
  get standIns(): StandIns | undefined {
    return this.#standIns
  }

  get #login() {
    return { clientId: this.clientId, clientSecret: this.clientSecret }
  }

  async stop(): Promise<void> {
    await this.#standIns?.close()
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
  }

  get stats(): SandboxStats {
    return {
      requests: this.#requests,
      tokens: this.#tokens.size,
      creates: Object.fromEntries(this.#state.creates),
      faults: Object.fromEntries(this.#faults.injected),
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = request
    const [path = '/', query = ''] = url.split('?', 2)
    const text = await bodyOf(request)
    if (path.startsWith('/_sandbox/')) return send(request, response, this.#own(method, path, text))
    this.#requests++
    if ((await this.#options.onRequest?.('received', method, path)) === 'drop') return cut(request)
    const fault = this.#faults.next(method, path)
    if (fault?.kind === 'hang') return
    if (fault?.kind === 'reset-before') return cut(request)
    if (fault?.kind === 'latency') await pause(fault.milliseconds)
    const status = fault === undefined ? undefined : statusOf(fault)
    if (status !== undefined) return send(request, response, problem(status), this.#retryAfter(fault))
    const answer =
      path === '/o/oauth2/token' ? this.#token(request, text) : this.#answer(request, path, query, text)
    if ((await this.#options.onRequest?.('done', method, path)) === 'drop') return cut(request)
    if (fault?.kind === 'reset') return cutInAnswer(request, response, answer)
    if (fault?.kind === 'truncate') return sendTruncated(response, answer)
    send(request, response, answer)
  }

  #answer(request: IncomingMessage, path: string, query: string, text: string): SandboxAnswer {
    const { method = 'GET' } = request
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
    if ((this.#tokens.get(token) ?? 0) < this.#options.now().getTime())
      return { status: 401, body: { error: 'invalid_token' } }
    const route = this.#routes.find(method, path)
    if (route === undefined) return { status: 404 }
    try {
      const body: unknown = text === '' ? undefined : JSON.parse(text)
      return route.handler({ method, params: route.params, query: new URLSearchParams(query), body })
    } catch (error) {
      if (error instanceof Problem) return error.answer()
      if (error instanceof SyntaxError) return new Problem(400, 'Unable to map JSON').answer()
      throw error
    }
  }

  /** RFC 6749 §4.4, with the credentials in the form or as Basic. */
  #token(request: IncomingMessage, text: string): SandboxAnswer {
    const form = new URLSearchParams(text)
    const basic = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    const [id = '', secret = ''] =
      basic === undefined
        ? [form.get('client_id') ?? '', form.get('client_secret') ?? '']
        : Buffer.from(basic, 'base64').toString().split(':')
    if (form.get('grant_type') !== 'client_credentials')
      return { status: 400, body: { error: 'unsupported_grant_type' } }
    if (id !== this.clientId || !isEqual(secret, this.clientSecret))
      return { status: 401, body: { error: 'invalid_client' } }
    const token = randomBytes(24).toString('base64url')
    this.#tokens.set(token, this.#options.now().getTime() + TOKEN_SECONDS * 1000)
    const scope = 'Liferay.Headless.Admin.User.everything'
    return {
      status: 200,
      body: { access_token: token, expires_in: TOKEN_SECONDS, scope, token_type: 'Bearer' },
    }
  }

  /** Addresses that no Liferay has: what happened here, and forgetting it. */
  #own(method: string, path: string, text: string): SandboxAnswer {
    const [, kind, documents] = /^\/_sandbox\/connectors\/([a-z0-9-]+)(\/documents)?$/.exec(path) ?? []
    if (method === 'PUT' && kind !== undefined)
      return this.#set((standIns) =>
        documents === undefined ? standIns.set(kind, text) : standIns.fill(kind, text),
      )
    if (method === 'GET' && path === '/_sandbox/connectors')
      return { status: 200, body: this.#standIns?.all ?? [] }
    if (method === 'GET' && path === '/_sandbox/stats') return { status: 200, body: this.stats }
    if (method === 'POST' && path === '/_sandbox/reset') {
      this.#state.clear()
      this.#standIns?.reset()
      return { status: 204 }
    }
    return { status: 404 }
  }

  /** What a stand-in does or keeps from now on. */
  #set(change: (standIns: StandIns) => void): SandboxAnswer {
    try {
      if (this.#standIns === undefined) return new Problem(404, 'this sandbox has no stand-ins').answer()
      change(this.#standIns)
      return { status: 204 }
    } catch (error) {
      if (error instanceof OzgctlError) return new Problem(400, error.message).answer()
      throw error
    }
  }

  #retryAfter(fault: FaultRule | undefined): Readonly<Record<string, string>> {
    if (fault?.retryAfter === undefined) return {}
    const { seconds, asDate } = fault.retryAfter
    const date = new Date(this.#options.now().getTime() + seconds * 1000)
    return { 'retry-after': asDate ? date.toUTCString() : String(seconds) }
  }
}

function statusOf({ kind }: FaultRule): FaultStatus | undefined {
  switch (kind) {
    case '400':
      return 400
    case '429':
      return 429
    case '500':
      return 500
    case '503':
      return 503
    case 'latency':
    case 'reset':
    case 'reset-before':
    case 'truncate':
    case 'hang':
      return undefined
  }
}

type FaultStatus = 400 | 429 | 500 | 503

const PROBLEMS = {
  400: 'BAD_REQUEST',
  429: 'TOO_MANY_REQUESTS',
  500: 'INTERNAL_SERVER_ERROR',
  503: 'SERVICE_UNAVAILABLE',
} as const
const problem = (status: FaultStatus): SandboxAnswer => ({
  status,
  body: { status: PROBLEMS[status], title: 'injected by the sandbox' },
})

function internalError(error: unknown): SandboxAnswer {
  return new Problem(500, error instanceof Error ? error.message : String(error)).answer()
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })

async function bodyOf(request: IncomingMessage): Promise<string> {
  if (request.method === 'GET' || request.method === 'DELETE') return ''
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request) {
    length += part.length
    if (length > MAX_BODY) throw new Problem(400, 'The request is too large')
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, body }: SandboxAnswer,
  more: Readonly<Record<string, string>> = {},
): void {
  if (body === undefined) {
    // A servlet container answers for addresses that no API has.
    const page = status === 404 ? '<!doctype html><title>404</title><h1>Not Found</h1>' : undefined
    response.writeHead(status, { ...more, ...(page === undefined ? {} : { 'content-type': 'text/html' }) })
    response.end(request.method === 'HEAD' ? undefined : page)
    return
  }
  const text = Buffer.from(JSON.stringify(body))
  response.writeHead(status, { ...more, 'content-type': 'application/json', 'content-length': text.length })
  response.end(text)
}

function cut(request: IncomingMessage): void {
  request.socket.resetAndDestroy()
}

function cutInAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  { status, body }: SandboxAnswer,
): void {
  const text = JSON.stringify(body ?? {})
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text) + 1,
  })
  response.write(text.slice(0, text.length >> 1), () => request.socket.resetAndDestroy())
}

function sendTruncated(response: ServerResponse, { status, body }: SandboxAnswer): void {
  const packed = gzipSync(JSON.stringify(body ?? {}))
  const cutOff = packed.subarray(0, packed.length - 6)
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-encoding': 'gzip',
    'content-length': cutOff.length,
  })
  response.end(cutOff)
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

function portError(error: NodeJS.ErrnoException, port: number): OzgctlError {
  return new OzgctlError(
    'PORT_TAKEN',
    `port ${port} cannot be listened at (${error.code ?? error.message})`,
    {
      exit: EXIT.unavailable,
      suggestions: ['Take another with --port, or any that is free with --port 0.'],
    },
  )
}
