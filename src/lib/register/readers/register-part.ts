import type { Region } from '../../region/model.ts'

/** What a reader of the register found in one file. */
export interface RegisterPart {
  readonly regions: readonly Region[]
  /** Whether the source itself holds names, inhabitants and all levels. A code list lacks most of it. */
  readonly complete: boolean
  /** Rows that are no regions of ours, by kind. */
  readonly ignored: Readonly<Record<string, number>>
}
