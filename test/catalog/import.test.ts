import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { importCatalog } from '../../src/lib/catalog/import.ts'
import { readCatalog } from '../../src/lib/catalog/store.ts'
import { activeSnapshot, listSnapshots } from '../../src/lib/snapshot/snapshots.ts'
import { importedCatalog, importedFiles, xzufi22 } from '../support/catalog.ts'
import { failure } from '../support/failure.ts'
import { temporaryFile, temporaryFolder } from '../support/folder.ts'
import { temporaryStore, testContext } from '../support/store.ts'
import { zipOf } from '../support/zip.ts'

const HUND = '99110009104000'
const LEIKA = `leika_key;bezeichnung;typ;ozg_id;ozg_leistung;themenfeld;lage\n${HUND};Hundehaltung Anmeldung;5;10160;Hund;Familie;Tiere\n`
const FIM = `Schluessel;Typ;Bezeichnung;Synonyme\n${HUND};2/3;Anderer Name;Hundesteuer\n`
const XZUFI = xzufi22(
  `<a:leistung><a:id schemeAgencyID="L1">1</a:id><a:referenzLeiKa><code>${HUND}</code></a:referenzLeiKa>
   <a:modulText><a:leikaTextmodul><code>02</code></a:leikaTextmodul><a:inhalt>Hund melden</a:inhalt></a:modulText>
   <a:modulText><a:leikaTextmodul><code>05</code></a:leikaTextmodul><a:inhalt>Kurz gesagt</a:inhalt></a:modulText></a:leistung>`,
)

describe('several files of one call', () => {
  test('make one catalogue, each adding what the others lack, in the order of the files', async () => {
    const files = [
      ['leika.csv', LEIKA],
      ['fim.csv', FIM],
      ['x.xml', XZUFI],
    ] as const
    const forwards = await importedCatalog(...files)
    expect(forwards.leistungen).toMatchObject([
      {
        key: HUND,
        name: 'Hundehaltung Anmeldung',
        typen: ['5', '2/3'],
        synonyms: ['Hundesteuer'],
        kurztext: 'Kurz gesagt',
      },
    ])
    const backwards = await importedCatalog(...files.toReversed())
    expect(backwards.leistungen).toMatchObject([{ name: 'Hund melden', typen: ['2/3', '5'] }])
    expect(backwards.bundles).toEqual(forwards.bundles)
  })

  test('a Leistung that a later file deletes is in none of them', async () => {
    const loesche = xzufi22(
      '<a:loesche klasse="Leistung"><a:id schemeAgencyID="L1">1</a:id></a:loesche><a:leistung><a:id schemeAgencyID="L1">2</a:id><a:referenzLeiKa><code>99110009069000</code></a:referenzLeiKa></a:leistung>',
    )
    const { leistungen } = await importedCatalog(['1.xml', XZUFI], ['2.xml', loesche])
    expect(leistungen.map(({ key }) => key)).toEqual(['99110009069000'])
  })
})

describe('where the files are', () => {
  const all = { leistungen: [{ synonyms: ['Hundesteuer'], kurztext: 'Kurz gesagt' }] }

  test('in a folder, in an archive, in a gzip', async () => {
    const folder = temporaryFolder()
    for (const [name, content] of [
      ['a.csv', FIM],
      ['b.xml', XZUFI],
    ] as const)
      cpSync(temporaryFile(name, content), join(folder, name))
    expect(await importedFiles([folder])).toMatchObject(all)

    const zip = zipOf([
      { name: 'liesmich.pdf', content: '%PDF-1.7' },
      { name: 'a.csv', content: FIM },
      { name: 'daten/b.xml', content: XZUFI },
    ])
    expect(await importedFiles([temporaryFile('x.zip', zip)])).toMatchObject(all)
    expect(
      await importedFiles([
        temporaryFile('a.csv.gz', gzipSync(FIM)),
        temporaryFile('b.xml.gz', gzipSync(XZUFI)),
      ]),
    ).toMatchObject(all)
  })

  test('an index names the files of a transfer, in its order', async () => {
    const folder = temporaryFolder()
    cpSync('fixtures/catalog/transfer', folder, { recursive: true })
    const fromIndex = await importedFiles([join(folder, 'index.txt')])
    const fromFolder = await importedFiles([folder])
    expect(fromIndex.leistungen).toHaveLength(11)
    expect(fromFolder.leistungen).toEqual(fromIndex.leistungen)
  })
})

describe('an import that fails', () => {
  test.each([
    ['a table of something else', 'plz;ort\n49565;Bramsche\n', 'CSV_UNKNOWN'],
    ['a document that is cut off', XZUFI.slice(0, -20), 'XML_TRUNCATED'],
    ['a list without any usable key', `${LEIKA.split('\n')[0]}\nneu;x;5;;;;\n`, 'NOTHING_USABLE'],
    ['JSON of another interface', '{"items":[{"name":"x"}]}', 'JSON_UNKNOWN'],
  ])('%s leaves the former snapshot as it was', async (_, content, code) => {
    const store = await temporaryStore()
    const context = testContext()
    await importCatalog(context, store, { files: [temporaryFile('leika.csv', LEIKA)] })
    const files = [temporaryFile('fim.csv', FIM), temporaryFile('bad', content)]
    const alone = files.slice(1)
    const bad = code === 'NOTHING_USABLE' ? alone : files
    const error = await failure(() => importCatalog(context, store, { files: bad }))
    expect([error.code, error.exit]).toEqual([code, 65])
    expect(error.place.file).toBe('bad')
    expect((await listSnapshots(store, 'catalog')).map(({ id }) => id)).toEqual(['catalog-1'])
    const active = await activeSnapshot(store, 'catalog')
    expect((await readCatalog(store, active?.rowId ?? 0)).leistungen).toMatchObject([{ typen: ['5'] }])
  })

  test('strict: one rejected row is too many, a row that is kept is not', async () => {
    const context = testContext()
    const store = await temporaryStore()
    const kept = temporaryFile('leika.csv', `${LEIKA}${HUND};Hundehaltung Anmeldung;5;;;;\n`)
    const strict = await importCatalog(context, store, { files: [kept], strict: true })
    expect(strict.snapshot.kept.byReason).toEqual({ 'ozg-missing': 1 })
    const rejected = temporaryFile('leika.csv', `${LEIKA}nicht im LeiKa;x;5;10160;Hund;;\n`)
    const error = await failure(() => importCatalog(context, store, { files: [rejected], strict: true }))
    expect([error.code, error.place]).toEqual(['STRICT', { file: 'leika.csv', line: 3, column: 1 }])
  })
})

test('records are counted and the format is named for each source', async () => {
  const store = await temporaryStore()
  const { snapshot } = await importCatalog(testContext(), store, {
    files: [temporaryFile('leika.csv', LEIKA), temporaryFile('x.xml', XZUFI)],
  })
  expect(snapshot.counts).toEqual({ ozgLeistungen: 1, leistungen: 1 })
  expect(snapshot.sources.map(({ name, format, records }) => [name, format, records])).toEqual([
    ['leika.csv', 'leika-table', 1],
    ['x.xml', 'xzufi', 1],
  ])
})
