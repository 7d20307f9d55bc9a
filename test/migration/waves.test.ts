import { expect, test } from 'vitest'
import { failuresBorne, type WaveSizes, wavesOf } from '../../src/lib/migration/waves.ts'

const count = (n: number) => ({ count: n })
const percent = (n: number) => ({ percent: n })

test.each<readonly [string, number, WaveSizes, readonly number[]]>([
  ['all at once where nothing is said', 7, { canary: 0, sizes: [] }, [7]],
  ['a canary, then all others', 7, { canary: 2, sizes: [] }, [2, 5]],
  ['a share is rounded up', 10, { canary: 0, sizes: [percent(25), percent(100)] }, [3, 7]],
  ['however little it is', 1000, { canary: 0, sizes: [percent(0.01), percent(100)] }, [1, 999]],
  ['also just above a whole number', 101, { canary: 0, sizes: [percent(1), percent(100)] }, [2, 99]],
  ['and a whole number stays', 100, { canary: 0, sizes: [percent(1), percent(100)] }, [1, 99]],
  [
    'a share is one of all tenants, not of the rest',
    10,
    { canary: 4, sizes: [percent(31), percent(100)] },
    [4, 4, 2],
  ],
  ['the last is repeated', 10, { canary: 1, sizes: [count(2), count(3)] }, [1, 2, 3, 3, 1]],
  ['no wave is empty', 3, { canary: 0, sizes: [count(0)] }, [1, 1, 1]],
  ['a canary of more than there are', 3, { canary: 5, sizes: [count(1)] }, [3]],
  ['nobody', 0, { canary: 2, sizes: [count(1)] }, []],
])('waves: %s', (_, tenants, sizes, expected) => {
  const all = Array.from({ length: tenants }, (_one, at) => at)
  const waves = wavesOf(all, sizes)
  expect(waves.map(({ length }) => length)).toEqual(expected)
  expect(waves.flat()).toEqual(all)
})

test.each([
  [percent(0), 30, 0],
  [percent(5), 30, 1],
  [percent(5), 39, 1],
  [percent(5), 40, 2],
  [percent(100), 30, 30],
  [count(3), 30, 3],
])('a budget of %j bears of %i tenants %i', (budget, tenants, borne) => {
  expect(failuresBorne(budget, tenants)).toBe(borne)
})
