import type { Probe } from './probe/probe.ts'
import type { SettingsShape, SettingsValues } from './settings.ts'

/** A protocol that connectors speak, and what a healthy answer is in it. */
export interface Kind<Shape extends SettingsShape = SettingsShape> {
  readonly id: string
  readonly title: string
  /** Of the address, with colon. */
  readonly schemes: readonly string[]
  /** Whether it can use the credentials of the connector, and for what: for its page. */
  readonly credentials: 'none' | 'optional' | 'required'
  /** Standard, section or other source of the rules. */
  readonly source: string
  /** What a healthy answer is, one or two sentences for its page. */
  readonly healthy: string
  readonly settings: Shape
  /** Ids of the conditions that it evaluates, each with what it means, for its page and for tests. */
  readonly conditions: Readonly<Record<string, string>>
  /**
   * Asks and judges. Whatever the other side does is recorded in the probe: an exchange that fails, or a condition that
   * leaves nothing to go on with, ends the check.
   */
  check(probe: Probe, settings: SettingsValues<Shape>): Promise<void>
}

/** Keeps the types of the settings together with the check that reads them. */
export const defineKind = <const Shape extends SettingsShape>(kind: Kind<Shape>): Kind<Shape> => kind
