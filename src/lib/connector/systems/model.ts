import type { KindId } from '../kinds/index.ts'

export const CATEGORIES = [
  'fachverfahren',
  'finance',
  'dms',
  'form-server',
  'payment',
  'identity',
  'catalogue',
  'transport',
  'portal',
  'module',
] as const
export type Category = (typeof CATEGORIES)[number]

/** Which services of a tenant do not work while a connector is down. */
export type Affects =
  /** Every online service. */
  | 'all'
  /** None: people notice nothing, or only that a page is stale. */
  | 'none'
  /** OZG-Leistungen by their five-digit ids, or LeiKa keys of 14 digits; sorted. */
  | { readonly ozg: readonly string[]; readonly leistungen: readonly string[] }

/**
 * How well its interface is known: `standard` by a published standard that it implements; `vendor` by a description of its
 * vendor; `observed` in the code or the notes of others who use it; `none` where nothing public is to be had.
 */
export type Evidence = 'standard' | 'vendor' | 'observed' | 'none'

/** A system that portals are connected to. */
export interface System {
  /** Kebab-case. */
  readonly id: string
  readonly title: string
  /** Who makes or runs it. */
  readonly vendor: string
  readonly category: Category
  /** How it is checked where the connector says nothing else. */
  readonly kind: KindId
  /** Other kinds that make sense for it. */
  readonly alternatives: readonly KindId[]
  /** Settings of the kind that hold where the connector gives none. */
  readonly defaults: Readonly<Record<string, unknown>>
  readonly evidence: Evidence
  /** Where that is written: standard and section, document, or what nobody publishes. One sentence each. */
  readonly sources: readonly string[]
  /** What a healthy answer is, in one or two sentences. */
  readonly healthy: string
  readonly affects: Affects
  /** What an operator should know when setting it up: one or two sentences; empty where there is nothing. */
  readonly remarks: string
}
