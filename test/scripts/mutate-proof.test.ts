import { expect, test } from 'vitest'
import { isSurvivor, proofOf, readProof, sectionOf, type Tried } from '../../scripts/mutate-proof.ts'

const tried = (line: number, from: string, to: string, noticed: boolean): Tried => ({
  place: { file: 'src/a.ts', line, start: 0, end: 0, from, to },
  noticed,
})
const journal = { subject: 'journal', date: '2026-11-27', seed: '1' }
const records = { subject: 'records', date: '2026-11-26', seed: '7' }
const ORDER = ['journal', 'records']
const rowsOf = (page: string): readonly string[] =>
  page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| subject'))

test('counts what was noticed, and names what was not', () => {
  const all = [tried(3, '1', '2', false), tried(1, '<', '<=', true), tried(2, 'a || b', '', false)]
  expect(rowsOf(proofOf([sectionOf(journal, all, undefined)], ORDER))).toEqual([
    '| --- | --- | --- | --- | --- | --- |',
    '| journal | 2026-11-27 | 1 | 3 | 1 | 2 |',
    '| --- | --- | --- | --- |',
    '| journal | src/a.ts:2 | `a ¦¦ b` → nothing | not looked at yet |',
    '| journal | src/a.ts:3 | `1` → `2` | not looked at yet |',
  ])
})

test('a page is read as it was written: subjects that are not tried again stay', () => {
  const sections = [
    sectionOf(journal, [tried(3, '1', '2', false)], undefined),
    sectionOf(records, [tried(4, '>', '>=', false), tried(5, '>', '>=', true)], undefined),
  ]
  expect(readProof(proofOf(sections.toReversed(), ORDER))).toEqual(sections)
  expect(readProof('')).toEqual([])
})

test('what was not noticed is known by its place and change', () => {
  const section = sectionOf(journal, [tried(3, '1', '2', false), tried(4, '1', '2', true)], undefined)
  const places = [tried(3, '1', '2', true), tried(4, '1', '2', true), tried(3, '1', '0', true)]
  expect(places.map(({ place }) => isSurvivor(section, place))).toEqual([true, false, false])
})

test('what somebody found out about a survivor is kept when its line moves', () => {
  const first = [tried(2, '<', '<=', false), tried(3, '1', '2', false)]
  const page = proofOf([sectionOf(journal, first, undefined)], ORDER)
  const looked = page.replace('`<=` | not looked at yet |', '`<=` | the same: no time passes |')
  const [last] = readProof(looked)
  const again = sectionOf(journal, [tried(9, '<', '<=', false), tried(10, '1', '2', false)], last)
  expect(again.survivors.map(({ line, verdict }) => [line, verdict])).toEqual([
    [9, 'the same: no time passes'],
    [10, 'not looked at yet'],
  ])
})
