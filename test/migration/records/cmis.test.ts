import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { RecordClient } from '../../../src/lib/migration/records/client.ts'
import { cmisSettings, cmisSource, cmisTarget } from '../../../src/lib/migration/records/cmis.ts'
import { nameOfKey, quotedText } from '../../../src/lib/migration/records/cmis-repository.ts'
import type { Content, DataRecord } from '../../../src/lib/migration/records/model.ts'
import { cmis } from '../../../src/lib/sandbox/stand-ins/cmis.ts'
import { madeDocument } from '../../../src/lib/sandbox/stand-ins/documents.ts'
import { failure } from '../../support/failure.ts'
import { outcome } from '../../support/http.ts'
import {
  basic,
  bytesOf,
  fileOf,
  type Meddle,
  type Meddling,
  pagesOf,
  recordSystem,
  SIGNAL,
  saidBy,
  settingsOf,
} from '../../support/records.ts'

const PAGE = '<!doctype html><title>Anmelden</title><form>'

const system = (meddle?: Meddle) => recordSystem(cmis, basic, meddle)

const source = (client: RecordClient, more: Readonly<Record<string, unknown>> = {}) =>
  cmisSource(settingsOf(cmisSettings.source, { folder: '/Bauakten', ...more }), client)
const target = (client: RecordClient, more: Readonly<Record<string, unknown>> = {}) =>
  cmisTarget(settingsOf(cmisSettings.target, { folder: '/Ablage', ...more }), client)

const record = (key: string, more: Partial<DataRecord> = {}): DataRecord => ({
  key,
  fields: { 'akten:betreff': 'Anbau "Süd" für Müller', 'akten:schlagworte': ['Bauen', 'Größe'] },
  content: fileOf(Buffer.from('%PDF-1.7 Grüße')),
  ...more,
})

const DONE = { kind: 'done', created: true }

describe('a folder that is read', () => {
  it.each([1, 7, 25, 100])('gives every document once, in order, %i to a page', async (pageSize) => {
    const { client } = await system()
    const pages = await pagesOf(source(client, { pageSize, keyProperty: 'akten:aktenzeichen' }))
    expect(pages.length).toBe(Math.ceil(25 / pageSize))
    expect(pages.flat().map(({ key }) => key)).toEqual(
      Array.from({ length: 25 }, (_, at) => madeDocument(at + 1).reference),
    )
  })

  it('gives properties by their ids, with the id of the document as key', async () => {
    const { client } = await system()
    const [first] = (await pagesOf(source(client))).flat()
    expect(first?.key).toBe('doc-1001')
    expect(first?.fields).toEqual({
      'cmis:objectId': 'doc-1001',
      'cmis:baseTypeId': 'cmis:document',
      'cmis:objectTypeId': 'cmis:document',
      'cmis:name': '63-2026-0001 Baugenehmigung Köster "Süd".pdf',
      'cmis:creationDate': Date.UTC(2026, 0, 1),
      'cmis:contentStreamLength': 0,
      'cmis:contentStreamMimeType': 'application/pdf',
      'cmis:contentStreamFileName': '63-2026-0001 Baugenehmigung Köster "Süd".pdf',
      'akten:aktenzeichen': '63-2026-0001',
      'akten:betreff': 'Baugenehmigung Köster "Süd"',
      'akten:schlagworte': ['Bauen'],
    })
  })

  it('gives every file byte by byte, an empty one too, and as often as it is asked', async () => {
    const { client } = await system()
    const records = (await pagesOf(source(client))).flat()
    for (const [at, one] of records.entries()) {
      const made = madeDocument(at + 1)
      expect([one.content?.name, one.content?.type, one.content?.length]).toEqual([
        made.name,
        made.type,
        made.bytes.length,
      ])
      expect((await bytesOf(one)).equals(made.bytes)).toBe(true)
    }
    expect((await bytesOf(records[1])).equals(await bytesOf(records[1]))).toBe(true)
  })

  it('can be of one type only, and is empty where nothing is', async () => {
    const { client } = await system()
    expect((await pagesOf(source(client, { objectType: 'akten:plan' }))).flat()).toEqual([])
    expect(await pagesOf(source(client, { folder: '/Ablage' }))).toEqual([[]])
  })

  it('does not turn in a circle when it gives the same page again', async () => {
    const properties = { 'cmis:objectId': 'a', 'cmis:name': 'a', 'cmis:baseTypeId': 'cmis:document' }
    const body = JSON.stringify({ objects: [{ object: { succinctProperties: properties } }] })
    const { client } = await system((_, url) => (url.includes('children') ? { answer: 200, body } : 'pass'))
    expect(await saidBy(client, () => pagesOf(source(client)))).toBe(
      'BAD_RECORDS: it gives the same page of documents again',
    )
  })

  it('says so when a file is cut off, or shorter than its property says', async () => {
    const isContent = (url: string) => url.includes('cmisselector=content')
    const cut = await system((_, url) => (isContent(url) ? { cutAfter: 50 } : 'pass'))
    const [, second] = (await pagesOf(source(cut.client))).flat()
    expect(await outcome(bytesOf(second))).toBe('reset, sent: maybe')
    const short = await system((_, url) => (isContent(url) ? { answer: 200, body: 'short' } : 'pass'))
    const [, other] = (await pagesOf(source(short.client))).flat()
    expect(await outcome(bytesOf(other))).toBe('truncated, sent: maybe')
    const gone = await system((_, url) => (isContent(url) ? { answer: 404 } : 'pass'))
    const [, lost] = (await pagesOf(source(gone.client))).flat()
    expect(await outcome(bytesOf(lost))).toBe('protocol, sent: no')
  })

  it('says what is wrong with answers that are none', async () => {
    const children = (how: Meddling) => system((_, url) => (url.includes('children') ? how : 'pass'))
    const json = (value: unknown) => children({ answer: 200, body: JSON.stringify(value) })
    const failures: string[] = []
    for (const { client } of [
      await children({ answer: 200, headers: { 'content-type': 'text/html' }, body: PAGE }),
      await json({ objects: 'none' }),
      await json({ objects: [{ object: {} }] }),
      await children({ answer: 400, body: '{"exception":"invalidArgument","message":"orderBy\\u001b[2J"}' }),
      await children({ answer: 503, body: 'busy' }),
    ]) {
      const error = await failure(() => source(client).page(null, SIGNAL))
      failures.push(`${error.exit} ${error.code}: ${error.message.replace(client.http.origin, 'it')}`)
    }
    expect(failures).toEqual([
      '69 BAD_RECORDS: it answers with an HTML page “Anmelden” in place of JSON',
      '69 BAD_RECORDS: it answers without a list of objects',
      '69 BAD_RECORDS: it answers with an object that has no cmis:objectId or cmis:name',
      '69 BAD_RECORDS: it answers 400 (invalidArgument: orderBy [2J)',
      '69 RECORDS_UNAVAILABLE: it answers 503',
    ])
  })

  it('says what is wrong with its settings and credentials', async () => {
    const { client } = await system()
    const of = (work: () => unknown) => saidBy(client, work)
    expect([
      await of(() => source(client, { folder: '/Keller' }).page(null, SIGNAL)),
      await of(() => source(client, { repository: 'keller' }).page(null, SIGNAL)),
      await of(() => source(client).page('x', SIGNAL)),
      await of(() => source({ ...client, headers: { authorization: basic(['a', 'b']) } }).page(null, SIGNAL)),
    ]).toEqual([
      'BAD_RECORDS: it has no folder /Keller',
      'BAD_RECORDS: it does not name the repository keller with its addresses',
      'BAD_RECORDS: it never gave this place to go on from',
      'UNAUTHORISED: it answers 401 (permissionDenied: log in)',
    ])
    expect(() => settingsOf(cmisSettings.source, { folder: '/a/../b' })).toThrow('folder: must look like')
  })

  it('asks nobody but the host of the connector', async () => {
    const { client } = await system((_, url) =>
      url === '/cmis/browser'
        ? {
            answer: 200,
            body: JSON.stringify({
              akten: {
                rootFolderUrl: 'https://elsewhere.example.de/cmis/browser/akten/root',
                repositoryUrl: 'https://elsewhere.example.de/cmis/browser/akten',
              },
            }),
          }
        : 'pass',
    )
    expect((await pagesOf(source(client))).flat()).toHaveLength(25)
  })
})

describe('a folder that is written to', () => {
  it('takes everything that another has, with bytes and values as they were', async () => {
    const { client } = await system()
    const records = (
      await pagesOf(source(client, { keyProperty: 'akten:aktenzeichen', pageSize: 10 }))
    ).flat()
    const to = target(client)
    for (const { key, fields, content } of records) {
      const wanted = Object.fromEntries(Object.entries(fields).filter(([id]) => id.startsWith('akten:')))
      expect(
        await to.write([{ key, fields: wanted, ...(content === undefined ? {} : { content }) }], SIGNAL),
      ).toEqual([DONE])
      const found = await to.find?.(key, SIGNAL)
      expect(found).toMatchObject({ key, fields: { ...wanted, 'cmis:name': key } })
      expect((await bytesOf(found)).equals(await bytesOf({ key, fields, content: content as Content }))).toBe(
        true,
      )
    }
  })

  it('takes 3 MB, umlauts and quotation marks', async () => {
    const bytes = createHash('shake256', { outputLength: 3 << 20 })
      .update('3')
      .digest()
    const { client } = await system()
    const to = target(client)
    const key = 'Größe "A" \\ 100% / 5: Müller\'s\u0007'
    expect(
      await to.write(
        [record(key, { content: { ...fileOf(bytes, 'Pläne "neu".pdf'), length: undefined } })],
        SIGNAL,
      ),
    ).toEqual([DONE])
    const found = await to.find?.(key, SIGNAL)
    expect(found?.fields).toMatchObject({
      'cmis:name': "Größe %22A%22 %5C 100%25 %2F 5%3A Müller's%07",
      'akten:betreff': 'Anbau "Süd" für Müller',
      'akten:schlagworte': ['Bauen', 'Größe'],
    })
    expect((await bytesOf(found)).equals(bytes)).toBe(true)
  })

  it('finds nothing where nothing is, and takes away twice', async () => {
    const { client } = await system()
    const to = target(client)
    expect(await to.find?.('a', SIGNAL)).toBeUndefined()
    await to.write([record('a')], SIGNAL)
    expect((await to.find?.('a', SIGNAL))?.key).toBe('a')
    expect(await to.remove?.('a', SIGNAL)).toEqual({ kind: 'done', created: null })
    expect(await to.find?.('a', SIGNAL)).toBeUndefined()
    expect(await to.remove?.('a', SIGNAL)).toEqual({ kind: 'done', created: null })
  })

  it('takes the same twice for one, and refuses another of the same key', async () => {
    const { client } = await system()
    const to = target(client)
    const write = async (one: DataRecord) => (await to.write([one], SIGNAL))[0]
    expect(await write(record('a'))).toEqual(DONE)
    expect(await write(record('a'))).toEqual({ kind: 'done', created: false })
    const conflict = '409 (nameConstraintViolation: a exists already); a document of this key is there with'
    expect([
      await write(record('a', { fields: { 'akten:betreff': 'Abriss' } })),
      await write(record('a', { content: fileOf(Buffer.from('%PDF')) })),
      await write(record('a', { content: { ...fileOf(Buffer.from('%PDF-1.7 Grüße')), length: undefined } })),
    ]).toEqual([
      { kind: 'refused', reason: `${conflict} another akten:betreff` },
      { kind: 'refused', reason: `${conflict} a file of 16 bytes, not 4` },
      { kind: 'refused', reason: `${conflict} a file whose length cannot be compared` },
    ])
    expect((await pagesOf(source(client, { folder: '/Ablage' }))).flat()).toHaveLength(1)
  })

  it('refuses what no document can have, and goes on with the next', async () => {
    const { client } = await system()
    const to = target(client)
    expect(
      await to.write(
        [
          record('a', { fields: { 'cmis:objectId': 'x' } }),
          record('b', { fields: { 'akten:betreff': { deep: 1 } } }),
          record('c', { fields: { 'cmis:name': 'c.pdf' } }),
          record('d', { fields: {} }),
        ],
        SIGNAL,
      ),
    ).toEqual([
      {
        kind: 'refused',
        reason: '409 (constraint: cmis:objectId is no property of cmis:document that can be set)',
      },
      { kind: 'refused', reason: 'akten:betreff holds what no property can hold' },
      { kind: 'refused', reason: 'cmis:name is made of the key: set name: field' },
      DONE,
    ])
  })

  it('is asked by a query where names are not made of keys', async () => {
    const { client } = await system()
    const to = target(client, { name: 'file', keyProperty: 'akten:aktenzeichen' })
    const key = "63 'Süd' \\ Nord"
    expect(await to.write([record(key), record(key, { content: fileOf(Buffer.from('x')) })], SIGNAL)).toEqual(
      [DONE, { kind: 'refused', reason: expect.stringContaining('a file of 16 bytes, not 1') }],
    )
    expect(await to.find?.(key, SIGNAL)).toMatchObject({
      key,
      fields: { 'cmis:name': 'Akte.pdf', 'akten:aktenzeichen': key },
    })
    expect(await to.find?.('63', SIGNAL)).toBeUndefined()
    if (to.page === undefined) throw new Error('it cannot be listed')
    expect((await pagesOf({ page: to.page })).flat().map((one) => one.key)).toEqual([key])
    expect(await to.remove?.(key, SIGNAL)).toEqual({ kind: 'done', created: null })
    expect(await to.find?.(key, SIGNAL)).toBeUndefined()
  })

  it('says what it knows when an answer is lost, or is none', async () => {
    const isCreate = (method: string, url: string) => method === 'POST' && url.endsWith('/Ablage')
    const seen = async (how: Meddling) => {
      const { client } = await system((method, url) => (isCreate(method, url) ? how : 'pass'))
      const to = target(client)
      const [got] = await to.write([record('a')], SIGNAL)
      return [got?.kind, (await to.find?.('a', SIGNAL))?.key]
    }
    expect(await seen({ cutRequestAnswer: true })).toEqual(['unknown', 'a'])
    expect(await seen({ answer: 200, headers: { 'content-type': 'text/html' }, body: PAGE })).toEqual([
      'unknown',
      undefined,
    ])
    expect(await seen({ answer: 502 })).toEqual(['unknown', undefined])
    expect(await seen({ answer: 302, headers: { location: 'https://login.example.de/' } })).toEqual([
      'unknown',
      undefined,
    ])
    expect(await seen({ answer: 429, headers: { 'retry-after': '7' } })).toEqual(['later', undefined])
    expect(await seen({ answer: 503, headers: { 'retry-after': '7' } })).toEqual(['unknown', undefined])
    expect(await seen({ answer: 413 })).toEqual(['refused', undefined])
  })

  it('says why a document was not taken away', async () => {
    const seen = async (status: number) => {
      const { client } = await system((method, path) =>
        method === 'POST' && path.includes('objectId=') ? { answer: status } : 'pass',
      )
      const to = target(client)
      await to.write([record('a')], SIGNAL)
      return to.remove?.('a', SIGNAL)
    }
    expect(await seen(500)).toEqual({ kind: 'unknown', reason: '500' })
    expect(await seen(409)).toEqual({ kind: 'refused', reason: '409' })
  })

  it('ends with credentials that are not accepted', async () => {
    const { client } = await system()
    const to = target({ ...client, headers: {} })
    expect((await failure(() => to.write([record('a')], SIGNAL))).code).toBe('UNAUTHORISED')
  })

  it('writes nothing when the file cannot be read, and says so when it breaks off', async () => {
    const { client } = await system()
    const to = target(client)
    const gone: Content = {
      ...fileOf(Buffer.from('x')),
      open: () =>
        client.http.stream({ method: 'GET', path: '/' }, AbortSignal.abort()).then(({ body }) => body),
    }
    const broken: Content = {
      ...fileOf(Buffer.from('abc')),
      open: async () =>
        (async function* () {
          yield Buffer.from('a')
          throw new Error('the disk is gone')
        })(),
    }
    const [first, second] = await to.write(
      [record('a', { content: gone }), record('b', { content: broken })],
      SIGNAL,
    )
    expect([first?.kind, second?.kind]).toEqual(['later', 'unknown'])
    expect([await to.find?.('a', SIGNAL), await to.find?.('b', SIGNAL)]).toEqual([undefined, undefined])
  })
})

describe('the name of a key', () => {
  it('is another one for each key', () => {
    const keys = ['a/b', 'a%2Fb', 'a\\b', '.', '..', '...', ' a', 'a ', 'a.', '', 'A', 'ä', '\u0001']
    expect(keys.map(nameOfKey)).toEqual([
      'a%2Fb',
      'a%252Fb',
      'a%5Cb',
      '%2E',
      '%2E%2E',
      '%2E.%2E',
      '%20a',
      'a%20',
      'a%2E',
      '',
      'A',
      'ä',
      '%01',
    ])
    const long = ['x'.repeat(300), `${'x'.repeat(300)}y`].map(nameOfKey)
    expect(long.map((name) => name.length)).toEqual([200, 200])
    expect(new Set(long).size).toBe(2)
  })

  it('is quoted in a statement', () => {
    expect(quotedText("O'Neill \\ a")).toBe("'O\\'Neill \\\\ a'")
  })
})
