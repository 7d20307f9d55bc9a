import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

type Item = Readonly<Record<string, unknown>>

/** What comes back instead of the answer. `before`: nothing was done; `after`: it was. */
export interface Fault {
  readonly name: string
  readonly when: 'before' | 'after'
  readonly answer: 'reset' | 'half' | Page
}

interface Page {
  readonly status: number
  readonly type: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

const page = (status: number, title: string, headers: Readonly<Record<string, string>> = {}): Page => ({
  status,
  type: 'text/html',
  body: `<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`,
  headers,
})

const ANSWERS: Readonly<Record<string, Fault['answer']>> = {
  reset: 'reset',
  half: 'half',
  '404 page': page(404, '404 Not Found'),
  '403 page': page(403, '403 Forbidden'),
  '401': { status: 401, type: 'application/json', body: '{"error":"invalid_token"}' },
  '500': { status: 500, type: 'application/json', body: '{"error":"internal"}' },
  '502 page': page(502, '502 Bad Gateway'),
  '503 page': page(503, '503 Service Unavailable'),
  '504 page': page(504, '504 Gateway Time-out'),
  'come back tomorrow': page(503, 'Maintenance', { 'retry-after': '86400' }),
  'log-in page': page(200, 'Anmeldung'),
  'empty 200': { status: 200, type: 'application/json', body: '' },
  'no content': { status: 204, type: 'application/json', body: '' },
}

/** What says that nothing was done. Somebody who has done it all the same cannot be helped. */
const REFUSALS = ['404 page', '403 page', '401']
/** What says that it was done. */
const SUCCESSES = ['empty 200', 'no content']

/** Faults of a server and of what stands before it, before and after the work where both can be. */
export const FAULTS: readonly Fault[] = Object.entries(ANSWERS).flatMap(([name, answer]) => [
  ...(SUCCESSES.includes(name) ? [] : [{ name: `${name}, not done`, when: 'before', answer } as const]),
  ...(REFUSALS.includes(name) ? [] : [{ name: `${name}, done`, when: 'after', answer } as const]),
])

/** Which request a fault meets, and with what. */
export interface Meeting {
  readonly request: number
  readonly fault: Fault
  /** What the request after that one meets. */
  readonly next?: Fault
}

/** A server whose effects can be counted. */
export interface EffectsServer {
  readonly url: string
  /** What it has, by key. One that knows no keys may have some twice. */
  readonly content: ReadonlyMap<string, readonly Item[]>
  /** How often something was done for a key that must not be done twice. */
  readonly effects: ReadonlyMap<string, number>
  readonly requests: readonly string[]
  /** Requests are counted from here, and the fault meets one of them. */
  meet(meeting: Meeting | undefined): void
  /** Whether the fault has met its request. */
  readonly met: boolean
  /** Is told of each request and its number: when it has come, and when it was done and not answered yet. */
  onRequest: (when: 'before' | 'after', number: number) => void
}

/**
 * A server with records to read at /source, a collection at /put that knows keys, one at /post that takes whatever
 * comes, /mark for single values, and /call that does something for whoever calls. It goes with the test.
 */
export async function effectsServer(source: readonly Item[]): Promise<EffectsServer> {
  const content = new Map<string, Item[]>()
  const effects = new Map<string, number>()
  const requests: string[] = []
  let meeting: Meeting | undefined
  let counted = 0
  let met = false
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const { method = 'GET', url: path = '/' } = request
      requests.push(`${method} ${path}`)
      const number = ++counted
      const fault = faultAt(number)
      if (fault !== undefined) met = true
      state.onRequest('before', number)
      if (fault?.when === 'before') return faulty(request, response, fault, '{"id":"r01","na')
      const [status, answer] = reply(method, new URL(path, 'http://localhost'), body)
      const text = answer === undefined ? '' : JSON.stringify(answer)
      state.onRequest('after', number)
      if (fault !== undefined) return faulty(request, response, fault, text)
      response.writeHead(status, { 'content-type': 'application/json' }).end(text)
    })
  })

  const faultAt = (number: number): Fault | undefined => {
    if (number === meeting?.request) return meeting.fault
    return meeting !== undefined && number === meeting.request + 1 ? meeting.next : undefined
  }

  const reply = (method: string, url: URL, body: string): [number, unknown?] => {
    const [, root = '', key = ''] = url.pathname.split('/')
    if (root === 'source') return [200, slice(source, url)]
    if (key === '' && method === 'GET') return [200, slice([...content.values()].flat(), url)]
    const existing = content.get(key) ?? []
    switch (`${root} ${method}`) {
      case 'call GET':
        return [200, { done: (effects.get(key) ?? 0) > 0 }]
      case 'call POST':
        effects.set(key, (effects.get(key) ?? 0) + 1)
        return [200, { ok: true }]
      case 'mark PUT':
        content.set(key, [parsed(body)])
        return [200, {}]
      case 'put PUT':
        content.set(key, [parsed(body)])
        return [existing.length > 0 ? 200 : 201, {}]
      case 'post POST': {
        const item = parsed(body)
        const id = String(item.id)
        content.set(id, [...(content.get(id) ?? []), item])
        return [201, {}]
      }
      case 'put GET':
      case 'post GET':
        return existing[0] === undefined ? [404, { error: 'not found' }] : [200, existing[0]]
      case 'put DELETE':
      case 'post DELETE':
        return content.delete(key) ? [204] : [404, { error: 'not found' }]
      default:
        return [405, { error: 'not allowed' }]
    }
  }

  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const state: EffectsServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    content,
    effects,
    requests,
    meet: (next) => {
      meeting = next
      counted = 0
      met = false
    },
    get met() {
      return met
    },
    onRequest: () => undefined,
  }
  return state
}

/** What a test wants of the server's own texts, parsed. */
function parsed(body: string): Item {
  const value: unknown = JSON.parse(body)
  if (typeof value !== 'object' || value === null) throw new Error('no object')
  return { ...value }
}

function slice(all: readonly Item[], url: URL): readonly Item[] {
  const from = Number(url.searchParams.get('offset') ?? 0)
  return all.slice(from, from + Number(url.searchParams.get('limit') ?? 1000))
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const part of request.setEncoding('utf8')) text += String(part)
  return text
}

function faulty(request: IncomingMessage, response: ServerResponse, { answer }: Fault, whole: string): void {
  if (answer === 'reset') {
    request.socket.destroy()
    return
  }
  if (answer === 'half') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': whole.length + 10 })
    response.write(whole, () => request.socket.destroy())
    return
  }
  response.writeHead(answer.status, { 'content-type': answer.type, ...answer.headers })
  response.end(answer.status === 204 ? undefined : answer.body)
}
