/** How a check ended, worst last; the words of the monitoring plugins. */
export const STATUSES = ['ok', 'warning', 'critical', 'unknown'] as const
export type Status = (typeof STATUSES)[number]

/** What an unmet condition makes of the check that it belongs to. */
export const SEVERITIES = ['warning', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

/** One thing that was looked at: what it should be and what it was. */
export interface Condition {
  /** Stable kebab-case word, e.g. `issuer`. */
  readonly id: string
  readonly met: boolean
  readonly severity: Severity
  readonly expected: string
  /** From outside, without secrets, shortened, on one line. */
  readonly seen: string
  /** What to do; only where it is not met. */
  readonly hint?: string | undefined
}

/** Steps of an exchange, in their order. */
export const PHASES = ['resolve', 'connect', 'tls', 'request', 'firstByte', 'body'] as const
export type Phase = (typeof PHASES)[number]

/** Milliseconds that each phase took, as far as it came. */
export type Phases = { readonly [Name in Phase]?: number }

/** Why an exchange came to nothing. */
export type Fault =
  | 'dns'
  | 'refused'
  | 'unreachable'
  | 'timeout'
  | 'reset'
  | 'tls'
  | 'proxy'
  | 'protocol'
  | 'too-large'
  | 'truncated'
  | 'redirect'
  /** The time for everything was over, or a signal ended it: nothing that the other side did. */
  | 'cut'

/** One request and its answer, or one conversation over a connection. */
export interface Exchange {
  /** What it was for, e.g. `discovery`. */
  readonly name: string
  /** Address without query, user or password. */
  readonly target: string
  readonly phases: Phases
  /** Of HTTP; null where there was none. */
  readonly httpStatus: number | null
  /** Bytes of the body, unpacked. */
  readonly bytes: number
  readonly failed: { readonly phase: Phase; readonly fault: Fault; readonly message: string } | null
}

/** A certificate of a chain. Times in milliseconds since 1970. */
export interface CertificateFacts {
  readonly subject: string
  readonly issuer: string
  readonly validFrom: number
  readonly validTo: number
  /** SHA-256 in hex with colons, as `openssl x509 -fingerprint -sha256` prints it. */
  readonly fingerprint: string
}

/** What a server showed of itself in the handshake, whether it can be trusted or not. */
export interface TlsFacts {
  /** Host and port, e.g. `dms.example.de:443`. */
  readonly server: string
  /** E.g. `TLSv1.3`. */
  readonly protocol: string
  /** IANA name, e.g. `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string
  /** Why the chain is not trusted, a code of OpenSSL or Node; null when it is. */
  readonly untrusted: string | null
  /** Names of the leaf, e.g. `dms.example.de`, `*.example.de`, `10.0.0.1`. */
  readonly names: readonly string[]
  /** Of the leaf, e.g. `RSA 3072`, `EC P-256`. */
  readonly key: string
  /** By BSI TR-02102-1: `weak` below what is recommended, `broken` below what anybody allows. */
  readonly keyGrade: 'good' | 'weak' | 'broken'
  /** Algorithm that the leaf is signed with, e.g. `sha256WithRSAEncryption`. */
  readonly signature: string
  /** Leaf first, as the server sent it, with the anchor where it is known. */
  readonly chain: readonly CertificateFacts[]
}

/** What is checked of a connector: that it serves, and apart from that how long its certificates last. */
export const PARTS = ['service', 'certificate'] as const
export type Part = (typeof PARTS)[number]

/** How one part stands. */
export interface Verdict {
  readonly part: Part
  readonly status: Status
  readonly conditions: readonly Condition[]
  /** One line: the worst that was seen, or that all is well. */
  readonly summary: string
  /** The time for everything was over before it could be judged: it says nothing of the other side. */
  readonly isCut: boolean
}

/** How long before its end a certificate is told, in milliseconds. */
export interface ExpiryThresholds {
  readonly warningMs: number
  readonly criticalMs: number
}

/** Everything that one check of one endpoint brought to light. */
export interface CheckReport {
  /** One without a certificate has no verdict about it. */
  readonly verdicts: readonly Verdict[]
  readonly exchanges: readonly Exchange[]
  readonly tls: readonly TlsFacts[]
  /** What its certificates were judged by; missing where nothing was asked. */
  readonly thresholds?: ExpiryThresholds | undefined
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly durationMs: number
}
