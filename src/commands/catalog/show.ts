import { Args } from '@oclif/core'
import { BaseCommand } from '../../base-command.ts'
import { showEntry } from '../../lib/catalog/show.ts'
import { readCatalog } from '../../lib/catalog/store.ts'
import { requireActive } from '../../lib/snapshot/snapshots.ts'
import { entryJson, entryText } from '../../lib/view/catalog.ts'
import { neutralLines } from '../../lib/view/neutral.ts'

export default class CatalogShow extends BaseCommand {
  static override summary = 'Show an OZG-Leistung or a Leistung'
  static override examples = [
    '<%= config.bin %> <%= command.id %> 10119',
    '<%= config.bin %> <%= command.id %> "99 008 001 012 000"',
  ]
  static override args = {
    entry: Args.string({
      required: true,
      description: 'id of an OZG-Leistung, or LeiKa key in any spelling',
    }),
  }

  async run(): Promise<object> {
    const { args, flags } = await this.parse(CatalogShow)
    return this.withStore(flags, 'read', async (store) => {
      const snapshot = await requireActive(store, 'catalog')
      const entry = showEntry(await readCatalog(store, snapshot.rowId), args.entry)
      if (!this.jsonEnabled()) await this.print(neutralLines(entryText(entry, flags.lang, this.screenWidth)))
      return entryJson(snapshot.id, entry)
    })
  }
}
