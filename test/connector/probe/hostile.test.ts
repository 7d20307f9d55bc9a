import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Kind } from '../../../src/lib/connector/kind.ts'
import { http } from '../../../src/lib/connector/kinds/http.ts'
import type { Severity } from '../../../src/lib/connector/model.ts'
import { DIRECT } from '../../../src/lib/connector/probe/dial.ts'
import { Reader } from '../../../src/lib/connector/probe/reader.ts'
import { OzgctlError } from '../../../src/lib/errors.ts'
import { makeCertificates } from '../../support/certificates.ts'
import {
  answer,
  deadOrigin,
  drip,
  type FaultServer,
  faultServer,
  flood,
  head,
  raw,
  type Step,
  silence,
  silentServer,
} from '../../support/fault-server.ts'
import { opensslServer } from '../../support/openssl-server.ts'
import { checkOf, conditionsOf, statusOf, unmetOf } from '../../support/probe.ts'

const SETTINGS = { conditions: [{ status: 200 }, { json: 'status', equals: 'UP' }] }
const UP = '{"status":"UP"}'

type CheckOptions = Omit<Parameters<typeof checkOf>[1], 'url' | 'settings'>

async function check(script: readonly Step[], options: CheckOptions = {}) {
  const server = await faultServer(script)
  return { server, report: await checkOf(http, { url: server.origin, settings: SETTINGS, ...options }) }
}

/** What is not met, with the address of the server as HOST. */
async function unmet(step: Step, options: CheckOptions = {}): Promise<readonly string[]> {
  const { server, report } = await check([step], options)
  return withoutHost(unmetOf(report), server)
}

const withoutHost = (texts: readonly string[], { origin }: Pick<FaultServer, 'origin'>): readonly string[] =>
  texts.map((text) => text.replaceAll(origin.host, 'HOST'))

/** Faults with what a check says of each: always one condition, and always in time. */
const FAULTS: readonly (readonly [name: string, step: Step, unmet: string])[] = [
  [
    'a body without end',
    flood(head(200), Buffer.alloc(1 << 16, 'x')),
    'reachable: HOST sent more than the 976 KiB that are taken [reading the answer]',
  ],
  [
    'a gigabyte that is announced',
    flood(head(200, { 'content-length': '1000000000' }), Buffer.alloc(1 << 16, 'x')),
    'reachable: HOST sent more than the 976 KiB that are taken [reading the answer]',
  ],
  [
    'a header of a megabyte',
    raw([`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(1 << 20)}\r\n\r\n`], 'keep'),
    'reachable: HOST sent more headers than are taken [waiting for the answer]',
  ],
  [
    'a hundred thousand headers',
    raw([`HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(100_000)}\r\n`], 'keep'),
    'reachable: HOST sent more headers than are taken [waiting for the answer]',
  ],
  [
    'a packed bomb',
    answer(200, gzipSync(Buffer.alloc(100_000_000)), { 'content-encoding': 'gzip' }),
    'reachable: HOST sent more than the 976 KiB that are taken [reading the answer]',
  ],
  [
    'a packed answer that is cut',
    answer(200, gzipSync(UP).subarray(0, -4), { 'content-encoding': 'gzip' }),
    'reachable: the answer of HOST is cut off [reading the answer]',
  ],
  [
    'packed as nobody asked',
    answer(200, UP, { 'content-encoding': 'br' }),
    'reachable: HOST packed its answer as br, which was not asked for [reading the answer]',
  ],
  [
    'not packed at all',
    answer(200, UP, { 'content-encoding': 'gzip' }),
    'reachable: the answer of HOST cannot be unpacked [reading the answer]',
  ],
  [
    'two lengths',
    raw([`HTTP/1.1 200 OK\r\ncontent-length: 15\r\ncontent-length: 3\r\n\r\n${UP}`], 'end'),
    'reachable: HOST did not speak HTTP properly: Parse Error: Duplicate Content-Length [waiting for the answer]',
  ],
  [
    'no HTTP',
    raw(['220 mail.example ESMTP\r\n'], 'keep'),
    'reachable: HOST did not speak HTTP properly: Parse Error: Expected HTTP/, RTSP/ or ICE/ [waiting for the answer]',
  ],
  [
    'a reset before the answer',
    raw([], 'reset'),
    'reachable: HOST closed the connection before its answer was complete [waiting for the answer]',
  ],
  [
    'a reset in the answer',
    raw([head(200, { 'content-length': '15' }), '{"sta'], 'reset'),
    'reachable: HOST closed the connection before its answer was complete [reading the answer]',
  ],
  [
    'an end in the answer',
    raw([head(200, { 'content-length': '15' }), '{"sta'], 'end'),
    'reachable: HOST closed the connection before its answer was complete [reading the answer]',
  ],
  [
    'chunks that are cut',
    raw([head(200, { 'transfer-encoding': 'chunked' }), 'f\r\n{"status":'], 'end'),
    'reachable: HOST closed the connection before its answer was complete [reading the answer]',
  ],
  [
    'a log-in with status 200',
    answer(200, '<html><title>Anmelden</title></html>', { 'content-type': 'text/html' }),
    'json: missing',
  ],
  ['control characters', answer(200, '{"status":"UP\\u001b[2J\\n|x"}'), 'json: "UP\\u001b[2J\\n|x"'],
]

test.each(FAULTS)('%s', async (_name, step, expected) => {
  expect(await unmet(step)).toEqual([expected])
})

test('an answer that is cut anywhere is never taken for a whole one', async () => {
  const whole = `${head(200, { 'content-length': String(UP.length) })}${UP}`
  for (let at = 0; at < whole.length; at++) {
    const { report } = await check([raw([whole.slice(0, at)], 'end')])
    expect.soft([at, conditionsOf(report).map(({ id }) => id)]).toEqual([at, ['reachable']])
  }
})

describe('whatever the server does, it ends in time and says in which phase', () => {
  const LATE = { timeoutMs: 2000 }
  test.each([
    ['silence', silence, 'waiting for the answer'],
    [
      'answers that announce another, without end',
      drip('', 'HTTP/1.1 102 Processing\r\n\r\n', 5),
      'waiting for the answer',
    ],
    ['a drip', drip(head(200, { 'content-length': '1000000' }), 'x', 5), 'reading the answer'],
  ] as const)('%s', async (_name, step, phase) => {
    expect(await unmet(step, LATE)).toEqual([`reachable: HOST gave no whole answer in time [${phase}]`])
  })

  test('silence in the handshake', async () => {
    const server = await silentServer('https')
    const report = await checkOf(http, { url: server.origin, settings: SETTINGS, ...LATE })
    expect(withoutHost(unmetOf(report), server)).toEqual([
      'reachable: HOST gave no whole answer in time [setting up TLS]',
    ])
  })
})

describe('when the time for everything is over, and not its own', () => {
  const CUT = {
    part: 'service',
    status: 'unknown',
    summary: 'cut short: the time was over before its answer was whole',
    isCut: true,
  }

  /** A check that is cut when its server has been asked; then the server goes on as the step says. */
  async function cut(step: Step, kind = http) {
    const stop = new AbortController()
    const server = await faultServer([
      async (socket) => {
        stop.abort(new DOMException('the time is over', 'TimeoutError'))
        return step(socket)
      },
    ])
    return checkOf(kind, { url: server.origin, settings: SETTINGS, signal: stop.signal })
  }

  test.each([
    ['silent', silence],
    ['dripping', drip(head(200, { 'content-length': '1000000' }), 'x', 5)],
    ['answering', answer(200, UP)],
    ['closing', raw([], 'reset')],
  ])('a %s server is no outage: nobody knows', async (_name, step) => {
    const { verdicts, exchanges } = await cut(step)
    expect(verdicts).toMatchObject([{ ...CUT, conditions: [] }])
    expect(exchanges).toMatchObject([{ failed: { fault: 'cut', phase: 'firstByte' } }])
  })

  /** A protocol of these tests. */
  const kindOf = (check: Kind['check']) => ({ ...http, check }) as unknown as typeof http

  test('what was seen to be broken before stays broken', async () => {
    const judging = (severity: Severity) =>
      kindOf(async (probe) => {
        probe.expect('issuer', { met: false, expected: 'ours', seen: 'another', severity })
        await probe.http('more', { url: probe.url })
      })
    expect((await cut(silence, judging('critical'))).verdicts).toMatchObject([
      { status: 'critical', summary: 'issuer: expected ours, saw another', isCut: false },
    ])
    expect((await cut(silence, judging('warning'))).verdicts).toMatchObject([CUT])
  })

  test('half a line is not taken for a wrong one', async () => {
    const stop = new AbortController()
    const server = await greeting('220 mail.exam')
    const kind = kindOf(async (probe) => {
      const line = await probe.talk('greeting', false, async ({ socket, where }) => {
        await once(socket, 'readable')
        stop.abort()
        return new Reader(socket, where).beginning()
      })
      probe.expect('greeting', { met: line.includes('example'), expected: 'example', seen: line })
    })
    const { verdicts } = await checkOf(kind, { url: server, settings: SETTINGS, signal: stop.signal })
    expect(verdicts).toMatchObject([CUT])
  })

  test('credentials that would have come later are no mistake', async () => {
    const stop = new AbortController()
    const kind = kindOf(async () => {
      stop.abort()
      throw new OzgctlError('HELPER_FAILED', 'the helper was ended', { exit: 6 })
    })
    const url = await deadOrigin()
    const { verdicts } = await checkOf(kind, { url, settings: SETTINGS, signal: stop.signal })
    expect(verdicts).toMatchObject([CUT])
  })
})

/** A server that speaks first, and then keeps silent. */
async function greeting(text: string): Promise<URL> {
  const server = createServer((socket) => socket.on('error', () => undefined).write(text))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
}

test('nobody listens, and a name that does not exist', async () => {
  const dead = await deadOrigin()
  const of = async (url: URL) => unmetOf(await checkOf(http, { url, settings: SETTINGS }))
  expect(await of(dead)).toEqual([`reachable: nobody listens at ${dead.host} [connecting]`])
  const [unknown = ''] = await of(new URL('http://nonexistent.invalid/'))
  expect(unknown).toMatch(
    /^reachable: the name in nonexistent.invalid:80 is not known \(E\w+\) \[looking up the name\]$/,
  )
})

describe('redirects', () => {
  const to = (location: string) => answer(302, '', { location })
  const refused = async (location: string) => (await unmet(to(location)))[0]

  test('are not followed to where nobody allowed it', async () => {
    expect(await refused('https://elsewhere.example/login?next=1')).toBe(
      'reachable: HOST redirects to https://elsewhere.example [reading the answer]',
    )
    expect(await refused('file:///etc/passwd')).toBe(
      'reachable: HOST redirects to file: and not to the web [reading the answer]',
    )
    expect(await refused('javascript:alert(1)')).toBe(
      'reachable: HOST redirects to javascript: and not to the web [reading the answer]',
    )
    expect(await refused('http://user:secret@127.0.0.1/')).toBe(
      'reachable: HOST redirects to http://127.0.0.1 [reading the answer]',
    )
    expect(await refused('http://[')).toBe(
      'reachable: HOST redirects to "http://[", which is no address [reading the answer]',
    )
  })

  test('that go round in a ring are given up', async () => {
    const { server, report } = await check([to('/again')])
    expect(server.requests).toHaveLength(6)
    expect(withoutHost(unmetOf(report), server)).toEqual([
      'reachable: HOST redirects again and again, lately to http://HOST/again [reading the answer]',
    ])
  })

  test('are followed to the same host, and to another that is allowed, without credentials', async () => {
    const other = await faultServer([answer(200, UP)])
    const elsewhere = `http://localhost:${other.origin.port}/status`
    const { server, report } = await check([to('/next'), to(elsewhere)], {
      login: ['operator', 'a secret of the test'],
      redirects: ['localhost'],
    })
    expect(unmetOf(report)).toEqual([])
    expect(server.requests.map(({ headers }) => headers.authorization !== undefined)).toEqual([true, false])
    expect(other.requests.map(({ headers }) => headers.authorization)).toEqual([undefined])
    expect(report.exchanges.map(({ name, httpStatus }) => [name, httpStatus])).toEqual([
      ['request', 302],
      ['request-redirect', 302],
      ['request-redirect', 200],
    ])
  })

  test('are not followed from encryption into the open', async () => {
    const { good, ca } = makeCertificates()
    const server = await faultServer([to('http://127.0.0.1:1/')], good)
    const report = await checkOf(http, { url: server.origin, settings: SETTINGS, route: { ...DIRECT, ca } })
    expect(withoutHost(unmetOf(report), server)).toEqual([
      'reachable: HOST redirects to http://127.0.0.1:1, without encryption [reading the answer]',
    ])
  })
})

test('a secret that a server gives back is shown to nobody', async () => {
  const secret = 'Ein-Geheimnis-aus-dem-Test'
  const echo = answer(200, JSON.stringify({ status: `you said ${secret}` }), { 'x-echo': secret })
  const { report } = await check([echo], { login: ['operator', secret] })
  expect(unmetOf(report)).toEqual(['json: "you said ***"'])
  expect(JSON.stringify(report)).not.toContain(secret)
})

describe('certificates', () => {
  const certificates = makeCertificates()
  const DAY_MS = 86_400_000
  const at = async (
    name: 'good' | 'expired' | 'notYet' | 'otherHost' | 'selfSigned' | 'stranger',
    now?: Date,
  ) => {
    const server = await faultServer([answer(500, 'no JSON')], certificates[name])
    const report = await checkOf(http, {
      url: server.origin,
      settings: SETTINGS,
      route: { ...DIRECT, ca: certificates.ca },
      ...(now === undefined ? {} : { now }),
    })
    return { server, report }
  }

  test.each([
    [
      'expired',
      /^reachable: HOST: its certificate has expired \(for 127\.0\.0\.1, localhost, by Test Authority, 2020-01-01 to 2021-01-01\)/,
    ],
    ['notYet', /^reachable: HOST: its certificate is not valid yet /],
    [
      'otherHost',
      /^reachable: HOST: its certificate is for another name \(for portal\.example, by Test Authority, /,
    ],
    ['selfSigned', /^reachable: HOST: its certificate (is self-signed|was issued by an unknown authority) /],
    ['stranger', /^reachable: HOST: its certificate was issued by an unknown authority /],
  ] as const)('%s: the service is down, and the facts are there', async (name, cause) => {
    const { server, report } = await at(name)
    const [only = '', ...others] = withoutHost(unmetOf(report), server)
    expect(only).toMatch(cause)
    expect(others).toEqual([])
    expect(statusOf(report)).toBe('critical')
    expect(server.requests).toEqual([])
    expect(report.tls.map((facts) => facts.server)).toEqual([server.origin.host])
    expect(report.exchanges[0]?.failed).toMatchObject({ phase: 'tls', fault: 'tls' })
  })

  test('facts are there when HTTP fails, and a certificate that ends soon is no outage', async () => {
    const { report } = await at('good')
    expect([statusOf(report), statusOf(report, 'certificate')]).toEqual(['critical', 'ok'])
    const until = report.tls[0]?.chain[0]?.validTo ?? 0
    const soon = await at('good', new Date(until - 20 * DAY_MS))
    expect(statusOf(soon.report, 'certificate')).toBe('warning')
    const almost = await at('good', new Date(until - 3 * DAY_MS))
    expect(unmetOf(almost.report, 'certificate')[0]).toContain('is valid for 3 days')
    expect(statusOf(almost.report, 'certificate')).toBe('critical')
  })
})

test('a handshake that is begun anew, again and again, ends in time', async () => {
  const { good, ca } = makeCertificates()
  const server = await opensslServer(good, ['-tls1_2', '-legacy_renegotiation'])
  const report = checkOf(http, {
    url: `https://${server.host}/`,
    settings: SETTINGS,
    route: { ...DIRECT, ca },
    timeoutMs: 1000,
  })
  await server.printed(/GET \/ HTTP/)
  for (let round = 0; round < 5; round++) server.type('R')
  await server.printed(/SSL_do_handshake -> /)
  const unmet = unmetOf(await report)
  expect(unmet).toHaveLength(1)
  expect(unmet[0]).toContain('[waiting for the answer]')
})
