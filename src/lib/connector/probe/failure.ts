import { failureOf } from '../../http/failure.ts'
import type { Fault, Phase } from '../model.ts'

/** An exchange that brought nothing that can be judged. */
export class ProbeFailure extends Error {
  readonly phase: Phase
  readonly fault: Fault
  /** What the operator can do. */
  readonly hint: string | undefined

  constructor(phase: Phase, fault: Fault, message: string, hint?: string) {
    super(message)
    this.name = 'ProbeFailure'
    this.phase = phase
    this.fault = fault
    this.hint = hint
  }
}

/** Ends a check of which a condition says all: what comes behind it has nothing to go on with. */
export class Unmet extends Error {}

/** Names an error of a socket, of TLS or of HTTP. @param where the other side, for the message */
export function probeFailureOf(error: unknown, phase: Phase, where: string): ProbeFailure {
  if (error instanceof ProbeFailure) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const tls = tlsSentence(code)
  if (tls !== undefined) return new ProbeFailure(phase, 'tls', `${where} ${tls.what}`, tls.hint)
  if (TOO_LARGE.includes(code))
    return new ProbeFailure(phase, 'too-large', `${where} sent more headers than are taken`)
  const failure = failureOf(error, where, 'no')
  const fault = failure.fault === 'stopped' ? 'timeout' : failure.fault
  return new ProbeFailure(phase, fault, failure.message, failure.suggestions[0])
}

/** Codes of Node's HTTP parser that say which limit was passed. */
const TOO_LARGE = ['HPE_HEADER_OVERFLOW', 'ERR_STREAM_PREMATURE_CLOSE_TOO_LARGE']

interface Sentence {
  readonly what: string
  readonly hint?: string
}

const NAME_CERTIFICATE = 'Name it in tls.cert and tls.key, or in tls.pfx.'
const NOT_TLS = 'Are scheme and port of the address right?'

const TLS_SENTENCES: Readonly<Record<string, Sentence>> = {
  ERR_SSL_WRONG_VERSION_NUMBER: { what: 'does not speak TLS', hint: NOT_TLS },
  ERR_SSL_PACKET_LENGTH_TOO_LONG: { what: 'does not speak TLS', hint: NOT_TLS },
  ERR_SSL_HTTP_REQUEST: { what: 'does not speak TLS', hint: NOT_TLS },
  ERR_SSL_UNSUPPORTED_PROTOCOL: { what: 'speaks no version of TLS from 1.2 on' },
  ERR_SSL_DH_KEY_TOO_SMALL: { what: 'agrees on keys with numbers that are too short (DH)' },
}

/** Alerts about what the client has shown or not (RFC 8446 §6.2). */
const OF_CERTIFICATE = [
  'bad_certificate',
  'unsupported_certificate',
  'certificate_revoked',
  'certificate_expired',
  'certificate_unknown',
  'unknown_ca',
  'access_denied',
  'decrypt_error',
]

/** What an alert of the other side says, or what OpenSSL makes of what it sent. */
function tlsSentence(code: string): Sentence | undefined {
  const known = TLS_SENTENCES[code]
  if (known !== undefined) return known
  const [, name] = /^ERR_SSL_(?:TLSV1|TLSV13|SSLV3|SSL\/TLS)_ALERT_([A-Z_]{1,40})$/.exec(code) ?? []
  const alert = name?.toLowerCase()
  if (alert === undefined) return undefined
  if (alert === 'certificate_required')
    return { what: 'wants a certificate of the client', hint: NAME_CERTIFICATE }
  if (OF_CERTIFICATE.includes(alert))
    return {
      what: `does not accept the certificate of the client, or misses it (alert ${alert})`,
      hint: NAME_CERTIFICATE,
    }
  if (alert === 'protocol_version') return { what: 'speaks no version of TLS from 1.2 on' }
  if (alert === 'unrecognized_name')
    return { what: 'does not know the name that it was asked for', hint: 'Name another: tls.serverName.' }
  if (alert === 'handshake_failure')
    return {
      what: 'finds no way to a secure connection that both sides know, or misses a certificate of the client (alert handshake_failure)',
    }
  return { what: `broke off the secure connection (alert ${alert})` }
}

/** Servers that judge the certificate of the client after the handshake may close without an alert. */
export function withGuess(failure: ProbeFailure, secure: boolean): ProbeFailure {
  const { phase, fault, message, hint } = failure
  if (!secure || fault !== 'reset' || hint !== undefined || phase === 'tls') return failure
  return new ProbeFailure(phase, fault, message, 'It may miss a certificate of the client, or not accept it.')
}
