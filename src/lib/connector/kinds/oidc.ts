import { isProtectedWeb } from '../../config/protected.ts'
import { expectJwks, fitsAlgorithm, JWKS_CONDITIONS } from '../jwks.ts'
import { defineKind } from '../kind.ts'
import { askJson, describe, fieldOf } from '../probe/json.ts'
import type { Probe } from '../probe/probe.ts'
import { optional, texts, yesNo } from '../settings.ts'

/** A Servicekonto or another identity provider by OpenID Connect. */
export const oidc = defineKind({
  id: 'oidc',
  title: 'OpenID Connect',
  schemes: ['https:', 'http:'],
  credentials: 'none',
  source:
    'OpenID Connect Discovery 1.0 §3 and §4, Core 1.0 §10.1; RFC 7517, RFC 7636; BSI TR-02102-1 for keys',
  healthy:
    'The discovery document names exactly the address of the connector as issuer and all that is required, and the keys behind it can verify what it signs.',
  settings: {
    scopes: optional(texts('Scopes that have to be offered, where the document lists any.'), ['openid']),
    responseTypes: optional(texts('Response types that have to be offered.'), ['code']),
    pkce: optional(yesNo('Whether PKCE with S256 has to be offered.'), false),
  },
  conditions: {
    'discovery-status': 'The discovery document is there.',
    'discovery-json': 'It is JSON.',
    issuer: 'It names exactly this issuer.',
    required: 'It has all fields that are required.',
    endpoints: 'Its endpoints are addresses with encryption.',
    'response-types': 'The response types that the connector wants are offered.',
    'subject-types': 'Subjects are public or pairwise.',
    'id-token-algorithms': 'ID tokens are signed, and RS256 is offered.',
    scopes: 'The scopes that the connector wants are offered.',
    pkce: 'PKCE with S256 is offered.',
    ...JWKS_CONDITIONS,
    'jwks-algorithms': 'One of them fits an algorithm of ID tokens.',
  },
  check: async (probe, { scopes, responseTypes, pkce }) => {
    const document = await askJson(probe, 'discovery', { url: discoveryOf(probe.url) })
    expectMetadata(probe, document)
    expectOffers(probe, document, scopes, responseTypes, pkce)
    const algorithms = textsOf(fieldOf(document, 'id_token_signing_alg_values_supported'))
    const address = fieldOf(document, 'jwks_uri')
    const url = typeof address === 'string' ? URL.parse(address) : null
    if (url === null || !isProtectedWeb(url)) return
    const keys = expectJwks(probe, await askJson(probe, 'jwks', { url }))
    const usable = algorithms.filter((algorithm) => keys.some((key) => fitsAlgorithm(key, algorithm)))
    probe.expect('jwks-algorithms', {
      met: usable.length > 0,
      expected: `a key for one of ${algorithms.slice(0, 10).join(', ')}`,
      seen: usable.length > 0 ? usable.join(', ') : keys.map(({ kty, alg }) => alg ?? kty).join(', '),
    })
  },
})

/** Discovery §4: a slash at the end is removed before the path is appended. */
function discoveryOf(issuer: URL): URL {
  return new URL(`${withoutSlash(issuer.href)}/.well-known/openid-configuration`)
}

const withoutSlash = (text: string): string => text.replace(/\/$/, '')

/**
 * Discovery §4.3: exactly the same text as in the ID tokens. Of an address that is a host alone nobody can tell whether it
 * was written with a slash, so both are taken there.
 */
function isIssuer(configured: URL, found: unknown): boolean {
  if (found === configured.href) return true
  return configured.pathname === '/' && configured.search === '' && found === withoutSlash(configured.href)
}

const REQUIRED = [
  'issuer',
  'authorization_endpoint',
  'jwks_uri',
  'response_types_supported',
  'subject_types_supported',
  'id_token_signing_alg_values_supported',
] as const
const ENDPOINTS = [
  'authorization_endpoint',
  'token_endpoint',
  'userinfo_endpoint',
  'jwks_uri',
  'end_session_endpoint',
] as const

function expectMetadata(probe: Probe, document: unknown): void {
  const issuer = fieldOf(document, 'issuer')
  probe.expect('issuer', {
    met: isIssuer(probe.url, issuer),
    expected: withoutSlash(probe.url.href),
    seen: describe(issuer),
    hint: 'Each log-in fails with another issuer: write just this one into url, or have the provider mended.',
  })
  const missing = requiredOf(document).filter((name) => fieldOf(document, name) === undefined)
  probe.expect('required', {
    met: missing.length === 0,
    expected: 'all fields that are required',
    seen: missing.length === 0 ? 'all of them' : `without ${missing.join(', ')}`,
  })
  const bad = ENDPOINTS.filter((name) => {
    const value = fieldOf(document, name)
    return value !== undefined && !isProtectedText(value)
  })
  probe.expect('endpoints', {
    met: bad.length === 0,
    expected: 'https addresses',
    seen:
      bad.length === 0
        ? 'https addresses'
        : bad.map((name) => `${name} ${describe(fieldOf(document, name))}`).join(', '),
  })
}

/** Discovery §3: the token endpoint may be missing only where there is nothing but the implicit flow. */
function requiredOf(document: unknown): readonly string[] {
  const types = textsOf(fieldOf(document, 'response_types_supported'))
  const isImplicit = types.length > 0 && types.every((type) => !type.split(' ').includes('code'))
  return isImplicit ? REQUIRED : [...REQUIRED, 'token_endpoint']
}

function isProtectedText(value: unknown): boolean {
  const url = typeof value === 'string' ? URL.parse(value) : null
  return url !== null && isProtectedWeb(url)
}

function expectOffers(
  probe: Probe,
  document: unknown,
  scopes: readonly string[],
  responseTypes: readonly string[],
  pkce: boolean,
): void {
  const types = textsOf(fieldOf(document, 'response_types_supported'))
  expectAll(probe, 'response-types', responseTypes, types)
  const subjects = textsOf(fieldOf(document, 'subject_types_supported'))
  probe.expect('subject-types', {
    met: subjects.some((one) => one === 'public' || one === 'pairwise'),
    expected: 'public or pairwise',
    seen: listed(subjects),
  })
  expectAlgorithms(probe, textsOf(fieldOf(document, 'id_token_signing_alg_values_supported')))
  // §3: a recommended field. Where it is missing, nothing can be said.
  const offered = fieldOf(document, 'scopes_supported')
  if (offered !== undefined) expectAll(probe, 'scopes', scopes, textsOf(offered))
  if (pkce) expectAll(probe, 'pkce', ['S256'], textsOf(fieldOf(document, 'code_challenge_methods_supported')))
}

/** §3: RS256 MUST be included; `none` only makes sense where no ID token comes from the authorization endpoint. */
function expectAlgorithms(probe: Probe, algorithms: readonly string[]): void {
  const signed = algorithms.filter((one) => one !== 'none')
  const isWell = signed.includes('RS256') && signed.length === algorithms.length
  probe.expect('id-token-algorithms', {
    met: isWell,
    severity: signed.length === 0 ? 'critical' : 'warning',
    expected: 'RS256, and not none',
    seen: listed(algorithms),
  })
}

function expectAll(probe: Probe, id: string, wanted: readonly string[], offered: readonly string[]): void {
  probe.expect(id, {
    met: wanted.every((one) => offered.includes(one)),
    expected: wanted.join(', '),
    seen: listed(offered),
  })
}

const listed = (texts: readonly string[]): string =>
  texts.length === 0 ? 'none' : texts.slice(0, 20).join(', ')

const MOST_TEXTS = 200

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value)
    ? value.slice(0, MOST_TEXTS).filter((one): one is string => typeof one === 'string')
    : []
}
