import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'

/**
 * What the bench of health checks asks, in a process of its own: `node health-server.ts [CERT KEY]`, two files. Says at which ports in
 * one line of JSON, counts requests at `/count`, and ends with its standard input.
 */
const BACKLOG = 4096
let requests = 0
const http = createServer((request, response) => {
  response.setHeader('content-type', 'application/json')
  if (request.url === '/count') {
    response.end(JSON.stringify({ requests }))
    return
  }
  requests++
  response.end('{"status":"UP"}')
})
const [cert, key] = process.argv.slice(2)
const tls =
  cert === undefined || key === undefined
    ? undefined
    : createTlsServer({ cert: readFileSync(cert), key: readFileSync(key) })
tls?.on('secureConnection', (socket) => socket.on('error', () => undefined))
tls?.on('tlsClientError', () => undefined)
http.listen(0, '127.0.0.1', BACKLOG, () => {
  const port = (http.address() as AddressInfo).port
  if (tls === undefined) return said({ http: port })
  tls.listen(0, '127.0.0.1', BACKLOG, () => said({ http: port, tls: (tls.address() as AddressInfo).port }))
})
process.stdin.resume()
process.stdin.once('end', () => process.exit(0))

function said(ports: object): void {
  process.stdout.write(`${JSON.stringify(ports)}\n`)
}
