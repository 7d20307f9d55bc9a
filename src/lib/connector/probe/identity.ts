import { X509Certificate } from 'node:crypto'
import { createSecureContext, getCACertificates, type SecureContext, type SecureVersion } from 'node:tls'
import { OzgctlError } from '../../errors.ts'
import { EXIT } from '../../exit-codes.ts'
import type { ClientIdentity, Route } from './dial.ts'

/** Making one reads all known authorities, which takes longer than a handshake. */
const contexts = new WeakMap<Route, SecureContext>()

/**
 * What TLS needs of a route; undefined where what Node brings is enough.
 * @throws OzgctlError 6 CLIENT_CERTIFICATE_INVALID, AUTHORITIES_INVALID: files of ours that cannot be used
 */
export function contextOf(route: Route): SecureContext | undefined {
  const { ca, identity } = route
  if (ca === undefined && identity === undefined) return undefined
  const known = contexts.get(route)
  if (known !== undefined) return known
  if (ca !== undefined) expectAuthorities(ca)
  const made = securely(identity, {
    ...(ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] }),
    ...(identity === undefined ? {} : identityOptions(identity)),
  })
  contexts.set(route, made)
  return made
}

/**
 * For a handshake that is tried only to see whether it is refused: one version, and whatever OpenSSL can still do in
 * it. Nothing is ever sent over such a connection.
 */
export const contextOnly = (version: SecureVersion): SecureContext =>
  createSecureContext({ minVersion: version, maxVersion: version, ciphers: 'DEFAULT:@SECLEVEL=0' })

function identityOptions(identity: ClientIdentity) {
  const { passphrase } = identity
  const secret = passphrase === undefined ? {} : { passphrase }
  return identity.form === 'pem'
    ? { cert: identity.cert, key: identity.key, ...secret }
    : { pfx: identity.bytes, ...secret }
}

const PEM = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]{1,100000}-----END/g

/** Node takes a file without any certificate for an empty list, and then nothing is trusted for no visible reason. */
function expectAuthorities(ca: string): void {
  const blocks = ca.match(PEM) ?? []
  if (blocks.length === 0) throw authorities('holds no certificate in PEM')
  for (const [at, block] of blocks.entries())
    try {
      new X509Certificate(`${block} CERTIFICATE-----`)
    } catch (error) {
      throw authorities(`has a certificate that cannot be read: number ${at + 1}`, error)
    }
}

const authorities = (what: string, cause?: unknown): OzgctlError =>
  new OzgctlError('AUTHORITIES_INVALID', `what tls.ca names ${what}`, {
    exit: EXIT.unauthorised,
    suggestions: ['One in DER becomes PEM with: openssl x509 -inform der -in FILE -out FILE.pem'],
    cause,
  })

function securely(
  identity: ClientIdentity | undefined,
  options: Parameters<typeof createSecureContext>[0],
): SecureContext {
  try {
    return createSecureContext(options)
  } catch (error) {
    if (identity === undefined) throw error
    const { message, hint } = reasonOf(identity, error)
    throw new OzgctlError('CLIENT_CERTIFICATE_INVALID', `the certificate of the client: ${message}`, {
      exit: EXIT.unauthorised,
      suggestions: hint === undefined ? [] : [hint],
      cause: error,
    })
  }
}

interface Reason {
  readonly message: string
  readonly hint?: string
}

const NAME_PASSPHRASE = 'Name the profile that has its passphrase: tls.passphrase.'

function reasonOf(identity: ClientIdentity, error: unknown): Reason {
  const text = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return identity.form === 'pem'
    ? pemReason(identity, code, text)
    : pkcs12Reason(identity.passphrase !== undefined, code, text)
}

function pemReason(identity: ClientIdentity & { form: 'pem' }, code: string, text: string): Reason {
  const isEncrypted = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(identity.key)
  if (code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH')
    return { message: 'key and certificate do not belong together' }
  if (code === 'ERR_OSSL_PEM_NO_START_LINE') return { message: 'tls.cert holds no certificate in PEM' }
  if (isEncrypted && identity.passphrase === undefined)
    return { message: 'its key is encrypted, and no passphrase is named', hint: NAME_PASSPHRASE }
  if (isEncrypted) return { message: 'the passphrase does not open its key' }
  if (code === 'ERR_OSSL_UNSUPPORTED') return { message: 'tls.key holds no key in PEM that can be read' }
  return { message: `it cannot be used (${code || text})` }
}

/** Some of these errors have no code. */
function pkcs12Reason(hasPassphrase: boolean, code: string, text: string): Reason {
  if (text.includes('mac verify failure'))
    return hasPassphrase
      ? { message: 'the passphrase does not open the PKCS#12 file' }
      : { message: 'the PKCS#12 file needs a passphrase', hint: NAME_PASSPHRASE }
  if (code === 'ERR_CRYPTO_UNSUPPORTED_OPERATION')
    return {
      message: 'the PKCS#12 file is encrypted in an old way (RC2) that OpenSSL 3 refuses',
      hint: 'Write it anew: openssl pkcs12 -legacy -in OLD.p12 -nodes | openssl pkcs12 -export -out NEW.p12',
    }
  if (text.includes('private key')) return { message: 'the PKCS#12 file holds no key' }
  if (/not enough data|wrong tag|too long|asn1/i.test(text)) return { message: 'it is no PKCS#12 file' }
  return { message: `it cannot be used (${code || text})` }
}
