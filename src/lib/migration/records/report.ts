import type { RunItem } from '../../journal/model.ts'
import type { Store } from '../../store/sqlite.ts'
import { Ledger, type RecordState, type TransferCounts } from './ledger.ts'

/** One side of a reconciliation. */
export interface Side {
  readonly count: number
  /** Hash of the set of its records, 32 hexadecimal digits. */
  readonly digest: string
}

/** What the two sides were found to be after a transfer. */
export interface Reconciliation {
  readonly source: Side
  /** null where the target cannot be read. */
  readonly target: Side | null
  /** Of the records that were copied: not in the target. */
  readonly missing: number
  /** There, but otherwise. */
  readonly different: number
  /** In the target, and not from this transfer. */
  readonly extra: number
  /** Copied, and no longer at the source. */
  readonly gone: number
  /** The first few of each that is not as it should be. */
  readonly samples: readonly { readonly key: string; readonly what: string }[]
}

/** A transfer for the record. */
export interface TransferReport {
  readonly ordinal: number
  readonly step: string
  readonly ars: string
  readonly name: string
  readonly phase: string
  readonly passes: number
  readonly counts: TransferCounts
  readonly records: Readonly<Record<RecordState, number>>
  readonly reconciliation: Reconciliation | null
  /** The first few that were set aside. */
  readonly quarantine: readonly { readonly key: string; readonly reason: string }[]
  readonly clean: boolean
}

const SAMPLES = 20

/** Transfers of the items of a run. */
export function transferReports(
  store: Store,
  run: number,
  items: readonly RunItem[],
): readonly TransferReport[] {
  const begun = new Set(
    store.db
      .prepare('SELECT ordinal FROM transfer WHERE run = ?')
      .all(run)
      .map(({ ordinal }) => Number(ordinal)),
  )
  return items
    .filter(({ ordinal }) => begun.has(ordinal))
    .flatMap(({ ordinal, action, key, name }) => {
      const ledger = new Ledger(store, run, ordinal)
      const row = ledger.read()
      if (row === undefined) return []
      const records = ledger.counts()
      const reconciliation = row.report as Reconciliation | null
      return [
        {
          ordinal,
          step: action,
          ars: key,
          name,
          phase: row.phase,
          passes: row.pass,
          counts: row.counts,
          records,
          reconciliation,
          quarantine: ledger.last(['quarantined'], SAMPLES).map(({ key, reason }) => ({ key, reason })),
          clean: row.phase === 'done' && records.quarantined === 0 && isClean(reconciliation),
        },
      ]
    })
}

/** Whether the target has each record, as the source has it. */
const isClean = (found: Reconciliation | null): boolean =>
  found !== null && found.missing === 0 && found.different === 0
