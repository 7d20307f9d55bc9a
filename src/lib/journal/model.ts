/** What kind of work a run is. Each has an executor of its own; the journal treats all alike. */
export const RUN_KINDS = ['apply', 'adopt', 'migration', 'rollback'] as const
export type RunKind = (typeof RUN_KINDS)[number]

/**
 * `running`: somebody works on it, or died while doing so. `stopped`: it can be resumed. `partial`: finished, some
 * items failed. `superseded`: a later run on the same scope began with what it left.
 */
export const RUN_STATES = ['running', 'stopped', 'done', 'partial', 'cancelled', 'superseded'] as const
export type RunState = (typeof RUN_STATES)[number]

/**
 * `running`: claimed, an intent is written, its request may have left. `unknown`: so, but whoever claimed it is gone
 * or got no answer: it is read back before anything is sent again. `already`: it was as wanted before.
 */
export const ITEM_STATES = [
  'pending',
  'running',
  'unknown',
  'done',
  'already',
  'failed',
  'cancelled',
] as const
export type ItemState = (typeof ITEM_STATES)[number]

/** A piece of work with an id, so that it can be watched, stopped and gone on with. */
export interface Run {
  readonly number: number
  /** What people and JSON call it, e.g. `run-7`. */
  readonly id: string
  readonly kind: RunKind
  /** What it has to itself while it works, e.g. `portal/local`. */
  readonly scope: string
  readonly command: string
  readonly actor: string
  readonly host: string
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly endedAt: string | null
  readonly state: RunState
  /** Why it stopped before its end. */
  readonly reason: string | null
  /** What its executor needs to go on, as JSON. */
  readonly options: unknown
  readonly cancelRequested: boolean
  readonly counts: Readonly<Record<ItemState, number>>
}

/** One thing to do, as it is handed to the journal. */
export interface NewItem {
  /** Items of a wave wait until all of the former are settled. */
  readonly wave: number
  /** What it is about, e.g. an ARS. */
  readonly key: string
  readonly name: string
  /** A word for people and filters, e.g. `create`. */
  readonly action: string
  /** All that the executor needs, as JSON; also what is sent again after a crash. */
  readonly input: unknown
  /** Begins only when the item before it is done; when that one fails, it is cancelled. */
  readonly chained?: boolean
}

export interface RunItem extends NewItem {
  readonly ordinal: number
  readonly chained: boolean
  readonly state: ItemState
  readonly attempts: number
  readonly reason: string | null
  /** What its executor noted before the first effect. */
  readonly memo: unknown
  /** What its executor found out for later items. */
  readonly output: unknown
}

/** An item that this process may work on, until its lease ends. */
export interface ClaimedItem extends NewItem {
  readonly ordinal: number
  /** Grows with every claim; later writes of an older claim have no effect. */
  readonly epoch: number
  readonly attempts: number
  /** A former attempt may have been done: read back first. */
  readonly unknown: boolean
  /** What a former attempt noted before its first effect; null when there was none. */
  readonly memo: unknown
}

/** What became of one attempt at an item. */
export type ItemOutcome =
  | { readonly kind: 'done' | 'already'; readonly output?: unknown }
  | { readonly kind: 'failed'; readonly reason: string }
  /** Whether it was done nobody can find out but a person; until then it counts as failed. */
  | { readonly kind: 'asked'; readonly reason: string }
  /** Try again, not before that time of the store's clock. */
  | { readonly kind: 'later' | 'unknown'; readonly reason: string; readonly notBefore: number }

/** One attempt at an item, for the audit. */
export interface Effect {
  readonly ordinal: number
  readonly epoch: number
  readonly intentAt: string
  readonly intentBy: string
  /** null: nothing came back; `unknown`: what came back does not say. */
  readonly outcome: string | null
  readonly outcomeAt: string | null
  readonly reason: string | null
}

export const runId = (number: number): string => `run-${number}`

export const OPEN_STATES: readonly ItemState[] = ['pending', 'running', 'unknown']

/** Items that are not settled yet. */
export const openItems = ({ counts }: Pick<Run, 'counts'>): number =>
  OPEN_STATES.reduce((sum, state) => sum + counts[state], 0)

export const totalItems = ({ counts }: Pick<Run, 'counts'>): number =>
  ITEM_STATES.reduce((sum, state) => sum + counts[state], 0)
