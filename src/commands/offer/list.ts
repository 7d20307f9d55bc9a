import { Flags } from '@oclif/core'
import { BaseCommand, outputFlags } from '../../base-command.ts'
import { leikaKeyFlag, regionFlag } from '../../flags.ts'
import { listOffers } from '../../lib/offer/list.ts'
import { BUND } from '../../lib/region/key.ts'
import { offerColumns, offerJson, offerSummary } from '../../lib/view/offer.ts'

export default class OfferList extends BaseCommand {
  static override summary = 'List what authorities offer online'
  static override description =
    'With --in the offers for that region and everything in it; what reaches it from above is shown by coverage explain.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --in 03459',
    '<%= config.bin %> <%= command.id %> --ozg 10119 --output csv --out ausweis.csv',
  ]
  static override flags = {
    ...outputFlags,
    in: regionFlag({ description: 'only offers for this region and those in it' }),
    key: leikaKeyFlag({ description: 'only offers of this Leistung' }),
    ozg: Flags.string({
      helpValue: 'ID',
      description: 'only offers of the Leistungen of this OZG-Leistung',
    }),
  }

  async run(): Promise<object> {
    const { flags } = await this.parse(OfferList)
    return this.withStore(flags, 'read', async (store) => {
      const { snapshot, offers } = await listOffers(store, {
        prefix: flags.in ?? BUND,
        key: flags.key,
        ozgId: flags.ozg,
      })
      const summary = offerSummary(offers, snapshot.id, flags.lang)
      return this.present(flags, {
        json: { schemaVersion: 1, snapshot: snapshot.id, offers: offers.map(offerJson) },
        columns: offerColumns,
        rows: offers,
        after: summary,
        empty: summary,
      })
    })
  }
}
