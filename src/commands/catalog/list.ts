import { Flags } from '@oclif/core'
import { BaseCommand, outputFlags } from '../../base-command.ts'
import { filterRows } from '../../lib/catalog/filter.ts'
import { catalogRows } from '../../lib/catalog/rows.ts'
import { readCatalog } from '../../lib/catalog/store.ts'
import { requireActive } from '../../lib/snapshot/snapshots.ts'
import { catalogColumns, catalogRowJson, listSummary } from '../../lib/view/catalog.ts'

export default class CatalogList extends BaseCommand {
  static override summary = 'List OZG-Leistungen with their Leistungen'
  static override description =
    'A Leistung stands once for every OZG-Leistung it belongs to. Names are compared without regard to case and umlauts, and may be shortened.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --themenfeld umwelt',
    '<%= config.bin %> <%= command.id %> --ozg 10119 --output csv',
    '<%= config.bin %> <%= command.id %> --typ 5',
  ]
  static override flags = {
    ...outputFlags,
    themenfeld: Flags.string({ description: 'only this Themenfeld' }),
    lage: Flags.string({ description: 'only this Lebens- or Geschäftslage' }),
    typ: Flags.string({ description: 'only Leistungen of this Typisierung' }),
    ozg: Flags.string({ helpValue: 'ID', description: 'only this OZG-Leistung' }),
  }

  async run(): Promise<object> {
    const { flags } = await this.parse(CatalogList)
    return this.withStore(flags, 'read', async (store) => {
      const snapshot = await requireActive(store, 'catalog')
      const rows = filterRows(catalogRows(await readCatalog(store, snapshot.rowId)), flags)
      return this.present(flags, {
        json: { schemaVersion: 1, snapshot: snapshot.id, rows: rows.map(catalogRowJson) },
        columns: catalogColumns,
        rows,
        after: listSummary(rows, snapshot.id, flags.lang),
      })
    })
  }
}
