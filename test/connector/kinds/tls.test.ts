import type { Socket } from 'node:net'
import { createSecureContext, TLSSocket, type TlsOptions } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { tls } from '../../../src/lib/connector/kinds/tls.ts'
import { DIRECT } from '../../../src/lib/connector/probe/dial.ts'
import { cipherWeakness } from '../../../src/lib/connector/tls-policy.ts'
import { makeCertificates } from '../../support/certificates.ts'
import { deadOrigin, faultServer, silentServer } from '../../support/fault-server.ts'
import { nginx } from '../../support/nginx.ts'
import { opensslServer } from '../../support/openssl-server.ts'
import { postgres, postgresProgram } from '../../support/postgres.ts'
import { checkOf, conditionsOf, statusOf, unmetOf } from '../../support/probe.ts'
import { program } from '../../support/programs.ts'
import { lineByLine, talkServer } from '../../support/talk-server.ts'
import { makeTlsMaterial } from '../../support/tls-material.ts'

const material = makeTlsMaterial()
const certificates = makeCertificates()

type CheckOptions = Partial<Parameters<typeof checkOf>[1]>
const check = (host: string, { route, ...options }: CheckOptions & { readonly ca?: string } = {}) =>
  checkOf(tls, {
    url: `tls://${host}`,
    route: { ...DIRECT, ca: options.ca ?? material.ca, ...route },
    ...options,
  })

const node = async (options: TlsOptions) => (await faultServer([], options)).origin.host

test('all that can be seen is as it should be', async () => {
  const report = await check(await node(material.server))
  expect(unmetOf(report)).toEqual([])
  expect(statusOf(report)).toBe('ok')
  expect(conditionsOf(report).map(({ id, seen }) => [id, seen])).toEqual([
    ['protocol', 'TLSv1.3'],
    ['cipher', 'TLS_AES_256_GCM_SHA384'],
    ['key', 'EC P-256'],
    ['signature', 'EC P-256, ecdsa-with-SHA256'],
    ['chain', '1 certificate, the last issued by authority.test'],
  ])
  expect(conditionsOf(report, 'certificate').map(({ id, met }) => [id, met])).toEqual([['leaf-expiry', true]])
  expect(Object.keys(report.exchanges[0]?.phases ?? {})).toEqual(['resolve', 'connect', 'tls', 'body'])
})

describe('each thing that is wrong is named', () => {
  const { server, rsa2048 } = material
  const old = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const
  test.each<[string, TlsOptions, Readonly<Record<string, unknown>>, string]>([
    [
      'an older version than is wanted',
      { ...server, ...old },
      { minProtocol: 'TLSv1.3' },
      'protocol: TLSv1.2',
    ],
    [
      'ChaCha20',
      { ...server, ciphers: 'TLS_CHACHA20_POLY1305_SHA256' },
      {},
      'cipher: TLS_CHACHA20_POLY1305_SHA256',
    ],
    [
      'CBC',
      { ...server, ...old, ciphers: 'ECDHE-ECDSA-AES128-SHA256' },
      {},
      'cipher: TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256',
    ],
    [
      'no secrecy of former connections',
      { ...rsa2048, ...old, ciphers: 'AES128-GCM-SHA256' },
      { recommended: false, minProtocol: 'TLSv1.3' },
      'protocol: TLSv1.2',
    ],
    ['RSA with 2048 bits', rsa2048, {}, 'key: RSA 2048'],
  ])('%s', async (_name, options, settings, unmet) => {
    const report = await check(await node(options), { settings })
    expect(unmetOf(report)).toEqual([unmet])
    expect(statusOf(report)).toBe(unmet.startsWith('protocol') ? 'critical' : 'warning')
  })

  test('what is not recommended is no warning where that is not wanted', async () => {
    const report = await check(await node({ ...rsa2048, ...old, ciphers: 'AES128-GCM-SHA256' }), {
      settings: { recommended: false },
    })
    expect(unmetOf(report)).toEqual([])
  })

  test('a key exchange with short numbers', async () => {
    const report = await check(
      await node({ ...rsa2048, ...old, ciphers: 'DHE-RSA-AES128-GCM-SHA256', dhparam: 'auto' }),
    )
    expect(unmetOf(report)).toEqual(['key-exchange: DHE with 2048 bits', 'key: RSA 2048'])
  })

  test('a key that is too short, and cannot be trusted for that', async () => {
    const { host } = await opensslServer(material.rsa1024, ['-cipher', 'DEFAULT:@SECLEVEL=0'])
    const report = await check(host, { ca: material.rsa1024.cert })
    expect(unmetOf(report)).toEqual([
      'key: RSA 1024',
      expect.stringMatching(
        /^reachable: .* its key \(RSA 1024\) or a signature in its chain may be too weak/,
      ),
    ])
    expect(statusOf(report)).toBe('critical')
  })

  test('a signature with SHA-1', async () => {
    const { host } = await opensslServer(material.sha1, ['-cipher', 'DEFAULT:@SECLEVEL=0'])
    const report = await check(host, { ca: material.sha1.cert })
    expect(unmetOf(report)).toEqual(['signature: EC P-256, ecdsa-with-SHA1'])
  })
})

describe('a certificate that is not trusted', () => {
  const LATER = new Date('2026-11-24T00:00:00Z')
  test.each([
    ['otherHost', [], 'its certificate is for another name'],
    ['expired', [], 'its certificate has expired'],
    ['notYet', [], 'its certificate is not valid yet'],
    [
      'stranger',
      ['chain: 1 certificate, the last issued by Test Authority'],
      'its certificate was issued by an unknown authority',
    ],
    [
      'selfSigned',
      ['chain: 1 certificate, the last issued by Test Authority'],
      'its certificate is self-signed',
    ],
  ] as const)('%s', async (name, others, message) => {
    const host = await node(certificates[name])
    const report = await check(host, { ca: certificates.ca, now: LATER })
    expect(unmetOf(report)).toEqual([
      ...others,
      expect.stringMatching(new RegExp(`^reachable: ${host}: ${message} `)),
    ])
    expect(report.tls).toHaveLength(1)
  })

  test('a chain that lacks what is in between', async () => {
    const { cert, key, intermediate } = material.below
    const lacking = await check(await node({ cert, key }))
    expect(unmetOf(lacking)).toEqual([
      'chain: 1 certificate, the last issued by between.test',
      expect.stringMatching(/^reachable: .* its certificate was issued by an unknown authority/),
    ])
    expect(conditionsOf(lacking).find(({ id }) => id === 'chain')?.hint).toMatch(
      /^Does the server send what is between/,
    )
    const whole = await check(await node({ cert: `${cert}${intermediate}`, key }))
    expect(unmetOf(whole)).toEqual([])
    expect(conditionsOf(whole, 'certificate').map(({ id }) => id)).toEqual(['leaf-expiry', 'chain-expiry'])
  })

  test('a name of its own that the certificate has', async () => {
    const host = await node(certificates.otherHost)
    const route = { ...DIRECT, ca: certificates.ca, serverName: 'portal.example' }
    expect(unmetOf(await check(host, { ca: certificates.ca, route }))).toEqual([])
  })
})

describe('versions that must not be spoken', () => {
  const settings = { refuse: ['TLSv1', 'TLSv1.1'] }

  test('are refused', async () => {
    const report = await check(await node(material.server), { settings })
    expect(unmetOf(report)).toEqual([])
    expect(
      conditionsOf(report)
        .slice(-2)
        .map(({ id, seen }) => [id, seen]),
    ).toEqual([
      ['refuses-tls-1-0', 'refused'],
      ['refuses-tls-1-1', 'refused'],
    ])
    expect(report.exchanges.map(({ name, failed }) => [name, failed])).toEqual([
      ['handshake', null],
      ['refuses-tls-1-0', null],
      ['refuses-tls-1-1', null],
    ])
  })

  test('are spoken', async () => {
    const ciphers = 'DEFAULT:@SECLEVEL=0'
    const report = await check(await node({ ...material.rsa2048, minVersion: 'TLSv1.1', ciphers }), {
      settings,
    })
    expect(unmetOf(report)).toEqual(['key: RSA 2048', 'refuses-tls-1-1: it speaks TLSv1.1'])
    expect(statusOf(report)).toBe('critical')
  })

  test('are all that there are', async () => {
    const { host } = await opensslServer(material.rsa2048, ['-tls1_1', '-cipher', 'DEFAULT:@SECLEVEL=0'])
    expect(unmetOf(await check(host))).toEqual([
      `reachable: ${host} speaks no version of TLS from 1.2 on [setting up TLS]`,
    ])
  })
})

test('a certificate of the client that is refused is named, though the handshake was done', async () => {
  const { host } = await opensslServer(material.server, ['-Verify', '1', '-verify_return_error'], material.ca)
  const identity = (of: typeof material.client) => ({ form: 'pem', ...of, passphrase: undefined }) as const
  const shown = (of: typeof material.client) =>
    check(host, { route: { ...DIRECT, ca: material.ca, identity: identity(of) } })
  expect(unmetOf(await shown(material.client))).toEqual([])
  expect(unmetOf(await shown(material.stranger))).toEqual([
    `reachable: ${host} does not accept the certificate of the client, or misses it (alert unknown_ca) [reading the answer]`,
  ])
  expect(unmetOf(await check(host))).toEqual([
    `reachable: ${host} wants a certificate of the client [reading the answer]`,
  ])
})

describe('a server that does not speak TLS', () => {
  test('but says something else', async () => {
    const { host } = await talkServer((socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n'))
    expect(unmetOf(await check(host))).toEqual([`reachable: ${host} does not speak TLS [setting up TLS]`])
  })

  test('and says nothing', async () => {
    const { origin } = await silentServer('https')
    expect(unmetOf(await check(origin.host, { timeoutMs: 2000 }))).toEqual([
      `reachable: ${origin.host} gave no whole answer in time [setting up TLS]`,
    ])
  })

  test('and is not there', async () => {
    const { host } = await deadOrigin()
    expect(unmetOf(await check(host))).toEqual([`reachable: nobody listens at ${host} [connecting]`])
  })
})

describe('protocols that begin without TLS', () => {
  const secureContext = createSecureContext(material.server)
  const secured = (socket: Socket): void => {
    new TLSSocket(socket, { isServer: true, secureContext }).on('error', () => undefined)
  }
  const smtp = (then: string) => (socket: Socket) => {
    socket.write('220 mail\r\n')
    lineByLine(socket, (line) => (line.startsWith('EHLO') ? '250-mail\r\n250 STARTTLS\r\n' : then))
    socket.on('data', (part: Buffer) => {
      if (part.toString('latin1') !== 'STARTTLS\r\n' || !then.startsWith('220 go\r\n')) return
      socket.removeAllListeners('data')
      secured(socket)
    })
  }
  const imap = (then: string) => (socket: Socket) => {
    socket.write('* OK ready\r\n')
    socket.once('data', () => {
      socket.write(then)
      socket.removeAllListeners('data')
      secured(socket)
    })
  }
  const bytes =
    (...then: readonly number[]) =>
    (socket: Socket) => {
      socket.once('data', () => {
        socket.write(Buffer.from(then))
        socket.removeAllListeners('data')
        secured(socket)
      })
    }
  const ldap = (code: number) => [0x30, 0x0c, 2, 1, 1, 0x78, 7, 0x0a, 1, code, 4, 0, 4, 0]
  const activeDirectory = [0x30, 0x84, 0, 0, 0, 0x10, 2, 1, 1, 0x78, 0x84, 0, 0, 0, 7, 0x0a, 1, 0, 4, 0, 4, 0]

  test.each([
    ['smtp', smtp('220 go\r\n'), undefined],
    ['smtp', smtp('454 not now\r\n'), '454 not now'],
    ['smtp', smtp('220 go\r\n250 evil\r\n'), '10 bytes behind the answer that nobody asked for'],
    ['imap', imap('* CAPABILITY IMAP4rev1\r\na1 OK begin\r\n'), undefined],
    ['imap', imap('a1 BAD what\r\n'), 'a1 BAD what'],
    ['imap', imap('a1 OK begin\r\n* BYE\r\n'), '7 bytes behind the answer that nobody asked for'],
    ['postgres', bytes(0x53), undefined],
    ['postgres', bytes(0x4e), 'N: it has no TLS'],
    ['postgres', bytes(0x53, 0x45), '1 bytes behind the answer that nobody asked for'],
    ['ldap', bytes(...ldap(0)), undefined],
    ['ldap', bytes(...activeDirectory), undefined],
    ['ldap', bytes(...ldap(2)), 'result code 2'],
    ['ldap', bytes(0x30, 5, 2, 1, 1, 0x61, 0), 'no result of an extended request'],
  ] as const)('%s', async (starttls, talk, unmet) => {
    const { host } = await talkServer(talk)
    const report = await check(host, { settings: { starttls } })
    expect(unmetOf(report)).toEqual(unmet === undefined ? [] : [`starttls: ${unmet}`])
    expect(report.tls).toHaveLength(unmet === undefined ? 1 : 0)
  })

  test.each([
    [
      'imap',
      (socket: Socket) => socket.write(`* OK\r\n${'* x\r\n'.repeat(500)}`),
      'sent more than 100 lines without an answer',
    ],
    [
      'ldap',
      (socket: Socket) => socket.write(Buffer.from([0x30, 0x84, 0x7f, 0, 0, 0])),
      'sent an answer of 2130706432 bytes',
    ],
    ['ldap', (socket: Socket) => socket.write(Buffer.from([0x30, 0x89, 1])), 'does not speak LDAP'],
    ['ldap', (socket: Socket) => socket.write('HTTP/1.1 400 Bad Request\r\n'), 'does not speak LDAP'],
  ] as const)('%s that is something else or too much', async (starttls, talk, message) => {
    const { host } = await talkServer(talk)
    expect(unmetOf(await check(host, { settings: { starttls } }))).toEqual([
      `reachable: ${host} ${message} [reading the answer]`,
    ])
  })
})

const nginxProgram = program('nginx')
test.skipIf(nginxProgram.missing)(`nginx with an old configuration${nginxProgram.note}`, async () => {
  const { host } = await nginx(nginxProgram.path, {
    ...material.rsa2048,
    directives: 'ssl_protocols TLSv1.2; ssl_ciphers AES256-SHA:@SECLEVEL=0;',
  })
  const report = await check(host)
  expect(unmetOf(report)).toEqual(['cipher: TLS_RSA_WITH_AES_256_CBC_SHA', 'key: RSA 2048'])
  expect(statusOf(report)).toBe('warning')
})

describe(`PostgreSQL${postgresProgram.note}`, () => {
  test.skipIf(postgresProgram.missing)('with TLS and without', async () => {
    const secure = await postgres(material.server)
    expect(unmetOf(await check(secure.host, { settings: { starttls: 'postgres' } }))).toEqual([])
    const plain = await postgres(undefined)
    expect(unmetOf(await check(plain.host, { settings: { starttls: 'postgres' } }))).toEqual([
      'starttls: N: it has no TLS',
    ])
  })
})

test.each([
  ['TLS_AES_128_GCM_SHA256', undefined],
  ['TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', undefined],
  ['TLS_ECDHE_ECDSA_WITH_AES_128_CCM', undefined],
  ['TLS_DHE_RSA_WITH_AES_128_GCM_SHA256', undefined],
  ['TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384', 'warning'],
  ['TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA', 'warning'],
  ['TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8', 'warning'],
  ['TLS_RSA_WITH_AES_256_GCM_SHA384', 'warning'],
  ['TLS_RSA_WITH_3DES_EDE_CBC_SHA', 'critical'],
  ['TLS_ECDHE_RSA_WITH_RC4_128_SHA', 'critical'],
  ['TLS_ECDH_anon_WITH_AES_128_CBC_SHA', 'critical'],
  ['TLS_RSA_WITH_NULL_SHA256', 'critical'],
])('cipher suite %s: %s', (name, severity) => {
  expect(cipherWeakness(name)?.severity).toBe(severity)
})
