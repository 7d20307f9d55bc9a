import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getResponse, HttpResponse, http, type RequestHandler } from 'msw'
import { onTestFinished } from 'vitest'
import { liferayPortal, type PortalOptions } from './sandbox.ts'

/** Where Liferay's APIs are, for any host. */
export const LIFERAY = {
  user: '*/o/headless-admin-user/v1.0',
  site: '*/o/headless-site/v1.0',
  instance: '*/o/headless-portal-instances/v1.0',
  batch: '*/o/headless-batch-engine/v1.0',
} as const

/** A server that gives the answers of these handlers, and a driver for it: what no sandbox would ever say. */
export async function portalThatAnswers(...handlers: readonly RequestHandler[]) {
  return portalWithOptions({}, ...handlers)
}

export async function portalWithOptions(options: PortalOptions, ...handlers: readonly RequestHandler[]) {
  const token = http.post('*/o/oauth2/token', () => HttpResponse.json({ access_token: 't', expires_in: 600 }))
  const server = createServer(async (incoming, outgoing) => {
    const url = `http://portal${incoming.url ?? '/'}`
    const request = new Request(url, { method: incoming.method ?? 'GET' })
    const answer = (await getResponse([token, ...handlers], request)) ?? new Response(null, { status: 501 })
    const body = Buffer.from(await answer.arrayBuffer())
    outgoing.writeHead(answer.status, {
      ...Object.fromEntries(answer.headers),
      'content-length': body.length,
    })
    outgoing.end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const credentials = { clientId: 'id', clientSecret: 'secret' }
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return liferayPortal({ sandbox: credentials, url }, options)
}
