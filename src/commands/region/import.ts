import { ImportCommand } from '../../import-command.ts'
import { importRegions } from '../../lib/register/import.ts'

export default class RegionImport extends ImportCommand {
  static override summary = 'Import the register of municipalities (GV100AD, genericode lists of ARS or AGS)'
  static override description =
    `The files of one call become one snapshot, whole or not at all. A code list names Gemeinden only: levels above follow from
the keys; names, inhabitants and areas carry over from the former snapshot and are marked so. Faulty rows are counted by
reason; --rejects writes them all.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> GV100AD_31122025.zip',
    '<%= config.bin %> <%= command.id %> Regionalschluessel_2026-04-30.xml --rejects rejects.csv',
  ]
  protected override readonly import = importRegions
}
