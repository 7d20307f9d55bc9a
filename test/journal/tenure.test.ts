import { expect, test } from 'vitest'
import type { Holder, Sighting } from '../../src/lib/journal/holder.ts'
import { type Clocks, standingOf, type Tenure } from '../../src/lib/journal/tenure.ts'

const HERE: Holder = {
  host: 'rz1',
  machine: 'm1',
  boot: 'b1',
  namespace: 'pid:[1]',
  pid: 10,
  processStart: '500',
}
const ALIVE: Sighting = { kind: 'runs', start: '500' }
const NONE: Sighting = { kind: 'none' }
const ELSEWHERE = { holder: { ...HERE, host: 'rz2', boot: 'b2', machine: 'm2' } }
const REBOOTED = { holder: { ...HERE, boot: 'b0' } }
const FORMER = { kept: undefined, until: 1060 }

/** Renewed at 1000 on the uptime of its holder and at 50 000 on the clock of the store, for 60. */
const TENURE: Tenure = { holder: HERE, until: 50_060, kept: { leaseMs: 60, renewedAt: 1000 } }

const at = (store: number, uptime: number): Clocks => ({ store, uptime })

test.each<readonly [string, Partial<Tenure>, Sighting, Clocks, ReturnType<typeof standingOf>]>([
  ['a neighbour that renewed in time', {}, ALIVE, at(50_059, 1059), 'held'],
  ['a neighbour that was silent for too long', {}, ALIVE, at(50_060, 1060), 'over'],
  ['a neighbour, and the clock was set forward', {}, ALIVE, at(99_999, 1059), 'held'],
  ['a silent neighbour, and the clock was set back', {}, ALIVE, at(10, 1060), 'over'],
  ['a neighbour that is dead', {}, NONE, at(50_001, 1001), 'over'],
  ['one elsewhere, whatever the uptime here is', ELSEWHERE, NONE, at(50_059, 999_999), 'held'],
  ['one elsewhere that was silent for too long', ELSEWHERE, NONE, at(50_060, 1), 'over'],
  ['one elsewhere with all of its lease left', ELSEWHERE, NONE, at(50_000, 1), 'held'],
  ['one elsewhere with more left than it ever had', ELSEWHERE, NONE, at(49_999, 1), 'anew'],
  ['one before this start of the machine', REBOOTED, ALIVE, at(50_001, 5), 'over'],
  ['a former version', FORMER, ALIVE, at(50_001, 1059), 'held'],
  [
    'a former version that was silent for too long',
    { ...FORMER, holder: { ...HERE, namespace: '' } },
    NONE,
    at(1, 1060),
    'over',
  ],
  ['a former version on another machine', { ...FORMER, ...ELSEWHERE }, NONE, at(50_001, 999_999), 'anew'],
])('%s', (_, more, seen, now, standing) => {
  expect(standingOf({ ...TENURE, ...more }, HERE, now, () => seen)).toBe(standing)
})
