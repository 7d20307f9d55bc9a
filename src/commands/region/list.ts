import { Flags } from '@oclif/core'
import { BaseCommand, outputFlags } from '../../base-command.ts'
import { regionFlag } from '../../flags.ts'
import { BUND } from '../../lib/region/key.ts'
import { readRegions } from '../../lib/register/store.ts'
import { requireActive } from '../../lib/snapshot/snapshots.ts'
import { noRegions, regionColumns, regionJson } from '../../lib/view/region.ts'

export default class RegionList extends BaseCommand {
  static override summary = 'List regions of the register'
  static override description =
    'Gemeindefreie Gebiete are listed and marked: they are regions, but no municipalities.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --in 03459 --level gemeinde',
    '<%= config.bin %> <%= command.id %> --level kreis --output csv --out kreise.csv',
  ]
  static override flags = {
    ...outputFlags,
    in: regionFlag({ description: 'only regions in this one' }),
    level: Flags.option({
      options: ['land', 'bezirk', 'kreis', 'verband', 'gemeinde'] as const,
      description: 'only this level',
    })(),
  }

  async run(): Promise<object> {
    const { flags } = await this.parse(RegionList)
    return this.withStore(flags, 'read', async (store) => {
      const snapshot = await requireActive(store, 'region')
      const regions = await readRegions(store, snapshot.rowId, flags.in ?? BUND)
      const rows = regions.filter((region) => flags.level === undefined || region.level === flags.level)
      return this.present(flags, {
        json: { schemaVersion: 1, snapshot: snapshot.id, regions: rows.map(regionJson) },
        columns: regionColumns,
        rows,
        empty: noRegions(flags.lang),
      })
    })
  }
}
