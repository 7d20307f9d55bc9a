import { Flags } from '@oclif/core'
import { BaseCommand } from '../../base-command.ts'
import { filesArg, importFlags, withImportOptions } from '../../import-flags.ts'
import { importOffers } from '../../lib/offer/import.ts'
import { MAX_REIFEGRAD } from '../../lib/offer/model.ts'
import { offerImportJson, offerImportText } from '../../lib/view/offer.ts'

export default class OfferImport extends BaseCommand {
  static override summary = 'Import what authorities offer online (CSV, the federal dashboard, XZuFi)'
  static override description =
    `Reads our own table (region;leika_key;reifegrad;url;authority;valid_from;valid_to), the federal dashboard's CSV
and JSON, and XZuFi (Onlinedienst × Leistung × Zuständigkeit); the format is seen from the content. The files of one call become one
snapshot, whole or not at all, in place of all former ones; when regions would lose all their offers by that, it is refused
unless --replace says that it is meant. Identical rows count once. Offers for regions or keys that the store does not have are
kept and told.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> offers.csv --rejects rejects.csv',
    '<%= config.bin %> <%= command.id %> page-0.json page-1.json --reifegrad 3',
  ]
  static override args = filesArg
  static override flags = {
    ...importFlags,
    replace: Flags.boolean({
      description:
        'these are all offers there are: accept that regions which have some now have none any more',
    }),
    reifegrad: Flags.integer({
      min: 0,
      max: MAX_REIFEGRAD,
      env: 'OZGCTL_REIFEGRAD',
      description:
        'Reifegrad of offers whose source has none; they are marked as assumed [default: 2 for the dashboard and XZuFi]',
    }),
  }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(OfferImport)
    return this.withStore(flags, flags['dry-run'] ? 'read-if-any' : 'create', async (store, context) => {
      const result = await withImportOptions({ ...flags, ...args }, (options) =>
        importOffers(context, store, { ...options, reifegrad: flags.reifegrad, replace: flags.replace }),
      )
      if (!result.dryRun) this.workIsDone(`${result.snapshot.id} is active`, 'See: ozgctl offer history')
      if (!this.jsonEnabled()) await this.print(offerImportText(result, flags.lang))
      return this.withWarnings(offerImportJson(result))
    })
  }
}
