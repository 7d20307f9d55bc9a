import { describe, expect, test } from 'vitest'
import { Interrupted } from '../../../src/lib/migration/records/interrupted.ts'
import type { RecordPage } from '../../../src/lib/migration/records/model.ts'
import { Reading } from '../../../src/lib/migration/records/reading.ts'

const page = (...keys: readonly string[]): RecordPage => ({
  records: keys.map((key) => ({ key, fields: {} })),
  next: 'x',
})

/** Pages that are taken before the reading gives up; undefined where it goes on for a hundred thousand. */
function endsAfter(pageOf: (at: number) => RecordPage, fresh: (at: number) => number, most = 1e9) {
  const reading = new Reading('source', most)
  for (let at = 0; at < 100_000; at++)
    try {
      reading.took(pageOf(at), fresh(at))
    } catch (error) {
      if (!(error instanceof Interrupted) || error.attempt.kind !== 'failed') throw error
      return { pages: at, reason: error.attempt.reason }
    }
  return undefined
}

describe('a reading', () => {
  test.each([1, 2, 3, 7, 100, 1000])('of a ring of %i pages ends, although each counts as new', (length) => {
    const end = endsAfter(
      (at) => page(`k${at % length}`, 'x'),
      () => 1,
    )
    expect(end?.reason).toMatch(/^the source gives the same pages again and again/)
    // Brent: the page that is kept is moved into the ring, and it is passed three times after that.
    expect(end?.pages).toBeLessThanOrEqual(10 * length + 3)
  })

  test('of new records goes on', () => {
    expect(
      endsAfter(
        (at) => page(`k${at}`),
        () => 1,
      ),
    ).toBeUndefined()
  })

  test('bears a key that is there twice, on pages of one', () => {
    expect(
      endsAfter(
        (at) => page(`k${at - (at % 10 === 1 ? 1 : 0)}`),
        (at) => (at % 10 === 1 ? 0 : 1),
      ),
    ).toBeUndefined()
  })

  test('of nothing new ends after a hundred pages, and new ones between begin the count again', () => {
    expect(
      endsAfter(
        () => page(),
        () => 0,
      ),
    ).toEqual({
      pages: 100,
      reason: 'the source gave nothing new on 100 pages in a row',
    })
    expect(
      endsAfter(
        (at) => page(`k${at}`),
        (at) => (at % 101 === 100 ? 1 : 0),
      ),
    ).toBeUndefined()
  })

  test('of more records than is meant ends', () => {
    expect(
      endsAfter(
        (at) => page(`a${at}`, `b${at}`),
        () => 2,
        10,
      ),
    ).toMatchObject({ pages: 5 })
  })
})
