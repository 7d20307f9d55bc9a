import { Args } from '@oclif/core'
import { BaseCommand, outputFlags } from './base-command.ts'
import { type Snapshot, type SnapshotKind, snapshotPair } from './lib/snapshot/snapshots.ts'
import type { Store } from './lib/store/sqlite.ts'
import type { Lang } from './lib/view/lang.ts'
import type { Column } from './lib/view/table.ts'

/** Two snapshots compared. */
interface Comparison<Row> {
  readonly json: object
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  /** How many differences of each kind there are, in words. */
  readonly counts: string
}

const NO_DIFFERENCES = { de: 'keine Unterschiede', en: 'no differences' } as const

/** `diff` of one kind of snapshot. */
export abstract class DiffCommand<Row> extends BaseCommand {
  static override args = {
    from: Args.string({ description: 'snapshot, as history names it [default: the last but one]' }),
    to: Args.string({ description: 'snapshot to compare with [default: the newest]' }),
  }
  static override flags = outputFlags
  protected abstract readonly kind: SnapshotKind
  protected abstract compare(store: Store, from: Snapshot, to: Snapshot, lang: Lang): Promise<Comparison<Row>>

  async run(): Promise<object> {
    const { args, flags } = await this.parse(DiffCommand)
    return this.withStore(flags, 'read', async (store) => {
      const [from, to] = await snapshotPair(store, this.kind, args.from, args.to)
      const { counts, ...tables } = await this.compare(store, from, to, flags.lang)
      const line = (text: string) => `${from.id} → ${to.id}: ${text}\n`
      return this.present(flags, {
        ...tables,
        after: line(counts),
        empty: line(NO_DIFFERENCES[flags.lang]),
      })
    })
  }
}
