import { Args } from '@oclif/core'
import { BaseCommand, outputFlags } from '../../base-command.ts'
import { diffCatalogs } from '../../lib/catalog/diff.ts'
import { readCatalog } from '../../lib/catalog/store.ts'
import { snapshotPair } from '../../lib/snapshot/snapshots.ts'
import {
  catalogDiffColumns,
  catalogDiffJson,
  catalogDiffRows,
  catalogDiffSummary,
} from '../../lib/view/catalog.ts'

export default class CatalogDiffCommand extends BaseCommand {
  static override summary = 'Compare two snapshots of the catalogue: added, removed, changed'
  static override description = 'Without arguments the last two snapshots are compared.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> catalog-1 catalog-3 --output csv',
  ]
  static override args = {
    from: Args.string({ description: 'snapshot, e.g. catalog-1' }),
    to: Args.string({ description: 'snapshot to compare with [default: the newest]' }),
  }
  static override flags = outputFlags

  async run(): Promise<object> {
    const { args, flags } = await this.parse(CatalogDiffCommand)
    return this.withStore(flags, 'read', async (store) => {
      const [from, to] = await snapshotPair(store, 'catalog', args.from, args.to)
      const diff = diffCatalogs(await readCatalog(store, from.rowId), await readCatalog(store, to.rowId))
      return this.present(flags, {
        json: catalogDiffJson(from.id, to.id, diff),
        columns: catalogDiffColumns,
        rows: catalogDiffRows(diff),
        after: catalogDiffSummary(from.id, to.id, diff, flags.lang),
      })
    })
  }
}
