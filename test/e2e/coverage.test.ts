import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ozgctl, ozgctlJson } from '../support/cli.ts'
import { temporaryFile, temporaryFolder } from '../support/folder.ts'
import { quickstartStore } from '../support/quickstart.ts'
import { schemaErrors } from '../support/schema.ts'

const folder = mkdtempSync(join(tmpdir(), 'ozgctl-coverage-'))
const AS_OF = '2026-11-23'
let env: Record<string, string>

beforeAll(async () => {
  env = { OZGCTL_STORE: await quickstartStore(folder), OZGCTL_AS_OF: AS_OF, OZGCTL_QUIET: 'true' }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const run = (...args: string[]) => ozgctl(['coverage', ...args], { env })
const answer = (...args: string[]) => ozgctlJson(['coverage', ...args], { env })

interface Row {
  readonly ars: string
  readonly name: string
  readonly total: number
  readonly online: number
  readonly konform: number
  readonly covered?: number
  readonly bySource: Readonly<Record<string, number>>
  readonly groups?: readonly { readonly group: string; readonly total: number; readonly online: number }[]
  readonly members?: Readonly<Record<string, number>>
}
const rowsOf = (json: Record<string, unknown>): readonly Row[] => json.regions as readonly Row[]

/** Online and konform of each Gemeinde, worked out by hand from the tables of the fixtures. */
const EXPECTED: Readonly<Record<string, readonly [number, number]>> = {
  'Osnabrück, Stadt': [66, 35],
  'Melle, Stadt': [66, 30],
  'Georgsmarienhütte, Stadt': [60, 31],
  'Bramsche, Stadt': [57, 27],
  Wallenhorst: [48, 24],
  'Bersenbrück, Stadt': [45, 23],
  Ankum: [44, 23],
  'Bad Essen': [44, 23],
  'Quakenbrück, Stadt': [43, 23],
  Belm: [43, 22],
  'Bad Iburg, Stadt': [42, 22],
  Bohmte: [41, 23],
  Nortrup: [41, 22],
  'Fürstenau, Stadt': [40, 22],
  Glandorf: [40, 22],
  Voltlage: [39, 22],
  Ostercappeln: [39, 22],
  'Giebel, gemfr. Gebiet': [25, 16],
  'Hanau, Brüder-Grimm-Stadt': [9, 7],
}

describe('coverage report', () => {
  test('counts what was worked out by hand, of one denominator, and the sources sum up', async () => {
    const { json, code } = await answer('report')
    expect(code).toBe(0)
    expect(schemaErrors('coverage-report', json)).toEqual([])
    const rows = rowsOf(json)
    expect(rows).toHaveLength(37)
    const byName = new Map(rows.map((row) => [row.name, row]))
    for (const [name, [online, konform]] of Object.entries(EXPECTED)) {
      const row = byName.get(name)
      expect(row && [name, row.online, row.konform, row.total]).toEqual([name, online, konform, 88])
    }
    for (const { online, bySource } of rows)
      expect(Object.values(bySource).reduce((sum, count) => sum + count)).toBe(online)
    expect(json).toMatchObject({
      catalog: 'catalog-1',
      rule: {
        rule: 'any',
        view: 'citizen',
        scope: 'all',
        online: 2,
        konform: 3,
        minReifegrad: 2,
        asOf: AS_OF,
      },
      unknown: { regions: ['034590099099'], leistungen: ['99107023099000'] },
    })
  })

  test('a kreisfreie Stadt offers by itself, a member inherits from Verband, county, Land and Bund', async () => {
    const { json } = await answer('report')
    const of = (ars: string) => rowsOf(json).find((row) => row.ars === ars)?.bySource
    expect(of('034040000000')).toEqual({
      own: 42,
      verband: 0,
      kreis: 0,
      bezirk: 0,
      land: 15,
      bund: 9,
      member: 0,
    })
    expect(of('034595402010')).toEqual({
      own: 1,
      verband: 5,
      kreis: 16,
      bezirk: 0,
      land: 14,
      bund: 9,
      member: 0,
    })
    expect(of('064350014014')).toEqual({
      own: 0,
      verband: 0,
      kreis: 0,
      bezirk: 0,
      land: 0,
      bund: 9,
      member: 0,
    })
  })

  test('views: own counts the authority alone, portal what the network shares', async () => {
    const one = async (...args: string[]) => {
      const { json } = await answer('report', '--in', '034595401007', ...args)
      return rowsOf(json)[0]?.online
    }
    expect(await one('--view', 'own')).toBe(0)
    // The network has no rules: its portals show what any member offers, beyond what reaches people there.
    expect(await one('--view', 'portal')).toBe(66)
    expect(await one()).toBe(41)
    // Without a tenant nothing is shared: Osnabrück lies in no network.
    const { json } = await answer('report', '--in', '03404', '--view', 'portal')
    expect(rowsOf(json)[0]?.bySource).toMatchObject({ own: 42, kreis: 0 })
    const empty = { XDG_STATE_HOME: temporaryFolder(), OZGCTL_QUIET: 'true' }
    const none = await ozgctlJson(['coverage', 'report'], { env: empty })
    expect(none).toMatchObject({ code: 64, json: { error: { code: 'NO_CATALOG_SNAPSHOT' } } })
    expect(schemaErrors('error', none.json)).toEqual([])
  })

  test('scopes: what municipalities execute, or a list', async () => {
    const kommunal = await answer('report', '--in', '034590014014', '--scope', 'kommunal')
    expect(rowsOf(kommunal.json)[0]).toMatchObject({ total: 78 })
    const list = temporaryFile('list.txt', '10026\n10119\n10999\n')
    const listed = await answer('report', '--in', '034590014014', '--scope', list)
    expect(rowsOf(listed.json)[0]).toMatchObject({ total: 2, online: 0 })
    expect(listed.json).toMatchObject({ rule: { scope: list }, unknown: { scope: ['10999'] } })
    expect(await run('report', '--scope', 'no-such-file')).toMatchObject({ code: 65, stdout: '' })
  })

  test('rules and a threshold of one’s own', async () => {
    const all = await answer('report', '--in', '03404', '--rule', 'all')
    expect(rowsOf(all.json)[0]).toMatchObject({ online: 1, konform: 0 })
    const share = await answer('report', '--in', '03404', '--rule', 'share')
    expect(schemaErrors('coverage-report', share.json)).toEqual([])
    expect(rowsOf(share.json)[0]).toMatchObject({ online: 66, onlineShare: expect.any(Number) })
    const four = await answer('report', '--in', '03404', '--min-reifegrad', '4')
    expect(rowsOf(four.json)[0]).toMatchObject({ online: 66, konform: 35, covered: 3 })
  })

  test('an offer counts from its first to its last day', async () => {
    const konform = async (ars: string, day: string) => {
      const { json } = await answer('report', '--in', ars, '--as-of', day)
      return rowsOf(json)[0]?.konform
    }
    // Bad Laer: Meldebestätigung until 2024-12-31; Hilter: the same from 2099-01-01.
    expect(await konform('034590005005', '2024-12-31')).toBe(
      1 + ((await konform('034590005005', '2025-01-01')) ?? 0),
    )
    expect(await konform('034590022022', '2098-12-31')).toBe(22)
    // The county's Waffenerlaubnis begins on that day too, and ends in its year.
    expect(await konform('034590022022', '2099-01-01')).toBe(24)
    expect(await konform('034590022022', '2100-01-01')).toBe(23)
    expect(await run('report', '--as-of', '2026-02-30')).toMatchObject({ code: 64 })
  })

  test('groups divide the denominator', async () => {
    for (const [by, groups] of [
      ['themenfeld', 14],
      ['source', 7],
      ['reifegrad', 9],
    ] as const) {
      const { json } = await answer('report', '--in', '034590014014', '--by', by)
      expect(schemaErrors('coverage-report', json)).toEqual([])
      const row = rowsOf(json)[0]
      expect(row?.groups).toHaveLength(groups)
      expect(row?.groups?.reduce((sum, { online }) => sum + online, 0)).toBe(57)
      if (by !== 'source') expect(row?.groups?.reduce((sum, { total }) => sum + total, 0)).toBe(88)
    }
  })

  test('a county: its own chain, and beside it what people in its Gemeinden can use', async () => {
    const { json } = await answer('report', '--level', 'kreis', '--in', '03459')
    expect(schemaErrors('coverage-report', json)).toEqual([])
    expect(rowsOf(json)).toEqual([
      expect.objectContaining({
        ars: '03459',
        level: 'kreis',
        online: 39,
        konform: 22,
        bySource: { own: 16, verband: 0, kreis: 0, bezirk: 0, land: 14, bund: 9, member: 0 },
        members: {
          count: 34,
          onlineMin: 39,
          onlineMean: expect.closeTo(1468 / 34, 6),
          onlineMax: 66,
          onlineEverywhere: 39,
          konformEverywhere: 22,
        },
      }),
    ])
    const laender = await answer('report', '--level', 'land')
    expect(rowsOf(laender.json).map(({ ars }) => ars)).toEqual(['03', '06'])
  })

  test('--tenants keeps the regions that have a portal, of every level', async () => {
    const { json } = await answer('report', '--tenants')
    const rows = rowsOf(json)
    expect(rows).toHaveLength(39)
    expect(rows.filter(({ ars }) => ars.length < 12).map(({ ars }) => ars)).toEqual([
      '03459',
      '034595401',
      '034595402',
      '034595403',
      '034595404',
    ])
  })

  test('CSV, Markdown, JSON and a file say the same as the screen', async () => {
    const csv = await run('report', '--in', '034590014014', '--output', 'csv')
    expect(csv.stdout).toBe(
      'ars;name;level;inhabitants;online;online_percent;konform;konform_percent;total;own;verband;kreis;bezirk;land;bund;member\n' +
        '034590014014;"Bramsche, Stadt";gemeinde;32179;57;64.7;27;30.6;88;18;0;16;0;14;9;0\n',
    )
    const markdown = await run('report', '--in', '034590014014', '--output', 'markdown', '--lang', 'en')
    expect(markdown.stdout.split('\n')[2]).toBe(
      '| 034590014014 | Bramsche, Stadt | 32,179 | 57 | 64.7 % | 27 | 30.6 % | 88 | 18 | 16 | 14 | 9 |',
    )
    const out = join(temporaryFolder(), 'report.csv')
    const file = await run('report', '--in', '034590014014', '--output', 'csv', '--out', out)
    expect([file.stdout, readFileSync(out, 'utf8')]).toEqual(['', csv.stdout])
    const asJson = await run('report', '--in', '034590014014', '--output', 'json')
    expect(JSON.parse(asJson.stdout)).toEqual((await answer('report', '--in', '034590014014')).json)
  })

  test('a report that cannot be written leaves the former one as it was', async () => {
    const out = join(temporaryFolder(), 'missing', 'report.csv')
    expect(await run('report', '--out', out)).toMatchObject({ code: 74, stdout: '' })
    const former = temporaryFile('report.csv', 'former\n')
    expect(await run('report', '--out', former, '--scope', 'no-such-file')).toMatchObject({ code: 65 })
    expect(readFileSync(former, 'utf8')).toBe('former\n')
  })
})

describe('coverage gaps', () => {
  test('what is missing and who nearby has it', async () => {
    const { json, code } = await answer('gaps', 'Bramsche')
    expect(code).toBe(0)
    expect(schemaErrors('coverage-gaps', json)).toEqual([])
    expect(json).toMatchObject({ ars: '034590014014', total: 88, missing: 31 })
    const gaps = json.gaps as readonly { ozgId: string; best: unknown; elsewhere: unknown }[]
    expect(gaps.find(({ ozgId }) => ozgId === '10377')).toMatchObject({
      best: { reifegrad: 1, source: 'own' },
      elsewhere: {
        count: 3,
        nearest: expect.arrayContaining([{ ars: '034590024024', name: 'Melle, Stadt' }]),
      },
    })
  })

  test('an ambiguous or unknown region is refused with its candidates', async () => {
    const ambiguous = await run('gaps', 'Osnabrück')
    expect(ambiguous).toMatchObject({ code: 64, stdout: '' })
    expect(ambiguous.stderr).toContain('034040000000  Osnabrück, Stadt')
    expect(await run('gaps', 'Nirgendwo')).toMatchObject({ code: 64, stdout: '' })
  })
})

describe('coverage explain', () => {
  test('every candidate and offer with its verdict', async () => {
    const { json, code } = await answer('explain', 'Bramsche', '10026')
    expect(code).toBe(0)
    expect(schemaErrors('coverage-explain', json)).toEqual([])
    expect(json).toMatchObject({ covered: false, source: null, offeredKeys: [] })
    const candidates = json.candidates as readonly {
      source: string
      offers: readonly { verdict: string }[]
    }[]
    expect(candidates.map(({ source, offers }) => [source, offers.map(({ verdict }) => verdict)])).toEqual([
      ['own', ['reifegrad-too-low']],
      ['own', []],
      ['kreis', []],
      ['bezirk', []],
      ['land', []],
      ['bund', []],
    ])
  })

  test('says the same as the report, for every OZG-Leistung of a town', async () => {
    const gaps = (await answer('gaps', 'Melle')).json.gaps as readonly { ozgId: string }[]
    const missing = new Set(gaps.map(({ ozgId }) => ozgId))
    for (const id of ['10005', '10026', '10119', '10160', '10377']) {
      const { json } = await answer('explain', 'Melle', id)
      expect([id, json.covered]).toEqual([id, !missing.has(id)])
    }
  })

  test('a LeiKa key instead of an id is told where it belongs', async () => {
    const wrong = await run('explain', 'Bramsche', '99059001104000')
    expect(wrong).toMatchObject({ code: 64, stdout: '' })
    expect(wrong.stderr).toContain('10026')
  })
})

describe('coverage check', () => {
  test('0 when every Gemeinde reaches it, without gemeindefreie Gebiete', async () => {
    const { json, code } = await answer('check', '--min', '44', '--in', '03')
    expect([code, json.met, json.checked, json.failed]).toEqual([0, true, 35, 0])
    expect(schemaErrors('coverage-check', json)).toEqual([])
  })

  test('4 when one does not; the failing ones last, the worst at the end', async () => {
    const { json, code } = await answer('check', '--min', '50', '--in', '03459')
    expect([code, json.met, json.checked, json.passed, json.failed]).toEqual([4, false, 34, 12, 22])
    expect(schemaErrors('coverage-check', json)).toEqual([])
    const failing = json.failing as readonly { covered: number }[]
    expect(failing.map(({ covered }) => covered)).toEqual(
      failing.map(({ covered }) => covered).sort((a, b) => b - a),
    )
    const text = await run('check', '--min', '50', '--in', '03459')
    expect(text.code).toBe(4)
    expect(text.stdout.trimEnd().split('\n').at(-1)).toContain('Voltlage')
  })

  test('exactly the percentage is enough', async () => {
    // Bad Essen has 44 of 88.
    expect(await run('check', '--min', '50', '--in', '034590003003')).toMatchObject({ code: 0 })
    expect(await run('check', '--min', '50,01', '--in', '034590003003')).toMatchObject({ code: 4 })
  })

  test.each([['101'], ['-1'], ['x'], ['']])('%j is no percentage', async (min) => {
    expect(await run('check', `--min=${min}`)).toMatchObject({ code: 64, stdout: '' })
  })

  test('a region without Gemeinden is a mistake, not a success', async () => {
    expect(await run('check', '--min', '0', '--in', '05')).toMatchObject({ code: 64, stdout: '' })
  })
})

describe('coverage flaechendeckung', () => {
  test('classes of the dashboard, seen from a county', async () => {
    const { json, code } = await answer('flaechendeckung', '--in', '03459')
    expect(code).toBe(0)
    expect(schemaErrors('coverage-flaechendeckung', json)).toEqual([])
    expect(json).toMatchObject({
      gemeinden: 34,
      laender: 2,
      counts: { bundesweit: 9, landesweit: 27, kreisweit: 3, 'mindestens-eine': 27, keine: 22 },
    })
  })
})

test('names from a register are neutral in every output', async () => {
  const hostile = readFileSync('fixtures/region/GV100AD_osnabrueck_301123.txt', 'utf8').replaceAll(
    'Wallenhorst',
    '=1+1\u001b[31mxx',
  )
  const store = { ...env, OZGCTL_STORE: join(temporaryFolder(), 'hostile.db') }
  const register = temporaryFile('gv.txt', fixWidth(hostile))
  for (const args of [
    ['region', 'import', register],
    ['catalog', 'import', 'fixtures/catalog/ozg_leistungen.csv', 'fixtures/catalog/leika_leistungen.csv'],
    ['offer', 'import', 'fixtures/offer/offers.csv'],
  ])
    expect(await ozgctl(args, { env: store })).toMatchObject({ code: 0 })
  for (const output of ['table', 'csv', 'markdown', 'json']) {
    const { stdout } = await ozgctl(['coverage', 'report', '--in', '034590033033', '--output', output], {
      env: store,
    })
    expect(stdout).not.toContain('\u001b')
    expect(stdout).toContain('1+1')
    if (output === 'csv') expect(stdout).toContain(";'=1+1")
  }
})

/** Rows of the Gemeindeverzeichnis have 220 characters whatever stands in them. */
function fixWidth(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : line.slice(0, 220).padEnd(220)))
    .join('\n')
}

test('only what works now: the offers of a tenant whose connector is down do not count', async () => {
  const none = await run('report', '--healthy')
  expect([none.code, none.stderr.split('\n')[0]]).toEqual([
    64,
    'Error: no connector has been checked in the last day',
  ])
  const up = 'kind: http, conditions: [{ status: 200 }, { json: status, equals: UP }]'
  const file = temporaryFile(
    'network.yaml',
    `network: { account: lkos, name: LKOS, anchor: "03459" }
connectors:
  - { name: forms, url: http://127.0.0.1:1/, affects: all, ${up} }
  - { name: register, url: http://127.0.0.1:1/register, affects: { ozg: ["10026"] }, ${up} }
tenants:
  - { ars: "034590024024", slug: melle, name: Melle, connectors: [forms] }
  - { ars: "034590014014", slug: bramsche, name: Bramsche, connectors: [register] }
`,
  )
  expect((await ozgctlJson(['health', 'check', '-f', file], { env })).code).toBe(2)
  const rows = async (...more: string[]) => {
    const { json } = await answer('report', '--in', '03459', ...more)
    const own = (ars: string) => rowsOf(json).find((row) => row.ars === ars)?.bySource.own
    return {
      json,
      melle: own('034590024024'),
      bramsche: own('034590014014'),
      wallenhorst: own('034590037037'),
    }
  }
  const [all, healthy] = [await rows(), await rows('--healthy')]
  expect(schemaErrors('coverage-report', healthy.json)).toEqual([])
  expect(healthy.json.broken).toMatchObject({
    notChecked: 0,
    connectors: [
      { connector: 'forms', tenants: ['034590024024'] },
      { connector: 'register', tenants: ['034590014014'] },
    ],
  })
  expect([all.melle, healthy.melle]).toEqual([expect.any(Number), 0])
  expect(all.melle).toBeGreaterThan(0)
  expect(healthy.wallenhorst).toBe(all.wallenhorst)
})
