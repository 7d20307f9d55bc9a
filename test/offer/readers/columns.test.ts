import { expect, it } from 'vitest'
import { cellOf } from '../../../src/lib/offer/readers/columns.ts'

it('finds a cell by any of the spellings, trimmed; none where the table has no such column', () => {
  const header = ['a', 'leikakey', 'b']
  const row = { cells: ['1', ' 2 ', '3'] }
  expect(cellOf(header, ['leika_key', 'leikakey'])(row)).toBe('2')
  expect(cellOf(header, ['c'])(row)).toBe('')
  expect(cellOf(header, ['b'])({ cells: ['1'] })).toBe('')
})
