import { describe, expect, test } from 'vitest'
import type { MigrationStatus, StepStatus } from '../../src/lib/migration/status.ts'
import { reportMarkdown } from '../../src/lib/view/migration-report.ts'
import { statusFoot } from '../../src/lib/view/migration-status.ts'
import { migrationWorld } from '../support/migration.ts'
import { recordServer, records } from '../support/record-server.ts'

/** A transfer to a target that has lost one record and has another twice when it is listed. */
async function nasty(more = '', spoil = true): Promise<MigrationStatus> {
  const server = await recordServer([...records(6), { name: 'no key' }])
  server.target.push(...records(1))
  let isSpoilt = !spoil
  server.fate = ({ path }) => {
    if (!isSpoilt && path.startsWith('/listed')) {
      isSpoilt = true
      server.target.splice(1, 1, ...records(1))
    }
    return 'do'
  }
  const process = await (await migrationWorld(1)).process()
  return process.run(`
steps:
  - id: copy
    kind: records.transfer
    ordered: true
    tolerate: 1
    from: { kind: json-http, url: "${server.url}/source/none", records: $.items }
    to: { kind: json-http, url: "${server.url}/target", item: "${server.url}/target/\${record.key}", list: { url: "${server.url}/listed/none", records: $.items } }
${more}`)
}

/** Cells of a table by the title of its section, the head first. */
function tableOf(markdown: string, title: string): readonly (readonly string[])[] {
  const [, section = ''] = markdown.split(`## ${title}\n\n`)
  return (section.split('\n\n')[0] ?? '')
    .trimEnd()
    .split('\n')
    .filter((line) => !line.includes(' --- '))
    .map((line) => line.slice(2, -2).split(' | '))
}

/** The only row of the table of transfers, by its head. */
const transferIn = (status: MigrationStatus, lang: 'de' | 'en'): Readonly<Record<string, string>> => {
  const [head = [], row = []] = tableOf(
    reportMarkdown(status, lang),
    { de: 'Übertragungen', en: 'Transfers' }[lang],
  )
  return Object.fromEntries(head.map((name, at) => [name, row[at] ?? '']))
}

test('the change record says what was read and found, figure by figure', async () => {
  const status = await nasty()
  const [source, target] = [
    status.transfers[0]?.reconciliation?.source.digest.slice(0, 12),
    status.transfers[0]?.reconciliation?.target?.digest.slice(0, 12),
  ]
  expect(source).not.toBe(target)
  expect(transferIn(status, 'de')).toEqual({
    Mandant: 'Gemeinde 1',
    Schritt: 'copy',
    gelesen: '7',
    neu: '5',
    ersetzt: '1',
    'geschrieben, ob neu nicht gesagt': '0',
    'war schon da': '0',
    beiseite: '1',
    'vielleicht mehrmals gesendet': '0',
    Quelle: `6 (${source})`,
    Ziel: `6 (${target})`,
    fehlt: '1',
    anders: '0',
    doppelt: '1',
    'nicht in der Quelle': '0',
    Vergleich: 'nicht gleich',
  })
  expect(tableOf(reportMarkdown(status, 'en'), 'Differences')).toEqual([
    ['Tenant', 'Record', 'Finding'],
    ['Gemeinde 1', 'r00001', 'twice'],
    ['Gemeinde 1', 'r00002', 'missing'],
  ])
})

test('what was not measured is no zero', async () => {
  const status = await nasty('    verify: false\n')
  expect(transferIn(status, 'en')).toMatchObject({
    read: '7',
    Target: 'not measured',
    missing: 'not measured',
    different: 'not measured',
    twice: 'not measured',
    'not at the source': 'not measured',
    Comparison: 'not compared',
  })
  expect(transferIn(status, 'de')).toMatchObject({ Ziel: 'nicht gemessen', Vergleich: 'nicht verglichen' })
  expect(reportMarkdown(status, 'de')).not.toContain('Abweichungen')
})

test.each<[string, boolean, 'de' | 'en', string]>([
  [
    'both',
    true,
    'de',
    'Gemeinde 1, copy: 7 gelesen, 6 geschrieben, 1 beiseitegelegt; 6 → 6, nicht gleich: 1 fehlt (r00002), 1 doppelt (r00001)',
  ],
  [
    'both',
    true,
    'en',
    'Gemeinde 1, copy: 7 read, 6 written, 1 set aside; 6 → 6, not the same: 1 missing (r00002), 1 twice (r00001)',
  ],
  [
    'the rest',
    false,
    'de',
    'Gemeinde 1, copy: 7 gelesen, 6 geschrieben, 1 beiseitegelegt; 6 → 6, ohne das Beiseitegelegte beide Seiten gleich',
  ],
])('the status says of %s (spoilt: %s, %s) what it found', async (_name, spoil, lang, line) => {
  expect(statusFoot(await nasty('', spoil), lang)).toContain(`${line}\n`)
})

test('the status calls nothing the same that was not compared', async () => {
  const foot = statusFoot(await nasty('    verify: false\n'), 'de')
  expect(foot).toContain('7 gelesen, 6 geschrieben, 1 beiseitegelegt; 6 → ?, nicht verglichen\n')
})

describe('the duration of a tenant', () => {
  const step = (startedAt: string | null, endedAt: string | null): StepStatus => ({
    step: 's',
    ordinal: 0,
    state: 'done',
    attempts: 1,
    reason: null,
    startedAt: startedAt === null ? null : `2026-03-01T${startedAt}Z`,
    endedAt: endedAt === null ? null : `2026-03-01T${endedAt}Z`,
  })

  test.each<[string, readonly StepStatus[], 'open' | 'done', string, string]>([
    [
      'is from the first begin to the last end',
      [step('10:00:00.000', '10:04:00.000'), step('10:05:00.000', '10:06:30.000')],
      'done',
      '2026-03-01 10:00 UTC',
      '390 s',
    ],
    [
      'has tenths where it is short',
      [step('10:00:00.000', '10:00:01.250')],
      'done',
      '2026-03-01 10:00 UTC',
      '1,3 s',
    ],
    [
      'is not measured where an end was not written down',
      [step('10:00:00.000', '10:04:00.000'), step('10:05:00.000', null)],
      'done',
      '2026-03-01 10:00 UTC',
      'nicht gemessen',
    ],
    [
      'is not measured where the clock was set back',
      [step('10:00:00.000', '09:00:00.000')],
      'done',
      '2026-03-01 10:00 UTC',
      'nicht gemessen',
    ],
    [
      'is none while it is not over',
      [step('10:00:00.000', '10:04:00.000'), step(null, null)],
      'open',
      '2026-03-01 10:00 UTC',
      '–',
    ],
    ['is none where nothing was begun', [step(null, null)], 'done', '–', '–'],
  ])('%s', async (_name, steps, state, from, duration) => {
    const status = await nasty()
    const [tenant] = status.tenants
    if (tenant === undefined) throw new Error('there is no tenant')
    const shown = reportMarkdown({ ...status, tenants: [{ ...tenant, state, steps }] }, 'de')
    const [head = [], row = []] = tableOf(shown, 'Mandanten')
    expect([row[head.indexOf('von')], row[head.indexOf('Dauer')]]).toEqual([from, duration])
  })
})
