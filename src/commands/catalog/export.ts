import { Flags } from '@oclif/core'
import { BaseCommand, outputFlags } from '../../base-command.ts'
import { catalogRows } from '../../lib/catalog/rows.ts'
import { readCatalog } from '../../lib/catalog/store.ts'
import { findSnapshot, requireActive } from '../../lib/snapshot/snapshots.ts'
import { exportColumns, exportJson } from '../../lib/view/catalog.ts'

export default class CatalogExport extends BaseCommand {
  static override summary = 'Write the whole catalogue as CSV or JSON'
  static override description = 'catalog import reads the CSV back to the same catalogue.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --out catalog.csv',
    '<%= config.bin %> <%= command.id %> --output json --snapshot catalog-1',
  ]
  static override flags = {
    output: Flags.option({
      char: 'o',
      options: ['csv', 'json'] as const,
      default: 'csv',
      env: 'OZGCTL_OUTPUT',
      description: 'format of the result',
    })(),
    out: outputFlags.out,
    snapshot: Flags.string({
      description: 'snapshot to export [default: the active one]',
    }),
  }

  async run(): Promise<object> {
    const { flags } = await this.parse(CatalogExport)
    return this.withStore(flags, 'read', async (store) => {
      const snapshot =
        flags.snapshot === undefined
          ? await requireActive(store, 'catalog')
          : await findSnapshot(store, 'catalog', flags.snapshot)
      const catalog = await readCatalog(store, snapshot.rowId)
      return this.present(flags, {
        json: exportJson(snapshot.id, catalog),
        columns: exportColumns,
        rows: catalogRows(catalog),
      })
    })
  }
}
