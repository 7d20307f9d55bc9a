import { expect, test } from 'vitest'
import { proofOf, readVerdicts, type Tried } from '../../scripts/mutate-proof.ts'

const tried = (line: number, from: string, to: string, noticed: boolean): Tried => ({
  subject: 'journal',
  mutant: { file: 'src/a.ts', line, start: 0, end: 0, from, to },
  noticed,
})
const HEAD = { date: '2026-11-27', seed: '1', count: '3' }

test('counts what was noticed, and names what was not', () => {
  const lines = proofOf(
    HEAD,
    [tried(1, '<', '<=', true), tried(2, 'a || b', '', false), tried(3, '1', '2', false)],
    new Map(),
  ).split('\n')
  expect(lines).toContain('| journal | 3 | 1 | 2 |')
  expect(lines).toContain('| src/a.ts:2 | `a ¦¦ b` → nothing | not looked at yet |')
  expect(lines).toContain('| src/a.ts:3 | `1` → `2` | not looked at yet |')
})

test('what somebody found out about a survivor is kept when its line moves', () => {
  const first = proofOf(HEAD, [tried(2, '<', '<=', false), tried(3, '1', '2', false)], new Map())
  const looked = first.replace(
    '| `<` → `<=` | not looked at yet |',
    '| `<` → `<=` | the same: no time passes |',
  )
  const again = proofOf(HEAD, [tried(9, '<', '<=', false), tried(10, '1', '2', false)], readVerdicts(looked))
  expect(again.split('\n').filter((line) => line.startsWith('| src/'))).toEqual([
    '| src/a.ts:9 | `<` → `<=` | the same: no time passes |',
    '| src/a.ts:10 | `1` → `2` | not looked at yet |',
  ])
})
