import { describe, expect, test } from 'vitest'
import { OzgctlError } from '../../../src/lib/errors.ts'
import { EXIT } from '../../../src/lib/exit-codes.ts'
import { HttpFailure } from '../../../src/lib/http/failure.ts'
import { attemptOf, failing, Interrupted } from '../../../src/lib/migration/records/interrupted.ts'

const problem = (code: string, message: string): OzgctlError =>
  new OzgctlError(code, message, { exit: EXIT.unavailable, suggestions: [] })

const { signal: going } = new AbortController()
const stopped = AbortSignal.abort()

describe('what ended a transfer', () => {
  const outage = new HttpFailure('reset', 'maybe', 'it was reset', { afterMs: 7 })
  const busy = problem('RECORDS_UNAVAILABLE', 'it answers 503')

  test.each([
    ['that it says what it is', new Interrupted({ kind: 'unfinished' }), { kind: 'unfinished' }],
    ['that it will not get further', failing('no'), { kind: 'failed', reason: 'no' }],
    ['an outage', outage, { kind: 'later', reason: 'it was reset', afterMs: 7 }],
    ['a system that is busy', busy, { kind: 'later', reason: 'it answers 503', afterMs: null }],
    [
      'records that are none',
      problem('BAD_RECORDS', 'it is no list'),
      { kind: 'failed', reason: 'it is no list' },
    ],
  ])('by %s', (_name, error, attempt) => {
    expect(attemptOf(error, going)).toEqual(attempt)
  })

  test.each([outage, busy])('is no failure after a wish to stop: %s', (error) => {
    expect(attemptOf(error, stopped)).toEqual({ kind: 'unfinished' })
  })

  test.each([problem('UNAUTHORISED', 'no'), new Error('a fault')])(
    'for all tenants is thrown: %s',
    (error) => {
      expect(() => attemptOf(error, stopped)).toThrow(error)
    },
  )
})
