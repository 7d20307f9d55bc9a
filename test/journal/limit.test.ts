import { expect, test } from 'vitest'
import { backoffMs } from '../../src/lib/journal/backoff.ts'
import { AdaptiveLimit } from '../../src/lib/journal/limit.ts'

test('halves when there is too much, once for all that left together, and grows slowly again', () => {
  const limit = new AdaptiveLimit(16)
  expect(limit.overloaded(0, 0)).toBe(true)
  expect(limit.overloaded(10, 0)).toBe(false)
  expect(limit.current).toBe(8)
  expect(limit.overloaded(600, 0)).toBe(true)
  expect(limit.current).toBe(4)
  for (let at = 0; at < 5; at++) limit.succeeded()
  expect(limit.current).toBe(5)
  for (let at = 0; at < 1000; at++) limit.succeeded()
  expect(limit.current).toBe(16)
})

test('never below one, and a pause lasts as long as the longest that was asked for', () => {
  const limit = new AdaptiveLimit(2)
  for (let at = 0; at < 9; at++) limit.overloaded(at * 10_000, 0)
  expect(limit.current).toBe(1)
  limit.overloaded(100_000, 5000)
  limit.overloaded(100_001, 1000)
  expect(limit.pausedUntil).toBe(105_000)
})

test('waits longer with each attempt, up to a cap, and never all at the same time', () => {
  expect([1, 2, 3, 4, 7, 8, 99].map((attempt) => backoffMs(attempt, () => 1))).toEqual([
    500, 1000, 2000, 4000, 30_000, 30_000, 30_000,
  ])
  expect(backoffMs(3, () => 0)).toBe(0)
})
