import type { TlsOptions } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { http } from '../../../src/lib/connector/kinds/http.ts'
import { type ClientIdentity, DIRECT } from '../../../src/lib/connector/probe/dial.ts'
import { answer, faultServer, raw } from '../../support/fault-server.ts'
import { nginx } from '../../support/nginx.ts'
import { opensslServer } from '../../support/openssl-server.ts'
import { checkOf, conditionsOf, statusOf, unmetOf } from '../../support/probe.ts'
import { program } from '../../support/programs.ts'
import { makeTlsMaterial } from '../../support/tls-material.ts'

const material = makeTlsMaterial()
const { ca, client, passphrase } = material
const pem = (cert: string, key: string, secret?: string): ClientIdentity => ({
  form: 'pem',
  cert,
  key,
  passphrase: secret,
})
const pfx = (bytes: Buffer, secret?: string): ClientIdentity => ({
  form: 'pkcs12',
  bytes,
  passphrase: secret,
})
const CLIENT = pem(client.cert, client.key)

const check = (url: string | URL, identity?: ClientIdentity, authorities = ca) =>
  checkOf(http, {
    url,
    route: { ...DIRECT, ca: authorities, identity },
    settings: { conditions: [{ status: 200 }] },
  })

/** Takes whoever shows a certificate of the authority, and tells who that is. */
async function demanding(options: TlsOptions = {}) {
  return faultServer([answer(200)], {
    ...material.server,
    ca,
    requestCert: true,
    rejectUnauthorized: true,
    ...options,
  })
}

describe('what is shown to the server', () => {
  test.each([
    ['PEM', CLIENT],
    ['PEM with an encrypted key', pem(client.cert, material.encryptedKey, passphrase)],
    ['PKCS#12', pfx(material.pkcs12, passphrase)],
  ])('%s', async (_name, identity) => {
    const { origin } = await demanding()
    const report = await check(origin, identity)
    expect(unmetOf(report)).toEqual([])
    expect(statusOf(report)).toBe('ok')
    expect(conditionsOf(report, 'certificate').map(({ id, seen }) => [id, seen.split(' is ')[0]])).toEqual([
      ['leaf-expiry', `${origin.host}: server.test`],
      ['chain-expiry', `${origin.host}: authority.test`],
      ['client-expiry', 'certificate of the client: client.test'],
    ])
  })
})

describe('a mistake of ours is unknown, before anything is sent', () => {
  test.each([
    [
      'a key of another certificate',
      pem(client.cert, material.server.key),
      'key and certificate do not belong together',
    ],
    [
      'an encrypted key without passphrase',
      pem(client.cert, material.encryptedKey),
      'its key is encrypted, and no passphrase is named',
    ],
    [
      'a wrong passphrase for a key',
      pem(client.cert, material.encryptedKey, 'x'),
      'the passphrase does not open its key',
    ],
    ['a certificate that is none', pem('none', client.key), 'tls.cert holds no certificate in PEM'],
    ['a key that is none', pem(client.cert, 'none'), 'tls.key holds no key in PEM that can be read'],
    [
      'a wrong passphrase for PKCS#12',
      pfx(material.pkcs12, 'x'),
      'the passphrase does not open the PKCS#12 file',
    ],
    ['PKCS#12 without passphrase', pfx(material.pkcs12), 'the PKCS#12 file needs a passphrase'],
    [
      'PKCS#12 in the old way',
      pfx(material.legacyPkcs12, passphrase),
      'the PKCS#12 file is encrypted in an old way (RC2) that OpenSSL 3 refuses',
    ],
    ['PKCS#12 without a key', pfx(material.keylessPkcs12, passphrase), 'the PKCS#12 file holds no key'],
    ['PEM where PKCS#12 should be', pfx(Buffer.from(client.cert), passphrase), 'it is no PKCS#12 file'],
    [
      'a key that is too short',
      pem(material.rsa1024.cert, material.rsa1024.key),
      'it cannot be used (ERR_SSL_EE_KEY_TOO_SMALL)',
    ],
  ])('%s', async (_name, identity, message) => {
    const server = await demanding()
    const report = await check(server.origin, identity)
    expect(statusOf(report)).toBe('unknown')
    expect(report.verdicts[0]?.summary).toBe(`the certificate of the client: ${message}`)
    expect(server.connections).toBe(0)
  })

  test.each([
    ['no PEM', 'none', 'holds no certificate in PEM'],
    [
      'a certificate that is broken',
      `${ca}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
      'has a certificate that cannot be read: number 2',
    ],
  ])('authorities that are %s', async (_name, authorities, message) => {
    const { origin } = await demanding()
    const report = await check(origin, undefined, authorities)
    expect(statusOf(report)).toBe('unknown')
    expect(report.verdicts[0]?.summary).toBe(`what tls.ca names ${message}`)
  })
})

describe('a server that refuses the client says so, also after the handshake', () => {
  const LATE = 'waiting for the answer'
  const REFUSED = 'does not accept the certificate of the client, or misses it'
  test.each([
    ['TLS 1.3, none', '-tls1_3', undefined, 'wants a certificate of the client', LATE],
    [
      'TLS 1.3, of an authority that nobody knows',
      '-tls1_3',
      material.stranger,
      `${REFUSED} (alert unknown_ca)`,
      LATE,
    ],
    ['TLS 1.3, ended', '-tls1_3', material.endedClient, `${REFUSED} (alert certificate_expired)`, LATE],
    [
      'TLS 1.2, of an authority that nobody knows',
      '-tls1_2',
      material.stranger,
      `${REFUSED} (alert unknown_ca)`,
      'setting up TLS',
    ],
    [
      'TLS 1.2, none',
      '-tls1_2',
      undefined,
      'finds no way to a secure connection that both sides know, or misses a certificate of the client (alert handshake_failure)',
      'setting up TLS',
    ],
  ] as const)('%s', async (_name, version, shown, message, phase) => {
    const { host } = await opensslServer(
      material.server,
      ['-Verify', '1', '-verify_return_error', version],
      ca,
    )
    const report = await check(
      `https://${host}/`,
      shown === undefined ? undefined : pem(shown.cert, shown.key),
    )
    expect(unmetOf(report)).toEqual([`reachable: ${host} ${message} [${phase}]`])
    expect(statusOf(report)).toBe('critical')
  })

  test('one that closes without an alert leaves a hint', async () => {
    const { origin } = await faultServer([raw([], 'end')], material.server)
    const report = await check(origin)
    expect(unmetOf(report)).toEqual([
      `reachable: ${origin.host} closed the connection before its answer was complete [waiting for the answer]`,
    ])
    expect(conditionsOf(report)[0]?.hint).toBe('It may miss a certificate of the client, or not accept it.')
  })
})

test('the end of our own certificate is told beside that of the server', async () => {
  const { origin } = await faultServer([answer(200)], material.server)
  const { cert, key } = material.endedClient
  const report = await check(origin, pem(cert, key))
  expect(statusOf(report)).toBe('ok')
  expect(unmetOf(report, 'certificate')).toEqual([
    expect.stringMatching(/^client-expiry: certificate of the client: ended\.test expired 0 days ago/),
  ])
})

const nginxProgram = program('nginx')
describe(`nginx with client certificates${nginxProgram.note}`, () => {
  test.skipIf(nginxProgram.missing)('serves whom it knows, and nobody else', async () => {
    const { host } = await nginx(nginxProgram.path, {
      ...material.server,
      directives: 'ssl_verify_client on; ssl_client_certificate ca.pem; ssl_protocols TLSv1.2 TLSv1.3;',
      files: { 'ca.pem': ca },
    })
    const url = `https://${host}/`
    expect(unmetOf(await check(url, CLIENT))).toEqual([])
    expect(unmetOf(await check(url, pfx(material.pkcs12, passphrase)))).toEqual([])
    expect(unmetOf(await check(url))).toEqual(['status: HTTP 400'])
    expect(unmetOf(await check(url, pem(material.stranger.cert, material.stranger.key)))).toEqual([
      'status: HTTP 400',
    ])
  })
})
