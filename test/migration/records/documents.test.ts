import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cmisSettings, cmisSource, cmisTarget } from '../../../src/lib/migration/records/cmis.ts'
import { dvelopSettings, dvelopSource } from '../../../src/lib/migration/records/dvelop.ts'
import { enaioSettings, enaioSource } from '../../../src/lib/migration/records/enaio.ts'
import { folderSettings, folderTarget } from '../../../src/lib/migration/records/folder.ts'
import { ContentRefused } from '../../../src/lib/migration/records/refused.ts'
import { cmis } from '../../../src/lib/sandbox/stand-ins/cmis.ts'
import { dvelop } from '../../../src/lib/sandbox/stand-ins/dvelop.ts'
import { enaio } from '../../../src/lib/sandbox/stand-ins/enaio.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { httpFailure } from '../../support/http.ts'
import {
  basic,
  bearer,
  bytesOf,
  fileOf,
  type Meddle,
  type Meddling,
  pagesOf,
  recordSystem,
  SIGNAL,
  settingsOf,
} from '../../support/records.ts'

const BAUAKTEN = { folder: '/Bauakten', keyProperty: 'cmis:name' }
const cmisSystem = (meddle?: Meddle) => recordSystem(cmis, basic, meddle)

/** An answer of CMIS with the objects of a folder. */
const children = (...objects: readonly object[]): Meddling => ({
  answer: 200,
  body: JSON.stringify({
    objects: objects.map((succinctProperties) => ({ object: { succinctProperties } })),
    hasMoreItems: false,
  }),
})
const document = (id: string, more: object = {}): object => ({
  'cmis:objectId': id,
  'cmis:name': id,
  'cmis:baseTypeId': 'cmis:document',
  ...more,
})

const JSON_TYPE = { 'content-type': 'application/json' }
const said = (status: number, exception: string): Meddling => ({
  answer: status,
  headers: JSON_TYPE,
  body: JSON.stringify({ exception, message: 'as told' }),
})
const page = (status: number): Meddling => ({
  answer: status,
  headers: { 'content-type': 'text/html' },
  body: '<html><title>Wartung</title></html>',
})

describe('a document without a file', () => {
  it.each<[string, Meddling, boolean]>([
    ['a constraint', said(409, 'constraint'), true],
    ['that it is not there', said(404, 'objectNotFound'), true],
    ['that the question is wrong', said(400, 'invalidArgument'), true],
    ['that nobody may', said(403, 'permissionDenied'), true],
    ['nothing at all', { answer: 204 }, true],
    ['a page with 404', page(404), false],
    ['a page with 409', page(409), false],
    ['that it is busy', said(503, 'runtime'), false],
    ['that it is asked too often', said(429, 'runtime'), false],
    ['that somebody else asks', said(401, 'permissionDenied'), false],
    ['a fault of its own', said(500, 'storage'), false],
  ])('whose system says %s', async (_what, how, isLasting) => {
    let asked = 0
    const { client } = await cmisSystem((_, url) => {
      if (!url.includes('cmisselector=content')) return 'pass'
      asked++
      return how
    })
    const source = cmisSource(settingsOf(cmisSettings.source, { ...BAUAKTEN, pageSize: 1 }), client)
    const { records } = await source.page(null, SIGNAL)
    expect((await httpFailure(bytesOf(records[0]))) instanceof ContentRefused).toBe(isLasting)
    const folder = join(temporaryFolder(), 'out')
    const target = folderTarget(settingsOf(folderSettings, { path: 'out' }), folder)
    expect((await target.write(records, SIGNAL)).map(({ kind }) => kind)).toEqual([
      isLasting ? 'refused' : 'later',
    ])
    expect(readdirSync(folder)).toEqual([])
    const other = cmisTarget(settingsOf(cmisSettings.target, { folder: '/Ablage' }), client)
    const plain = records.map((record) => ({ ...record, fields: {} }))
    expect((await other.write(plain, SIGNAL)).map(({ kind }) => kind)).toEqual([
      isLasting ? 'refused' : 'later',
    ])
    expect(asked).toBe(3)
  })

  it('is refused by the sandbox as by a repository', async () => {
    const { client } = await cmisSystem()
    const to = cmisTarget(settingsOf(cmisSettings.target, { folder: '/Ablage' }), client)
    await to.write(
      [
        { key: 'a', fields: {} },
        { key: 'b', fields: {}, content: fileOf(Buffer.alloc(0)) },
      ],
      SIGNAL,
    )
    expect([
      (await to.find?.('a', SIGNAL))?.content,
      (await to.find?.('b', SIGNAL))?.content?.length,
    ]).toEqual([undefined, 0])
    const properties = { 'cmis:contentStreamMimeType': 'text/plain' }
    const lying = await cmisSystem((_, url) =>
      url.includes('children') ? children(document('doc-1026', properties)) : 'pass',
    )
    const there = cmisTarget(settingsOf(cmisSettings.target, { folder: '/Ablage' }), lying.client)
    await there.write([{ key: 'a', fields: {} }], SIGNAL)
    const from = cmisSource(settingsOf(cmisSettings.source, { folder: '/Ablage' }), lying.client)
    expect((await httpFailure(bytesOf((await pagesOf(from)).flat()[0]))).message).toContain(
      '409 (constraint: ',
    )
  })
})

describe('a document without a key is set aside, and the others are read', () => {
  it('by CMIS', async () => {
    const { client } = await cmisSystem((_, url) =>
      url.includes('children')
        ? children(
            document('1', { nr: 'a' }),
            document('2'),
            document('3', { nr: '' }),
            document('4', { nr: ['x'] }),
            document('5', { nr: 'b\ud800' }),
            document('6', { nr: 7 }),
          )
        : 'pass',
    )
    const source = cmisSource(settingsOf(cmisSettings.source, { ...BAUAKTEN, keyProperty: 'nr' }), client)
    const { records, faults } = await source.page(null, SIGNAL)
    expect(records.map(({ key }) => key)).toEqual(['a', '7'])
    const reason = 'it has no nr to be its key'
    expect(faults).toEqual(['2', '3', '4', '5'].map((id) => ({ key: `document ${id}`, reason })))
  })

  it('by d.velop', async () => {
    const { client, open } = await recordSystem(dvelop, bearer)
    open.fill?.(2)
    const values = { repository: 'akten', category: 'bauakte', keyProperty: 'nummer' }
    const { records, faults } = await dvelopSource(settingsOf(dvelopSettings.source, values), client).page(
      null,
      SIGNAL,
    )
    expect(records).toEqual([])
    expect(faults).toEqual([
      { key: 'document doc-1001', reason: 'it has no nummer to be its key' },
      { key: 'document doc-1002', reason: 'it has no nummer to be its key' },
    ])
  })

  it('by enaio', async () => {
    const { client, open } = await recordSystem(enaio, basic)
    open.fill?.(1)
    const values = { objectType: 'Dokument', keyProperty: 'Nummer' }
    const { faults } = await enaioSource(settingsOf(enaioSettings.source, values), client).page(null, SIGNAL)
    expect(faults).toEqual([{ key: 'document doc-1001', reason: 'it has no Nummer to be its key' }])
  })
})

it('properties are what they are, also those that no document can be given', async () => {
  const table = [[1, { a: null }]]
  const { client } = await cmisSystem((_, url) =>
    url.includes('children')
      ? {
          answer: 200,
          body: `{"objects":[{"object":{"succinctProperties":{"cmis:objectId":"1","cmis:name":"1","cmis:baseTypeId":"cmis:document","nr":12345678901234567890,"table":${JSON.stringify(table)}}}}],"hasMoreItems":false}`,
        }
      : 'pass',
  )
  const [record] = (await pagesOf(cmisSource(settingsOf(cmisSettings.source, BAUAKTEN), client))).flat()
  if (record === undefined) throw new Error('no record')
  expect(record.fields).toMatchObject({ nr: JSON.rawJSON('12345678901234567890'), table })
  const to = cmisTarget(settingsOf(cmisSettings.target, { folder: '/Ablage' }), client)
  const write = async (fields: typeof record.fields) => to.write([{ key: 'k', fields }], SIGNAL)
  expect(await write({ 'akten:betreff': record.fields.table ?? null })).toEqual([
    { kind: 'refused', reason: 'akten:betreff holds what no property can hold' },
  ])
  expect(await write({ 'akten:betreff': 'half \ud83d' })).toEqual([
    { kind: 'refused', reason: 'akten:betreff holds what no property can hold' },
  ])
  expect(await write({ 'akten:betreff': record.fields.nr ?? null })).toEqual([
    { kind: 'done', created: true },
  ])
  expect((await to.find?.('k', SIGNAL))?.fields['akten:betreff']).toBe('12345678901234567890')
})

describe('a repository that cannot order its documents', () => {
  const refusing: Meddle = (_, url) => (url.includes('orderBy=') ? said(405, 'notSupported') : 'pass')

  it.each(['none', 'cmis:name'])('is read when it is said, or says so: orderBy %s', async (orderBy) => {
    const { client, open } = await cmisSystem((method, url) =>
      url === '/cmis/browser' && orderBy !== 'none'
        ? {
            answer: 200,
            body: JSON.stringify({
              akten: {
                rootFolderUrl: 'http://127.0.0.1/cmis/browser/akten/root',
                repositoryUrl: 'http://127.0.0.1/cmis/browser/akten',
                capabilities: { capabilityOrderBy: 'none' },
              },
            }),
          }
        : refusing(method, url),
    )
    open.fill?.(3)
    const source = cmisSource(settingsOf(cmisSettings.source, { ...BAUAKTEN, orderBy, pageSize: 2 }), client)
    expect((await pagesOf(source)).flat().length).toBe(3)
  })
})

it('addresses of any length are read in a moment', async () => {
  const slashes = `${'/'.repeat(500_000)}x`
  const { client } = await cmisSystem((_, url) =>
    url === '/cmis/browser'
      ? {
          answer: 200,
          body: JSON.stringify({
            akten: {
              rootFolderUrl: `http://127.0.0.1${slashes}`,
              repositoryUrl: `http://127.0.0.1${slashes}`,
            },
          }),
        }
      : 'pass',
  )
  const source = cmisSource(settingsOf(cmisSettings.source, BAUAKTEN), client)
  await expect(source.page(null, SIGNAL)).rejects.toThrow()
})
