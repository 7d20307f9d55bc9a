import { DiffCommand } from '../../diff-command.ts'
import { diffCatalogs } from '../../lib/catalog/diff.ts'
import { readCatalog } from '../../lib/catalog/store.ts'
import type { Snapshot } from '../../lib/snapshot/snapshots.ts'
import type { Store } from '../../lib/store/sqlite.ts'
import {
  catalogDiffColumns,
  catalogDiffCounts,
  catalogDiffJson,
  catalogDiffRows,
  type DiffRow,
} from '../../lib/view/catalog.ts'
import type { Lang } from '../../lib/view/lang.ts'

export default class CatalogDiff extends DiffCommand<DiffRow> {
  static override summary = 'Compare two snapshots of the catalogue: added, removed, changed'
  static override description = 'Without arguments the last two snapshots are compared.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> catalog-1 catalog-3 --output csv',
  ]
  protected readonly kind = 'catalog'

  protected async compare(store: Store, from: Snapshot, to: Snapshot, lang: Lang) {
    const diff = diffCatalogs(await readCatalog(store, from.rowId), await readCatalog(store, to.rowId))
    return {
      json: catalogDiffJson(from.id, to.id, diff),
      columns: catalogDiffColumns,
      rows: catalogDiffRows(diff),
      counts: catalogDiffCounts(diff, lang),
    }
  }
}
