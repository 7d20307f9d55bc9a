import { expect, test } from 'vitest'
import {
  ITEM_STATES,
  type ItemState,
  RUN_STATES,
  type Run,
  type RunItem,
} from '../../src/lib/journal/model.ts'
import type { Lang } from '../../src/lib/view/lang.ts'
import { itemColumns, nextStep, type RunNow, runColumns, runHead, watchLine } from '../../src/lib/view/run.ts'
import type { Column } from '../../src/lib/view/table.ts'

const LANGS = ['de', 'en'] as const
const NONE: Readonly<Record<ItemState, number>> = {
  pending: 0,
  running: 0,
  unknown: 0,
  done: 0,
  already: 0,
  failed: 0,
  cancelled: 0,
}
const RUN: Run = {
  number: 7,
  id: 'run-7',
  kind: 'apply',
  scope: 'portal/local',
  command: 'ozgctl tenant apply',
  actor: 'anna',
  host: 'amt',
  startedAt: '2026-11-23T12:00:00.000Z',
  endedAt: null,
  state: 'running',
  reason: null,
  options: {},
  cancelRequested: false,
  counts: NONE,
}
const now = (more: Partial<Run>, holder?: string): RunNow => ({ run: { ...RUN, ...more }, holder })
/** What people read in a column, in German and in English. */
function shown<Row>(columns: readonly Column<Row>[], rows: readonly Row[], key: string) {
  const column = columns.find((one) => one.key === key)
  return rows.map((row) => LANGS.map((lang) => column?.show?.(column.value(row), lang)))
}

test('each state of a run has its word in both languages', () => {
  const rows = [...RUN_STATES.map((state) => now({ state }, 'x')), now({ state: 'running' })]
  expect(shown(runColumns, rows, 'state')).toEqual([
    ['läuft', 'running'],
    ['angehalten', 'stopped'],
    ['fertig', 'done'],
    ['fertig, mit Fehlern', 'done, with failures'],
    ['abgebrochen', 'cancelled'],
    ['abgelöst', 'superseded'],
    // Nobody works on it.
    ['unterbrochen', 'interrupted'],
  ])
})

const STATES_OF_ITEMS = [
  ['offen', 'pending'],
  ['in Arbeit', 'running'],
  ['ungewiss', 'unknown'],
  ['erledigt', 'done'],
  ['war schon so', 'was so already'],
  ['fehlgeschlagen', 'failed'],
  ['abgebrochen', 'cancelled'],
]

test('each state of an item, too', () => {
  const rows = ITEM_STATES.map(
    (state): RunItem => ({
      ordinal: 0,
      wave: 0,
      key: '034590014014',
      name: 'Bramsche',
      action: 'create',
      input: {},
      chained: false,
      state,
      attempts: 1,
      reason: null,
      memo: null,
      output: null,
    }),
  )
  expect(shown(itemColumns, rows, 'state')).toEqual(STATES_OF_ITEMS)
})

test('the head of a run counts what there is, state by state', () => {
  const counts = Object.fromEntries(ITEM_STATES.map((state, at) => [state, 1000 + at]))
  const head = (lang: Lang): string | undefined =>
    runHead(now({ counts: { ...NONE, ...counts } }), lang).split('\n')[0]
  const [de, en] = [0, 1].map((lang) => STATES_OF_ITEMS.map((words) => words[lang]))
  expect(head('de')).toBe(
    `run-7: unterbrochen, portal/local; ${de?.map((word, at) => `1.00${at} ${word}`).join(', ')}`,
  )
  expect(head('en')).toBe(
    `run-7: interrupted, portal/local; ${en?.map((word, at) => `1,00${at} ${word}`).join(', ')}`,
  )
})

test('the head says who works on it, and why it stopped', () => {
  const run = { counts: { ...NONE, done: 2 }, reason: 'the portal is away' }
  expect(runHead(now({ ...run, state: 'stopped' }), 'de')).toBe(`run-7: angehalten, portal/local; 2 erledigt
2026-11-23 12:00 anna@amt: ozgctl tenant apply
the portal is away
`)
  expect(runHead(now(run, 'otto@amt'), 'de')).toContain('\nIn Arbeit bei otto@amt\n')
})

test('a run that is watched says how far it is, and what failed', () => {
  const counts = { ...NONE, pending: 1, running: 2, unknown: 3, done: 4, already: 5, failed: 6, cancelled: 7 }
  expect(LANGS.map((lang) => watchLine(now({ counts }), lang))).toEqual([
    'run-7: 22 von 28, 6 fehlgeschlagen\n',
    'run-7: 22 of 28, 6 failed\n',
  ])
  expect(watchLine(now({ counts: { ...NONE, done: 1 } }), 'de')).toBe('run-7: 1 von 1\n')
})

test('how to go on is said where there is something to do, and nobody does it', () => {
  const failed = { ...NONE, failed: 1 }
  const said = (more: Partial<Run>, holder?: string): string => nextStep(now(more, holder), 'en')
  expect(said({ state: 'running' }, 'otto@amt')).toBe('')
  expect(said({ state: 'running' })).toBe('Go on with: ozgctl run resume run-7\n')
  expect(said({ state: 'stopped', kind: 'migration' })).toBe('Go on with: ozgctl migration resume run-7\n')
  expect(said({ state: 'done' })).toBe('')
  expect(said({ state: 'partial', counts: failed })).toBe(
    'Try the failed ones again: ozgctl run resume run-7 --only failed\n',
  )
  expect(said({ state: 'partial', counts: failed, kind: 'rollback' })).toBe(
    'Try the failed ones again: ozgctl migration retry run-7\n',
  )
  expect(said({ state: 'cancelled', counts: failed })).toBe('')
  expect(said({ state: 'superseded', counts: failed })).toBe('')
})
