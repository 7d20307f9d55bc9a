import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { request } from 'undici'
import { onTestFinished } from 'vitest'
import type { ApiAnswer, ApiRequest, OpenApi } from './openapi.ts'

export interface Exchange {
  readonly request: ApiRequest
  readonly answer: ApiAnswer
}

export interface Recorder {
  /** To be called instead of the server. */
  readonly url: string
  /** In the order of their answers. */
  readonly exchanges: readonly Exchange[]
}

const TOKEN_PATH = '/o/oauth2/token'

/** Answers a request in place of the server, or passes it on and changes the answer. */
export type Meddler = (request: ApiRequest, pass: () => Promise<ApiAnswer>) => Promise<ApiAnswer>

/**
 * Passes requests on to a server and notes what was said on both sides, as far as it was whole. It goes with the test.
 * @param meddle to do something else than that
 */
export async function recorder(target: string, meddle: Meddler = (_, pass) => pass()): Promise<Recorder> {
  const exchanges: Exchange[] = []
  const pass = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const { method = 'GET', url: path = '/', headers } = incoming
    const sent = await textOf(incoming)
    let more: Record<string, string | string[] | undefined> = {}
    const passOn = async (): Promise<ApiAnswer> => {
      const answer = await request(new URL(path, target), {
        method: method as 'GET',
        // Unpacked, so that the text can be checked; the length is set anew.
        headers: { ...passedOn(headers), 'accept-encoding': 'identity' },
        body: sent === '' ? null : sent,
      })
      more = passedOn(answer.headers)
      const contentType = first(answer.headers['content-type'])
      return { status: answer.statusCode, contentType, body: await answer.body.text() }
    }
    const asked = { method, path, contentType: headers['content-type'], body: sent === '' ? undefined : sent }
    const answer = await meddle(asked, passOn)
    exchanges.push({ request: asked, answer })
    const length = { 'content-length': Buffer.byteLength(answer.body) }
    outgoing.writeHead(answer.status, { ...more, ...length })
    outgoing.end(answer.body)
  }
  const server = createServer((incoming, outgoing) => {
    // What the server did not finish, the client does not get either.
    pass(incoming, outgoing).catch(() => incoming.socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, exchanges }
}

/** What is wrong with exchanges on either side, each sentence once. Tokens are of RFC 6749 and in no OpenAPI file. */
export function violations(api: OpenApi, exchanges: readonly Exchange[]): readonly string[] {
  const errors = exchanges
    .filter(({ request: { path } }) => path !== TOKEN_PATH)
    .flatMap((one) => [...api.requestErrors(one.request), ...api.answerErrors(one.request, one.answer)])
  return [...new Set(errors)].sort()
}

const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'host']

const passedOn = <T>(headers: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name)))

const first = (value: string | string[] | undefined): string | undefined => [value].flat()[0]

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const part of stream) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}
