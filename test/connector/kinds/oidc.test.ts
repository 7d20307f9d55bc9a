import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { oidc } from '../../../src/lib/connector/kinds/oidc.ts'
import { selfSigned } from '../../../src/lib/sandbox/self-signed.ts'
import { makeCertificates } from '../../support/certificates.ts'
import { checkOf, conditionsOf, statusOf, unmetOf } from '../../support/probe.ts'

type Json = Readonly<Record<string, unknown>>

const rsa = (bits: number, kid = 'k1'): Json => ({
  ...generateKeyPairSync('rsa', { modulusLength: bits }).publicKey.export({ format: 'jwk' }),
  kid,
  use: 'sig',
  alg: 'RS256',
})
const GOOD = rsa(3072)
const WEAK = rsa(2048)
const BROKEN = rsa(1024)

const metadata = (issuer: string): Json => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/keys`,
  response_types_supported: ['code', 'code id_token'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256', 'ES256'],
  scopes_supported: ['openid', 'profile'],
  code_challenge_methods_supported: ['S256'],
})

interface Provider {
  /** Fields of the document that are other than they should be; undefined takes one out. */
  readonly document?: Json
  readonly keys?: unknown
  /** Instead of the document. */
  readonly raw?: { readonly status: number; readonly type: string; readonly body: string }
}

/** @returns its issuer, below a path as with Keycloak */
async function provider({ document = {}, keys = { keys: [GOOD] }, raw }: Provider): Promise<string> {
  const server = createServer((request, response) => {
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/realms/x`
    if (request.url === '/realms/x/keys') {
      response.end(JSON.stringify(keys))
      return
    }
    if (raw !== undefined) {
      response.writeHead(raw.status, { 'content-type': raw.type })
      response.end(raw.body)
      return
    }
    response.statusCode = request.url === '/realms/x/.well-known/openid-configuration' ? 200 : 404
    response.end(JSON.stringify({ ...metadata(issuer), ...document }))
  }).listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise((resolve) => server.once('listening', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/realms/x`
}

const SETTINGS = { scopes: ['openid', 'profile'], pkce: true }

async function check(given: Provider, settings: Json = SETTINGS) {
  return checkOf(oidc, { url: await provider(given), settings })
}

test('a provider that is as it should be', async () => {
  const report = await check({})
  expect(unmetOf(report)).toEqual([])
  expect(statusOf(report)).toBe('ok')
  // One row of the table below for each of them, but for those on certificates.
  expect(conditionsOf(report).map(({ id }) => id)).toEqual(
    Object.keys(oidc.conditions).filter((id) => !['jwks-certificate', 'jwks-expiry'].includes(id)),
  )
})

const fault = (name: string, given: Provider, unmet: string, status = 'critical') => ({
  name,
  given,
  unmet,
  status,
})

/** One violation a row; what it says of what was seen stands behind the condition. */
const VIOLATIONS = [
  fault(
    'not there',
    { raw: { status: 404, type: 'application/json', body: '{}' } },
    'discovery-status: HTTP 404',
  ),
  fault(
    'a log-in with status 200',
    { raw: { status: 200, type: 'text/html', body: '<html><title>Anmelden</title>' } },
    'discovery-json: an HTML page “Anmelden”',
  ),
  fault(
    'JSON that is cut',
    { raw: { status: 200, type: 'application/json', body: '{"issuer":' } },
    'discovery-json: application/json: {"issuer":',
  ),
  fault(
    'another issuer',
    { document: { issuer: 'https://sso.internal/realms/x' } },
    'issuer: "https://sso.internal/realms/x"',
  ),
  fault(
    'no authorization endpoint',
    { document: { authorization_endpoint: undefined } },
    'required: without authorization_endpoint',
  ),
  fault('no token endpoint', { document: { token_endpoint: undefined } }, 'required: without token_endpoint'),
  fault(
    'an endpoint in the open',
    { document: { token_endpoint: 'http://sso.example/token' } },
    'endpoints: token_endpoint "http://sso.example/token"',
  ),
  fault(
    'an endpoint that is no address',
    { document: { end_session_endpoint: '/logout' } },
    'endpoints: end_session_endpoint "/logout"',
  ),
  fault('no code flow', { document: { response_types_supported: ['id_token'] } }, 'response-types: id_token'),
  fault('no subject type', { document: { subject_types_supported: [] } }, 'subject-types: none'),
  fault(
    'unsigned tokens only',
    { document: { id_token_signing_alg_values_supported: ['none'] } },
    'id-token-algorithms: none | jwks-algorithms: RS256',
  ),
  fault(
    'unsigned tokens, too',
    { document: { id_token_signing_alg_values_supported: ['RS256', 'none'] } },
    'id-token-algorithms: RS256, none',
    'warning',
  ),
  fault(
    'without RS256',
    { document: { id_token_signing_alg_values_supported: ['PS256'] } },
    'id-token-algorithms: PS256 | jwks-algorithms: RS256',
  ),
  fault('a scope is missing', { document: { scopes_supported: ['openid'] } }, 'scopes: openid'),
  fault('no PKCE', { document: { code_challenge_methods_supported: ['plain'] } }, 'pkce: plain'),
  fault('no keys', { keys: { keys: [] } }, 'jwks-keys: []'),
  fault('something else than keys', { keys: [GOOD] }, 'jwks-keys: [{"kty":"RSA"'),
  fault(
    'a hundred and one keys',
    { keys: { keys: Array.from({ length: 101 }, (_, at) => ({ ...GOOD, kid: `k${at}` })) } },
    'jwks-count: 101 keys',
  ),
  fault('a private key', { keys: { keys: [{ ...GOOD, d: 'AQAB' }] } }, 'jwks-public: 1 with private members'),
  fault(
    'a key that cannot be read',
    { keys: { keys: [GOOD, { kty: 'RSA', kid: 'k2' }] } },
    'jwks-readable: 1 of 2',
    'warning',
  ),
  fault('two of one name', { keys: { keys: [GOOD, rsa(3072)] } }, 'jwks-names: twice: k1'),
  fault(
    'two of which one has no name',
    { keys: { keys: [GOOD, { ...GOOD, kid: undefined }] } },
    'jwks-names: k1, none',
    'warning',
  ),
  fault('a short key', { keys: { keys: [WEAK] } }, 'jwks-size: RSA 2048', 'warning'),
  fault('a key that can be broken', { keys: { keys: [BROKEN] } }, 'jwks-size: RSA 1024'),
  fault('a key for encryption only', { keys: { keys: [{ ...GOOD, use: 'enc' }] } }, 'jwks-algorithms: RS256'),
  fault(
    'a certificate of another key',
    { keys: { keys: [{ ...GOOD, x5c: ['AAAA'] }] } },
    'jwks-certificate: no certificate',
  ),
] as const

test.each(VIOLATIONS)('$name', async ({ given, unmet, status }) => {
  const report = await check(given)
  expect(unmetOf(report).join(' | ').slice(0, unmet.length)).toBe(unmet)
  expect(unmetOf(report)).toHaveLength(unmet.split(' | ').length)
  expect(statusOf(report)).toBe(status)
})

test('what is recommended may be missing, and the implicit flow needs no token endpoint', async () => {
  const document = {
    scopes_supported: undefined,
    token_endpoint: undefined,
    response_types_supported: ['id_token', 'id_token token'],
  }
  const report = await check({ document }, { responseTypes: ['id_token'] })
  expect(unmetOf(report)).toEqual([])
})

test('a certificate of another key', async () => {
  const { cert } = selfSigned({ commonName: 'x', names: ['x'], notBefore: 0, notAfter: 4e12 })
  const x5c = [new X509Certificate(cert).raw.toString('base64')]
  const report = await check({ keys: { keys: [{ ...GOOD, x5c }] } })
  expect(unmetOf(report)).toEqual(['jwks-certificate: a certificate of another key'])
})

test('certificates of keys are judged apart', async () => {
  const { expired } = makeCertificates()
  const certificate = new X509Certificate(expired.cert)
  const jwk = {
    ...certificate.publicKey.export({ format: 'jwk' }),
    kid: 'k1',
    x5c: [certificate.raw.toString('base64')],
  }
  const report = await check({
    document: { id_token_signing_alg_values_supported: ['RS256', 'ES256'] },
    keys: { keys: [GOOD, { ...jwk, kid: 'k2' }] },
  })
  expect(statusOf(report, 'certificate')).toBe('critical')
  expect(unmetOf(report, 'certificate')[0]).toMatch(
    /^jwks-expiry-2: signing certificate of k2 expired \d+ days ago/,
  )
})

test('an endless document is given up', async () => {
  const server = createServer((_request, response) => {
    response.on('error', () => undefined)
    const more = (): void => {
      while (response.write(Buffer.alloc(1 << 16, 'x')));
      response.once('drain', more)
    }
    more()
  }).listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise((resolve) => server.once('listening', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  expect(unmetOf(await checkOf(oidc, { url: `http://${host}` }))).toEqual([
    `reachable: ${host} sent more than the 1024 KiB that are taken [reading the answer]`,
  ])
})

test('a million keys are too many to read', async () => {
  const keys = `{"keys":[${'{"kty":"RSA"},'.repeat(1_000_000)}{}]}`
  const server = createServer((request, response) => {
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    response.end(request.url === '/keys' ? keys : JSON.stringify(metadata(issuer)))
  }).listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise((resolve) => server.once('listening', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  expect(unmetOf(await checkOf(oidc, { url: `http://${host}` }))).toEqual([
    `reachable: ${host} sent more than the 1024 KiB that are taken [reading the answer]`,
  ])
})
