import { describe, expect, test } from 'vitest'
import { importedCatalog } from '../../support/catalog.ts'

describe('the OZG table', () => {
  const header = 'ozg_id;ozg_leistung;themenfeld;lage\n'

  test('gives OZG-Leistungen; an id that is none is rejected with its place', async () => {
    const text = `${header}10160;Hund ;Familie & Kind;Tierhaltung\n;ohne;;\n1016;kurz;;\n10161;;;\n`
    const catalog = await importedCatalog(['ozg.csv', text])
    expect(catalog.ozgLeistungen).toEqual([
      { id: '10160', name: 'Hund', themenfeld: 'Familie & Kind', lage: 'Tierhaltung' },
      { id: '10161', name: '', themenfeld: null, lage: null },
    ])
    expect(catalog.rejected).toEqual({ 'ozg-missing': 1, 'ozg-invalid': 1 })
    expect(catalog.kept).toEqual({ 'name-missing': 1 })
    expect(catalog.defects[1]).toEqual({
      action: 'rejected',
      reason: 'ozg-invalid',
      place: { file: 'ozg.csv', line: 4, column: 1 },
      field: 'ozg_id',
      value: '1016',
    })
  })
})
