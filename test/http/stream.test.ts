import { createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { HttpClient } from '../../src/lib/http/client.ts'
import { answer, deadOrigin, faultServer, head, raw, silence } from '../support/fault-server.ts'
import { collected, httpFailure, outcome, testClient } from '../support/http.ts'

const GET = { method: 'GET', path: '/file' } as const
const MIB = 1 << 20

/** All bytes of an answer. */
async function bytesOf(client: HttpClient, signal?: AbortSignal): Promise<Buffer> {
  const { body } = await client.stream(GET, signal)
  return collected(body)
}

/** A server that says what it was sent, as JSON. */
async function receiver() {
  const server = createServer(async (request, response) => {
    const hash = createHash('sha256')
    let length = 0
    try {
      for await (const part of request) {
        length += part.length
        hash.update(part)
      }
    } catch {
      return
    }
    const { 'content-length': said, 'transfer-encoding': coding } = request.headers
    const text = JSON.stringify({ said, coding, length, sha256: hash.digest('hex') })
    response.writeHead(200, { 'content-length': Buffer.byteLength(text) }).end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
}

async function* chunks(count: number, chunk: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < count; at++) yield chunk
}

describe('an answer that is a stream', () => {
  it('brings every byte, with status and headers, and asks for no packing', async () => {
    const bytes = randomBytes(3 * MIB)
    const server = await faultServer([answer(200, bytes, { 'content-type': 'application/pdf' })])
    const { client } = testClient(server.origin)
    const { status, headers, body } = await client.stream(GET)
    expect([status, headers['content-type'], headers['content-length']]).toEqual([
      200,
      'application/pdf',
      String(3 * MIB),
    ])
    expect((await collected(body)).equals(bytes)).toBe(true)
    expect(server.requests[0]?.headers['accept-encoding']).toBe('identity')
  })

  it('may be empty, and of any status', async () => {
    const server = await faultServer([answer(200, ''), answer(404, 'no')])
    const { client } = testClient(server.origin)
    expect((await bytesOf(client)).length).toBe(0)
    const { status, body } = await client.stream(GET)
    expect([status, (await collected(body)).toString()]).toEqual([404, 'no'])
  })

  it('may be larger than answers that are kept', async () => {
    const part = 'x'.repeat(MIB)
    const chunk = `100000\r\n${part}\r\n`
    const parts = [
      head(200, { 'transfer-encoding': 'chunked' }),
      ...Array<string>(70).fill(chunk),
      '0\r\n\r\n',
    ]
    const server = await faultServer([raw(parts, 'end')])
    const { client } = testClient(server.origin)
    let length = 0
    for await (const bytes of (await client.stream(GET)).body) length += bytes.length
    expect(length).toBe(70 * MIB)
  })

  it.each([
    ['with a length, closed', head(200, { 'content-length': '9' }), 'end'],
    ['with a length, reset', head(200, { 'content-length': '9' }), 'reset'],
    ['in chunks, closed', `${head(200, { 'transfer-encoding': 'chunked' })}9\r\n`, 'end'],
    ['in chunks, reset', `${head(200, { 'transfer-encoding': 'chunked' })}9\r\n`, 'reset'],
  ] as const)('fails when it is cut off: %s', async (_, begin, then) => {
    const server = await faultServer([raw([begin, '12345678'], then)])
    expect(await outcome(bytesOf(testClient(server.origin).client))).toBe('reset, sent: maybe')
  })

  it('fails when its end is not marked, or it is packed', async () => {
    const packed = gzipSync('text')
    const server = await faultServer([
      raw([head(200, {}), 'text'], 'end'),
      answer(200, packed, { 'content-encoding': 'gzip' }),
      answer(302, '', { location: 'https://login.example.de/' }),
    ])
    const { client } = testClient(server.origin)
    const messages: string[] = []
    for (let count = 0; count < 3; count++) messages.push((await httpFailure(client.stream(GET))).message)
    const { origin } = server.origin
    expect(messages).toEqual([
      `${origin} did not say how long its answer is`,
      `${origin} packed its answer as gzip`,
      `${origin} answered 302 and points to https://login.example.de`,
    ])
  })

  it('ends when it stands still, when its time is over, and when it is stopped', async () => {
    const half = raw([head(200, { 'content-length': '9' }), '1234'], 'keep')
    const server = await faultServer([silence, half, half, half])
    expect(await outcome(bytesOf(testClient(server.origin, { deadlineMs: 1500 }).client))).toBe(
      'timeout, sent: maybe',
    )
    expect(await outcome(bytesOf(testClient(server.origin, { deadlineMs: 1500 }).client))).toBe(
      'timeout, sent: maybe',
    )
    expect(await outcome(bytesOf(testClient(server.origin, { transferMs: 1500 }).client))).toBe(
      'timeout, sent: maybe',
    )
    const controller = new AbortController()
    const { body } = await testClient(server.origin).client.stream(GET, controller.signal)
    const rest = collected(body)
    controller.abort()
    expect(await outcome(rest)).toBe('stopped, sent: maybe')
    const stopped = testClient(server.origin).client.stream(GET, controller.signal)
    expect(await outcome(stopped)).toBe('stopped, sent: no')
  })

  it('gives its connection back when it is cancelled', async () => {
    const server = await faultServer([
      raw([head(200, { 'content-length': '9' }), '1234'], 'keep'),
      answer(200, 'x'),
    ])
    const { client } = testClient(server.origin)
    const { cancel } = await client.stream(GET)
    cancel()
    expect((await bytesOf(client)).toString()).toBe('x')
  })

  it('says that nothing was sent when nobody listens', async () => {
    const { client } = testClient(await deadOrigin())
    expect(await outcome(client.stream(GET))).toBe('refused, sent: no')
  })
})

describe('a body that is a stream', () => {
  const part = randomBytes(64 << 10)
  const whole = Buffer.concat(Array<Buffer>(48).fill(part))
  const sha256 = createHash('sha256').update(whole).digest('hex')

  it('is sent with its length, or in chunks', async () => {
    const { client } = testClient(await receiver())
    const send = async (length: number | undefined) => {
      const body = { chunks: chunks(48, part), length }
      return JSON.parse((await client.send({ method: 'POST', path: '/', body })).text) as unknown
    }
    expect(await send(whole.length)).toEqual({ said: String(whole.length), length: whole.length, sha256 })
    expect(await send(undefined)).toEqual({ coding: 'chunked', length: whole.length, sha256 })
  })

  it('may be empty', async () => {
    const { client } = testClient(await receiver())
    const body = { chunks: chunks(0, part), length: 0 }
    const { text } = await client.send({ method: 'POST', path: '/', body })
    expect(JSON.parse(text)).toMatchObject({ said: '0', length: 0 })
  })

  it('fails when it breaks off, or has another length than was said', async () => {
    const { client } = testClient(await receiver())
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield part
      throw new Error('the disk is gone')
    }
    const send = (body: { chunks: AsyncIterable<Uint8Array>; length: number | undefined }) =>
      httpFailure(client.send({ method: 'POST', path: '/', body }))
    const failures = [
      await send({ chunks: broken(), length: undefined }),
      await send({ chunks: chunks(2, part), length: 3 * part.length }),
      await send({ chunks: chunks(3, part), length: 2 * part.length }),
    ]
    expect(failures.map(({ fault, sent }) => `${fault}, ${sent}`)).toEqual(
      Array<string>(3).fill('protocol, maybe'),
    )
  })
})
