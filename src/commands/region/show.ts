import { Args } from '@oclif/core'
import { BaseCommand } from '../../base-command.ts'
import { findRegion } from '../../lib/register/lookup.ts'
import { readRegions } from '../../lib/register/store.ts'
import { requireActive } from '../../lib/snapshot/snapshots.ts'
import { regionJson, regionText } from '../../lib/view/region.ts'

export default class RegionShow extends BaseCommand {
  static override summary = 'Show one region and the levels above it'
  static override examples = [
    '<%= config.bin %> <%= command.id %> 034590014014',
    '<%= config.bin %> <%= command.id %> 03459014',
    '<%= config.bin %> <%= command.id %> Bramsche',
  ]
  static override args = {
    region: Args.string({ required: true, description: 'ARS or prefix, AGS, or name' }),
  }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(RegionShow)
    return this.withStore(flags, 'read', async (store) => {
      const snapshot = await requireActive(store, 'region')
      const regions = await readRegions(store, snapshot.rowId)
      const region = findRegion(regions, args.region)
      const above = regions
        .filter((other) => other.key !== region.key && region.key.startsWith(other.key))
        .reverse()
      if (!this.jsonEnabled()) await this.print(regionText(region, above, flags.lang))
      return {
        schemaVersion: 1,
        snapshot: snapshot.id,
        region: regionJson(region),
        above: above.map(regionJson),
      }
    })
  }
}
