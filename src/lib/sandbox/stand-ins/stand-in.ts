/** How a stand-in behaves: as it should, late, with answers that are wrong in the way of its protocol, or not at all. */
export const MODES = ['healthy', 'slow', 'wrong', 'down'] as const
export type Mode = (typeof MODES)[number]

/** That a stand-in can be filled with: they are all kept in memory. */
export const MOST_DOCUMENTS = 10_000

/** What a stand-in is told by the sandbox. */
export interface StandInControl {
  /** Asked anew for each request. */
  readonly mode: () => Mode
  /** How long a slow answer takes, in milliseconds. */
  readonly slowMs: number
  readonly now: () => Date
  /** What it accepts where it wants credentials. Made anew with each start. */
  readonly clientId: string
  readonly clientSecret: string
}

/** A stand-in of a system that listens on the loopback. */
export interface OpenStandIn {
  /** For `url` of the connector. */
  readonly url: string
  /** Settings that a connector needs besides to find it healthy. */
  readonly settings: Readonly<Record<string, unknown>>
  /** Whether it wants the credentials of the control. */
  readonly wantsCredentials: boolean
  /** Authority that its certificate is trusted by, PEM; missing where it has none. */
  readonly ca?: string | undefined
  /** Puts so many made-up documents into it, in place of all that it keeps. Missing where it keeps none. */
  readonly fill?: (count: number) => void
  /** Makes what it keeps as it was at the start. */
  readonly reset?: () => void
  close(): Promise<void>
}

/** One protocol that the sandbox can speak. */
export interface StandIn {
  /** Id of the kind. */
  readonly kind: string
  /** What is wrong in the mode `wrong`, one sentence. */
  readonly wrong: string
  open(control: StandInControl): Promise<OpenStandIn>
}
