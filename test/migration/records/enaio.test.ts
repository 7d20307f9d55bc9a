import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { RecordClient } from '../../../src/lib/migration/records/client.ts'
import { enaioSettings, enaioSource, enaioTarget } from '../../../src/lib/migration/records/enaio.ts'
import type { DataRecord } from '../../../src/lib/migration/records/model.ts'
import { madeDocument } from '../../../src/lib/sandbox/stand-ins/documents.ts'
import { enaio } from '../../../src/lib/sandbox/stand-ins/enaio.ts'
import { failure } from '../../support/failure.ts'
import { outcome } from '../../support/http.ts'
import {
  basic,
  bytesOf,
  fileOf,
  type Meddle,
  type Meddling,
  pagesOf,
  recordClient,
  recordSystem,
  SIGNAL,
  saidBy,
  settingsOf,
} from '../../support/records.ts'

const PAGE = '<!doctype html><title>Anmelden</title><form>'
const LOGIN_PAGE: Meddling = { answer: 200, headers: { 'content-type': 'text/html' }, body: PAGE }
const DONE = { kind: 'done', created: true }
const GONE = { kind: 'done', created: null }

const system = (meddle?: Meddle) => recordSystem(enaio, basic, meddle)
const source = (client: RecordClient, more: Readonly<Record<string, unknown>> = {}) =>
  enaioSource(settingsOf(enaioSettings.source, { objectType: 'Dokument', ...more }), client)
const target = (client: RecordClient, more: Readonly<Record<string, unknown>> = {}) => {
  const written = { objectType: 'Dokument', objectTypeId: '262146', keyProperty: 'Aktenzeichen' }
  return enaioTarget(settingsOf(enaioSettings.target, { ...written, ...more }), client)
}

const record = (key: string, more: Partial<DataRecord> = {}): DataRecord => ({
  key,
  fields: { Betreff: 'Anbau "Süd" für Müller', Schlagworte: ['Bauen', 'Größe'] },
  content: fileOf(Buffer.from('%PDF-1.7 Grüße')),
  ...more,
})

describe('an object type that is read', () => {
  it.each([1, 7, 25, 100])('gives every document once, in order, %i to a page', async (pageSize) => {
    const { client, open } = await system()
    open.fill?.(25)
    const pages = await pagesOf(source(client, { pageSize, keyProperty: 'Aktenzeichen', folder: '4711' }))
    expect(pages.length).toBe(Math.ceil(25 / pageSize))
    expect(pages.flat().map(({ key }) => key)).toEqual(
      Array.from({ length: 25 }, (_, at) => madeDocument(at + 1).reference),
    )
  })

  it('goes on to an empty page where it is not said whether there are more', async () => {
    const { client } = await system((_, path) => {
      if (!path.endsWith('/search')) return 'pass'
      const objects = [{ properties: { 'system:objectId': { value: asked } }, contentStreams: [] }]
      asked++
      return { answer: 200, body: JSON.stringify({ objects: asked <= 3 ? objects : [] }) }
    })
    let asked = 0
    expect((await pagesOf(source(client))).map((page) => page.map(({ key }) => key))).toEqual([
      ['0'],
      ['1'],
      ['2'],
      [],
    ])
  })

  it.each([
    [{}, 'SELECT * FROM Dokument ORDER BY system:objectId', {}],
    [{ orderBy: 'Aktenzeichen' }, 'SELECT * FROM Dokument ORDER BY Aktenzeichen', {}],
    [{ orderBy: 'none' }, 'SELECT * FROM Dokument', {}],
    [
      { folder: '4711', folderProperty: 'Ordner', orderBy: 'none' },
      'SELECT * FROM Dokument WHERE Ordner IN (@folder)',
      { folder: '4711' },
    ],
  ])('asks with %j: %s', async (more, statement, parameters) => {
    const asked: unknown[] = []
    const server = createServer(async (request, response) => {
      asked.push(JSON.parse(await text(request)))
      response.end('{"objects":[]}')
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      server.close()
    })
    const { port } = server.address() as AddressInfo
    await source(recordClient(`http://127.0.0.1:${port}`, 'none'), more).page(null, SIGNAL)
    expect(asked).toMatchObject([{ query: { statement, parameters, skipCount: 0 } }])
  })

  it('does not turn in a circle when it gives the same page again', async () => {
    const body = JSON.stringify({ objects: [{ properties: { 'system:objectId': { value: 'a' } } }] })
    const { client } = await system((_, path) => (path.endsWith('/search') ? { answer: 200, body } : 'pass'))
    expect(await saidBy(client, () => pagesOf(source(client)))).toBe(
      'BAD_RECORDS: it gives the same page of documents again',
    )
  })

  it('gives properties by their names, and files byte by byte', async () => {
    const { client, open } = await system()
    open.fill?.(3)
    const records = (await pagesOf(source(client))).flat()
    expect(records[2]?.key).toBe('doc-1003')
    expect(records[2]?.fields).toEqual({
      'system:SDSTA_ID': '4711',
      'system:objectId': 'doc-1003',
      'system:objectTypeId': '262146',
      'system:creationDate': '2026-01-03T00:00:00.000Z',
      Aktenzeichen: '63-2026-0003',
      Betreff: 'Statik Groß & Söhne',
      Schlagworte: ['Bauen', 'Wohngebäude'],
    })
    for (const [at, one] of records.entries()) {
      const made = madeDocument(at + 1)
      expect([one.content?.name, one.content?.type, one.content?.length]).toEqual([
        made.name,
        made.type,
        made.bytes.length,
      ])
      expect((await bytesOf(one)).equals(made.bytes)).toBe(true)
    }
  })

  it('asks for the file of a document whose files are not described', async () => {
    const object = { properties: { 'system:objectId': { value: 17 }, Datei: { value: 'Plan.tif' } } }
    const { client } = await system((_, path) =>
      path.endsWith('/search')
        ? { answer: 200, body: JSON.stringify({ objects: [object], hasMoreItems: false }) }
        : path === '/api/dms/objects/17/contents/file/1'
          ? { answer: 200, body: 'II*' }
          : 'pass',
    )
    const [one] = (await pagesOf(source(client, { nameProperty: 'Datei' }))).flat()
    expect([one?.content?.name, one?.content?.type, one?.content?.length]).toEqual([
      'Plan.tif',
      'image/tiff',
      undefined,
    ])
    expect((await bytesOf(one)).toString()).toBe('II*')
  })

  it('says so when a file is cut off, or shorter than it is described', async () => {
    const cut = await system((_, path) => (path.endsWith('/file/1') ? { cutAfter: 50 } : 'pass'))
    cut.open.fill?.(2)
    const [, second] = (await pagesOf(source(cut.client))).flat()
    expect(await outcome(bytesOf(second))).toBe('reset, sent: maybe')
    const short = await system((_, path) =>
      path.endsWith('/file/1') ? { answer: 200, body: 'short' } : 'pass',
    )
    short.open.fill?.(2)
    const [, other] = (await pagesOf(source(short.client))).flat()
    expect(await outcome(bytesOf(other))).toBe('truncated, sent: maybe')
  })

  it('says what is wrong with answers that are none, with settings and with credentials', async () => {
    const said: string[] = []
    for (const how of [
      LOGIN_PAGE,
      { answer: 200, body: '[]' },
      { answer: 200, body: '{"objects":[{}]}' },
      { answer: 503, body: '' },
    ] as const) {
      const { client } = await system((_, path) => (path.endsWith('/search') ? how : 'pass'))
      said.push(await saidBy(client, () => source(client).page(null, SIGNAL)))
    }
    const { client } = await system()
    const stranger = { ...client, headers: {} }
    said.push(
      await saidBy(client, () => source(stranger).page(null, SIGNAL)),
      await saidBy(client, () => source(client, { objectType: 'Keller' }).page(null, SIGNAL)),
      await saidBy(client, () => source(client).page('1e9', SIGNAL)),
    )
    expect(said).toEqual([
      'BAD_RECORDS: it answers with an HTML page “Anmelden” in place of JSON',
      'BAD_RECORDS: it answers without a list of objects',
      'BAD_RECORDS: it answers with an object that has no system:objectId',
      'RECORDS_UNAVAILABLE: it answers 503',
      'UNAUTHORISED: it answers 401',
      'BAD_RECORDS: it answers 400 (no such statement)',
      'BAD_RECORDS: it never gave this place to go on from',
    ])
    expect(() => settingsOf(enaioSettings.source, { objectType: 'x WHERE 1=1' })).toThrow(
      'objectType: must look like',
    )
  })
})

describe('an object type that is written to', () => {
  it('takes everything that another has, with bytes and values as they were', async () => {
    const from = await system()
    from.open.fill?.(25)
    const records = (await pagesOf(source(from.client, { keyProperty: 'Aktenzeichen' }))).flat()
    const { client } = await system()
    const to = target(client, { folder: '99' })
    for (const one of records) {
      const { Betreff = null, Schlagworte = null } = one.fields
      expect(await to.write([{ ...one, fields: { Betreff, Schlagworte } }], SIGNAL)).toEqual([DONE])
      const found = await to.find?.(one.key, SIGNAL)
      expect(found).toMatchObject({
        key: one.key,
        fields: { Betreff, Schlagworte, Aktenzeichen: one.key, 'system:SDSTA_ID': '99' },
        content: { name: one.content?.name, type: 'application/pdf', length: one.content?.length },
      })
      expect((await bytesOf(found)).equals(await bytesOf(one))).toBe(true)
    }
    if (to.page === undefined) throw new Error('it cannot be listed')
    expect((await pagesOf({ page: to.page })).flat().map(({ key }) => key)).toEqual(
      records.map(({ key }) => key),
    )
  })

  it('takes 3 MB of unknown length', async () => {
    const bytes = createHash('shake256', { outputLength: 3 << 20 })
      .update('3')
      .digest()
    const { client } = await system()
    const to = target(client)
    const content = { ...fileOf(bytes, 'Pläne.pdf'), length: undefined }
    expect(await to.write([record('a', { content })], SIGNAL)).toEqual([DONE])
    const found = await to.find?.('a', SIGNAL)
    expect(found?.content?.name).toBe('Pläne.pdf')
    expect((await bytesOf(found)).equals(bytes)).toBe(true)
  })

  it('finds exactly the key, and says so when there are several', async () => {
    const { client } = await system()
    const to = target(client, { pageSize: 1 })
    await to.write([record('a'), record('A'), record('"b\' OR 1=1'), record('c'), record('c')], SIGNAL)
    const found: (string | undefined)[] = []
    for (const key of ['a', 'A', '"b\' OR 1=1', 'C']) found.push((await to.find?.(key, SIGNAL))?.key)
    expect(found).toEqual(['a', 'A', '"b\' OR 1=1', undefined])
    expect(await saidBy(client, () => to.find?.('c', SIGNAL))).toBe(
      'BAD_RECORDS: it has 2 documents of one key (Aktenzeichen)',
    )
  })

  it('finds nothing where nothing is, and takes away twice', async () => {
    const { client } = await system()
    const to = target(client)
    expect(await to.find?.('a', SIGNAL)).toBeUndefined()
    await to.write([record('a')], SIGNAL)
    expect(await to.remove?.('a', SIGNAL)).toEqual(GONE)
    expect(await to.find?.('a', SIGNAL)).toBeUndefined()
    expect(await to.remove?.('a', SIGNAL)).toEqual(GONE)
  })

  it('refuses what no document can have, and goes on with the next', async () => {
    const { client } = await system()
    expect(
      await target(client).write(
        [
          record('a', { fields: { Farbe: 'rot' } }),
          record('b', { fields: { Betreff: { deep: 1 } } }),
          record('c'),
        ],
        SIGNAL,
      ),
    ).toEqual([
      { kind: 'refused', reason: '422 (no property Farbe)' },
      { kind: 'refused', reason: 'Betreff holds what no property can hold' },
      DONE,
    ])
  })

  it('says what it knows when an answer is lost, or is none', async () => {
    const seen = async (how: Meddling) => {
      const { client } = await system((_, path) => (path.includes('minimalResponse') ? how : 'pass'))
      const to = target(client)
      const [got] = await to.write([record('a')], SIGNAL)
      return [got?.kind, (await to.find?.('a', SIGNAL))?.key]
    }
    expect(await seen({ cutRequestAnswer: true })).toEqual(['unknown', 'a'])
    expect(await seen(LOGIN_PAGE)).toEqual(['unknown', undefined])
    expect(await seen({ answer: 500 })).toEqual(['unknown', undefined])
    expect(await seen({ answer: 429 })).toEqual(['later', undefined])
    expect(await seen({ answer: 413 })).toEqual(['refused', undefined])
  })

  it('says why a document was not taken away', async () => {
    const seen = async (status: number) => {
      const { client } = await system((method) => (method === 'DELETE' ? { answer: status } : 'pass'))
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
    expect((await failure(() => to.find?.('a', SIGNAL))).code).toBe('UNAUTHORISED')
  })
})
