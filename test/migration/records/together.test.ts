import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { together } from '../../../src/lib/migration/records/together.ts'

test('what was done stands in the order of the things, so many at once', async () => {
  let now = 0
  let most = 0
  const { results, failed } = await together([5, 1, 4, 2, 3], 2, async (turns) => {
    most = Math.max(most, ++now)
    for (let turn = 0; turn < turns; turn++) await setImmediate()
    now--
    return turns * 10
  })
  expect([results, failed, most]).toEqual([[50, 10, 40, 20, 30], undefined, 2])
})

test('after a failure nothing more is begun, and what has begun is waited for', async () => {
  const begun: number[] = []
  const ended: number[] = []
  const first = new Error('the first')
  const { results, failed } = await together([0, 1, 2, 3, 4, 5], 3, async (at) => {
    begun.push(at)
    for (let turn = 0; turn < 3 * at; turn++) await setImmediate()
    ended.push(at)
    if (at < 2) throw at === 0 ? first : new Error('another')
    return at
  })
  expect(failed?.error).toBe(first)
  expect(begun).toEqual([0, 1, 2])
  expect(ended).toEqual([0, 1, 2])
  expect(results).toEqual([undefined, undefined, 2, undefined, undefined, undefined])
})
