import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { JsonObject } from '../../src/lib/migration/records/model.ts'

/** What becomes of a request besides being done: `drop` ends the connection, before or after it was done. */
export type Fate =
  | 'do'
  | 'drop-before'
  | 'drop-after'
  | 'hang'
  | number
  /** Done or not, and answered like this. */
  | {
      readonly status: number
      readonly headers?: Record<string, string>
      readonly done?: boolean
      readonly text?: string
    }

export interface RecordServer {
  readonly url: string
  /** What the source has, in its order; may be changed at any time. */
  readonly source: JsonObject[]
  /** What the target has, in the order in which it came; one that knows no keys can have some twice. */
  readonly target: JsonObject[]
  /** Requests so far, as `METHOD path`. */
  readonly requests: string[]
  /** Decides on each request; its number counts from 1. */
  fate: (request: { readonly number: number; readonly method: string; readonly path: string }) => Fate
  /** Decides what a page of a collection shows, and what its cursor says; undefined for what is right. */
  shown: (root: 'source' | 'listed', url: URL) => Shown | undefined
}

export interface Shown {
  readonly items: readonly JsonObject[]
  readonly next?: string | null
}

interface Options {
  /** More records than this are not given at once, whatever is asked for. */
  readonly most?: number
}

/**
 * A server with a collection to read at /source/STYLE and one to write to at /target: PUT and GET and DELETE of one
 * record, POST with or without an idempotency key, and batches.
 */
export async function recordServer(
  source: readonly JsonObject[] = [],
  { most = 1000 }: Options = {},
): Promise<RecordServer> {
  const known = new Map<string, true>()
  const state: RecordServer = {
    url: '',
    source: [...source],
    target: [],
    requests: [],
    fate: () => 'do',
    shown: () => undefined,
  }
  const server = createServer((request, response) => {
    const { method = 'GET', url = '/' } = request
    state.requests.push(`${method} ${url}`)
    const fate = state.fate({ number: state.requests.length, method, path: url })
    if (fate === 'hang') return
    if (fate === 'drop-before') {
      request.socket.destroy()
      return
    }
    void bodyOf(request).then((body) => {
      if (typeof fate === 'number') return send(response, fate, { error: 'as told' })
      if (typeof fate === 'object') {
        if (fate.done === true) reply(method, new URL(url, state.url), request, body)
        return send(response, fate.status, fate.text ?? { error: 'as told' }, fate.headers)
      }
      const [status, answer, headers] = reply(method, new URL(url, state.url), request, body)
      if (fate === 'drop-after') {
        request.socket.destroy()
        return
      }
      send(response, status, answer, headers)
    })
  })

  const put = (record: JsonObject): number => {
    const at = state.target.findIndex(({ id }) => String(id) === String(record.id))
    if (at >= 0) state.target[at] = record
    else state.target.push(record)
    return at >= 0 ? 200 : 201
  }

  const reply = (
    method: string,
    url: URL,
    request: IncomingMessage,
    body: string,
  ): [number, unknown, Record<string, string>?] => {
    const [, root, rest = ''] = url.pathname.split('/')
    if (root === 'source' || root === 'listed')
      return odd(state.shown(root, url)) ?? page(root === 'source' ? state.source : state.target, rest, url)
    if (root !== 'target') return [404, {}]
    const key = decodeURIComponent(rest)
    if (key === 'batch') {
      const records = JSON.parse(body) as JsonObject[]
      return [200, { results: records.map((record) => ({ id: record.id, status: put(record) })) }]
    }
    switch (method) {
      case 'GET': {
        const found = state.target.find(({ id }) => String(id) === key)
        return found === undefined ? [404, {}] : [200, found]
      }
      case 'DELETE': {
        const at = state.target.findIndex(({ id }) => String(id) === key)
        if (at < 0) return [404, {}]
        state.target.splice(at, 1)
        return [204, undefined]
      }
      case 'PUT':
        return [put(JSON.parse(body) as JsonObject), {}]
      case 'POST': {
        const idempotency = request.headers['idempotency-key']
        if (typeof idempotency === 'string') {
          if (known.has(idempotency)) return [200, {}]
          known.set(idempotency, true)
        }
        state.target.push(JSON.parse(body) as JsonObject)
        return [201, {}]
      }
      default:
        return [405, {}]
    }
  }

  const odd = (shown: Shown | undefined): [number, unknown] | undefined =>
    shown === undefined ? undefined : [200, { items: shown.items, next: shown.next ?? null }]

  const page = (
    records: readonly JsonObject[],
    style: string,
    url: URL,
  ): [number, unknown, Record<string, string>?] => {
    const number = (name: string, fallback: number): number => Number(url.searchParams.get(name) ?? fallback)
    const size = Math.min(most, number('limit', number('pageSize', number('$top', most))))
    const from =
      style === 'page'
        ? (number('page', 1) - 1) * size
        : number('offset', number('cursor', number('$skip', 0)))
    const items = style === 'none' ? records : records.slice(from, from + size)
    const next = from + size < records.length ? from + size : undefined
    switch (style) {
      case 'link': {
        const link =
          next === undefined
            ? {}
            : { link: `<${state.url}/source/link?offset=${next}&limit=${size}>; rel="next", </>; rel="up"` }
        return [200, items, link]
      }
      case 'odata':
        return [
          200,
          {
            value: items,
            ...(next === undefined ? {} : { '@odata.nextLink': `odata?$skip=${next}&$top=${size}` }),
          },
        ]
      case 'cursor':
        return [200, { items, next: next === undefined ? null : String(next) }]
      default:
        return [200, { items }]
    }
  }

  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return Object.assign(state, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const part of request.setEncoding('utf8')) text += String(part)
  return text
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
  response.writeHead(status, {
    'content-type': typeof body === 'string' ? 'text/html' : 'application/json',
    'content-length': String(Buffer.byteLength(text)),
    ...headers,
  })
  response.end(text)
}

/** Records with letters and numbers that are easily lost. */
export const records = (count: number, from = 1): JsonObject[] =>
  Array.from({ length: count }, (_, at) => ({
    id: `r${String(from + at).padStart(5, '0')}`,
    name: `Müller "${from + at}" & Söhne`,
    amount: (from + at) / 7,
    tags: ['a', { b: from + at }],
  }))
