import type { Secret } from '../../config/secret.ts'
import type { ExpiryThresholds, Part, Severity } from '../model.ts'
import type { Resolver, Route } from './dial.ts'

/** What a check needs of the world. */
export interface ProbeTools {
  readonly resolver: Resolver
  readonly now: Date
  readonly userAgent: string
  /** Ends everything that is under way; it says why. */
  readonly signal: AbortSignal
  /**
   * Name and secret for an address that they will be sent to.
   * @throws OzgctlError where there are none, or where they may not be sent there
   */
  readonly credentials: (url: URL) => Promise<Login>
  /**
   * Reads a file with a secret of ours that a setting names.
   * @throws OzgctlError where it is missing, or readable by others
   */
  readonly privateFile: (path: string) => Buffer
}

/** Name and secret of the connector's profile. */
export interface Login {
  readonly clientId: string
  readonly clientSecret: Secret
}

/** What the check of one connector works on. */
export interface ProbeTarget {
  readonly url: URL
  readonly route: Route
  /** Whether the connector names credentials. */
  readonly hasCredentials: boolean
  /** Hosts besides its own that it may redirect to. */
  readonly redirects: readonly string[]
  readonly thresholds: ExpiryThresholds
}

/** What a condition says, without its name. */
export interface Expectation {
  readonly met: boolean
  readonly expected: string
  readonly seen: string
  /** `critical` where nothing is said. */
  readonly severity?: Severity
  /** `service` where nothing is said. */
  readonly part?: Part
  readonly hint?: string | undefined
}
