import { OzgctlError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'

/** Encrypted before a secret goes over them. With smtp: that is up to the check, which asks for STARTTLS first. */
const ENCRYPTED = ['https:', 'sftp:', 'smtp:', 'smtps:', 'tls:']

/**
 * Names of this machine. Not all of 127.0.0.0/8: further addresses of it are often given to tunnels that lead elsewhere.
 * @param hostname as `URL` has it
 */
export const isThisMachine = (hostname: string): boolean =>
  ['127.0.0.1', '[::1]', 'localhost'].includes(hostname)

/**
 * Whether nobody in between can read what is sent to an address: it is encrypted, or does not leave this machine. The one
 * rule for credentials of portals, connectors and migrations alike.
 * @param proxy that leads there, and reads what is not encrypted
 */
export const isProtected = (url: URL, proxy?: URL): boolean =>
  ENCRYPTED.includes(url.protocol) ||
  (url.protocol === 'http:' &&
    isThisMachine(url.hostname) &&
    (proxy === undefined || isThisMachine(proxy.hostname)))

/** The same for addresses of the web only. */
export const isProtectedWeb = (url: URL): boolean =>
  (url.protocol === 'https:' || url.protocol === 'http:') && isProtected(url)

/** @throws OzgctlError 6 CREDENTIALS_UNPROTECTED for an address that no credentials are sent to */
export function refuseUnprotected(profile: string, url: URL, proxy?: URL): void {
  if (isProtected(url, proxy)) return
  const through = proxy === undefined ? '' : ` through ${proxy.host}`
  throw new OzgctlError(
    'CREDENTIALS_UNPROTECTED',
    `the credentials of ${profile} are not sent to ${url.protocol}//${url.host}${through}: others could read them`,
    {
      exit: EXIT.unauthorised,
      suggestions: ['They go by https only, or by http to this machine: name its https address.'],
    },
  )
}
