import type { RunItem } from '../../journal/model.ts'
import type { Store } from '../../store/sqlite.ts'
import type { TransferCounts } from './counts.ts'
import { Ledger, type Phase, type RecordState } from './ledger.ts'
import { type Reconciliation, reconciliationIn, type Verdict, verdictOf } from './reconciliation.ts'

/** A transfer for the record. */
export interface TransferReport {
  readonly ordinal: number
  readonly step: string
  readonly ars: string
  readonly name: string
  readonly phase: Phase
  readonly passes: number
  readonly counts: Pick<TransferCounts, 'read' | 'pages' | 'repeated' | 'changed' | 'names'>
  readonly records: Readonly<Record<RecordState, number>>
  readonly reconciliation: Reconciliation | null
  /** The first few that were set aside. */
  readonly quarantine: readonly { readonly key: string; readonly reason: string }[]
  readonly verdict: Verdict
  /** The copy came to its end, nothing was set aside, both sides were read, and they are the same. */
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
      const reconciliation = reconciliationIn(row.report)
      const verdict = verdictOf(reconciliation)
      const { read, pages, repeated, changed, names } = row.counts
      return [
        {
          ordinal,
          step: action,
          ars: key,
          name,
          phase: row.phase,
          passes: row.pass,
          counts: { read, pages, repeated, changed, names },
          records,
          reconciliation,
          quarantine: ledger.setAside(SAMPLES).map(({ key, reason }) => ({ key, reason: reason ?? '' })),
          verdict,
          clean: row.phase === 'done' && records.quarantined === 0 && verdict === 'same',
        },
      ]
    })
}
