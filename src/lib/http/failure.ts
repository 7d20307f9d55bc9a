import { errors } from 'undici'
import { OzgctlError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'

/** What went wrong with an exchange, by its cause. */
export type HttpFault =
  | 'dns'
  | 'refused'
  | 'unreachable'
  | 'tls'
  | 'timeout'
  | 'reset'
  | 'protocol'
  | 'too-large'
  | 'truncated'
  | 'redirect'
  | 'stopped'

/**
 * An exchange that brought no answer that can be used.
 * @property sent whether the other side can have acted: `no` is certain, `maybe` has to be found out
 */
export class HttpFailure extends Error {
  readonly fault: HttpFault
  readonly sent: 'no' | 'maybe'
  /** What the operator can do; empty where waiting is all. */
  readonly suggestions: readonly string[]
  /** How long the other side asks to wait, in milliseconds; null where it asks nothing. */
  readonly afterMs: number | null

  constructor(
    fault: HttpFault,
    sent: 'no' | 'maybe',
    message: string,
    details: {
      readonly suggestions?: readonly string[]
      readonly cause?: unknown
      readonly afterMs?: number | null
    } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'HttpFailure'
    this.fault = fault
    this.sent = sent
    this.suggestions = details.suggestions ?? []
    this.afterMs = details.afterMs ?? null
  }
}

/** The same for the operator. @param who the other side, as people call it. Exit 69. */
export function unavailable(failure: HttpFailure, who: string): OzgctlError {
  return new OzgctlError('PORTAL_UNAVAILABLE', `${who} cannot be reached: ${failure.message}`, {
    exit: EXIT.unavailable,
    suggestions: failure.suggestions.length > 0 ? failure.suggestions : ['Try again later.'],
    cause: failure,
  })
}

const DNS = ['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA']
const UNREACHABLE = ['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN', 'EADDRNOTAVAIL']
const TIMEOUT = ['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']
const RESET = [
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'UND_ERR_SOCKET',
  'ERR_STREAM_PREMATURE_CLOSE',
  // Closed in good order, but in the middle of a body.
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
]

/**
 * Names a failure of undici or Node.
 * @param origin of the other side, for the message
 * @param sent `no` when the connection was never made: most causes come before a request as well as after it
 */
export function failureOf(error: unknown, origin: string, sent: 'no' | 'maybe'): HttpFailure {
  if (error instanceof HttpFailure) return error
  const code = codeOf(error)
  const failed = (fault: HttpFault, message: string) =>
    new HttpFailure(fault, sent, message, { cause: error })
  if (DNS.includes(code)) return failed('dns', `the name in ${origin} is not known (${code})`)
  if (code === 'ECONNREFUSED') return failed('refused', `nobody listens at ${origin}`)
  if (UNREACHABLE.includes(code)) return failed('unreachable', `no way leads to ${origin} (${code})`)
  if (code === 'UND_ERR_CONNECT_TIMEOUT')
    return failed('timeout', `${origin} took too long to connect (TLS included)`)
  if (isTls(code)) return tlsFailure(code, origin, sent, error)
  if (TIMEOUT.includes(code) || isAbort(error))
    return failed('timeout', `${origin} did not finish its answer in time`)
  if (RESET.includes(code) || isCutInChunks(error))
    return failed('reset', `${origin} closed the connection before its answer was complete`)
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE')
    return failed('too-large', `${origin} sent more than is taken`)
  const text = error instanceof Error ? error.message : String(error)
  return failed('protocol', `${origin} did not speak HTTP properly: ${text}`)
}

/** Closed in good order, but in the middle of chunks: undici gives it no code of its own. */
const isCutInChunks = (error: unknown): boolean =>
  error instanceof errors.HTTPParserError && error.message.includes('Invalid EOF state')

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return ''
  if ('code' in error && typeof error.code === 'string') return error.code
  return 'cause' in error ? codeOf(error.cause) : ''
}

const isAbort = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError')

const CERTIFICATE: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate was issued by an unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate was issued by an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate was issued by an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate was issued by an unknown authority',
  CERT_REVOKED: 'its certificate was revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
}

/** What a code of OpenSSL or Node says about a certificate; undefined for one that is about something else. */
export const certificateFault = (code: string): string | undefined => CERTIFICATE[code]

const NOT_TLS = ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG']

const isTls = (code: string): boolean => code in CERTIFICATE || /^(ERR_SSL|ERR_TLS|CERT_|EPROTO)/.test(code)

/** Whether a failure is about the certificate, which can be looked at. */
export const isCertificateFailure = ({ cause }: HttpFailure): boolean => codeOf(cause) in CERTIFICATE

function tlsFailure(code: string, origin: string, sent: 'no' | 'maybe', cause: unknown): HttpFailure {
  const what = CERTIFICATE[code]
  const unknownCa = what?.includes('unknown authority') === true || what?.includes('self-signed') === true
  const suggestions = unknownCa
    ? [
        'If it is your own authority, name its certificate in the profile: caFile. Checks are never switched off.',
      ]
    : NOT_TLS.includes(code)
      ? ['What answers there does not speak TLS: are scheme and port in the profile right?']
      : ['The portal needs a valid certificate. Checks are never switched off.']
  return new HttpFailure('tls', sent, `${origin}: ${what ?? `no secure connection (${code})`}`, {
    suggestions,
    cause,
  })
}
