import { describe, expect, test } from 'vitest'
import {
  type Reconciliation,
  reconciliationIn,
  verdictOf,
} from '../../../src/lib/migration/records/reconciliation.ts'

const SIDE = { count: 3, digest: '00112233445566778899aabbccddeeff' }
const SAME: Reconciliation = {
  compared: 'whole',
  source: SIDE,
  target: SIDE,
  missing: 0,
  different: 0,
  twice: 0,
  extra: 0,
  gone: 0,
  samples: [],
}
const OTHER = { ...SIDE, digest: 'ffeeddccbbaa99887766554433221100' }
const BY_KEY = { compared: 'by-key', twice: null, extra: null } as const

describe('what can be said of both sides', () => {
  test.each<[string, Partial<Reconciliation>, string]>([
    ['all is the same', {}, 'same'],
    ['a record of the source is gone, and from the target, too', { gone: 1 }, 'same'],
    ['one is missing', { missing: 1 }, 'different'],
    ['one is different', { different: 1 }, 'different'],
    ['one is there twice', { twice: 1 }, 'different'],
    ['one is not at the source', { extra: 1 }, 'more'],
    ['one is not at the source, and one is missing', { extra: 1, missing: 1 }, 'different'],
    ['the figures say nothing, and the hashes are not the same', { target: OTHER }, 'different'],
    [
      'the figures say nothing, and the numbers are not the same',
      { target: { ...SIDE, count: 4 } },
      'different',
    ],
    ['the figures say nothing, and there is no other side', { target: null }, 'different'],
    ['each was found by its key', BY_KEY, 'by-key'],
    ['one was not found by its key', { ...BY_KEY, missing: 1 }, 'different'],
    ['one that was found by its key is different', { ...BY_KEY, different: 1 }, 'different'],
    ['nobody has counted what is there twice', { twice: null }, 'different'],
    ['nobody has counted what is missing', { missing: null }, 'different'],
    ['nobody has looked', { compared: 'no' }, 'not-compared'],
  ])('when %s', (_name, more, verdict) => {
    expect(verdictOf({ ...SAME, ...more })).toBe(verdict)
  })

  test('when nothing was kept', () => {
    expect(verdictOf(reconciliationIn(null))).toBe('not-compared')
  })
})

describe('a reconciliation that was kept', () => {
  test('is read as it was written', () => {
    const kept: Reconciliation = {
      ...SAME,
      missing: 1,
      twice: 2,
      samples: [
        { key: 'a', what: 'missing' },
        { key: 'b', what: 'twice' },
      ],
    }
    expect(reconciliationIn(JSON.parse(JSON.stringify(kept)))).toEqual(kept)
    const unread = { ...SAME, ...BY_KEY }
    expect(reconciliationIn(JSON.parse(JSON.stringify(unread)))).toEqual(unread)
  })

  test('by a version that only counted certifies nothing', () => {
    const counted = { source: SIDE, target: SIDE, missing: 0, different: 0, extra: 0, gone: 0, samples: [] }
    const read = reconciliationIn(counted)
    expect(read).toEqual({
      ...SAME,
      compared: 'no',
      target: null,
      missing: null,
      different: null,
      twice: null,
      extra: null,
    })
    expect(verdictOf(read)).toBe('not-compared')
  })

  test.each([undefined, 7, 'x', [], {}, { source: { count: '3', digest: 'x' } }])('%j is none', (kept) => {
    expect(reconciliationIn(kept)).toBeNull()
  })

  test('leaves out samples that nobody can read', () => {
    const samples = [{ key: 'a', what: 'missing' }, { key: 'b', what: 'odd' }, { what: 'missing' }, null]
    expect(reconciliationIn({ ...SAME, samples })?.samples).toEqual([{ key: 'a', what: 'missing' }])
  })
})
