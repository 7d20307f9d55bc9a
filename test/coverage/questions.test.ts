import { describe, expect, test } from 'vitest'
import { insertCatalog } from '../../src/lib/catalog/store.ts'
import type { Question } from '../../src/lib/coverage/load.ts'
import { coverageExplain, coverageGaps } from '../../src/lib/coverage/questions.ts'
import { coverageReport, type ReportOptions } from '../../src/lib/coverage/report-run.ts'
import type { RegionKey } from '../../src/lib/region/key.ts'
import { insertRegions } from '../../src/lib/register/store.ts'
import { addSnapshot } from '../../src/lib/snapshot/snapshots.ts'
import type { Store } from '../../src/lib/store/sqlite.ts'
import { gapColumns, gapsJson } from '../../src/lib/view/coverage-questions.ts'
import { renderTable } from '../../src/lib/view/table.ts'
import { SMALL } from '../support/catalog.ts'
import { failure } from '../support/failure.ts'
import { tenantAt } from '../support/network.ts'
import { importTexts } from '../support/offer.ts'
import { region } from '../support/region.ts'
import { newSnapshot } from '../support/snapshot.ts'
import { temporaryStore } from '../support/store.ts'
import { localPortal } from '../support/tenant.ts'

const QUESTION: Question = {
  view: 'citizen',
  rule: 'any',
  scope: { kind: 'all' },
  minReifegrad: null,
  asOf: '2026-11-23',
}
const MEMBER = '034595401007'
const OFFERS = `region;leika_key;reifegrad;url;authority;valid_from;valid_to
034595401007;99001001012000;1;;;;
034590014014;99001001000000;2;;;;
034595401025;99001001000000;3;;;;
034599999999;99001001000000;3;;;;
034595401025;99009009000000;2;;;;
034595401025;99001001012001;2;;;;
034595401025;99777777000000;2;;;;
`

/** A store with three OZG-Leistungen, a county of three Gemeinden, and their offers. */
async function network(): Promise<Store> {
  const store = await temporaryStore()
  await addSnapshot(store, newSnapshot('catalog'), (id) => insertCatalog(store, id, SMALL))
  await addSnapshot(store, newSnapshot('region'), (id) =>
    insertRegions(store, id, [
      region('03', 'Niedersachsen'),
      region('03459', 'Landkreis Osnabrück'),
      region('034590014014', 'Bramsche'),
      region('034595401', 'Samtgemeinde Artland'),
      region(MEMBER, 'Badbergen'),
      region('034595401025', 'Menslage'),
    ]),
  )
  await importTexts(store, { 'offers.csv': OFFERS })
  return store
}

test('what counts nowhere is told, each kind apart', async () => {
  const { data } = await coverageGaps(await network(), QUESTION, MEMBER)
  expect(data.unknown).toEqual({
    regions: ['034599999999'],
    leistungen: ['99777777000000'],
    withoutOzg: ['99001001012001', '99009009000000'],
    scope: [],
  })
})

describe('gaps', () => {
  test('name those that have it, nearest first, for people by name and for programs by key', async () => {
    const gaps = await coverageGaps(await network(), QUESTION, 'Badbergen')
    const elsewhere = {
      count: 2,
      nearest: [
        { ars: '034595401025', name: 'Menslage' },
        { ars: '034590014014', name: 'Bramsche' },
      ],
    }
    expect(gapsJson(gaps)).toMatchObject({
      ars: MEMBER,
      name: 'Badbergen',
      total: 3,
      missing: 3,
      gaps: [
        { ozgId: '10001', best: null, elsewhere },
        { ozgId: '10002', best: { reifegrad: 1, source: 'own' }, elsewhere },
        { ozgId: '10003', best: null, elsewhere: { count: 0, nearest: [] } },
      ],
    })
    const lines = renderTable(gapColumns, gaps.gaps, 'de', 200).trimEnd().split('\n').slice(2)
    expect(lines.map((line) => line.trim().split(/ {2,}/))).toEqual([
      ['Bauen & Wohnen', '10001', 'Eins', '–', '2', 'Menslage, Bramsche'],
      ['Bildung', '10002', 'Zwei', '1', 'selbst', '2', 'Menslage, Bramsche'],
      ['Bildung', '10003', 'Leer', '–', '0'],
    ])
  })
})

test('only what works now can be asked for when something was checked', async () => {
  const asked = { ...QUESTION, healthyAt: new Date('2026-11-23T12:00:00Z') }
  expect(await failure(async () => coverageGaps(await network(), asked, MEMBER))).toMatchObject({
    code: 'NO_HEALTH',
    message: 'no connector has been checked in the last day',
  })
})

test('an explanation names where each offer comes from', async () => {
  const store = await network()
  const { ozg, explanation } = await coverageExplain(store, QUESTION, MEMBER, '10002')
  expect(ozg.name).toBe('Zwei')
  expect(
    explanation.candidates.map(({ key, name, offers }) => [key, name, offers.map(({ verdict }) => verdict)]),
  ).toEqual([
    [MEMBER, 'Badbergen', ['reifegrad-too-low']],
    ['034595401', 'Samtgemeinde Artland', []],
    ['03459', 'Landkreis Osnabrück', []],
    ['034', '(034)', []],
    ['03', 'Niedersachsen', []],
    ['', 'Bund', []],
  ])
  expect(await failure(() => coverageExplain(store, QUESTION, MEMBER, '99001001012000'))).toMatchObject({
    code: 'OZG_UNKNOWN',
    suggestions: ['That key belongs to 10002  Zwei'],
  })
})

test('a report is of the Gemeinden, of another level, or of tenants only', async () => {
  const store = await network()
  const os = { account: 'os', name: 'Osnabrück', anchor: '03459', sharing: null }
  const written = await localPortal(store).write([
    { kind: 'network', network: os, expected: null, key: 'os' },
    ...['034590014014', '03459'].map((ars) => ({
      kind: 'create' as const,
      tenant: tenantAt(ars, { account: 'os' }),
      key: ars,
    })),
  ])
  expect(written.map(({ kind }) => kind)).toEqual(['done', 'done', 'done'])
  const all = { prefix: '' as RegionKey, level: undefined, tenants: false, by: undefined }
  const keys = async (more: Partial<ReportOptions>): Promise<readonly string[]> =>
    (await coverageReport(store, QUESTION, { ...all, ...more })).rows.map((row) => row.region.key)
  expect(await keys({})).toEqual(['034590014014', MEMBER, '034595401025'])
  expect(await keys({ level: 'kreis' })).toEqual(['03459'])
  expect(await keys({ tenants: true })).toEqual(['03459', '034590014014'])
  expect(await keys({ tenants: true, level: 'gemeinde' })).toEqual(['034590014014'])
})
