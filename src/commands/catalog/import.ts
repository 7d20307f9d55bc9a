import { BaseCommand } from '../../base-command.ts'
import { filesArg, importFlags, withImportOptions } from '../../import-flags.ts'
import { importCatalog } from '../../lib/catalog/import.ts'
import { importJson, importText } from '../../lib/view/import.ts'

export default class CatalogImport extends BaseCommand {
  static override summary = 'Import the service catalogue: OZG-Leistungen and LeiKa keys'
  static override description =
    `Reads the OZG and LeiKa tables (CSV), the FIM portal's CSV and JSON, genericode lists of LeiKa keys, XZuFi 2.2 and 2.3, and
what catalog export wrote; the format is seen from the content. The files of one call become one snapshot, whole or not
at all. Faulty rows are counted by reason; --rejects writes them all.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> ozg_leistungen.csv leika_leistungen.csv --rejects rejects.csv',
    '<%= config.bin %> <%= command.id %> transfer/index.txt --strict',
  ]
  static override args = filesArg
  static override flags = importFlags

  async run(): Promise<object> {
    const { args, flags } = await this.parse(CatalogImport)
    return this.withStore(flags, 'write', async (store, context) => {
      const result = await withImportOptions({ ...flags, ...args }, (options) =>
        importCatalog(context, store, options),
      )
      if (!this.jsonEnabled()) await this.print(importText(result, flags.lang))
      return this.withWarnings(importJson(result))
    })
  }
}
