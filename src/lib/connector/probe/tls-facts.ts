import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import type { CertificateFacts, TlsFacts } from '../model.ts'
import { keyStrength } from './strength.ts'

/** A server can send as many certificates as it likes; a chain has two to four. */
const LONGEST_CHAIN = 10
const MOST_NAMES = 100

/** What the server at the other end showed of itself. @param server host and port @param leaf its certificate */
export function tlsFacts(socket: TLSSocket, server: string, leaf: X509Certificate | undefined): TlsFacts {
  const { standardName = 'unknown' } = socket.getCipher()
  const strength = leaf === undefined ? ({ name: 'unknown', grade: 'good' } as const) : keyStrength(leaf)
  return {
    server,
    protocol: socket.getProtocol() ?? 'unknown',
    cipher: standardName,
    untrusted: socket.authorized ? null : codeOf(socket.authorizationError),
    names: leaf === undefined ? [] : namesOf(leaf),
    key: strength.name,
    keyGrade: strength.grade,
    signature: leaf?.signatureAlgorithm ?? 'unknown',
    chain: chainOf(leaf),
  }
}

/** Node has the code here, or the error that has it. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error ?? 'unknown')
}

function chainOf(leaf: X509Certificate | undefined): readonly CertificateFacts[] {
  const chain: CertificateFacts[] = []
  const seen = new Set<string>()
  let certificate = leaf
  while (certificate !== undefined && chain.length < LONGEST_CHAIN && !seen.has(certificate.fingerprint256)) {
    seen.add(certificate.fingerprint256)
    chain.push(certificateFacts(certificate))
    certificate = certificate.issuerCertificate
  }
  return chain
}

export function certificateFacts(certificate: X509Certificate): CertificateFacts {
  const { subject, issuer, validFromDate, validToDate, fingerprint256 } = certificate
  return {
    subject: nameIn(subject),
    issuer: nameIn(issuer),
    validFrom: timeOf(validFromDate),
    validTo: timeOf(validToDate),
    fingerprint: fingerprint256,
  }
}

/** A time in a certificate that cannot be read: long over, whatever it was meant to be. */
export const UNREADABLE_TIME = 0

const timeOf = (date: Date): number => (Number.isNaN(date.getTime()) ? UNREADABLE_TIME : date.getTime())

/** The common name, or all that there is. */
function nameIn(name: string | undefined): string {
  const lines = (name ?? '').split('\n')
  return lines.find((line) => line.startsWith('CN='))?.slice(3) ?? (lines.join(', ') || 'unknown')
}

/** RFC 6125 §6.4.4: names stand in the extension; the subject counts only where there is none. */
function namesOf({ subjectAltName, subject }: X509Certificate): readonly string[] {
  if (subjectAltName === undefined) return [nameIn(subject)]
  return subjectAltName
    .split(', ')
    .map((name) => name.replace(/^(DNS|IP Address):/, ''))
    .slice(0, MOST_NAMES)
}
