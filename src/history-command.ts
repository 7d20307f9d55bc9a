import { BaseCommand, outputFlags } from './base-command.ts'
import { listSnapshots, type SnapshotKind } from './lib/snapshot/snapshots.ts'
import { historyColumns, historyJson } from './lib/view/import.ts'

/** `history` of one kind of snapshot: the three commands differ in nothing else. */
export abstract class HistoryCommand extends BaseCommand {
  static override flags = outputFlags
  protected abstract readonly kind: SnapshotKind

  async run(): Promise<object> {
    const { flags } = await this.parse(this.constructor as typeof HistoryCommand)
    return this.withStore(flags, 'read', async (store) => {
      const rows = await listSnapshots(store, this.kind)
      return this.present(flags, { json: historyJson(rows), columns: historyColumns, rows })
    })
  }
}
