import { expect, test } from 'vitest'
import { beginning, stillToWait } from '../../src/lib/migration/soak.ts'

const at = (wall: number, uptime: number) => ({ now: () => new Date(wall), uptime: () => uptime })
const SINCE = beginning(at(1_000_000, 500), 'here')

test.each([
  ['on the same clock', at(1_000_040, 540), 'here', 60],
  ['the same, and the calendar jumped', at(9_000_000, 540), 'here', 60],
  ['it is over', at(1_000_000, 600), 'here', 0],
  ['after a restart', at(1_000_040, 3), 'later', 60],
  ['after a restart long ago', at(1_000_070, 99_999), 'later', 30],
  ['on a machine that has been up for longer', at(1_000_040, 99_999_999), 'there', 60],
  ['the calendar went back', at(2, 3), 'there', 100],
  ['nobody knows which clock it is', at(1_000_040, 99_999), '', 60],
])('what is left of 100 ms: %s', (_, now, clock, left) => {
  expect(stillToWait(SINCE, 100, now, clock)).toBe(left)
})

test('where no clock is known, none is the same', () => {
  expect(stillToWait(beginning(at(1_000_000, 500), ''), 100, at(1_000_040, 99_999), '')).toBe(60)
})

test('what a former version noted is measured by the calendar', () => {
  expect(stillToWait({ wall: 1_000_000, uptime: 500 }, 100, at(1_000_040, 99_999))).toBe(60)
})
