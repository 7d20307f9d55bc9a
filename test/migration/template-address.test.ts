import { describe, expect, it } from 'vitest'
import { jsonTarget, jsonTargetSettings } from '../../src/lib/migration/records/json-target.ts'
import { expandText } from '../../src/lib/migration/template.ts'
import { answer, faultServer } from '../support/fault-server.ts'
import { recordClient, SIGNAL, settingsOf } from '../support/records.ts'

const filled = (text: string, value: string) => expandText(text, () => value)

describe('an address', () => {
  it.each([
    ['https://h.example.de/items/${steps.a.b}', '..'],
    ['https://h.example.de/items/${steps.a.b}', '.'],
    ['https://h.example.de/items/${steps.a.b}', ''],
    ['https://h.example.de/items/${steps.a.b}/file?x=1', '..'],
    ['https://h.example.de/items/.${steps.a.b}', '.'],
    ['https://h.example.de/items/${steps.a.b}${steps.a.b}#x', '.'],
    ['${connector.dms.url}/items/${steps.a.b}', '..'],
    ['https://h.example.de/items/%2e${steps.a.b}', '.'],
  ])('%s is not filled with %j', (text, value) => {
    const values = (path: readonly string[]) =>
      path[0] === 'connector' ? 'https://h.example.de/a/b/c' : value
    expect(() => expandText(text, values)).toThrow('no part of an address')
  })

  it.each([
    ['https://h.example.de/items/${steps.a.b}', '...', 'https://h.example.de/items/...'],
    ['https://h.example.de/items/${steps.a.b}', '%2e%2e', 'https://h.example.de/items/%252e%252e'],
    ['https://h.example.de/items/${steps.a.b}', '../x', 'https://h.example.de/items/..%2Fx'],
    ['https://h.example.de/items/a${steps.a.b}', '..', 'https://h.example.de/items/a..'],
    ['https://h.example.de/items?id=${steps.a.b}', '..', 'https://h.example.de/items?id=..'],
    ['https://h.example.de/items?id=/${steps.a.b}', '', 'https://h.example.de/items?id=/'],
    ['https://h.example.de/./items/../$${x}', '', 'https://h.example.de/./items/../${x}'],
    ['${steps.a.b}', '..', '..'],
  ])('%s is filled with %j', (text, value, whole) => {
    expect(filled(text, value)).toBe(whole)
  })
})

it.each([
  ['${connector.dms.url}', 'https://h.example.de/dms/', 'https://h.example.de/dms/'],
  ['${connector.dms.url}', 'https://h.example.de', 'https://h.example.de'],
  ['${connector.dms.url}items/1', 'https://h.example.de/dms/', 'https://h.example.de/dms/items/1'],
])('%s begins with the address of the connector as it is: %s', (text, value, whole) => {
  expect(filled(text, value)).toBe(whole)
})

describe('a record whose address would be that of something else', () => {
  const targetOf = async (item: string, more: Readonly<Record<string, unknown>> = {}) => {
    const server = await faultServer([answer(201, '{}', { 'content-type': 'application/json' })])
    const url = `${server.origin.origin}/records`
    const values = settingsOf(jsonTargetSettings, { url, item: `${url}/${item}`, ...more })
    return { server, to: jsonTarget(values, recordClient(url, 'Basic x'), () => undefined, '') }
  }

  it('is set aside, and never asked for or taken away', async () => {
    const { server, to } = await targetOf('${record.key}')
    const records = ['..', 'a', '.'].map((key) => ({ key, fields: { id: key } }))
    expect((await to.write(records, SIGNAL)).map(({ kind }) => kind)).toEqual(['refused', 'done', 'refused'])
    expect(await to.find?.('..', SIGNAL)).toBeUndefined()
    expect(await to.remove?.('..', SIGNAL)).toEqual({ kind: 'done', created: null })
    expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['PUT /records/a'])
  })

  it('also for want of a field; one that its key does not lead to is not asked for', async () => {
    const { server, to } = await targetOf('${record.group}/${record.key}')
    expect(
      await to.write(
        [
          { key: 'a', fields: {} },
          { key: 'b', fields: { group: 'g' } },
        ],
        SIGNAL,
      ),
    ).toEqual([
      { kind: 'refused', reason: 'there is no value for ${record.group}' },
      { kind: 'done', created: true },
    ])
    expect(server.requests.map(({ path }) => path)).toEqual(['/records/g/b'])
    expect([to.find, to.remove, to.repeatable]).toEqual([undefined, undefined, 'by-key'])
    expect((await targetOf('${record.group}/${record.key}', { method: 'POST' })).to.repeatable).toBe('none')
  })
})
