import type { X509Certificate } from 'node:crypto'
import type { Severity } from './model.ts'
import { type KeyGrade, keyStrength } from './probe/strength.ts'

/**
 * What BSI TR-02102-2 (TLS) recommends, to which TR-03116-4 refers for the projects of the federal administration. The
 * cipher suites are those of the edition 2023-01 (tables 1 and 11) as others have copied them out; those of 2024-01 and
 * 2025-01, the key lengths and what is said about SHA-1 are from knowledge of the guideline and were not compared with
 * its text. Whoever needs a proof has to read the edition in force.
 */

/** How good something is; undefined where nothing is wrong with it. */
export interface Weakness {
  readonly severity: Severity
  readonly hint?: string
}

/** Where only suites with secrecy of former connections stand: ECDHE and DHE. */
const RECOMMENDED = new Set([
  'TLS_AES_256_GCM_SHA384',
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_128_CCM_SHA256',
  ...['ECDHE_ECDSA', 'ECDHE_RSA', 'DHE_RSA', 'DHE_DSS'].flatMap((exchange) => [
    `TLS_${exchange}_WITH_AES_256_GCM_SHA384`,
    `TLS_${exchange}_WITH_AES_128_GCM_SHA256`,
  ]),
  ...['ECDHE_ECDSA', 'DHE_RSA'].flatMap((exchange) => [
    `TLS_${exchange}_WITH_AES_256_CCM`,
    `TLS_${exchange}_WITH_AES_128_CCM`,
  ]),
])

/** Recommended together with encrypt-then-MAC (RFC 7366), which nobody can see from here. */
const CBC = /^TLS_(ECDHE_(ECDSA|RSA)|DHE_(RSA|DSS))_WITH_AES_(128_CBC_SHA256|256_CBC_SHA(256|384))$/

const BROKEN = /NULL|EXPORT|anon|RC4|3DES|_DES_|MD5|IDEA|RC2/

/** @param name of IANA */
export function cipherWeakness(name: string): Weakness | undefined {
  if (RECOMMENDED.has(name)) return undefined
  if (BROKEN.test(name)) return { severity: 'critical', hint: 'This one is broken: take it away.' }
  if (CBC.test(name))
    return { severity: 'warning', hint: 'Recommended only with encrypt-then-MAC; GCM needs no such thing.' }
  if (name.startsWith('TLS_RSA_'))
    return { severity: 'warning', hint: 'Who gets the key can read what was recorded before: take ECDHE.' }
  return { severity: 'warning', hint: 'Not among those that TR-02102-2 recommends.' }
}

/** A public key in a certificate. */
export function keyWeakness(grade: KeyGrade): Weakness | undefined {
  if (grade === 'good') return undefined
  return grade === 'broken'
    ? { severity: 'critical' }
    : { severity: 'warning', hint: 'TR-02102-1 asks for 3000 bits since 2024, e.g. RSA 3072.' }
}

const RSA_LEAST = 2048
const RSA_RECOMMENDED = 3000

/** Bits of a key exchange without curves (DHE). */
export const dhWeakness = (bits: number): Weakness | undefined =>
  bits < RSA_LEAST ? { severity: 'critical' } : bits < RSA_RECOMMENDED ? { severity: 'warning' } : undefined

/** Certificates that somebody else has to vouch for; the anchor is trusted for what it is, however it is signed. */
export function signedChain(leaf: X509Certificate): readonly X509Certificate[] {
  const chain: X509Certificate[] = []
  let one: X509Certificate | undefined = leaf
  while (one !== undefined && chain.length < LONGEST_CHAIN) {
    if (one.subject === one.issuer && one !== leaf) break
    chain.push(one)
    one = one.issuerCertificate === one ? undefined : one.issuerCertificate
  }
  return chain
}

const LONGEST_CHAIN = 10

/** The name of its digest where that can be forged. */
export function forgeable({ signatureAlgorithm }: X509Certificate): string | undefined {
  // Node tells it from 24.9 on.
  return signatureAlgorithm !== undefined && /sha-?1|md[245]/i.test(signatureAlgorithm)
    ? signatureAlgorithm
    : undefined
}

/** `RSA 2048, sha256WithRSAEncryption` */
export const signedAs = (certificate: X509Certificate): string =>
  [keyStrength(certificate).name, certificate.signatureAlgorithm]
    .filter((part) => part !== undefined)
    .join(', ')
