import { describe, expect, test } from 'vitest'
import { filterRows } from '../../src/lib/catalog/filter.ts'
import { catalogRows } from '../../src/lib/catalog/rows.ts'
import { SMALL } from '../support/catalog.ts'

const ids = (rows: ReturnType<typeof catalogRows>) =>
  rows.map(({ ozg, leistung: one }) => `${ozg?.id ?? '-'} ${one?.name ?? '-'}`)

describe('filters', () => {
  const filtered = (filter: Parameters<typeof filterRows>[1]) => ids(filterRows(catalogRows(SMALL), filter))

  test('by Themenfeld and Lage in any spelling, shortened, by Typ and OZG-Leistung', () => {
    expect(filtered({ themenfeld: 'BAUEN' })).toEqual(['10001 Objekt'])
    expect(filtered({ themenfeld: 'bauen und wohnen' })).toEqual(['10001 Objekt'])
    expect(filtered({ themenfeld: 'bauen wohnen' })).toEqual(['10001 Objekt'])
    expect(filtered({ lage: 'schule' })).toEqual(['10002 Objekt', '10002 Ausstellung'])
    expect(filtered({ typ: '2/3' })).toEqual(['10002 Ausstellung'])
    expect(filtered({ ozg: '10003' })).toEqual(['10003 -'])
    expect(filtered({ typ: '2A' })).toEqual([])
    expect(filtered({ themenfeld: 'bildung', typ: '5' })).toEqual(['10002 Objekt'])
  })

  test('a whole name is meant before one that only holds it', () => {
    const longer = { id: '10000', name: 'Null', themenfeld: 'Aus- & Weiterbildung, Bildung', lage: null }
    const ozgLeistungen = [longer, ...SMALL.ozgLeistungen]
    const rows = filterRows(catalogRows({ ...SMALL, ozgLeistungen }), { themenfeld: 'bildung' })
    expect(ids(rows)).toEqual(['10002 Objekt', '10002 Ausstellung', '10003 -'])
  })

  test.each([
    [{ themenfeld: 'Umwelt' }, 'THEMENFELD_UNKNOWN', 'There are: Bauen & Wohnen; Bildung'],
    [{ lage: 's' }, 'LAGE_UNKNOWN', 'There are: Schule; Studium'],
    [{ typ: '44' }, 'TYP_UNKNOWN', 'There are: 1, 2'],
    [{ ozg: '10009' }, 'OZG_UNKNOWN', 'ozgctl catalog search'],
  ])('%j is refused and says what there is', (filter, code, hint) => {
    expect(() => filtered(filter)).toThrow(
      expect.objectContaining({ code, exit: 64, suggestions: [expect.stringContaining(hint)] }),
    )
  })
})
