import { isIP } from 'node:net'
import { connect } from 'node:tls'

/** What a server shows of itself, whether it can be trusted or not. */
export interface CertificateFacts {
  readonly subject: string
  readonly issuer: string
  /** As the certificate has it, e.g. `Nov 22 10:00:00 2026 GMT`. */
  readonly validFrom: string
  readonly validTo: string
}

/**
 * Looks at the certificate of a server for an error message; nothing is sent to it.
 * @returns undefined when it shows none in time
 */
export async function certificateOf(url: URL, deadlineMs: number): Promise<CertificateFacts | undefined> {
  const { hostname } = url
  const host = hostname.replace(/^\[|\]$/g, '')
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port: Number(url.port || 443),
      ...(isIP(host) === 0 ? { servername: host } : {}),
      // It is only looked at: the connection is closed at once, and no request ever goes over it.
      rejectUnauthorized: false,
      timeout: deadlineMs,
    })
    const end = (facts: CertificateFacts | undefined): void => {
      socket.destroy()
      resolve(facts)
    }
    socket.once('error', () => end(undefined))
    socket.once('timeout', () => end(undefined))
    socket.once('secureConnect', () => {
      const { subject, issuer, valid_from, valid_to } = socket.getPeerCertificate()
      end({ subject: nameIn(subject), issuer: nameIn(issuer), validFrom: valid_from, validTo: valid_to })
    })
  })
}

const nameIn = (name: { readonly CN?: string | string[] } | undefined): string =>
  String(name?.CN ?? 'unknown')
