import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { RecordClient } from '../../../src/lib/migration/records/client.ts'
import { dvelopSettings, dvelopSource, dvelopTarget } from '../../../src/lib/migration/records/dvelop.ts'
import type { DataRecord } from '../../../src/lib/migration/records/model.ts'
import { madeDocument } from '../../../src/lib/sandbox/stand-ins/documents.ts'
import { dvelop } from '../../../src/lib/sandbox/stand-ins/dvelop.ts'
import { failure } from '../../support/failure.ts'
import { outcome } from '../../support/http.ts'
import {
  bearer,
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
const LOGIN_PAGE: Meddling = { answer: 200, headers: { 'content-type': 'text/html' }, body: PAGE }
const DONE = { kind: 'done', created: true }
const GONE = { kind: 'done', created: null }

const system = (meddle?: Meddle) => recordSystem(dvelop, bearer, meddle)
const source = (client: RecordClient, more: Readonly<Record<string, unknown>> = {}) =>
  dvelopSource(settingsOf(dvelopSettings.source, { repository: 'akten', ...more }), client)
const target = (client: RecordClient, more: Readonly<Record<string, unknown>> = {}) => {
  const written = {
    repository: 'akten',
    category: 'post',
    keyProperty: 'aktenzeichen',
    lengthProperty: 'property_size',
  }
  return dvelopTarget(settingsOf(dvelopSettings.target, { ...written, ...more }), client)
}

const record = (key: string, more: Partial<DataRecord> = {}): DataRecord => ({
  key,
  fields: { betreff: 'Anbau "Süd" für Müller', schlagworte: ['Bauen', 'Größe'] },
  content: fileOf(Buffer.from('%PDF-1.7 Grüße')),
  ...more,
})

describe('a repository that is read', () => {
  it.each([1, 7, 25, 100])('gives every document once, in order, %i to a page', async (pageSize) => {
    const { client, open } = await system()
    open.fill?.(25)
    const pages = await pagesOf(
      source(client, { pageSize, keyProperty: 'aktenzeichen', category: 'bauakte' }),
    )
    expect(pages.length).toBe(Math.ceil(25 / pageSize))
    expect(pages.flat().map(({ key }) => key)).toEqual(
      Array.from({ length: 25 }, (_, at) => madeDocument(at + 1).reference),
    )
  })

  it('gives properties by their keys, several values as a list, and files byte by byte', async () => {
    const { client, open } = await system()
    open.fill?.(3)
    const records = (await pagesOf(source(client))).flat()
    expect(records.map(({ key, fields }) => [key, fields])).toEqual([
      [
        'doc-1001',
        {
          aktenzeichen: '63-2026-0001',
          betreff: 'Baugenehmigung Köster "Süd"',
          schlagworte: ['Bauen'],
          property_filename: '63-2026-0001 Baugenehmigung Köster "Süd".pdf',
          property_size: '0',
        },
      ],
      [
        'doc-1002',
        {
          aktenzeichen: '63-2026-0002',
          betreff: 'Lageplan Łukasz Żak',
          schlagworte: ['Bauen'],
          property_filename: '63-2026-0002 Lageplan Łukasz Żak.pdf',
          property_size: '200000',
        },
      ],
      [
        'doc-1003',
        {
          aktenzeichen: '63-2026-0003',
          betreff: 'Statik Groß & Söhne',
          schlagworte: ['Bauen', 'Wohngebäude'],
          property_filename: '63-2026-0003 Statik Groß & Söhne.pdf',
          property_size: '5857',
        },
      ],
    ])
    for (const [at, one] of records.entries()) {
      const made = madeDocument(at + 1)
      expect([one.content?.name, one.content?.type, one.content?.length]).toEqual([
        made.name,
        'application/pdf',
        undefined,
      ])
      expect((await bytesOf(one)).equals(made.bytes)).toBe(true)
    }
  })

  it('is empty at the start, and in other categories', async () => {
    const { client, open } = await system()
    expect(await pagesOf(source(client))).toEqual([[]])
    open.fill?.(2)
    expect(await pagesOf(source(client, { category: 'post' }))).toEqual([[]])
    open.reset?.()
    expect(await pagesOf(source(client))).toEqual([[]])
  })

  it('does not turn in a circle when it gives the same page again', async () => {
    const items = [{ id: 'a', sourceProperties: [] }]
    const body = JSON.stringify({ _links: { next: { href: '/dms/r/akten/srm' } }, items })
    const { client } = await system((_, path) => (path.includes('/srm') ? { answer: 200, body } : 'pass'))
    expect(await saidBy(client, () => pagesOf(source(client)))).toBe(
      'BAD_RECORDS: it gives the same page of documents again',
    )
  })

  it('says so when a file is cut off, or shorter than its property says', async () => {
    const cut = await system((_, path) => (path.endsWith('/b/main/c') ? { cutAfter: 50 } : 'pass'))
    cut.open.fill?.(2)
    const [, second] = (await pagesOf(source(cut.client))).flat()
    expect(await outcome(bytesOf(second))).toBe('reset, sent: maybe')
    const short = await system((_, path) =>
      path.endsWith('/b/main/c') ? { answer: 200, body: 'short' } : 'pass',
    )
    short.open.fill?.(2)
    const [, other] = (await pagesOf(source(short.client, { lengthProperty: 'property_size' }))).flat()
    expect(await outcome(bytesOf(other))).toBe('truncated, sent: maybe')
  })

  it('says what is wrong with answers that are none, and with credentials', async () => {
    const said: string[] = []
    const json = (value: unknown): Meddling => ({ answer: 200, body: JSON.stringify(value) })
    for (const how of [
      LOGIN_PAGE,
      json({ items: 1 }),
      json({ items: [{ id: 'a' }] }),
      json({
        items: [
          {
            id: 'a',
            sourceProperties: [],
            _links: { mainblobcontent: { href: 'https://elsewhere.example.de/' } },
          },
        ],
      }),
      { answer: 500, body: '{"reason":"no index"}' } as const,
    ]) {
      const { client } = await system((_, path) => (path.includes('/srm') ? how : 'pass'))
      said.push(await saidBy(client, () => source(client).page(null, SIGNAL)))
    }
    const { client } = await system()
    const stranger = { ...client, headers: { authorization: 'Bearer x' } }
    said.push(
      await saidBy(client, () => source(stranger).page(null, SIGNAL)),
      await saidBy(client, () => source(client, { repository: 'keller' }).page(null, SIGNAL)),
      await saidBy(client, () => source(client).page('-1', SIGNAL)),
    )
    expect(said).toEqual([
      'BAD_RECORDS: it answers with an HTML page “Anmelden” in place of JSON',
      'BAD_RECORDS: it answers without items',
      'BAD_RECORDS: it answers with a document that has no id or no properties',
      'BAD_RECORDS: it leads to another host with its link mainblobcontent',
      'RECORDS_UNAVAILABLE: it answers 500 (no index)',
      'UNAUTHORISED: it answers 401',
      'BAD_RECORDS: it has no repository keller',
      'BAD_RECORDS: it never gave this place to go on from',
    ])
  })
})

describe('a category that is written to', () => {
  it('takes everything that another has, with bytes and values as they were', async () => {
    const { client, open } = await system()
    open.fill?.(25)
    const records = (
      await pagesOf(source(client, { keyProperty: 'aktenzeichen', category: 'bauakte' }))
    ).flat()
    const to = target(client)
    for (const one of records) {
      const { betreff = null, schlagworte = null } = one.fields
      expect(await to.write([{ ...one, fields: { betreff, schlagworte } }], SIGNAL)).toEqual([DONE])
      const found = await to.find?.(one.key, SIGNAL)
      expect(found).toMatchObject({ key: one.key, fields: { betreff, schlagworte, aktenzeichen: one.key } })
      expect(found?.content?.name).toBe(one.content?.name)
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
    const content = { ...fileOf(bytes, 'Pläne "neu".pdf'), length: undefined }
    expect(await to.write([record('a', { content })], SIGNAL)).toEqual([DONE])
    const found = await to.find?.('a', SIGNAL)
    expect([found?.content?.name, found?.content?.length]).toEqual(['Pläne "neu".pdf', 3 << 20])
    expect((await bytesOf(found)).equals(bytes)).toBe(true)
  })

  it('finds exactly the key, whatever the search takes for the same', async () => {
    const { client } = await system()
    const to = target(client, { pageSize: 1 })
    await to.write([record('63/1'), record('63/2'), record('A'), record('a "*"')], SIGNAL)
    const found: (string | undefined)[] = []
    for (const key of ['63/*', '*', 'a', 'A', '63/2', 'a "*"'])
      found.push((await to.find?.(key, SIGNAL))?.key)
    expect(found).toEqual([undefined, undefined, undefined, 'A', '63/2', 'a "*"'])
  })

  it('says so when there are several of one key', async () => {
    const { client } = await system()
    const to = target(client)
    await to.write([record('a'), record('a')], SIGNAL)
    expect(await saidBy(client, () => to.find?.('a', SIGNAL))).toBe(
      'BAD_RECORDS: it has 2 documents of one key (aktenzeichen)',
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

  it('takes away every version', async () => {
    let left = 3
    const { client } = await system((method) => {
      if (method !== 'DELETE') return 'pass'
      left--
      const links = left > 0 ? { _links: { deleteWithReason: { href: '/x' } } } : {}
      return { answer: 200, body: JSON.stringify(links) }
    })
    const to = target(client)
    await to.write([record('a')], SIGNAL)
    expect(await to.remove?.('a', SIGNAL)).toEqual(GONE)
    expect(left).toBe(0)
  })

  it('refuses what no document can have, and goes on with the next', async () => {
    const { client } = await system()
    expect(
      await target(client).write(
        [
          record('a', { fields: { farbe: 'rot' } }),
          record('b', { fields: { betreff: { deep: 1 } } }),
          record('c'),
        ],
        SIGNAL,
      ),
    ).toEqual([
      { kind: 'refused', reason: '400 (no property farbe)' },
      { kind: 'refused', reason: 'betreff holds what no property can hold' },
      DONE,
    ])
    expect(await target(client, { category: 'keller' }).write([record('a')], SIGNAL)).toEqual([
      { kind: 'refused', reason: '400 (no category keller)' },
    ])
  })

  it('says what it knows when an answer is lost, or is none', async () => {
    const seen = async (which: string, how: Meddling) => {
      const { client } = await system((method, path) =>
        method === 'POST' && path.endsWith(which) ? how : 'pass',
      )
      const to = target(client)
      const [got] = await to.write([record('a')], SIGNAL)
      return [got?.kind, (await to.find?.('a', SIGNAL))?.key]
    }
    expect(await seen('/o2m', { cutRequestAnswer: true })).toEqual(['unknown', 'a'])
    expect(await seen('/o2m', LOGIN_PAGE)).toEqual(['unknown', undefined])
    expect(await seen('/o2m', { answer: 502 })).toEqual(['unknown', undefined])
    // While the file is sent, there is no document yet.
    expect(await seen('/blob/chunk', { cutRequestAnswer: true })).toEqual(['later', undefined])
    expect(await seen('/blob/chunk', LOGIN_PAGE)).toEqual(['later', undefined])
    expect(await seen('/blob/chunk', { answer: 503 })).toEqual(['later', undefined])
    expect(await seen('/blob/chunk', { answer: 413 })).toEqual(['refused', undefined])
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
