import { Args } from '@oclif/core'
import { BaseCommand, outputFlags } from '../../base-command.ts'
import { searchCatalog } from '../../lib/catalog/search.ts'
import { readCatalog } from '../../lib/catalog/store.ts'
import { requireActive } from '../../lib/snapshot/snapshots.ts'
import { hitColumns, hitJson, hitSummary } from '../../lib/view/catalog.ts'

export default class CatalogSearch extends BaseCommand {
  static override summary = 'Find OZG-Leistungen and Leistungen by words'
  static override description =
    'Searches names, synonyms and short texts for all the words, each at the beginning of a word. Case, accents and the spelling of umlauts do not matter. The best hits come first.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> fuhrerschein',
    '<%= config.bin %> <%= command.id %> hund anmeld --output csv',
  ]
  static override args = {
    text: Args.string({ required: true, multiple: true, description: 'words to find' }),
  }
  static override flags = outputFlags

  async run(): Promise<object> {
    const { args, flags } = await this.parse(CatalogSearch)
    return this.withStore(flags, 'read', async (store, context) => {
      const snapshot = await requireActive(store, 'catalog')
      const rows = searchCatalog(await readCatalog(store, snapshot.rowId), args.text.join(' '))
      if (rows.length === 0)
        context.warn(`nothing in ${snapshot.id} has all of these words; try fewer or shorter ones`)
      return this.present(flags, {
        json: { schemaVersion: 1, snapshot: snapshot.id, hits: rows.map(hitJson) },
        columns: hitColumns,
        rows,
        after: hitSummary(rows, snapshot.id, flags.lang),
        empty: hitSummary(rows, snapshot.id, flags.lang),
      })
    })
  }
}
