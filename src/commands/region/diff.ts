import { Args } from '@oclif/core'
import { BaseCommand, outputFlags } from '../../base-command.ts'
import { diffRegions } from '../../lib/register/diff.ts'
import { readRegions } from '../../lib/register/store.ts'
import { snapshotPair } from '../../lib/snapshot/snapshots.ts'
import {
  regionDiffColumns,
  regionDiffJson,
  regionDiffRows,
  regionDiffSummary,
} from '../../lib/view/region.ts'

export default class RegionDiffCommand extends BaseCommand {
  static override summary = 'Compare two snapshots of the register: added, dissolved, renamed, key changed'
  static override description =
    'Without arguments the last two snapshots are compared. A Gemeinde whose key changed is paired by AGS or, within its Land, by name.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> region-1 region-3 --output csv',
  ]
  static override args = {
    from: Args.string({ description: 'snapshot, e.g. region-1' }),
    to: Args.string({ description: 'snapshot to compare with [default: the newest]' }),
  }
  static override flags = outputFlags

  async run(): Promise<object> {
    const { args, flags } = await this.parse(RegionDiffCommand)
    return this.withStore(flags, 'read', async (store) => {
      const [from, to] = await snapshotPair(store, 'region', args.from, args.to)
      const diff = diffRegions(await readRegions(store, from.rowId), await readRegions(store, to.rowId))
      return this.present(flags, {
        json: regionDiffJson(from.id, to.id, diff),
        columns: regionDiffColumns,
        rows: regionDiffRows(diff),
        after: regionDiffSummary(from.id, to.id, diff, flags.lang),
        empty: regionDiffSummary(from.id, to.id, diff, flags.lang),
      })
    })
  }
}
