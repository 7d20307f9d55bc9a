import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { http } from '../../../src/lib/connector/kinds/http.ts'
import { tcp } from '../../../src/lib/connector/kinds/tcp.ts'
import { DIRECT } from '../../../src/lib/connector/probe/dial.ts'
import { answer, deadOrigin, faultServer, head, raw, type Step, silence } from '../../support/fault-server.ts'
import { checkOf, conditionsOf, statusOf, unmetOf } from '../../support/probe.ts'
import { talkServer } from '../../support/talk-server.ts'
import { makeTlsMaterial } from '../../support/tls-material.ts'

const material = makeTlsMaterial()
const AUTHORIZATION = `Basic ${Buffer.from('proxy:secret').toString('base64')}`

const through = (proxy: URL, url: string | URL, authorization?: string, timeoutMs = 20_000) =>
  checkOf(http, {
    url,
    timeoutMs,
    route: { ...DIRECT, ca: material.ca, proxy: { url: proxy, authorization } },
    settings: { conditions: [{ status: 200 }] },
  })

/** Passes a connection on to a server, together with the first bytes that that one says where they are waited for. */
const passOn =
  (target: URL | string, waitsForWord = false): Step =>
  (socket) =>
    new Promise((resolve) => {
      const { port, hostname } = new URL(target)
      const upstream = connect(Number(port), hostname)
      socket.on('close', () => upstream.destroy())
      upstream.on('error', () => socket.destroy())
      upstream.once(waitsForWord ? 'data' : 'connect', (word?: Buffer) => {
        socket.write(
          Buffer.concat([
            Buffer.from('HTTP/1.1 200 Connection established\r\n\r\n'),
            word ?? Buffer.alloc(0),
          ]),
        )
        socket.removeAllListeners('data')
        socket.pipe(upstream).pipe(socket)
        resolve('passed on')
      })
    })

describe('a proxy passes on', () => {
  test('HTTPS, asked with CONNECT and its own credentials', async () => {
    const server = await faultServer([answer(200)], material.server)
    const proxy = await faultServer([passOn(server.origin)])
    const report = await through(proxy.origin, new URL('/health?x=1', server.origin), AUTHORIZATION)
    expect(unmetOf(report)).toEqual([])
    expect(
      proxy.requests.map(({ method, path, headers }) => [method, path, headers['proxy-authorization']]),
    ).toEqual([['CONNECT', server.origin.host, AUTHORIZATION]])
    expect(server.requests.map(({ path, headers }) => [path, headers['proxy-authorization']])).toEqual([
      ['/health?x=1', undefined],
    ])
  })

  test('HTTP, asked for the whole address', async () => {
    const proxy = await faultServer([answer(200)])
    const report = await through(proxy.origin, 'http://portal.example/health?x=1', AUTHORIZATION)
    expect(unmetOf(report)).toEqual([])
    expect(
      proxy.requests.map(({ method, path, headers }) => [
        method,
        path,
        headers.host,
        headers['proxy-authorization'],
      ]),
    ).toEqual([['GET', 'http://portal.example/health?x=1', 'portal.example', AUTHORIZATION]])
  })

  test('any other protocol, and what the server says at once is not lost', async () => {
    const { host } = await talkServer((socket) => socket.write('220 mail.example ready\r\n'))
    const proxy = await faultServer([passOn(`tcp://${host}`, true)])
    const report = await checkOf(tcp, {
      url: `tcp://${host}`,
      route: { ...DIRECT, proxy: { url: proxy.origin, authorization: undefined } },
      settings: { banner: 'mail.example' },
    })
    expect(unmetOf(report)).toEqual([])
    expect(proxy.requests.map(({ method, path }) => [method, path])).toEqual([['CONNECT', host]])
  })
})

const PORTAL = 'portal.example:443'
const HTML = '<!doctype html><title>Anmeldung</title>'

describe('a proxy that does not is named as what is wrong', () => {
  test.each([
    ['refuses', answer(403), `answered 403 for ${PORTAL}`],
    ['does not get through', answer(502), `answered 502 for ${PORTAL}`],
    ['wants credentials', answer(407), 'wants credentials (407)'],
    [
      'shows a page',
      answer(200, HTML, { 'content-type': 'text/html' }),
      `answered 200 with a page instead of a connection to ${PORTAL}`,
    ],
  ])('one that %s', async (_name, step, message) => {
    const proxy = await faultServer([step])
    const report = await through(proxy.origin, 'https://portal.example/')
    expect(unmetOf(report)).toEqual([`reachable: the proxy ${proxy.origin.host} ${message} [connecting]`])
    expect(report.exchanges[0]?.failed?.fault).toBe('proxy')
    expect(statusOf(report)).toBe('critical')
  })

  test.each([
    ['is cut off', raw([], 'reset'), 'closed the connection before its answer was complete'],
    ['speaks no HTTP', raw(['SSH-2.0-OpenSSH_9.2\r\n'], 'keep'), 'does not answer as a proxy does'],
    [
      'has a head without end',
      raw([head(200, { a: 'x'.repeat(20_000) })], 'keep'),
      'sent more headers than are taken',
    ],
  ])('one that %s', async (_name, step, message) => {
    const proxy = await faultServer([step])
    const report = await through(proxy.origin, 'https://portal.example/')
    expect(unmetOf(report)).toEqual([`reachable: the proxy: ${proxy.origin.host} ${message} [connecting]`])
    expect(report.exchanges[0]?.failed?.fault).toBe('proxy')
  })

  test('one that is down', async () => {
    const proxy = await deadOrigin()
    for (const url of ['https://portal.example/', 'http://portal.example/']) {
      const report = await through(proxy, url)
      expect(unmetOf(report)).toEqual([`reachable: the proxy: nobody listens at ${proxy.host} [connecting]`])
      expect(report.exchanges[0]?.failed?.fault).toBe('proxy')
    }
  })

  test('one that is silent', async () => {
    const { origin } = await faultServer([silence])
    const report = await through(origin, 'https://portal.example/', undefined, 50)
    expect(unmetOf(report)).toEqual(['reachable: portal.example gave no whole answer in time [connecting]'])
  })

  test.each([
    ['HTTP', 'http://portal.example/'],
    ['HTTPS', 'https://portal.example/'],
  ])('one that does not take the credentials for %s', async (_name, url) => {
    const proxy = await faultServer([answer(407)])
    const report = await through(proxy.origin, url, AUTHORIZATION)
    expect(unmetOf(report)).toEqual([
      `reachable: the proxy ${proxy.origin.host} does not accept the credentials (407) [connecting]`,
    ])
    expect(conditionsOf(report)[0]?.hint).toBe('Renew them: ozgctl auth login')
  })
})
