import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeEach, describe, expect, it } from 'vitest'
import { ozgctl, ozgctlJson, root } from '../support/cli.ts'
import { temporaryFile, temporaryFolder } from '../support/folder.ts'
import { schemaErrors } from '../support/schema.ts'
import { hasRealData, REAL } from '../support/shared.ts'

const fixture = (name: string): string => join(root, 'fixtures', name)
const OFFERS = fixture('offer/offers.csv')
const HUND = '99110009104000'

let env: Record<string, string>
beforeEach(() => {
  env = { OZGCTL_STORE: join(temporaryFolder(), 'ozgctl.db') }
})
const run = (...args: readonly string[]) => ozgctl(args, { env })
const answer = (...args: readonly string[]) => ozgctlJson(args, { env })
const table = (...rows: readonly string[]): string =>
  temporaryFile(
    'offers.csv',
    ['region;leika_key;reifegrad;url;authority;valid_from;valid_to', ...rows, ''].join('\n'),
  )

async function importBase(): Promise<void> {
  await run('region', 'import', fixture('region/GV100AD_osnabrueck_301123.txt'))
  await run(
    ...['catalog', 'import', fixture('catalog/ozg_leistungen.csv'), fixture('catalog/leika_leistungen.csv')],
  )
}

describe('offer import', () => {
  it('answers with counts and what is unknown', async () => {
    await importBase()
    const { code, stderr, json } = await answer('offer', 'import', OFFERS)
    expect([code, stderr]).toEqual([0, ''])
    expect(schemaErrors('offer-import', json)).toEqual([])
    expect(json).toMatchObject({
      snapshot: 'offer-1',
      former: null,
      counts: { offers: 257, regions: 26 },
      rejected: { total: 0, byReason: {} },
      kept: { total: 1, byReason: { 'duplicate-row': 1 } },
      unknown: { regions: 1, leistungen: 1 },
      unknownRegions: ['034590099099'],
      unknownLeistungen: ['99107023099000'],
    })
  })

  it('tells people the same, the snapshot last', async () => {
    await importBase()
    const { stdout, stderr } = await run('offer', 'import', OFFERS)
    expect(stderr).toBe('')
    expect(stdout.trimEnd().split('\n').slice(1)).toEqual([
      expect.stringMatching(/^1 × duplicate-row /),
      '    offers.csv:257: region leika_key "034590034034 99110009104000"',
      '1 × Gebiet nicht im Verzeichnis: 034590099099',
      '1 × Schlüssel nicht im Katalog: 99107023099000',
      'offer-1 ist jetzt aktiv: 257 Angebote, 26 Gebiete',
    ])
    const dry = await run('offer', 'import', OFFERS, '--dry-run', '--lang', 'en')
    const lines = dry.stdout.trimEnd().split('\n')
    expect(lines.at(0)).toBe('Dry run: nothing is written')
    expect(lines.at(-2)).toBe('1 × key not in the catalogue: 99107023099000')
  })

  it('says on stderr and in JSON that nothing could be compared', async () => {
    const { json, stderr } = await answer('offer', 'import', OFFERS)
    expect(schemaErrors('offer-import', json)).toEqual([])
    expect(json).toMatchObject({ unknown: { regions: null, leistungen: null } })
    expect((json.warnings as string[]).map((line) => line.slice(0, 16))).toEqual([
      'no register yet:',
      'no catalogue yet',
    ])
    expect(stderr).toContain('run: ozgctl region import FILE')
  })

  it('makes the same snapshot of the dashboard’s CSV and JSON, packed or not', async () => {
    const csv = await answer('offer', 'import', fixture('offer/dashboard.csv'))
    expect(csv.json).toMatchObject({ counts: { offers: 66, regions: 4, assumedReifegrad: 66 } })
    const packed = temporaryFile('page.gz', gzipSync(readFileSync(fixture('offer/dashboard.json'))))
    const json = await answer('offer', 'import', packed)
    expect(schemaErrors('offer-import', json.json)).toEqual([])
    const diff = await answer('offer', 'diff')
    expect(diff.json).toMatchObject({ counts: { added: 0, removed: 0, changed: 0 }, changes: [] })
    expect((await run('offer', 'diff')).stdout).toBe('offer-1 → offer-2: keine Unterschiede\n')
  })

  it('assumes a Reifegrad where the source has none', async () => {
    const list = temporaryFile('bare.csv', `region,leika_key\n03459,${HUND}\n`)
    const refused = await answer('offer', 'import', list)
    expect(refused).toMatchObject({ code: 65, json: { error: { code: 'NOTHING_USABLE' } } })
    expect((await run('offer', 'import', list, '--reifegrad', '8')).code).toBe(64)
    const { json } = await answer('offer', 'import', list, '--reifegrad', '1')
    expect(json).toMatchObject({ counts: { offers: 1, assumedReifegrad: 1 } })
    const { stdout } = await run('offer', 'list')
    expect(stdout).toContain('offer-1: 1 Angebote, 1 Gebiete, 1 mit angenommenem Reifegrad\n')
  })

  it('reads an XZuFi transfer', async () => {
    await importBase()
    const { json } = await answer('offer', 'import', fixture('offer/xzufi-offers.xml'))
    expect(schemaErrors('offer-import', json)).toEqual([])
    expect(json).toMatchObject({
      counts: { offers: 8, regions: 6, assumedReifegrad: 8 },
      ignored: { 'zustaendigkeit-organisationseinheit': 2, 'zustaendigkeit-geloescht': 1 },
      unknown: { regions: 0, leistungen: 0 },
    })
  })

  it('leaves the former snapshot when a file is cut off, and says where', async () => {
    await run('offer', 'import', OFFERS)
    const cut = temporaryFile('cut.csv', readFileSync(OFFERS).subarray(0, 9000))
    const failed = await answer('offer', 'import', cut)
    expect(failed).toMatchObject({ code: 65, json: { error: { code: 'CSV_TRUNCATED' } } })
    expect(schemaErrors('error', failed.json)).toEqual([])
    expect((await run('offer', 'import', cut)).stderr).toMatch(/^Error: cut\.csv:\d+: the last row has /)
    const page = await run(
      'offer',
      'import',
      temporaryFile('page.csv', '<html><body>Anmeldung</body></html>'),
    )
    expect(page).toMatchObject({ code: 65, stdout: '' })
    expect(page.stderr).toContain('this is a web page (HTML), not data')
    const { json } = await answer('offer', 'history')
    expect(json.snapshots).toMatchObject([{ snapshot: 'offer-1', active: true }])
  })

  it('at the same time as another is a snapshot of its own, whole', async () => {
    const files = [OFFERS, fixture('offer/dashboard.csv'), OFFERS, fixture('offer/dashboard.json')]
    const runs = await Promise.all(
      files.map((file) => answer('offer', 'import', file, '--allow-shrink', '--replace', '--reifegrad', '3')),
    )
    expect(runs.map(({ code, json }) => [code, json.counts])).toMatchObject([
      [0, { offers: 257, regions: 26 }],
      [0, { offers: 66, regions: 4 }],
      [0, { offers: 257, regions: 26 }],
      [0, { offers: 66, regions: 4 }],
    ])
    expect(new Set(runs.map(({ json }) => json.snapshot))).toEqual(
      new Set(['offer-1', 'offer-2', 'offer-3', 'offer-4']),
    )
    // Two of the same file have the same offers, whatever was written between them.
    const [one, two] = [runs[0]?.json.snapshot, runs[2]?.json.snapshot]
    expect((await answer('offer', 'diff', String(one), String(two))).json).toMatchObject({
      counts: { added: 0, removed: 0, changed: 0 },
    })
    const { json } = await answer('offer', 'history')
    const snapshots = json.snapshots as readonly { snapshot: string; active: boolean }[]
    expect(snapshots.filter(({ active }) => active).map(({ snapshot }) => snapshot)).toEqual(['offer-4'])
  })

  describe('of one town', () => {
    const MELLE = '034590024024'
    const list = () => table(`${MELLE};${HUND};2;https://melle.example/;Stadt Melle;;`)

    it.each([[['--allow-shrink']], [['--allow-shrink', '--dry-run']]])(
      'is refused where others have offers, and names them: %j',
      async (flags) => {
        await run('region', 'import', fixture('region/GV100AD_osnabrueck_301123.txt'))
        await run('offer', 'import', OFFERS)
        const { code, json } = await answer('offer', 'import', list(), ...flags)
        expect(code).toBe(65)
        expect(json.error).toEqual({
          code: 'OFFERS_VANISH',
          message: '25 of 26 regions with offers in offer-1 have none here; nothing was imported',
          suggestions: [
            'DE  Bund',
            '030000000000  Niedersachsen',
            '034040000000  Osnabrück, Stadt',
            ...[expect.any(String), expect.any(String), expect.any(String), expect.any(String)],
            expect.any(String),
            '… and 17 more',
            'An import takes the place of all offers: name the files of all sources in one call.',
            'If these are to be all offers there are, repeat with --replace.',
          ],
        })
        expect((await answer('offer', 'history')).json.snapshots).toMatchObject([
          { snapshot: 'offer-1', active: true },
        ])
      },
    )

    it('is taken where it is meant, or where nobody else has any', async () => {
      expect((await answer('offer', 'import', list())).code).toBe(0)
      const again = await answer('offer', 'import', list())
      expect([again.code, again.json.former]).toEqual([0, 'offer-1'])
      // More regions take nothing away.
      expect((await answer('offer', 'import', OFFERS)).code).toBe(0)
      const meant = await answer('offer', 'import', list(), '--replace', '--allow-shrink')
      expect([meant.code, meant.json.counts]).toEqual([0, { offers: 1, regions: 1 }])
    })

    it('and of the others in one call is the whole', async () => {
      await run('offer', 'import', OFFERS)
      expect((await answer('offer', 'import', OFFERS, list())).code).toBe(0)
    })
  })

  it('refuses a list of which much cannot be used, and counts what is left out in its last line', async () => {
    const rows = Array.from({ length: 10 }, (_, at) => `0345900${at + 10}0${at + 10};${HUND};1;;;;`)
    const bad = ';merged cells;1;;;;'
    const refused = await answer('offer', 'import', table(...rows, bad, bad))
    expect([refused.code, refused.json.error]).toMatchObject([
      65,
      {
        code: 'REJECTS_TOO_MANY',
        suggestions: expect.arrayContaining(['If they may be left out, repeat with --max-rejects 17%.']),
      },
    ])
    const meant = await run('offer', 'import', table(...rows, bad, bad), '--max-rejects', '17%')
    expect(meant.stdout.trimEnd().split('\n').at(-1)).toMatch(/ Gebiete; 2 nicht verwendbar$/)
    const few = await run('offer', 'import', table(...rows, bad), '--replace', '--lang', 'en')
    expect(few.stdout.trimEnd().split('\n').at(-1)).toMatch(/ regions; 1 rejected$/)
  })

  it.each(['x', '101%', '-1', '1.5', ''])('takes no --max-rejects=%j', async (amount) => {
    const { code, json } = await answer('offer', 'import', OFFERS, `--max-rejects=${amount}`)
    expect([code, json.error]).toMatchObject([64, { code: 'MAX_REJECTS_INVALID' }])
  })

  it('does not even create the store in a dry run', async () => {
    const { code, json } = await answer('offer', 'import', OFFERS, '--dry-run')
    expect([code, json.snapshot, json.dryRun]).toEqual([0, 'offer-1', true])
    expect(existsSync(env.OZGCTL_STORE ?? '')).toBe(false)
  })

  it('writes what it rejects to a file', async () => {
    const rejects = join(temporaryFolder(), 'rejects.csv')
    const list = table(`03;${HUND};1;;;;`, `34590024024;${HUND};1;;;;`, `03459024;${HUND};9;;;;`)
    const { json } = await answer('offer', 'import', list, '--rejects', rejects, '--max-rejects', '2')
    expect(json).toMatchObject({
      counts: { offers: 1 },
      rejected: { total: 2, byReason: { 'ags-instead-of-ars': 1, 'leading-zero-lost': 1 } },
    })
    expect(readFileSync(rejects, 'utf8').split('\n').slice(1)).toEqual([
      'offers.csv;3;1;rejected;leading-zero-lost;region;34590024024',
      'offers.csv;4;1;rejected;ags-instead-of-ars;region;03459024',
      '',
    ])
  })
})

describe('offer list', () => {
  beforeEach(async () => {
    await importBase()
    await run('offer', 'import', OFFERS)
  })

  it('lists a county with everything in it, by region and key', async () => {
    const { json } = await answer('offer', 'list', '--in', '034590000000')
    expect(schemaErrors('offer-list', json)).toEqual([])
    const offers = json.offers as { ars: string; leikaKey: string }[]
    expect(new Set(offers.map(({ ars }) => ars.slice(0, 5)))).toEqual(new Set(['03459']))
    const order = offers.map(({ ars, leikaKey }) => `${ars} ${leikaKey}`)
    expect(order).toEqual([...order].sort())
    const csv = await run('offer', 'list', '--in', '03459', '--output', 'csv')
    expect(csv.stdout.trimEnd().split('\n')).toHaveLength(offers.length + 1)
  })

  it('keeps a key or the keys of an OZG-Leistung', async () => {
    const { stdout } = await run('offer', 'list', '--key', '99 107 023 099 000', '--output', 'csv')
    expect(stdout).toBe(
      'region;region_name;leika_key;name;reifegrad;assumed;url;authority;valid_from;valid_to\n' +
        '034590024024;"Melle, Stadt";99107023099000;;3;false;https://service.stadt-melle.example/unbekannt;Stadt Melle;;\n',
    )
    const { json } = await answer('offer', 'list', '--ozg', '10119')
    expect(json.offers).toHaveLength(14)
    expect(await run('offer', 'list', '--ozg', '1')).toMatchObject({ code: 64, stdout: '' })
    expect((await run('offer', 'list', '--in', '06')).stdout).toBe('offer-1: 0 Angebote, 0 Gebiete\n')
  })

  it('has nothing to list in an empty store', async () => {
    const empty = { XDG_STATE_HOME: temporaryFolder() }
    const { code, json } = await ozgctlJson(['offer', 'list'], { env: empty })
    expect([code, json]).toMatchObject([64, { error: { code: 'NO_OFFER_SNAPSHOT' } }])
  })
})

describe('offer diff', () => {
  it('shows what came, went and changed', async () => {
    const same = `03;${HUND};1;https://a.example/;Land;;`
    await run('offer', 'import', table(same, `03459;${HUND};2;https://b.example/;Kreis;;`))
    await run(
      'offer',
      'import',
      table(same, `03459;${HUND};3;https://c.example/;Kreis;;`, `DE;${HUND};1;;Bund;;`),
    )
    const { json } = await answer('offer', 'diff')
    expect(schemaErrors('offer-diff', json)).toEqual([])
    expect(json).toMatchObject({
      from: 'offer-1',
      to: 'offer-2',
      counts: { added: 1, removed: 0, changed: 1 },
    })
    const { stdout } = await run('offer', 'diff', 'offer-1', 'offer-2', '--output', 'csv')
    expect(stdout.split('\n').slice(1)).toEqual([
      `added;DE;${HUND};;;1;;;;false;;Bund;;;;`,
      `changed;03459;${HUND};"reifegrad, url";2;3;https://b.example/;https://c.example/;false;false;Kreis;Kreis;;;;`,
      '',
    ])
    const back = await answer('offer', 'diff', '2', '1')
    expect(back.json).toMatchObject({ counts: { added: 0, removed: 1, changed: 1 } })
    const people = await run('offer', 'diff')
    expect(people.stdout.trimEnd().split('\n').at(-1)).toBe(
      'offer-1 → offer-2: 1 neu, 0 entfallen, 1 geändert',
    )
  })

  it('needs two snapshots', async () => {
    await run('offer', 'import', table(`03;${HUND};1;;;;`))
    expect(await run('offer', 'diff')).toMatchObject({ code: 64, stdout: '' })
  })
})

describe('hostile text in offers', () => {
  const ESC = '\u001B'
  const AUTHORITY = `=HYPERLINK("https://evil.example";"Amt")${ESC}[31m\u202E`

  beforeEach(async () => {
    const quoted = `"${AUTHORITY.replaceAll('"', '""')}"`
    await run('offer', 'import', table(`03;${HUND};1;javascript:alert(1);${quoted};;`))
  })

  it.each([
    ['table', '=HYPERLINK("https://evil.example";"Amt")\\x1b[31m\\u202e'],
    ['csv', `"'=HYPERLINK(""https://evil.example"";""Amt"")\\x1b[31m\\u202e"`],
    ['markdown', '\\\\x1b\\[31m\\\\u202e'],
    ['json', '\\u001b[31m\\u202e'],
  ])('is neutral as %s', async (format, expected) => {
    const { stdout } = await run('offer', 'list', '--output', format)
    expect(stdout).toContain(expected)
    expect(stdout).not.toContain(ESC)
    expect(stdout).not.toContain('\u202E')
    expect(stdout).not.toContain('javascript:')
  })

  it('is neutral in a comparison and in the report of an import', async () => {
    await run('offer', 'import', table(`03;${HUND};2;;${ESC}[2J-Amt;;`))
    const diff = await run('offer', 'diff', '--output', 'csv')
    expect(diff.stdout).toContain(`"'=HYPERLINK(`)
    expect(diff.stdout).not.toContain(ESC)
    const report = await run(
      'offer',
      'import',
      table(`03;${HUND};2;;;;`, `${ESC}[2J;${HUND};2;;;;`),
      '--max-rejects',
      '1',
    )
    expect(report.stdout).toContain('region "\\u001b[2J"')
    expect(report.stdout).not.toContain(ESC)
  })
})

describe.skipIf(!hasRealData)('offers against the real register and catalogue', () => {
  it('knows every region and key of Germany', async () => {
    await run('region', 'import', REAL.gv100ad)
    await run('catalog', 'import', REAL.ozg, REAL.leika)
    const list = table(
      `091620000000;${HUND};2;;München;;`,
      `11;${HUND};2;;Berlin;;`,
      `010510044044;99012001001000;2;;Heide;;`,
      `010510044099;99999999999999;2;;nirgends;;`,
    )
    const { json } = await answer('offer', 'import', list)
    expect(json).toMatchObject({
      counts: { offers: 4, regions: 4 },
      unknownRegions: ['010510044099'],
      unknownLeistungen: ['99999999999999'],
    })
  })
})
