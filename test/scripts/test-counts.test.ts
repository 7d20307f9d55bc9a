import { describe, expect, it } from 'vitest'
import { testCounts } from '../../scripts/test-counts.ts'

const test = (status: string, title: string, ...ancestorTitles: string[]) => ({
  ancestorTitles,
  title,
  status,
})
const file = (status: string, ...assertionResults: ReturnType<typeof test>[]) => ({
  name: 'a.test.ts',
  status,
  assertionResults,
})

describe('counts of a test run', () => {
  it('counts tests and groups the skipped ones by the reason in their names', () => {
    const report = {
      testResults: [
        file('failed', test('passed', 'a'), test('failed', 'b')),
        file(
          'passed',
          test('pending', 'is read', 'the real register (not beside the checkout)'),
          test('skipped', 'is compared', 'the real register (not beside the checkout)'),
          test('skipped', 'survives a trace (no strace here)', 'the store'),
          test('todo', 'later', 'the store'),
        ),
      ],
    }
    expect(testCounts(report)).toEqual({
      passed: 1,
      failed: 1,
      skipped: ['2 skipped: not beside the checkout', '1 skipped: no strace here', '1 skipped: the store'],
    })
  })

  it('counts a file that cannot be read as a failure', () => {
    expect(testCounts({ testResults: [file('failed'), file('failed', test('passed', 'a'))] })).toEqual({
      passed: 1,
      failed: 2,
      skipped: [],
    })
  })
})
