import { ImportCommand } from '../../import-command.ts'
import { importCatalog } from '../../lib/catalog/import.ts'

export default class CatalogImport extends ImportCommand {
  static override summary = 'Import the service catalogue: OZG-Leistungen and LeiKa keys'
  static override description =
    `Reads the OZG and LeiKa tables (CSV), the FIM portal's CSV and JSON, genericode lists of LeiKa keys, XZuFi 2.2 and 2.3, and
what catalog export wrote; the format is seen from the content. The files of one call become one snapshot, whole or not
at all. Faulty rows are counted by reason; --rejects writes them all.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> ozg_leistungen.csv leika_leistungen.csv --rejects rejects.csv',
    '<%= config.bin %> <%= command.id %> transfer/index.txt --strict',
  ]
  protected override readonly import = importCatalog
}
