import { Args } from '@oclif/core'
import { BaseCommand, outputFlags } from '../../base-command.ts'
import { diffOffers } from '../../lib/offer/diff.ts'
import { snapshotPair } from '../../lib/snapshot/snapshots.ts'
import { offerDiffColumns, offerDiffJson, offerDiffSummary } from '../../lib/view/offer.ts'

export default class OfferDiffCommand extends BaseCommand {
  static override summary = 'Compare two snapshots of the offers: added, removed, changed'
  static override description =
    'Without arguments the last two snapshots are compared. Offers are matched by region and key, and by address where there are several; changed is one with another Reifegrad, address, authority or validity.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> offer-1 offer-3 --output csv',
  ]
  static override args = {
    from: Args.string({ description: 'snapshot, e.g. offer-1' }),
    to: Args.string({ description: 'snapshot to compare with [default: the newest]' }),
  }
  static override flags = outputFlags

  async run(): Promise<object> {
    const { args, flags } = await this.parse(OfferDiffCommand)
    return this.withStore(flags, 'read', async (store) => {
      const [from, to] = await snapshotPair(store, 'offer', args.from, args.to)
      const diff = await diffOffers(store, from.rowId, to.rowId)
      const summary = offerDiffSummary(from.id, to.id, diff, flags.lang)
      return this.present(flags, {
        json: offerDiffJson(from.id, to.id, diff),
        columns: offerDiffColumns,
        rows: diff.changes,
        after: summary,
        empty: summary,
      })
    })
  }
}
