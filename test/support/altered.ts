import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** An answer as it comes from behind. */
export interface Answer {
  readonly status: number
  readonly body: string
}

/**
 * Stands before a server and alters what it answers below some path; addresses of the server in what it answers become its
 * own. It goes with the test.
 */
export async function altered(target: URL, path: string, change: (answer: Answer) => Answer): Promise<URL> {
  const server = createServer((request, response) => {
    void (async () => {
      const own = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const body = await textOf(request)
      const found = await fetch(new URL(request.url ?? '/', target.origin), {
        method: request.method ?? 'GET',
        headers: Object.fromEntries(
          Object.entries(request.headers).filter(([name]) =>
            ['accept', 'authorization', 'content-type'].includes(name),
          ),
        ) as Record<string, string>,
        ...(body === '' ? {} : { body }),
      })
      const answer = { status: found.status, body: (await found.text()).replaceAll(target.origin, own) }
      const isMeant = (request.url ?? '').replace(/\?.*/, '').endsWith(path)
      const { status, body: text } = isMeant ? change(answer) : answer
      response.writeHead(status, {
        'content-type': found.headers.get('content-type') ?? 'text/plain',
        'cache-control': found.headers.get('cache-control') ?? '',
      })
      response.end(text)
    })()
  }).listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise((resolve) => server.once('listening', resolve))
  return new URL(target.pathname, `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const part of request) text += String(part)
  return text
}
