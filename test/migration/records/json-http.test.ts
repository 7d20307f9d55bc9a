import { describe, expect, it } from 'vitest'
import { jsonSource, jsonSourceSettings } from '../../../src/lib/migration/records/json-source.ts'
import { jsonTarget, jsonTargetSettings } from '../../../src/lib/migration/records/json-target.ts'
import { failure } from '../../support/failure.ts'
import { answer, faultServer } from '../../support/fault-server.ts'
import { recordClient, SIGNAL, settingsOf } from '../../support/records.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

async function pageOf(body: string, more: Readonly<Record<string, unknown>> = {}) {
  const { origin } = await faultServer([answer(200, body, JSON_TYPE)])
  const url = `${origin.origin}/records`
  const source = jsonSource(settingsOf(jsonSourceSettings, { url, ...more }), recordClient(url, 'Basic x'))
  return source.page(null, SIGNAL)
}

describe('a page of a collection', () => {
  it('keeps numbers as they are written, in keys and cursors, too', async () => {
    const body =
      '\uFEFF{"items":[{"id":9007199254740993,"a":[1.00,1E+2]},{"id":9007199254740992}],"next":18446744073709551615}'
    const page = await pageOf(body, { records: '$.items', paging: { style: 'cursor', next: '$.next' } })
    expect(page.records.map(({ key, fields }) => `${key} ${JSON.stringify(fields)}`)).toEqual([
      '9007199254740993 {"id":9007199254740993,"a":[1.00,1E+2]}',
      '9007199254740992 {"id":9007199254740992}',
    ])
    expect(page.next).toBe('18446744073709551615')
  })

  it('sets aside records with a name twice, and those that are nested too deeply', async () => {
    const deep = `${'['.repeat(700)}${']'.repeat(700)}`
    const body = `[{"id":1,"a":{"b":1,"b":2}},{"id":2,"a":"\\":"},{"id":3,"id":3},{"id":4,"a":${deep}}]`
    const { records, faults } = await pageOf(body)
    expect(records.map(({ key }) => key)).toEqual(['2'])
    expect(faults).toEqual([
      { key: 'page 0, record 0', reason: 'it names "b" twice' },
      { key: 'page 0, record 2', reason: 'it names "id" twice' },
      { key: 'page 0, record 3', reason: 'its values are nested too deeply' },
    ])
  })

  it.each([
    ['{"items":[],"items":[{"id":1}]}', { records: '$.items' }, 'its answer names "items" twice'],
    ['{"next":1,"next":2,"items":[]}', { records: '$.items' }, 'its answer names "next" twice'],
    [
      '{"a":{"items":[{"id":1}]},"b":[{"x":1,"x":1}]}',
      { records: '$.a.items' },
      'its answer names "x" twice',
    ],
    ['[1', {}, 'its answer holds no list of records'],
  ])('%s is none', async (body, more, what) => {
    const error = await failure(() => pageOf(body, more))
    expect([error.code, error.message.slice(error.message.indexOf(': ') + 2)]).toEqual(['BAD_RECORDS', what])
  })

  it.each(['{"next":[1],"items":[]}', '{"next":{"a":1},"items":[]}'])(
    '%s names no next page',
    async (body) => {
      const more = { records: '$.items', paging: { style: 'cursor' } }
      expect((await failure(() => pageOf(body, more))).message).toContain('the cursor is no text')
    },
  )
})

it.each([
  ['<html><title>Wartung</title>', { 'content-type': 'text/html' }, 'HttpFailure'],
  ['', {}, 'HttpFailure'],
  ['{"error":"no such collection"}', JSON_TYPE, 'OzgctlError'],
])('a collection that is not there is one when the system says so: %j', async (body, headers, name) => {
  const { origin } = await faultServer([answer(404, body, headers)])
  const url = `${origin.origin}/records`
  const source = jsonSource(settingsOf(jsonSourceSettings, { url }), recordClient(url, 'Basic x'))
  await expect(source.page(null, SIGNAL)).rejects.toMatchObject({ name })
})

describe('a target', () => {
  const target = async (body: string, more: Readonly<Record<string, unknown>> = {}) => {
    const server = await faultServer([answer(200, body, JSON_TYPE)])
    const url = `${server.origin.origin}/records`
    const values = settingsOf(jsonTargetSettings, {
      url,
      item: `${url}/\${record.key}/\${record.n}`,
      ...more,
    })
    return { server, to: jsonTarget(values, recordClient(url, 'Basic x'), () => undefined, '') }
  }

  it('is sent numbers as they are written, and its own are read so', async () => {
    const { server, to } = await target('{"id":"a","n":10000000000000000001}')
    const fields = { id: 'a', n: JSON.rawJSON('10000000000000000001'), m: [JSON.rawJSON('1.10')] }
    await to.write([{ key: 'a', fields }], SIGNAL)
    expect(server.requests.map(({ path, body }) => `${path} ${body}`)).toEqual([
      '/records/a/10000000000000000001 {"id":"a","n":10000000000000000001,"m":[1.10]}',
    ])
    const plain = await target('{"id":"a","n":10000000000000000001}', {
      item: 'http://127.0.0.1/${record.key}',
    })
    expect((await plain.to.find?.('a', SIGNAL))?.fields).toEqual({
      id: 'a',
      n: JSON.rawJSON('10000000000000000001'),
    })
  })

  it('says what became of each record by keys and numbers as they are written', async () => {
    const body = '[{"id":9007199254740993,"s":201.0},{"id":9007199254740992,"s":4.22e2,"why":"no"}]'
    const results = { list: '$', key: '$.id', status: '$.s', reason: '$.why' }
    const { to } = await target(body, { batch: 2, results })
    const record = (id: string) => ({ key: id, fields: { id: JSON.rawJSON(id) } })
    expect(await to.write([record('9007199254740992'), record('9007199254740993')], SIGNAL)).toEqual([
      { kind: 'refused', reason: 'it answered 422: no' },
      { kind: 'done', created: true },
    ])
  })

  it('that has a record with a name twice has none that can be compared', async () => {
    const { to } = await target('{"id":"a","a":1,"a":1}', { item: 'http://127.0.0.1/${record.key}' })
    const { code, message } = await failure(() => to.find?.('a', SIGNAL))
    expect([code, message.slice(message.indexOf(': ') + 2)]).toEqual([
      'BAD_RECORDS',
      'a record that it has: it names "a" twice',
    ])
  })
})
