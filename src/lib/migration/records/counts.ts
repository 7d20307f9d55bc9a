import { isMap } from '../settings.ts'

/** What a transfer counts besides its records. */
export interface TransferCounts {
  /** Records read from the source in the first pass. */
  readonly read: number
  /** Pages of it. */
  readonly pages: number
  /** Sent again because nobody knew whether they had been; a target that cannot tell may have them twice. */
  readonly repeated: number
  /** New or changed at the source after the first pass. */
  readonly changed: number
  /** Written in the pass under way after the first one: while there are any, another pass follows. */
  readonly found: number
  /** The pass before the first one that compared, since the transfer was last begun or taken up again after a failure. */
  readonly since: number
  /** Names of all fields that were written. */
  readonly names: readonly string[]
}

export const NO_COUNTS: TransferCounts = {
  read: 0,
  pages: 0,
  repeated: 0,
  changed: 0,
  found: 0,
  since: 1,
  names: [],
}

const countIn = (value: unknown, fallback: number): number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : fallback

/** Counts as they were kept. */
export function countsIn(text: string): TransferCounts {
  const kept: unknown = JSON.parse(text)
  if (!isMap(kept)) return NO_COUNTS
  const { read, pages, repeated, changed, found, since, names } = kept
  return {
    read: countIn(read, NO_COUNTS.read),
    pages: countIn(pages, NO_COUNTS.pages),
    repeated: countIn(repeated, NO_COUNTS.repeated),
    changed: countIn(changed, NO_COUNTS.changed),
    found: countIn(found, NO_COUNTS.found),
    since: countIn(since, NO_COUNTS.since),
    names: Array.isArray(names) ? names.filter((name) => typeof name === 'string') : NO_COUNTS.names,
  }
}
