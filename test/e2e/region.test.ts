import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ozgctl, ozgctlJson, root } from '../support/cli.ts'
import { temporaryFolder } from '../support/folder.ts'
import { schemaErrors } from '../support/schema.ts'
import { hasRealData, REAL } from '../support/shared.ts'

const fixture = (name: string) => `${root}/fixtures/region/${name}`
const GV = fixture('GV100AD_osnabrueck_301123.txt')
const RS = fixture('regionalschluessel_2026.xml')

/** A folder with a store, and the region commands run on it after importing these files one after another. */
async function registerOf(...files: readonly string[]) {
  const cwd = temporaryFolder()
  const env = { OZGCTL_STORE: join(cwd, 'ozgctl.db') }
  const run = (...args: readonly string[]) => ozgctl(['region', ...args], { cwd, env })
  const json = async (...args: readonly string[]) => {
    const answer = await ozgctlJson(['region', ...args], { cwd, env })
    expect(schemaErrors(answer.code === 0 ? `region-${args[0]}` : 'error', answer.json)).toEqual([])
    return answer
  }
  for (const file of files) expect(await run('import', file)).toMatchObject({ code: 0, stderr: '' })
  return { cwd, run, json }
}

interface RegionRow {
  readonly ars: string
  readonly level: string
  readonly name: string
  readonly inhabitants: number | null
  readonly gemeindefrei: boolean
  readonly carriedOver: readonly string[]
}
const rowsOf = (json: Record<string, unknown>) => json.regions as readonly RegionRow[]

describe('import', () => {
  test('of the Gemeindeverzeichnis says what was read and what is active now, last', async () => {
    const { run } = await registerOf()
    expect((await run('import', GV)).stdout).toBe(
      `GV100AD_osnabrueck_301123.txt: gv100ad, utf-8, 70 Datensätze, sha256 5409cb299fca…
region-1 ist jetzt aktiv: 2 Länder, 3 Bezirke, 4 Kreise, 24 Verbände, 37 Gemeinden, 1 davon gemeindefrei, 634.951 Einwohner
`,
    )
  })

  test('in JSON has snapshot, counts, rejected and sources', async () => {
    const { json } = await registerOf()
    expect((await json('import', GV)).json).toEqual({
      schemaVersion: 1,
      snapshot: 'region-1',
      former: null,
      counts: {
        land: 2,
        bezirk: 3,
        kreis: 4,
        verband: 24,
        gemeinde: 37,
        gemeindefrei: 1,
        inhabitants: 634_951,
      },
      rejected: { total: 0, byReason: {} },
      kept: { total: 0, byReason: {} },
      ignored: {},
      sources: [
        {
          name: 'GV100AD_osnabrueck_301123.txt',
          format: 'gv100ad',
          encoding: 'utf-8',
          bytes: 15_489,
          sha256: '5409cb299fcadb90fbc00a0bfb000a224e131d867343de50da2f5e43dd37f640',
          records: 70,
        },
      ],
    })
  })

  test('of UTF-8 with LF and of ISO-8859-1 with CRLF give equal regions', async () => {
    const [first, second] = await Promise.all([
      registerOf(GV),
      registerOf(fixture('GV100AD_osnabrueck_latin1.asc')),
    ])
    const regions = rowsOf((await first.json('list')).json)
    expect(regions).toHaveLength(70)
    expect(rowsOf((await second.json('list')).json)).toEqual(regions)
  })

  test('from stdin', async () => {
    const cwd = temporaryFolder()
    const run = await ozgctlJson(['region', 'import', '-', '--store', 'a.db'], {
      cwd,
      stdin: readFileSync(GV),
    })
    expect(run).toMatchObject({ code: 0, json: { counts: { gemeinde: 37 }, sources: [{ name: '(stdin)' }] } })
  })

  test('of the code lists after it: ARS and AGS agree, city districts are counted apart', async () => {
    const { json } = await registerOf(GV)
    const ars = await json('import', RS)
    expect(ars.json).toMatchObject({
      snapshot: 'region-2',
      former: 'region-1',
      counts: { land: 3, bezirk: 3, kreis: 5, verband: 25, gemeinde: 38, gemeindefrei: 1 },
      ignored: { 'stadt-ortsteil': 2 },
    })
    const regions = rowsOf((await json('list')).json)
    expect((await json('import', fixture('ags_2026.xml'))).json).toMatchObject({
      snapshot: 'region-3',
      counts: { gemeinde: 38 },
      rejected: { total: 0 },
    })
    expect(rowsOf((await json('list')).json)).toEqual(regions)
  })

  test('of a list of AGS alone is refused: it does not say the Verband', async () => {
    const { json } = await registerOf()
    expect(await json('import', fixture('ags_2026.xml'))).toMatchObject({
      code: 64,
      json: { error: { code: 'REGISTER_NEEDED' } },
    })
  })
})

describe('list', () => {
  test('by level and in a region, gemeindefreie Gebiete marked', async () => {
    const { json, run } = await registerOf(GV)
    const keys = async (...args: readonly string[]) =>
      rowsOf((await json('list', ...args)).json).map(({ ars }) => ars)
    expect(await keys('--level', 'land')).toEqual(['03', '06'])
    expect(await keys('--level', 'bezirk')).toEqual(['031', '034', '064'])
    expect(await keys('--level', 'kreis')).toEqual(['03151', '03404', '03459', '06435'])
    expect(await keys('--in', '034595404')).toEqual([
      '034595404',
      '034595404026',
      '034595404027',
      '034595404032',
    ])
    expect(await keys('--in', '034595404000', '--level', 'gemeinde')).toHaveLength(3)
    expect(await keys('--in', 'DE')).toHaveLength(70)
    expect(await keys('--in', '03404')).toEqual(['03404', '034040000', '034040000000'])
    const all = rowsOf((await json('list', '--level', 'gemeinde')).json)
    expect(all).toHaveLength(37)
    expect(all.filter(({ gemeindefrei }) => gemeindefrei).map(({ name }) => name)).toEqual([
      'Giebel, gemfr. Gebiet',
    ])
    expect(
      (await run('list', '--in', '03151', '--level', 'gemeinde')).stdout,
    ).toBe(`ARS           Ebene     Name                   Art                                Einwohner  gemeindefrei
────────────  ────────  ─────────────────────  ─────────────────────────────────  ─────────  ────────────
031519501501  Gemeinde  Giebel, gemfr. Gebiet  Gemeindefreies Gebiet (unbewohnt)          0  ja
`)
  })

  test('as CSV, the same in every language', async () => {
    const { run } = await registerOf(GV)
    const call = ['list', '--in', '034595404', '--output', 'csv']
    const { stdout } = await run(...call)
    expect(stdout).toBe(`ars;level;ags;name;type;inhabitants;postcode;gemeindefrei;carried_over
034595404;verband;;Neuenkirchen;Samtgemeinde;10406;;false;
034595404026;gemeinde;03459026;Merzen;Kreisangehörige Gemeinde;3915;49586;false;
034595404027;gemeinde;03459027;Neuenkirchen;Kreisangehörige Gemeinde;4652;49586;false;
034595404032;gemeinde;03459032;Voltlage;Kreisangehörige Gemeinde;1839;49599;false;
`)
    expect((await run(...call, '--lang', 'en')).stdout).toBe(stdout)
  })

  test('what carried over is marked', async () => {
    const { json } = await registerOf(GV, RS)
    const regions = new Map(rowsOf((await json('list')).json).map((row) => [row.ars, row]))
    expect(regions.get('03459')).toMatchObject({
      name: 'Osnabrück',
      inhabitants: 366_221,
      carriedOver: ['name', 'type', 'seat', 'inhabitants'],
    })
    expect(regions.get('034590014014')).toMatchObject({
      carriedOver: ['type', 'inhabitants', 'areaHa', 'postcode'],
    })
    expect(regions.get('020000000000')).toMatchObject({
      name: 'Hamburg, Freie und Hansestadt',
      inhabitants: null,
      carriedOver: [],
    })
    expect(regions.get('02')).toMatchObject({ name: 'Hamburg', carriedOver: [] })
  })

  test.each([
    [
      '3459',
      'REGION_INVALID',
      'Did a spreadsheet drop the leading zero? Look for it with: ozgctl region show 03459',
    ],
    ['03459014', 'REGION_INVALID', 'This is an AGS; find the ARS with: ozgctl region show 03459014'],
    ['Osnabrück', 'REGION_INVALID', 'A region is an ARS or its first 2, 3, 5 or 9 digits; DE is the Bund.'],
    ['03460', 'REGION_NOT_FOUND', 'Nearest: 034  Statistische Region Weser-Ems (bezirk), Niedersachsen'],
  ])('--in %s: exit 64 and the way out', async (prefix, code, suggestion) => {
    const { json } = await registerOf(GV)
    const answer = await json('list', '--in', prefix)
    expect(answer).toMatchObject({ code: 64, json: { error: { code } } })
    expect((answer.json.error as { suggestions: string[] }).suggestions[0]).toBe(suggestion)
  })

  test('without a register: exit 64 and the command that imports one', async () => {
    const env = { XDG_STATE_HOME: temporaryFolder() }
    expect(await ozgctlJson(['region', 'list'], { env })).toMatchObject({
      code: 64,
      json: { error: { code: 'NO_REGION_SNAPSHOT', suggestions: ['Run: ozgctl region import FILE'] } },
    })
  })
})

describe('show', () => {
  test('one region and the levels above it, by ARS, prefix, AGS and name', async () => {
    const { run, json } = await registerOf(GV)
    const bramsche = `Bramsche, Stadt
  ARS        034590014014
  AGS        03459014
  Ebene      Gemeinde (Stadt)
  Einwohner  32.179
  Verband    034590014  Bramsche, Stadt
  Kreis      03459  Osnabrück
  Bezirk     034  Statistische Region Weser-Ems
  Land       03  Niedersachsen
`
    for (const wanted of ['034590014014', '03459014', 'bramsche', 'Bramsche, Stadt'])
      expect((await run('show', wanted)).stdout).toBe(bramsche)
    const { json: answer } = await json('show', '034590000000')
    expect(answer).toMatchObject({
      snapshot: 'region-1',
      region: { ars: '03459', level: 'kreis', type: 'Landkreis' },
      above: [{ ars: '034' }, { ars: '03' }],
    })
  })

  test('an ambiguous name lists the candidates and fails', async () => {
    const { run } = await registerOf(GV)
    expect(await run('show', 'Osnabrück')).toMatchObject({
      code: 64,
      stdout: '',
      stderr: `Error: "Osnabrück" can mean 2 regions
  034040000000  Osnabrück, Stadt (Kreisfreie Stadt), Niedersachsen
  03459  Osnabrück (Landkreis), Niedersachsen
`,
    })
    expect((await run('show', 'Bersenbrück')).stderr).toContain('"Bersenbrück" can mean 2 regions')
    expect((await run('show', 'Osnabrück, Stadt')).stdout).toMatch(
      /^Osnabrück, Stadt\n {2}ARS +034040000000\n/,
    )
  })
})

describe('history and diff', () => {
  test('history names every snapshot; the last one is active', async () => {
    const { json, run } = await registerOf(GV, RS)
    const { json: answer } = await json('history')
    expect(answer.snapshots).toMatchObject([
      { snapshot: 'region-1', active: false, counts: { gemeinde: 37 } },
      { snapshot: 'region-2', active: true, counts: { gemeinde: 38 }, sources: [{ format: 'genericode' }] },
    ])
    const lines = (await run('history')).stdout.split('\n')
    expect(lines[3]).toMatch(/^region-2 {2}\* .*3 Länder, .*38 Gemeinden.*regionalschluessel_2026\.xml$/)
  })

  test('diff finds what came and whose key changed: Hanau is kreisfrei in 2026', async () => {
    const { json, run } = await registerOf(GV, RS)
    expect((await json('diff')).json).toEqual({
      schemaVersion: 1,
      from: 'region-1',
      to: 'region-2',
      counts: { added: 1, dissolved: 0, renamed: 0, keyChanged: 1 },
      added: [{ ars: '020000000000', name: 'Hamburg, Freie und Hansestadt' }],
      dissolved: [],
      renamed: [],
      keyChanged: [
        {
          from: { ars: '064350014014', name: 'Hanau, Brüder-Grimm-Stadt' },
          to: { ars: '064150000000', name: 'Hanau, Brüder-Grimm-Stadt' },
        },
      ],
    })
    expect(
      (await run('diff')).stdout,
    ).toBe(`Änderung         ARS vorher    Name vorher                ARS nachher   Name nachher
───────────────  ────────────  ─────────────────────────  ────────────  ─────────────────────────────
neu                                                       020000000000  Hamburg, Freie und Hansestadt
neuer Schlüssel  064350014014  Hanau, Brüder-Grimm-Stadt  064150000000  Hanau, Brüder-Grimm-Stadt

region-1 → region-2: neu: 1, aufgelöst: 0, neuer Schlüssel: 1, umbenannt: 0
`)
    expect((await json('diff', '2', '1')).json).toMatchObject({
      from: 'region-2',
      to: 'region-1',
      counts: { added: 0, dissolved: 1, keyChanged: 1 },
    })
    expect((await run('diff', 'region-2', 'region-2')).stdout).toBe(
      'region-2 → region-2: keine Unterschiede\n',
    )
  })

  test('diff of a snapshot that is not there, or of only one', async () => {
    const { json } = await registerOf(GV)
    expect(await json('diff')).toMatchObject({ code: 64, json: { error: { code: 'SNAPSHOT_UNKNOWN' } } })
    expect(await json('diff', 'region-7')).toMatchObject({
      code: 64,
      json: { error: { suggestions: ['There are: region-1'] } },
    })
  })
})

describe.skipIf(!hasRealData)('the real register (skipped where it is not beside the checkout)', () => {
  test('of 2023 in full, and the code list of 2026 on top of it', async () => {
    const { json } = await registerOf()
    expect((await json('import', REAL.gv100ad)).json).toMatchObject({
      counts: {
        land: 16,
        bezirk: 29,
        kreis: 400,
        verband: 4597,
        gemeinde: 10_981,
        gemeindefrei: 208,
        inhabitants: 84_358_845,
      },
      ignored: { 'satzart-30-region': 12 },
      rejected: { total: 0 },
      kept: { total: 0 },
      sources: [{ records: 16_035, bytes: 3_547_107 }],
    })
    const before = rowsOf((await json('list')).json)
    const gemeinden = before.filter(({ level }) => level === 'gemeinde')
    // Figures of the register's own record description, Land by Land.
    const byLand = Map.groupBy(gemeinden, ({ ars }) => ars.slice(0, 2))
    expect([...byLand.values()].map((rows) => rows.length)).toEqual([
      1106, 1, 964, 2, 396, 425, 2302, 1103, 2228, 53, 1, 413, 727, 418, 218, 624,
    ])
    // What the levels above sum up is what the Gemeinden have, at each level.
    for (const level of ['land', 'verband'])
      expect(sum(before.filter((row) => row.level === level))).toBe(84_358_845)

    expect((await json('import', REAL.regionalschluessel)).json).toMatchObject({
      counts: { land: 16, bezirk: 29, kreis: 401, verband: 4584, gemeinde: 10_944, gemeindefrei: 197 },
      ignored: { 'stadt-ortsteil': 283 },
      rejected: { total: 0 },
    })
    const after = rowsOf((await json('list')).json)
    // A Verband that is new in 2026 has no name anywhere: the list names Gemeinden only.
    expect(after.filter(({ name }) => name.startsWith('(')).map(({ name }) => name)).toEqual(['(160615051)'])
    // Only what is new has no inhabitants.
    const unknown = after.filter(({ level, inhabitants }) => level === 'gemeinde' && inhabitants === null)
    expect(unknown.map(({ ars }) => ars)).toEqual(['039019999999', '130009999998', '160760094094'])
  })

  test('what changed until 2026 is what a comparison of the files by hand gives', async () => {
    const { json } = await registerOf(REAL.gv100ad, REAL.regionalschluessel)
    const { json: diff } = await json('diff')
    const old = gemeindenOfGv(readFileSync(REAL.gv100ad, 'utf8'))
    const now = gemeindenOfList(readFileSync(REAL.regionalschluessel, 'utf8'))
    const gone = [...old.keys()].filter((key) => !now.has(key))
    const fresh = [...now.keys()].filter((key) => !old.has(key))
    expect([gone.length, fresh.length]).toEqual([50, 13])
    const ags = (ars: string) => ars.slice(0, 5) + ars.slice(9)
    const sameAgs = gone.filter((key) => fresh.some((other) => ags(other) === ags(key)))
    const sameName = gone.filter(
      (key) => !sameAgs.includes(key) && fresh.some((other) => now.get(other) === old.get(key)),
    )
    expect([sameAgs.length, sameName]).toEqual([8, ['064350014014', '072325005096']])
    const renamed = [...old].filter(([key, name]) => now.has(key) && now.get(key) !== name)
    expect(diff.counts).toEqual({
      added: fresh.length - sameAgs.length - sameName.length,
      dissolved: gone.length - sameAgs.length - sameName.length,
      renamed: renamed.length,
      keyChanged: sameAgs.length + sameName.length,
    })
    expect(diff.counts).toEqual({ added: 3, dissolved: 40, renamed: 25, keyChanged: 10 })
    const from = (list: unknown) =>
      (list as readonly { from: { ars: string } }[]).map((item) => item.from.ars)
    expect(from(diff.keyChanged).sort()).toEqual([...sameAgs, ...sameName].sort())
    expect(from(diff.renamed)).toEqual(renamed.map(([key]) => key).sort())
  })
})

const sum = (rows: readonly RegionRow[]) =>
  rows.reduce((total, { inhabitants }) => total + (inhabitants ?? 0), 0)
const tidy = (name: string) => name.trim().replace(/\s+/g, ' ')

/** Keys and names of the Gemeinden, read without any of our own code. */
function gemeindenOfGv(text: string): ReadonlyMap<string, string> {
  const rows = text.split(/\r?\n/).filter((line) => line.startsWith('60'))
  return new Map(
    rows.map((line) => [
      line.slice(10, 15) + line.slice(18, 22) + line.slice(15, 18),
      tidy(line.slice(22, 72)),
    ]),
  )
}

function gemeindenOfList(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const [, row = ''] of text.matchAll(/<Row>(.*?)<\/Row>/gs)) {
    if (row.includes('Stadt-/Ortsteil')) continue
    const value = (column: string) =>
      new RegExp(`ColumnRef="${column}">\\s*<SimpleValue>(.*?)</SimpleValue>`, 's').exec(row)?.[1] ?? ''
    found.set(value('SCHLUESSEL').trim(), tidy(value('Bezeichnung').replaceAll('&amp;', '&')))
  }
  return found
}
