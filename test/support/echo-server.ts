import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { WRITERS } from './encodings.ts'
import { startSandbox } from './sandbox.ts'

/**
 * Everything that gives a text away, however it is written: itself, its Base64 at each place among other bytes, its
 * digits, and each of these as others write them.
 */
export function tracesOf(secret: string): readonly string[] {
  const plain = Object.values(WRITERS).map((write) => write(secret))
  const base64 = [0, 1, 2].flatMap((before) =>
    (['base64', 'base64url'] as const).map((form) =>
      Buffer.concat([Buffer.alloc(before), Buffer.from(secret)])
        .toString(form)
        .replaceAll('=', '')
        .slice(before === 0 ? 0 : 4, -2),
    ),
  )
  return [...new Set([...plain, ...base64, Buffer.from(secret).toString('hex')])]
}

/** What a request brought, written in every way. */
function echo(authorization: string, body: string): string {
  const login = authorization.replace(/^\w+ /, '')
  const clear = authorization.startsWith('Basic ') ? Buffer.from(login, 'base64').toString() : login
  const form = new URLSearchParams(body)
  const heard = [authorization, clear, clear.split(':').slice(1).join(':'), body, form.get('client_secret')]
  const texts = heard.filter((text): text is string => typeof text === 'string' && text !== '')
  const encoded = texts.flatMap((text) => [text, Buffer.from(text).toString('base64')])
  return encoded.flatMap((text) => Object.values(WRITERS).map((write) => write(text))).join(' | ')
}

export interface EchoServer {
  readonly url: string
  /** Logins that came, by path. */
  readonly logins: ReadonlyMap<string, string>
  /** Whether it gives a token or refuses to. */
  givesTokens: boolean
}

/**
 * A server that repeats what it was sent wherever it can: in problems, pages, headers, and fields of JSON. In front of a
 * sandbox it is a portal whose reading works and whose writing is refused with an echo.
 * @param token that it issues
 */
export async function echoServer(token: string): Promise<EchoServer> {
  const { url: portal, sandbox } = await startSandbox()
  const logins = new Map<string, string>()
  const state = { url: '', logins, givesTokens: true }
  const server = createServer((request, response) => {
    void bodyOf(request).then(async (body) => {
      const { method = 'GET', url: path = '/' } = request
      const { authorization = '' } = request.headers
      if (authorization !== '' || body.includes('client_secret')) logins.set(path, authorization || body)
      const said = echo(authorization, body)
      const send = (status: number, value: unknown): void => {
        response.writeHead(status, {
          'content-type': 'application/json',
          'x-echo': said.replace(/[^ -~]/g, '?').slice(0, 4000),
        })
        response.end(JSON.stringify(value))
      }
      if (path.endsWith('/token'))
        return state.givesTokens
          ? send(200, { access_token: token, token_type: 'Bearer', expires_in: 300 })
          : send(400, { error: said })
      if (path.startsWith('/o/') && method === 'GET') {
        const asked = await fetch(`${portal}${path}`, {
          headers: { authorization: await login(portal, sandbox) },
        })
        const text = await asked.text()
        if (text.startsWith('{')) return send(asked.status, JSON.parse(text))
      }
      if (path.startsWith('/source')) return send(200, { items: [{ id: 'a' }, { id: 'b' }] })
      if (path.startsWith('/page')) {
        response.writeHead(403, { 'content-type': 'text/html' })
        response.end(`<html><title>${said.slice(0, 3000)}</title>`)
        return undefined
      }
      if (path.startsWith('/saved')) return send(200, { id: said.slice(0, 900) })
      const problem = { status: 'BAD', title: said, detail: said, message: said, error: said }
      return send(path.startsWith('/ok') ? 200 : 400, problem)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return state
}

async function login(portal: string, { clientId, clientSecret }: { clientId: string; clientSecret: string }) {
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }
  const answer = await fetch(`${portal}/o/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) })
  const { access_token: token } = (await answer.json()) as { access_token: string }
  return `Bearer ${token}`
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const part of request) text += String(part)
  return text
}
