import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { ozgctl, ozgctlJson } from '../support/cli.ts'
import { temporaryFile, temporaryFolder } from '../support/folder.ts'
import { schemaErrors } from '../support/schema.ts'
import { hasRealData, REAL } from '../support/shared.ts'
import { zipOf } from '../support/zip.ts'

const TABLES = ['fixtures/catalog/ozg_leistungen.csv', 'fixtures/catalog/leika_leistungen.csv'] as const

function newStore() {
  const env = { OZGCTL_STORE: join(temporaryFolder(), 'ozgctl.db') }
  return {
    run: (...args: string[]) => ozgctl(['catalog', ...args], { env }),
    answer: (...args: string[]) => ozgctlJson(['catalog', ...args], { env }),
    env,
  }
}

describe('catalog import', () => {
  test('the tables: counts, and every faulty row by reason with its place', async () => {
    const { answer } = newStore()
    const rejects = join(temporaryFolder(), 'rejects.csv')
    const { json, code } = await answer('import', ...TABLES, '--rejects', rejects)
    expect(code).toBe(0)
    expect(schemaErrors('catalog-import', json)).toEqual([])
    expect(json).toMatchObject({
      schemaVersion: 1,
      snapshot: 'catalog-1',
      counts: { ozgLeistungen: 88, leistungen: 406 },
      rejected: { total: 5, byReason: { 'nicht-im-leika': 4, 'leika-key-invalid': 1 } },
      kept: { total: 2, byReason: { 'ozg-missing': 1, 'typ-unknown': 1 } },
    })
    const lines = readFileSync(rejects, 'utf8').trimEnd().split('\n')
    expect(lines[0]).toBe('file;line;column;action;reason;field;value')
    expect(lines).toContain('leika_leistungen.csv;411;1;rejected;leika-key-invalid;leika_key;25323525')
    expect(lines).toHaveLength(8)
  })

  test.each([
    ['leika_fim.csv', 'fim-csv', 0, 122],
    ['leika_keys.xml', 'genericode', 0, 16],
    ['xzufi-2.2.xml', 'xzufi', 0, 11],
    ['xzufi-2.3.xml', 'xzufi', 0, 11],
    ['fim-portal.json', 'fim-json', 12, 11],
    ['transfer/index.txt', 'xzufi', 0, 11],
    ['transfer', 'xzufi', 0, 11],
  ])('%s is recognised by its content as %s', async (name, format, ozgLeistungen, leistungen) => {
    const { json } = await newStore().answer('import', `fixtures/catalog/${name}`)
    expect(json).toMatchObject({ counts: { ozgLeistungen, leistungen } })
    expect((json.sources as readonly { format: string }[])[0]?.format).toBe(format)
  })

  test('names say nothing: another name, a gzip, an archive, standard input', async () => {
    const xml = readFileSync('fixtures/catalog/xzufi-2.2.xml')
    const zip = zipOf([{ name: 'x.txt', content: xml }])
    for (const file of [
      temporaryFile('data.bin', xml),
      temporaryFile('data', gzipSync(xml)),
      temporaryFile('archive', zip),
    ])
      expect((await newStore().answer('import', file)).json).toMatchObject({ counts: { leistungen: 11 } })
    const { env } = newStore()
    const piped = await ozgctlJson(['catalog', 'import', '-'], { env, stdin: xml })
    expect(piped.json).toMatchObject({ counts: { leistungen: 11 } })
  })

  test('a whole folder of formats is one snapshot', async () => {
    const folder = temporaryFolder()
    for (const name of ['ozg_leistungen.csv', 'leika_leistungen.csv', 'xzufi-2.2.xml', 'fim-portal.json'])
      cpSync(`fixtures/catalog/${name}`, join(folder, name))
    const { answer, run } = newStore()
    expect((await answer('import', folder)).json).toMatchObject({
      snapshot: 'catalog-1',
      counts: { ozgLeistungen: 88 },
    })
    expect((await run('show', '99110009104000')).stdout).toContain('Hundehaltung Anmeldung')
  })

  test('--strict refuses faulty rows and leaves the former snapshot', async () => {
    const { answer, run } = newStore()
    await answer('import', TABLES[0])
    const strict = await answer('import', ...TABLES, '--strict')
    expect(strict).toMatchObject({ code: 65, json: { error: { code: 'STRICT' } } })
    expect(strict.json).toMatchObject({
      error: { place: { file: 'leika_leistungen.csv', line: expect.any(Number), column: 1 } },
    })
    const { json } = await answer('history')
    expect(schemaErrors('catalog-history', json)).toEqual([])
    expect(
      (json.snapshots as readonly { snapshot: string; active: boolean }[]).map(({ active }) => active),
    ).toEqual([true])
    expect((await run('show', '10119')).code).toBe(0)
  })

  test('a catalogue that shrinks to a tenth looks cut off and is refused, unless it is meant', async () => {
    const { answer } = newStore()
    await answer('import', ...TABLES)
    const small = 'fixtures/catalog/leika_keys.xml'
    expect(await answer('import', small)).toMatchObject({ code: 65, json: { error: { code: 'SHRUNK' } } })
    expect((await answer('import', small, '--allow-shrink')).code).toBe(0)
  })
})

describe('the catalogue in use', () => {
  test('list, with filters', async () => {
    const { answer, run } = newStore()
    await answer('import', ...TABLES)
    const all = await answer('list')
    expect(schemaErrors('catalog-list', all.json)).toEqual([])
    expect(all.json.rows).toHaveLength(407)
    const umwelt = await run('list', '--themenfeld', 'UMWELT', '--output', 'csv')
    expect(umwelt.stdout.split('\n')[0]).toBe('ozg_id;ozg_leistung;leika_key;bezeichnung;typ;themenfeld;lage')
    expect((await answer('list', '--ozg', '10119')).json.rows).toHaveLength(8)
    expect(await run('list', '--themenfeld', 'Unfug')).toMatchObject({ code: 64, stdout: '' })
  })

  test('show, by id and by key in any spelling', async () => {
    const { answer, run } = newStore()
    await answer('import', ...TABLES)
    const ozg = await answer('show', '10119')
    expect(schemaErrors('catalog-show', ozg.json)).toEqual([])
    const byKey = await answer('show', '99 008 001 012 000')
    expect(schemaErrors('catalog-show', byKey.json)).toEqual([])
    expect(byKey.json).toMatchObject({ kind: 'leistung', leistung: { name: 'Personalausweis Ausstellung' } })
    expect(await run('show', '99008001999000')).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('99008001012000'),
    })
  })

  test('search, umlauts in any spelling; nothing found is no error', async () => {
    const { answer } = newStore()
    await answer('import', ...TABLES)
    const hits = await Promise.all(
      ['Führerschein', 'fuehrerschein', 'fuhrerschein'].map((text) => answer('search', text)),
    )
    expect(schemaErrors('catalog-search', hits[0]?.json)).toEqual([])
    const ids = hits.map(({ json }) => (json.hits as readonly { id: string }[]).map(({ id }) => id))
    expect(ids[0]).toContain('10169')
    expect(ids[1]).toEqual(ids[0])
    expect(ids[2]).toEqual(ids[0])
    const none = await answer('search', 'xyzzy')
    expect([none.code, none.json.hits]).toEqual([0, []])
    expect(none.stderr).toBe('nothing in catalog-1 has all of these words; try fewer or shorter ones\n')
    expect(await answer('search', '&')).toMatchObject({ code: 64, json: { error: { code: 'SEARCH_EMPTY' } } })
  })

  test.each(['csv', 'json'])(
    'what is exported as %s can be imported again, and nothing has changed',
    async (output) => {
      const { answer, run, env } = newStore()
      await answer('import', ...TABLES, 'fixtures/catalog/leika_fim.csv', 'fixtures/catalog/xzufi-2.2.xml')
      const out = join(temporaryFolder(), 'catalog')
      expect(await run('export', '--output', output, '--out', out)).toMatchObject({ code: 0, stdout: '' })
      await answer('import', out)
      const diff = await answer('diff')
      expect(schemaErrors('catalog-diff', diff.json)).toEqual([])
      const none = { added: 0, removed: 0, changed: 0 }
      expect(diff.json).toMatchObject({
        from: 'catalog-1',
        to: 'catalog-2',
        counts: { ozgLeistungen: none, leistungen: none, bundles: none },
      })
      expect((await run('diff')).stdout).toBe('catalog-1 → catalog-2: keine Unterschiede\n')
      const first = await ozgctlJson(['catalog', 'export', '--snapshot', 'catalog-1'], { env })
      const second = await ozgctlJson(['catalog', 'export'], { env })
      expect(schemaErrors('catalog-export', first.json)).toEqual([])
      expect({ ...first.json, snapshot: '' }).toEqual({ ...second.json, snapshot: '' })
    },
  )

  test('formulas survive a round trip and are neutral in between; terminal escapes do not get in', async () => {
    const hostile = "=cmd|' /C calc'!A0 \u001b[2Jböse"
    const table = `leika_key;bezeichnung;typ;ozg_id;ozg_leistung;themenfeld;lage\n99110009104000;"${hostile}";5;10160;@x;-y;+z\n`
    const { answer, run } = newStore()
    await answer('import', temporaryFile('leika.csv', table))
    for (const args of [
      ['list'],
      ['list', '--output', 'csv'],
      ['list', '--output', 'markdown'],
      ['show', '10160'],
      ['search', 'böse'],
    ]) {
      const { stdout, code } = await run(...args)
      expect([args, code, stdout.includes('\u001b')]).toEqual([args, 0, false])
    }
    const out = join(temporaryFolder(), 'catalog.csv')
    await run('export', '--out', out)
    // What nobody sees in a text is not kept; a formula is no formula any more.
    expect(readFileSync(out, 'utf8')).toContain("99110009104000;'=cmd|' /C calc'!A0 [2Jböse;")
    await answer('import', out)
    const none = { added: 0, removed: 0, changed: 0 }
    expect((await answer('diff')).json.counts).toEqual({
      ozgLeistungen: none,
      leistungen: none,
      bundles: none,
    })
  })

  test('without a catalogue every command says which one imports it', async () => {
    for (const args of [['list'], ['show', '10119'], ['search', 'x'], ['export']]) {
      const env = { XDG_STATE_HOME: temporaryFolder() }
      const { code, json } = await ozgctlJson(['catalog', ...args], { env })
      expect(code).toBe(64)
      expect(json).toMatchObject({
        error: { code: 'NO_CATALOG_SNAPSHOT', suggestions: ['Run: ozgctl catalog import FILE'] },
      })
    }
  })
})

describe.skipIf(!hasRealData)('the real tables (skipped where they are not beside the checkout)', () => {
  test('every row that cannot be used is written to the rejects', async () => {
    const rejects = join(temporaryFolder(), 'rejects.csv')
    writeFileSync(rejects, 'former\n')
    const { json } = await newStore().answer('import', REAL.ozg, REAL.leika, '--rejects', rejects)
    expect(json).toMatchObject({ rejected: { total: 438 }, kept: { total: 27 } })
    const lines = readFileSync(rejects, 'utf8').trimEnd().split('\n')
    expect(lines).toHaveLength(1 + 438 + 27)
    expect(lines[1]).toBe('leika_leistungen.csv;2;1;rejected;nicht-im-leika;leika_key;nicht im LeiKa')
  })

  test('are listed, searched and shown, and exported and imported again without a change', async () => {
    const { answer, run } = newStore()
    await answer('import', REAL.ozg, REAL.leika)
    const counts = async (...filter: string[]) =>
      (await run('list', ...filter)).stdout.trimEnd().split('\n').at(-1)
    expect(await counts()).toBe('catalog-1: 557 OZG-Leistungen, 4.813 Leistungen')
    expect(await counts('--themenfeld', 'bauen')).toBe('catalog-1: 58 OZG-Leistungen, 309 Leistungen')
    expect(await counts('--themenfeld', 'umwelt')).toMatch(/^catalog-1: 48 OZG-Leistungen/)
    const unknown = await run('list', '--themenfeld', 'unfug')
    expect([unknown.code, unknown.stderr.split(';').length]).toEqual([64, 14])
    expect((await answer('search', 'fuhrerschein')).json.hits).toMatchObject([
      { kind: 'ozg', id: '10169', found: 'exact' },
      { kind: 'leistung', id: '99023001000000', found: 'exact' },
      ...Array(29).fill({ kind: 'leistung', found: 'name' }),
    ])
    expect((await answer('show', '10160')).json.leistungen).toHaveLength(15)
    expect((await answer('show', '99 110 009 104 001')).json).toMatchObject({
      leistung: { leikaKey: '99110009104001', name: 'Hundehaltung Anmeldung Kampfhund' },
      parents: [{ name: 'Hundehaltung Anmeldung' }, { name: 'Hundehaltung' }],
      ozgLeistungen: [{ ozgId: '10160', name: 'Hundehaltung' }],
    })
    for (const output of ['csv', 'json']) {
      const out = join(temporaryFolder(), `catalog.${output}`)
      await run('export', '--output', output, '--out', out)
      expect((await answer('import', out)).json).toMatchObject({
        counts: { ozgLeistungen: 557, leistungen: 4813 },
        rejected: { total: 0 },
        kept: { total: 0 },
      })
      const none = { added: 0, removed: 0, changed: 0 }
      expect((await answer('diff')).json.counts).toEqual({
        ozgLeistungen: none,
        leistungen: none,
        bundles: none,
      })
    }
  })
})
