import { DiffCommand } from '../../diff-command.ts'
import { diffRegions } from '../../lib/register/diff.ts'
import { readRegions } from '../../lib/register/store.ts'
import type { Snapshot } from '../../lib/snapshot/snapshots.ts'
import type { Store } from '../../lib/store/sqlite.ts'
import type { Lang } from '../../lib/view/lang.ts'
import {
  type Change,
  regionDiffColumns,
  regionDiffCounts,
  regionDiffJson,
  regionDiffRows,
} from '../../lib/view/region.ts'

export default class RegionDiff extends DiffCommand<Change> {
  static override summary = 'Compare two snapshots of the register: added, dissolved, renamed, key changed'
  static override description =
    'Without arguments the last two snapshots are compared. A Gemeinde whose key changed is paired by AGS or, within its Land, by name.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> region-1 region-3 --output csv',
  ]
  protected readonly kind = 'region'

  protected async compare(store: Store, from: Snapshot, to: Snapshot, lang: Lang) {
    const diff = diffRegions(await readRegions(store, from.rowId), await readRegions(store, to.rowId))
    return {
      json: regionDiffJson(from.id, to.id, diff),
      columns: regionDiffColumns,
      rows: regionDiffRows(diff),
      counts: regionDiffCounts(diff, lang),
    }
  }
}
