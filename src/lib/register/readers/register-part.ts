import type { Place } from '../../errors.ts'
import type { Region } from '../../region/model.ts'

/** A region and where it stands. */
export interface RegisterRow {
  readonly region: Region
  readonly place: Place
}

/** What a reader of the register found in one file. */
export interface RegisterPart {
  readonly rows: readonly RegisterRow[]
  /** Whether the source itself holds names, inhabitants and all levels. A code list lacks most of it. */
  readonly complete: boolean
  /** Rows that are no regions of ours, by kind. */
  readonly ignored: Readonly<Record<string, number>>
}
