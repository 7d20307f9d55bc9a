import { createPublicKey, type JsonWebKey, type KeyObject, X509Certificate } from 'node:crypto'
import { expectValid } from './probe/expiry.ts'
import { describe, fieldOf, isRecord } from './probe/json.ts'
import type { Probe } from './probe/probe.ts'
import { strengthOf } from './probe/strength.ts'
import { certificateFacts } from './probe/tls-facts.ts'

/** A public key of a JWK set (RFC 7517). */
export interface Jwk {
  readonly kid: string | null
  readonly kty: string
  readonly alg: string | null
  readonly use: string | null
  readonly key: KeyObject
  /** The JWK as it stands there. */
  readonly jwk: Readonly<Record<string, unknown>>
}

/** A set has a handful of keys; more is a mistake or an attack. */
const MOST_KEYS = 100
/** Members that only a private key has (RFC 7518 §6). */
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

/** Conditions of a kind that reads a JWK set by the name `jwks`, for its page. */
export const JWKS_CONDITIONS = {
  'jwks-status': 'The keys are there.',
  'jwks-json': 'They are JSON.',
  'jwks-keys': 'There is a key.',
  'jwks-count': 'There are not too many of them.',
  'jwks-public': 'None of them is private.',
  'jwks-readable': 'They can be read.',
  'jwks-names': 'They can be told apart.',
  'jwks-size': 'They are strong enough.',
  'jwks-certificate': 'A certificate beside a key is that of the key.',
  'jwks-expiry': 'It is still valid (part certificate).',
} as const

/**
 * Judges a JWK set by the conditions `jwks-…`: keys are there, public, readable, of unique names and of sufficient size
 * (BSI TR-02102-1: RSA 3000 bit, EC 250 bit), and the certificates in them last.
 * @returns the keys that can be used
 */
export function expectJwks(probe: Probe, value: unknown): readonly Jwk[] {
  const list = fieldOf(value, 'keys')
  const all = Array.isArray(list) ? (list as readonly unknown[]) : []
  probe.require('jwks-keys', {
    met: all.length > 0,
    expected: 'a list of keys',
    seen: all.length > 0 ? `${all.length} keys` : describe(list ?? value),
  })
  probe.require('jwks-count', {
    met: all.length <= MOST_KEYS,
    expected: `at most ${MOST_KEYS} keys`,
    seen: `${all.length} keys`,
  })
  const exposed = all.filter((one) => isRecord(one) && PRIVATE.some((member) => Object.hasOwn(one, member)))
  probe.expect('jwks-public', {
    met: exposed.length === 0,
    expected: 'public keys only',
    seen: exposed.length === 0 ? `${all.length} keys` : `${exposed.length} with private members`,
    hint: 'Whoever reads this can sign as the server: the keys have to be replaced at once.',
  })
  const keys = all.flatMap((one) => readKey(one) ?? [])
  probe.expect('jwks-readable', {
    met: keys.length === all.length,
    severity: keys.length === 0 ? 'critical' : 'warning',
    expected: `${all.length} readable keys`,
    seen: `${keys.length} of ${all.length}`,
  })
  expectNames(probe, keys)
  expectSizes(probe, keys)
  for (const [at, key] of keys.entries()) expectCertificate(probe, key, at)
  return keys
}

function readKey(value: unknown): Jwk | undefined {
  if (!isRecord(value) || typeof value.kty !== 'string') return undefined
  const { kty } = value
  const publicPart = Object.fromEntries(Object.entries(value).filter(([name]) => !PRIVATE.includes(name)))
  try {
    const key = createPublicKey({ key: publicPart as JsonWebKey, format: 'jwk' })
    return {
      kid: textOr(value.kid),
      kty,
      alg: textOr(value.alg),
      use: textOr(value.use),
      key,
      jwk: publicPart,
    }
  } catch {
    return undefined
  }
}

const textOr = (value: unknown): string | null => (typeof value === 'string' ? value : null)

function expectNames(probe: Probe, keys: readonly Jwk[]): void {
  const names = keys.map(({ kid }) => kid)
  const twice = names.filter((name, at) => name !== null && names.indexOf(name) < at)
  probe.expect('jwks-names', {
    // OpenID Connect Core §10.1: with several keys, each needs a kid.
    met: twice.length === 0 && (keys.length <= 1 || !names.includes(null)),
    severity: twice.length > 0 ? 'critical' : 'warning',
    expected: 'a kid of its own for each key',
    seen: twice.length > 0 ? `twice: ${twice.join(', ')}` : names.map((name) => name ?? 'none').join(', '),
  })
}

function expectSizes(probe: Probe, keys: readonly Jwk[]): void {
  const strength = keys.map(({ key }) => strengthOf(key))
  const worst =
    strength.find(({ grade }) => grade === 'broken') ?? strength.find(({ grade }) => grade === 'weak')
  probe.expect('jwks-size', {
    met: worst === undefined,
    severity: worst?.grade === 'broken' ? 'critical' : 'warning',
    expected: 'RSA 3000 bit, EC 250 bit, or more',
    seen: worst?.name ?? strength.map(({ name }) => name).join(', '),
  })
}

/** RFC 7517 §4.7: the first certificate of x5c is that of the key. */
function expectCertificate(probe: Probe, { kid, key, jwk }: Jwk, at: number): void {
  const chain = jwk.x5c
  if (!Array.isArray(chain) || typeof chain[0] !== 'string') return
  const suffix = at === 0 ? '' : `-${at + 1}`
  const name = kid ?? `key ${at + 1}`
  try {
    const certificate = new X509Certificate(Buffer.from(chain[0], 'base64'))
    const same = certificate.publicKey.equals(key)
    probe.expect(`jwks-certificate${suffix}`, {
      met: same,
      expected: `the certificate of ${name}`,
      seen: same ? 'the certificate of the key' : 'a certificate of another key',
    })
    expectValid(
      probe,
      `jwks-expiry${suffix}`,
      `signing certificate of ${name}`,
      certificateFacts(certificate),
    )
  } catch {
    probe.expect(`jwks-certificate${suffix}`, {
      met: false,
      expected: `the certificate of ${name}`,
      seen: 'no certificate',
    })
  }
}

/** Whether a key can verify signatures of an algorithm (RFC 7518 §3.1, RFC 8037). */
export function fitsAlgorithm({ kty, alg, use, key }: Jwk, algorithm: string): boolean {
  if (use !== null && use !== 'sig') return false
  if (alg !== null) return alg === algorithm
  const family = algorithm.slice(0, 2)
  if (family === 'RS' || family === 'PS') return kty === 'RSA'
  if (family === 'ES') return kty === 'EC' && CURVES[algorithm] === key.asymmetricKeyDetails?.namedCurve
  return algorithm === 'EdDSA' && kty === 'OKP'
}

const CURVES: Readonly<Record<string, string>> = {
  ES256: 'prime256v1',
  ES384: 'secp384r1',
  ES512: 'secp521r1',
}
