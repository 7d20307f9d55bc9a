import { spawn } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { TlsOptions } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { HttpOptions } from '../../src/lib/http/client.ts'
import { type Identity, makeCertificates } from '../support/certificates.ts'
import {
  answer,
  faultServer,
  head,
  meddlingProxy,
  onceThrough,
  raw,
  silentServer,
} from '../support/fault-server.ts'
import { httpFailure, outcome, testClient } from '../support/http.ts'

const POST = { method: 'POST', path: '/o/thing', body: '{}' } as const
const CERTIFICATES = makeCertificates()
const { ca, good } = CERTIFICATES
/** The first byte of a TLS record of the handshake, RFC 8446 §5.1. */
const HANDSHAKE = 22

const YES = answer(200, '1')
const secure = (identity: Identity, more: TlsOptions = {}) => faultServer([YES], { ...identity, ...more })
const trusting = (origin: URL, more: Partial<HttpOptions> = {}) => testClient(origin, { ca, ...more }).client

describe('a certificate (B10)', () => {
  it('of an authority named by the operator is trusted', async () => {
    const server = await secure(good)
    expect((await trusting(server.origin).send(POST)).text).toBe('1')
    expect(server.handshakes).toEqual(['complete'])
  })

  it.each([
    ['expired', 'its certificate has expired', 'for expired.test, issued by Test Authority', '2021'],
    ['notYet', 'its certificate is not valid yet', 'for not-yet.test, issued by Test Authority', '2199'],
    [
      'otherHost',
      'its certificate is for another name',
      'for other-host.test, issued by Test Authority',
      '2199',
    ],
    [
      'selfSigned',
      'its certificate is self-signed',
      'for Test Authority, issued by Test Authority',
      // Valid for so many days, which is ten years or, at a turn of the year, nine.
      String(new X509Certificate(CERTIFICATES.selfSigned.cert).validToDate.getUTCFullYear()),
    ],
    [
      'stranger',
      'its certificate was issued by an unknown authority',
      'for good-by-stranger.test, issued by Test Authority',
      '2199',
    ],
  ] as const)(
    'is refused, and the message says which and until when: %s',
    async (name, what, whose, year) => {
      const server = await secure(CERTIFICATES[name])
      const { fault, sent, message } = await httpFailure(trusting(server.origin).send(POST))
      expect([fault, sent]).toEqual(['tls', 'no'])
      expect(message).toContain(`${server.origin.origin}: ${what} (${whose}, valid from `)
      expect(message).toMatch(new RegExp(` ${year} GMT\\)$`))
      // The request and the look at the certificate: the server showed it, and saw no request.
      expect([server.connections, server.requests]).toEqual([2, []])
    },
  )

  it('of an authority that nobody named is refused, and the operator is told how to name it', async () => {
    const server = await secure(good)
    const { fault, sent, suggestions } = await httpFailure(testClient(server.origin).client.send(POST))
    expect([fault, sent, suggestions]).toEqual([
      'tls',
      'no',
      [
        'If it is your own authority, name its certificate in the profile: caFile. Checks are never switched off.',
      ],
    ])
    expect([server.connections, server.requests]).toEqual([2, []])
  })

  it('that is refused is looked at no longer than the deadline, even when it is dripped', async () => {
    const server = await secure(CERTIFICATES.expired)
    const proxy = await onceThrough(server.origin)
    const { fault, sent, message } = await httpFailure(
      trusting(proxy.origin, { deadlineMs: 1000 }).send(POST),
    )
    expect([fault, sent, message]).toEqual([
      'tls',
      'no',
      `${proxy.origin.origin}: its certificate has expired`,
    ])
    await expect.poll(() => proxy.log).toEqual(['passed on', 'dripped until the client left'])
  })

  it('is looked at once: a read does not try again', async () => {
    const server = await secure(CERTIFICATES.expired)
    const { client, slept } = testClient(server.origin, { ca })
    expect(await outcome(client.read({ method: 'GET', path: '/' }))).toBe('tls, sent: no')
    expect(slept).toEqual([])
  })
})

describe('a handshake that fails', () => {
  it('because the server is too old', async () => {
    const server = await secure(good, {
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    })
    expect(await outcome(trusting(server.origin).send(POST))).toBe('tls, sent: no')
    expect(server.handshakes).toEqual(['ERR_SSL_UNSUPPORTED_PROTOCOL'])
  })

  it('because the server wants to know who is there', async () => {
    const server = await secure(good, {
      requestCert: true,
      rejectUnauthorized: true,
      ca,
      maxVersion: 'TLSv1.2',
    })
    expect(await outcome(trusting(server.origin).send(POST))).toBe('tls, sent: no')
    expect(server.handshakes).toEqual(['ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE'])
  })

  // With TLS 1.3 the client is done first: its request is on the way when the server says no.
  it('because the server wants to know who is there, after the request was sent', async () => {
    const server = await secure(good, {
      requestCert: true,
      rejectUnauthorized: true,
      ca,
      minVersion: 'TLSv1.3',
    })
    expect(await outcome(trusting(server.origin).send(POST))).toBe('reset, sent: maybe')
    expect(server.handshakes).toEqual(['ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE'])
    expect(server.requests).toEqual([])
  })

  it('because the server does not speak TLS', async () => {
    const server = await silentServer('https', (socket) => socket.end(head(400)))
    const { fault, sent, suggestions } = await httpFailure(trusting(server.origin).send(POST))
    expect([fault, sent, suggestions]).toEqual([
      'tls',
      'no',
      ['What answers there does not speak TLS: are scheme and port in the profile right?'],
    ])
    expect(server.received[0]?.[0]).toBe(HANDSHAKE)
  })
})

describe('a secure connection that breaks', () => {
  it.each([
    ['bytes that are no TLS', Buffer.alloc(64, 'x')],
    ['a record that nobody has signed', Buffer.from([23, 3, 3, 0, 32, ...Buffer.alloc(32)])],
  ])('after the request was sent leaves it open what was done: %s', async (_, bytes) => {
    const meddle = async () => {
      proxy.meddle(bytes)
      return 'meddled'
    }
    const server = await faultServer([meddle], good)
    const proxy = await meddlingProxy(server.origin)
    expect(await outcome(trusting(proxy.origin).send(POST))).toBe('reset, sent: maybe')
    expect(server.requests.map(({ method }) => method)).toEqual(['POST'])
    expect(server.done).toEqual(['meddled'])
  })

  it('in the handshake means that nothing was sent', async () => {
    const server = await silentServer('https', (socket) => socket.resetAndDestroy())
    expect(await outcome(trusting(server.origin).send(POST))).toBe('reset, sent: no')
    expect(server.received[0]?.[0]).toBe(HANDSHAKE)
  })

  it('in the middle of an answer is no short answer', async () => {
    const server = await faultServer([raw(['HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n1234'], 'end')], good)
    expect(await outcome(trusting(server.origin).send(POST))).toBe('reset, sent: maybe')
    expect(server.done).toEqual(['closed after 42 bytes'])
  })
})

describe('a server that hangs before it speaks HTTP (B5, B9)', () => {
  it('in the TLS handshake has seen no request', async () => {
    const server = await silentServer('https')
    const failure = await httpFailure(trusting(server.origin, { deadlineMs: 4000 }).send(POST))
    expect([failure.fault, failure.sent, failure.message]).toEqual([
      'timeout',
      'no',
      `${server.origin.origin} took too long to connect (TLS included)`,
    ])
    expect(server.received[0]?.[0]).toBe(HANDSHAKE)
    await server.allClosed()
  })

  it('before it takes the connection has seen no request', async () => {
    const origin = await fullServer()
    expect(await outcome(testClient(origin, { deadlineMs: 4000 }).client.send(POST))).toBe(
      'timeout, sent: no',
    )
  })
})

/** A process that listens, takes no connection, and has no room for another. */
async function fullServer(): Promise<URL> {
  const script = `
    const server = require('node:net').createServer().listen(0, '127.0.0.1', 1, () => {
      require('node:fs').writeSync(1, String(server.address().port))
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    })`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const [port] = await once(child.stdout, 'data')
  const waiting = Array.from({ length: 8 }, () => connect(Number(port), '127.0.0.1'))
  onTestFinished(() => {
    for (const socket of waiting) socket.destroy()
  })
  for (const socket of waiting) socket.on('error', () => undefined)
  await Promise.race(waiting.map((socket) => once(socket, 'connect')))
  return new URL(`http://127.0.0.1:${port}`)
}
