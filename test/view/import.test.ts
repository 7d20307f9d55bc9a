import { expect, test } from 'vitest'
import type { Defect } from '../../src/lib/input/defects.ts'
import type { ImportResult } from '../../src/lib/snapshot/importing.ts'
import {
  historyColumns,
  historyJson,
  importJson,
  importText,
  REJECTS_HEADER,
  rejectsLine,
} from '../../src/lib/view/import.ts'
import { newSnapshot } from '../support/snapshot.ts'

const { summary, ...record } = newSnapshot('region', { gemeinde: 10_944, inhabitants: 84_340_895 })
const SNAPSHOT = {
  ...record,
  ...summary,
  rowId: 2,
  id: 'region-2',
  active: true,
  ignored: { 'stadt-ortsteil': 283 },
  rejected: { total: 1500, byReason: { 'leading-zero-lost': 1500 } },
  kept: { total: 1, byReason: { 'number-invalid': 1 } },
  sources: [
    {
      name: 'a\u001B.xml',
      format: 'genericode',
      encoding: 'utf-8',
      bytes: 3_217_699,
      sha256: '0123456789abcdef',
      records: 11_227,
    },
  ],
}
const LOST: Defect = {
  action: 'rejected',
  reason: 'leading-zero-lost',
  place: { file: 'a.xml', line: 7 },
  field: 'SCHLUESSEL',
  value: '3459014\u001B;=1',
}
const RESULT: ImportResult = {
  snapshot: SNAPSHOT,
  former: { ...SNAPSHOT, id: 'region-1', active: false },
  dryRun: false,
  samples: [
    LOST,
    {
      action: 'kept',
      reason: 'number-invalid',
      place: { file: 'a.xml', line: 8, column: 3 },
      field: 'EF9',
      value: 'x',
    },
  ],
}

test('an import for people: sources, what was wrong with samples, what is now active last', () => {
  expect(
    importText(RESULT, 'de'),
  ).toBe(`a\\x1b.xml: genericode, utf-8, 11.227 Datensätze, sha256 0123456789ab…
1.500 × leading-zero-lost (nicht verwendbar)
    a.xml:7: SCHLUESSEL "3459014\\u001b;=1"
1 × number-invalid (trotzdem übernommen)
    a.xml:8:3: EF9 "x"
283 × stadt-ortsteil (gehört nicht dazu)
region-2 ist jetzt aktiv (vorher: region-1): 10.944 Gemeinden, 84.340.895 Einwohner; 1.500 nicht verwendbar
`)
  const english = importText({ ...RESULT, former: undefined }, 'en')
  expect(english.split('\n').at(-2)).toBe(
    'region-2 is now active: 10,944 Gemeinden, 84,340,895 inhabitants; 1,500 rejected',
  )
  const whole = { ...RESULT, snapshot: { ...SNAPSHOT, rejected: { total: 0, byReason: {} } } }
  expect(importText(whole, 'de').split('\n').at(-2)).toBe(
    'region-2 ist jetzt aktiv (vorher: region-1): 10.944 Gemeinden, 84.340.895 Einwohner',
  )
})

test('a dry run says so in its first and its last line', () => {
  const lines = importText({ ...RESULT, dryRun: true }, 'en')
    .trimEnd()
    .split('\n')
  expect(lines[0]).toBe('Dry run: nothing is written')
  expect(lines.at(-1)).toMatch(/^Dry run, nothing written; region-2 would now be active/)
})

test('an import in JSON', () => {
  expect(importJson(RESULT)).toEqual({
    schemaVersion: 1,
    snapshot: 'region-2',
    former: 'region-1',
    counts: SNAPSHOT.counts,
    rejected: SNAPSHOT.rejected,
    kept: SNAPSHOT.kept,
    ignored: { 'stadt-ortsteil': 283 },
    sources: SNAPSHOT.sources,
  })
  expect(importJson({ ...RESULT, former: undefined, dryRun: true })).toMatchObject({
    former: null,
    dryRun: true,
  })
})

test('the file of rejects has a line a row, neutral', () => {
  expect(REJECTS_HEADER).toBe('file;line;column;action;reason;field;value\n')
  expect(rejectsLine(LOST)).toBe('a.xml;7;;rejected;leading-zero-lost;SCHLUESSEL;"3459014\\x1b;=1"\n')
  expect(rejectsLine({ ...LOST, place: {}, value: '=1' })).toBe(
    ";;;rejected;leading-zero-lost;SCHLUESSEL;'=1\n",
  )
})

test('the history names each snapshot, when, by whom, from what and how many', () => {
  const cells = historyColumns.map((column) => column.value(SNAPSHOT))
  expect(cells).toEqual([
    'region-2',
    'true',
    '2026-11-23T12:00:00.000Z',
    'tester',
    'test',
    '10944 gemeinde, 84340895 inhabitants',
    1500,
    'a\u001B.xml',
    '0123456789abcdef',
  ])
  expect(historyColumns.filter(({ csvOnly }) => csvOnly === true).map(({ key }) => key)).toEqual([
    'host',
    'sha256',
  ])
  const counts = historyColumns.find(({ key }) => key === 'counts')
  expect(counts?.show?.(counts.value(SNAPSHOT), 'de')).toBe('10.944 Gemeinden, 84.340.895 Einwohner')
  expect(counts?.show?.('7 unknown', 'en')).toBe('7 unknown')
  expect(historyJson([SNAPSHOT]).snapshots).toMatchObject([
    {
      snapshot: 'region-2',
      active: true,
      createdAt: '2026-11-23T12:00:00.000Z',
      actor: 'tester',
      host: 'test',
    },
  ])
  expect(historyJson([SNAPSHOT]).snapshots[0]).not.toHaveProperty('rowId')
})
