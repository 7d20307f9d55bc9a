import { DiffCommand } from '../../diff-command.ts'
import { diffOffers, type OfferChange } from '../../lib/offer/diff.ts'
import type { Snapshot } from '../../lib/snapshot/snapshots.ts'
import type { Store } from '../../lib/store/sqlite.ts'
import type { Lang } from '../../lib/view/lang.ts'
import { offerDiffColumns, offerDiffCounts, offerDiffJson } from '../../lib/view/offer.ts'

export default class OfferDiff extends DiffCommand<OfferChange> {
  static override summary = 'Compare two snapshots of the offers: added, removed, changed'
  static override description =
    'Without arguments the last two snapshots are compared. Offers are matched by region and key, and by address where there are several; changed is one with another Reifegrad, address, authority or validity.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> offer-1 offer-3 --output csv',
  ]
  protected readonly kind = 'offer'

  protected async compare(store: Store, from: Snapshot, to: Snapshot, lang: Lang) {
    const diff = await diffOffers(store, from.rowId, to.rowId)
    return {
      json: offerDiffJson(from.id, to.id, diff),
      columns: offerDiffColumns,
      rows: diff.changes,
      counts: offerDiffCounts(diff, lang),
    }
  }
}
