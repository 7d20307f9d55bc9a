import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { answer, deadOrigin, drip, faultServer, flood, head, raw, silence } from '../support/fault-server.ts'
import { httpFailure, outcome, testClient } from '../support/http.ts'

const GET = { method: 'GET', path: '/o/thing' } as const
const POST = { method: 'POST', path: '/o/thing', body: '{"name":"Bersenbrück"}' } as const
const JSON_TEXT = '{"name":"Bersenbrück"}'
const MIB = 1 << 20
/** Where the deadline is what ends the request. */
const SOON_MS = 1500

describe('an exchange', () => {
  it('sends what it is given, asks for no packing but gzip, and brings the whole answer', async () => {
    const server = await faultServer([answer(201, JSON_TEXT, { 'X-Kind': 'a' })])
    const { client } = testClient(server.origin)
    const got = await client.send({ ...POST, headers: { authorization: 'Bearer t' } })
    expect(got).toEqual({
      status: 201,
      text: JSON_TEXT,
      headers: { 'content-length': '23', 'x-kind': 'a' },
    })
    expect(server.requests).toEqual([
      {
        method: 'POST',
        path: '/o/thing',
        body: POST.body,
        connection: 1,
        headers: {
          host: server.origin.host,
          connection: 'keep-alive',
          accept: 'application/json',
          'accept-encoding': 'gzip, identity',
          authorization: 'Bearer t',
          'content-length': '23',
          'user-agent': 'ozgctl-test',
        },
      },
    ])
  })

  it('hands on every status that is not a redirect, with its text', async () => {
    const statuses = [200, 204, 400, 401, 403, 404, 409, 412, 422, 429, 500, 503]
    for (const status of statuses) {
      const text = status === 204 ? '' : `{"status":${status}}`
      const server = await faultServer([answer(status, text)])
      const got = await testClient(server.origin).client.send(GET)
      expect([got.status, got.text]).toEqual([status, text])
    }
  })

  it('keeps its connection for the next request', async () => {
    const server = await faultServer([answer(200, '1')])
    const { client } = testClient(server.origin)
    for (let count = 0; count < 3; count++) await client.send(GET)
    expect(server.requests.map(({ connection }) => connection)).toEqual([1, 1, 1])
  })

  it('does not use a connection that the server has closed meanwhile', async () => {
    const server = await faultServer([raw([head(200, { 'content-length': '1' }), '1'], 'end')])
    const { client } = testClient(server.origin)
    for (let count = 1; count <= 3; count++) {
      expect((await client.send(POST)).text).toBe('1')
      await server.allClosed()
    }
    expect(server.requests.map(({ connection }) => connection)).toEqual([1, 2, 3])
  })

  it('brings no letters that were not sent', async () => {
    const latin1 = Buffer.from(JSON_TEXT, 'latin1')
    const server = await faultServer([answer(200, latin1), answer(500, latin1)])
    const { client } = testClient(server.origin)
    const { fault, sent, message } = await httpFailure(client.send(POST))
    expect([fault, sent, message]).toEqual([
      'protocol',
      'maybe',
      `${server.origin.origin} sent an answer that is no UTF-8`,
    ])
    // What an error says is for people, and its status counts.
    expect(await client.send(POST)).toMatchObject({ status: 500, text: '{"name":"Bersenbr\uFFFDck"}' })
  })

  it('takes a page of HTML for what it is: the caller sees the type', async () => {
    const page = '<!doctype html><title>Anmelden</title>'
    const server = await faultServer([answer(200, page, { 'content-type': 'text/html' })])
    const got = await testClient(server.origin).client.send(GET)
    expect([got.headers['content-type'], got.text]).toEqual(['text/html', page])
  })
})

describe('a connection that ends too early (B3)', () => {
  const whole = {
    'with a length': head(200, { 'content-length': '23' }) + JSON_TEXT,
    'in chunks': `${head(200, { 'transfer-encoding': 'chunked' })}17\r\n${JSON_TEXT}\r\n0\r\n\r\n`,
    'with a length, to be closed': head(200, { 'content-length': '23', connection: 'close' }) + JSON_TEXT,
    'in chunks, to be closed': `${head(200, { 'transfer-encoding': 'chunked', connection: 'close' })}17\r\n${JSON_TEXT}\r\n0\r\n\r\n`,
  }

  describe.each(Object.entries(whole))('%s', (_, text) => {
    const bytes = Buffer.from(text)

    it.each(['reset', 'end'] as const)(
      'brings no short answer, whichever byte is the last: %s',
      async (then) => {
        const cuts = [...bytes.keys()]
        const server = await faultServer(cuts.map((cut) => raw([bytes.subarray(0, cut)], then)))
        const { client } = testClient(server.origin)
        const outcomes: string[] = []
        for (const _ of cuts) outcomes.push(await outcome(client.send(POST)))
        expect(outcomes).toEqual(cuts.map(() => 'reset, sent: maybe'))
        expect(server.done).toEqual(
          cuts.map((cut) => `${then === 'end' ? 'closed' : 'reset'} after ${cut} bytes`),
        )
      },
    )
  })

  it.each(['reset', 'end'] as const)(
    'is not told from a whole answer that has no length, so none is taken: %s',
    async (then) => {
      const open = raw([head(200, { connection: 'close' }), JSON_TEXT], then)
      const server = await faultServer([open])
      const failure = await httpFailure(testClient(server.origin).client.send(POST))
      expect([failure.fault, failure.sent, failure.message]).toEqual([
        'protocol',
        'maybe',
        `${server.origin.origin} did not say how long its answer is`,
      ])
      expect(server.requests.length).toBe(1)
    },
  )

  it('leaves the status of an error that has no length', async () => {
    const server = await faultServer([raw([head(502, { connection: 'close' }), 'Bad Gateway'], 'end')])
    const got = await testClient(server.origin).client.send(POST)
    expect([got.status, got.text]).toEqual([502, 'Bad Gateway'])
  })

  it('is not answered by sending a write again', async () => {
    const server = await faultServer([raw([], 'reset'), answer(200, '1')])
    const { client } = testClient(server.origin)
    expect(await outcome(client.send(POST))).toBe('reset, sent: maybe')
    expect(server.requests.length).toBe(1)
  })

  it('is answered by reading again, with growing pauses', async () => {
    const cut = raw([head(200, { 'content-length': '23' }), '{"na'], 'reset')
    const server = await faultServer([cut, raw([], 'end'), cut, raw([], 'reset'), answer(200, JSON_TEXT)])
    const { client, slept } = testClient(server.origin)
    expect((await client.read(GET)).text).toBe(JSON_TEXT)
    expect(slept).toEqual([250, 500, 1000, 2000])
    expect(server.requests.length).toBe(5)
  })

  it('is given up after five reads', async () => {
    const server = await faultServer([raw([], 'reset')])
    const { client, slept } = testClient(server.origin)
    expect(await outcome(client.read(GET))).toBe('reset, sent: maybe')
    expect(slept).toEqual([250, 500, 1000, 2000])
    expect(server.done).toEqual(Array(5).fill('reset after 0 bytes'))
  })
})

describe('a server that takes its time (B4, B5)', () => {
  it.each([
    ['never answers', silence, 'kept silent'],
    ['sends half a head and no more', raw(['HTTP/1.1 200 OK\r\nx-a: '], 'keep'), 'sent 22 bytes'],
    [
      'sends half a body and no more',
      raw([head(200, { 'content-length': '23' }), '{'], 'keep'),
      'sent 46 bytes',
    ],
  ])('is given up at the deadline when it %s', async (_, step, done) => {
    const server = await faultServer([step])
    const { client } = testClient(server.origin, { deadlineMs: SOON_MS })
    expect(await outcome(client.send(POST))).toBe('timeout, sent: maybe')
    expect(server.done).toEqual([done])
    await server.allClosed()
  })

  it.each([
    ['its head', drip('HTTP/1.1 200 OK\r\n', 'x-a: 1\r\n', 5)],
    ['its body', drip(head(200, { 'content-length': '1000000' }), '1', 5)],
    ['its chunks', drip(head(200, { 'transfer-encoding': 'chunked' }), '1\r\n1\r\n', 5)],
    ['interim answers', drip('', 'HTTP/1.1 103 Early Hints\r\n\r\n', 5)],
  ])('is given up at the deadline when it drips %s for ever', async (_, step) => {
    const server = await faultServer([step])
    const { client } = testClient(server.origin, { deadlineMs: SOON_MS })
    expect(await outcome(client.send(POST))).toBe('timeout, sent: maybe')
    await server.allClosed()
    expect(server.done).toEqual(['dripped until the client left'])
  })

  it('does not hold up the request after it', async () => {
    const server = await faultServer([silence, answer(200, '2')])
    const { client } = testClient(server.origin, { deadlineMs: SOON_MS })
    expect(await outcome(client.send(GET))).toBe('timeout, sent: maybe')
    expect((await client.send(GET)).text).toBe('2')
    expect(server.connections).toBe(2)
  })

  it('lets go of a request when the caller gives up', async () => {
    const server = await faultServer([silence])
    const { client } = testClient(server.origin)
    const stop = new AbortController()
    const gone = outcome(client.send(POST, stop.signal))
    await expect.poll(() => server.done).toEqual(['kept silent'])
    stop.abort()
    expect(await gone).toBe('stopped, sent: maybe')
    await server.allClosed()
  })

  it('sends nothing when the caller has given up before', async () => {
    const server = await faultServer([answer(200, '1')])
    const { client } = testClient(server.origin)
    expect(await outcome(client.send(POST, AbortSignal.abort()))).toBe('stopped, sent: no')
    expect(server.connections).toBe(0)
  })

  it('sends nothing that may change something when it may not any more, and goes on reading', async () => {
    const server = await faultServer([answer(200, '1')])
    const beforeChange = (): never => {
      throw new Error('the store is gone')
    }
    const { client } = testClient(server.origin, { beforeChange })
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
      await expect(client.send({ ...POST, method })).rejects.toThrow('the store is gone')
      await expect(client.read({ ...POST, method })).rejects.toThrow('the store is gone')
    }
    expect(server.connections).toBe(0)
    expect((await client.read({ method: 'GET', path: '/' })).text).toBe('1')
  })
})

describe('a packed answer (B6)', () => {
  const PACKED = gzipSync(JSON_TEXT)
  const gzip = (body: Uint8Array, encoding = 'gzip') => answer(200, body, { 'content-encoding': encoding })

  it.each(['gzip', 'GZIP', 'x-gzip'])('is unpacked: %s', async (encoding) => {
    const server = await faultServer([gzip(PACKED, encoding)])
    expect((await testClient(server.origin).client.send(GET)).text).toBe(JSON_TEXT)
  })

  it('is no short answer when it is cut off, whichever byte is the last', async () => {
    const cuts = [...PACKED.keys()].slice(1)
    const server = await faultServer(cuts.map((cut) => gzip(PACKED.subarray(0, cut))))
    const { client } = testClient(server.origin)
    const outcomes: string[] = []
    for (const _ of cuts) outcomes.push(await outcome(client.send(POST)))
    expect(outcomes).toEqual(cuts.map(() => 'truncated, sent: maybe'))
    expect(server.done).toEqual(cuts.map(() => 'answered 200'))
  })

  it('may be empty in spite of its header, as an answer without content is', async () => {
    const server = await faultServer([answer(204, '', { 'content-encoding': 'gzip' })])
    expect((await testClient(server.origin).client.send(POST)).text).toBe('')
  })

  it.each([
    ['with a wrong checksum', Buffer.concat([PACKED.subarray(0, -8), Buffer.alloc(8)])],
    ['that is not packed at all', Buffer.from(JSON_TEXT)],
    ['with bytes after its end', Buffer.concat([PACKED, Buffer.from('more')])],
  ])('is refused: one %s', async (_, body) => {
    const server = await faultServer([gzip(body)])
    expect(await outcome(testClient(server.origin).client.send(POST))).toBe('truncated, sent: maybe')
    expect(server.done).toEqual(['answered 200'])
  })

  it.each(['br', 'zstd', 'deflate', 'gzip, gzip'])(
    'is refused when it was not asked for: %s',
    async (name) => {
      const server = await faultServer([gzip(PACKED, name)])
      const failure = await httpFailure(testClient(server.origin).client.send(POST))
      expect([failure.fault, failure.message]).toEqual([
        'protocol',
        `${server.origin.origin} packed its answer as ${name}`,
      ])
      expect(server.done).toEqual(['answered 200'])
    },
  )

  it('is refused when it unpacks to more than is taken', async () => {
    const bomb = gzipSync(Buffer.alloc(65 * MIB))
    expect(bomb.length).toBeLessThan(MIB)
    const server = await faultServer([gzip(bomb)])
    expect(await outcome(testClient(server.origin).client.send(POST))).toBe('too-large, sent: maybe')
    expect(server.done).toEqual(['answered 200'])
  })
})

describe('an answer that breaks the rules or all bounds (B7)', () => {
  it('is cut short when it does not end', async () => {
    const begin = head(200, { 'transfer-encoding': 'chunked' })
    const server = await faultServer([flood(begin, `100000\r\n${'x'.repeat(MIB)}\r\n`)])
    expect(await outcome(testClient(server.origin).client.send(POST))).toBe('too-large, sent: maybe')
    await server.allClosed()
    expect(server.done).toEqual(['flooded until the client left'])
  })

  it.each([
    ['endless headers', 'HTTP/1.1 200 OK\r\n', `x-a: ${'b'.repeat(1000)}\r\n`],
    ['one endless header', 'HTTP/1.1 200 OK\r\nx-a: ', 'b'.repeat(1000)],
  ])('is cut short: %s', async (_, begin, part) => {
    const server = await faultServer([flood(begin, part)])
    expect(await outcome(testClient(server.origin).client.send(POST))).toBe('protocol, sent: maybe')
    await server.allClosed()
    expect(server.done).toEqual(['flooded until the client left'])
  })

  it('is given up at the deadline: interim answers without end', async () => {
    const server = await faultServer([flood('', 'HTTP/1.1 103 Early Hints\r\n\r\n')])
    const { client } = testClient(server.origin, { deadlineMs: SOON_MS })
    expect(await outcome(client.send(POST))).toBe('timeout, sent: maybe')
    await server.allClosed()
    expect(server.done).toEqual(['flooded until the client left'])
  })

  it.each([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['a length that is no number', `${head(200, { 'content-length': 'ten' })}123`],
    [
      'a chunk that is longer than it says',
      `${head(200, { 'transfer-encoding': 'chunked' })}3\r\n12345\r\n0\r\n\r\n`,
    ],
    ['a header without a name', 'HTTP/1.1 200 OK\r\n: b\r\n\r\n'],
  ])('is refused: %s', async (_, text) => {
    const server = await faultServer([raw([text], 'end')])
    expect(await outcome(testClient(server.origin).client.send(POST))).toBe('protocol, sent: maybe')
    expect(server.done).toEqual([`closed after ${text.length} bytes`])
  })

  it.each([
    ['two lengths', `${head(200, { 'content-length': ['3', '4'] })}1234`],
    [
      'a length and chunks',
      `${head(200, { 'content-length': '3', 'transfer-encoding': 'chunked' })}3\r\n123\r\n0\r\n\r\n`,
    ],
  ])('is refused when it contradicts itself: %s', async (_, text) => {
    const server = await faultServer([raw([text], 'keep')])
    expect(await outcome(testClient(server.origin).client.send(POST))).toBe('reset, sent: maybe')
    expect(server.done).toEqual([`sent ${text.length} bytes`])
  })

  it('does not take what follows a length that is too short for the next answer', async () => {
    const server = await faultServer([
      raw(
        [`${head(200, { 'content-length': '2' })}{}HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n"evil"`],
        'keep',
      ),
      answer(200, '"good"'),
    ])
    const { client } = testClient(server.origin)
    expect((await client.send(GET)).text).toBe('{}')
    expect((await client.read(GET)).text).toBe('"good"')
    expect(server.requests.length).toBe(2)
  })

  it('is refused when it changes the protocol', async () => {
    const upgrade = head(101, { upgrade: 'h2c', connection: 'upgrade' })
    const server = await faultServer([raw([upgrade], 'keep')])
    expect((await httpFailure(testClient(server.origin).client.send(POST))).sent).toBe('maybe')
    expect(server.done).toEqual([`sent ${upgrade.length} bytes`])
  })
})

describe('a redirect (F8)', () => {
  it.each([301, 302, 303, 307, 308])(
    'is not followed, and nothing goes to the other side: %s',
    async (status) => {
      const other = await faultServer([answer(200, '"elsewhere"')])
      const server = await faultServer([answer(status, '', { location: `${other.origin.origin}/o/thing` })])
      const failure = await httpFailure(
        testClient(server.origin).client.read({ ...GET, headers: { authorization: 'Bearer t' } }),
      )
      expect([failure.fault, failure.message]).toEqual([
        'redirect',
        `${server.origin.origin} answered ${status} and points to ${other.origin.origin}`,
      ])
      expect(server.done).toEqual([`answered ${status}`])
      expect(other.connections).toBe(0)
    },
  )

  it('that points nowhere is one, too', async () => {
    const server = await faultServer([answer(302)])
    expect((await httpFailure(testClient(server.origin).client.send(GET))).message).toBe(
      `${server.origin.origin} answered 302 and points to nowhere`,
    )
  })
})

describe('a server that cannot be reached (B11)', () => {
  it('has seen nothing when nobody listens', async () => {
    const { client } = testClient(await deadOrigin())
    expect(await outcome(client.send(POST))).toBe('refused, sent: no')
  })

  it('has seen nothing when its name is not known', async () => {
    const { client } = testClient(new URL('http://nonexistent.invalid'))
    expect(await outcome(client.send(POST))).toBe('dns, sent: no')
  })
})
