import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/lib/migration/records/model.ts'
import { Death, migrationWorld, outcomeOf } from '../support/migration.ts'
import { type Fate, type RecordServer, recordServer, records } from '../support/record-server.ts'

/** A transfer between two collections of a server. */
const copy = (server: RecordServer, from: string, to: string, more = ''): string => `
steps:
  - id: copy
    kind: records.transfer
    from: { kind: json-http, url: "${server.url}/source/offset", records: $.items, paging: { style: offset, size: 4 }${from} }
    to: { kind: json-http, url: "${server.url}/target", list: { url: "${server.url}/listed/offset", records: $.items, paging: { style: offset, size: 7 } }${to} }
${more}`
const PUT = (server: RecordServer): string => `, item: "${server.url}/target/\${record.key}"`
const POST = ', method: POST'
const LOOK_UP = (server: RecordServer): string => `${PUT(server)}${POST}`
const ORDERED = '    ordered: true\n'
const IDEMPOTENT = `${POST}, idempotencyHeader: Idempotency-Key`

describe.each([
  ['none', '$.items', ''],
  ['offset', '$.items', ''],
  ['page', '$.items', ''],
  ['cursor', '$.items', ', next: $.next'],
  ['link', '$', ''],
  ['odata', '$.value', ''],
])('pages of the style %s', (style, list, more) => {
  test.each([0, 1, 4, 5, 23])('%i records arrive each once and in their order', async (count) => {
    const server = await recordServer(records(count), { most: style === 'none' ? 1000 : 3 })
    const world = await migrationWorld(1)
    const process = await world.process()
    const status = await process.run(`
steps:
  - id: copy
    kind: records.transfer
    ordered: true
    from: { kind: json-http, url: "${server.url}/source/${style}", records: ${list}, paging: { style: ${style}, size: 4${more} } }
    to: { kind: json-http, url: "${server.url}/target"${PUT(server)}, list: { url: "${server.url}/listed/offset", records: $.items, paging: { style: offset } } }
`)
    expect(outcomeOf(status)).toEqual(['001 done: done'])
    expect(server.target).toEqual(records(count))
    const [report] = status.transfers
    expect(report).toMatchObject({ clean: true, counts: { read: count, repeated: 0, changed: 0 } })
    expect(report?.reconciliation?.target).toEqual(report?.reconciliation?.source)
  })
})

test('fields are renamed and left out, and the target may have more of its own', async () => {
  const server = await recordServer(records(3))
  const process = await (await migrationWorld(1)).process()
  const status = await process.run(copy(server, '', PUT(server), '    fields: { id: id, label: name }\n'))
  expect(server.target).toEqual(records(3).map(({ id, name }) => ({ id, label: name })))
  expect(status.transfers[0]?.clean).toBe(true)
})

test('a record that is refused is set aside with the reason, and the step fails unless that is tolerated', async () => {
  const server = await recordServer(records(6))
  server.fate = ({ method, path }): Fate => (method === 'PUT' && path.endsWith('r00003') ? 422 : 'do')
  const world = await migrationWorld(1)
  const process = await world.process()
  const failed = await process.run(copy(server, '', PUT(server)))
  expect(failed.causes).toEqual([
    { step: 'copy', reason: '1 records were set aside', tenants: ['Gemeinde 1'] },
  ])
  expect(failed.transfers[0]).toMatchObject({
    quarantine: [{ key: 'r00003', reason: 'it answered 422' }],
    records: { created: 5, quarantined: 1 },
    clean: false,
  })
  // Mended, a retry writes what is missing and nothing else.
  server.fate = () => 'do'
  server.requests.length = 0
  const retried = await process.resume({ selection: 'failed' })
  expect(server.requests.filter((request) => request.startsWith('PUT'))).toEqual(['PUT /target/r00003'])
  expect(retried.transfers[0]).toMatchObject({ clean: true, quarantine: [] })
  expect(outcomeOf(retried)).toEqual(['001 done: done'])
})

test('a record that is found to be there already, as it is to be, is not set aside', async () => {
  const server = await recordServer(records(5))
  server.target.push(...records(1, 2))
  let lost = false
  server.fate = ({ method }): Fate => {
    if (method !== 'POST' || lost) return 'do'
    lost = true
    return 'drop-before'
  }
  const process = await (await migrationWorld(1)).process()
  const status = await process.run(copy(server, '', LOOK_UP(server)))
  expect(lost).toBe(true)
  expect(status.transfers[0]).toMatchObject({ quarantine: [], clean: true })
  expect(server.target).toHaveLength(5)
})

test('a page with a record that cannot be written yet ends the attempt: what comes after it is not read', async () => {
  const server = await recordServer(records(9))
  server.fate = ({ method, path }): Fate => (method === 'PUT' && path.endsWith('r00003') ? 500 : 'do')
  const process = await (await migrationWorld(1)).process()
  const stopped = await process.run(copy(server, '', PUT(server)))
  expect(stopped.tenants[0]?.state).not.toBe('done')
  // The page after it is fetched while this one is written.
  expect(server.requests).toContain('GET /source/offset?limit=4&offset=4')
  expect(server.requests).not.toContain('GET /source/offset?limit=4&offset=8')
  // What was written of the page is kept, and is not written again.
  server.fate = () => 'do'
  server.requests.length = 0
  const resumed = await process.resume({ selection: stopped.run.state === 'stopped' ? 'open' : 'failed' })
  expect(resumed.transfers[0]).toMatchObject({ clean: true, records: { created: 9 } })
  expect(server.requests.filter((request) => /^PUT .*r0000[124]$/.test(request))).toEqual([])
})

test('what changes at the source while it is read arrives as it is in the end', async () => {
  const server = await recordServer(records(9))
  let done = false
  server.fate = ({ path }) => {
    if (!done && path.includes('offset=8')) {
      done = true
      server.source[1] = { id: 'r00002', name: 'changed' }
      server.source.push({ id: 'new', name: 'late' })
      server.source.splice(3, 1)
    }
    return 'do'
  }
  const process = await (await migrationWorld(1)).process()
  const status = await process.run(copy(server, '', PUT(server)))
  const byId = (all: readonly { id?: unknown }[]) =>
    [...all].sort((a, b) => (String(a.id) < String(b.id) ? -1 : 1))
  expect(byId(server.target.filter(({ id }) => id !== 'r00004'))).toEqual(byId(server.source))
  // What the source has lost in the meantime is there still: nobody but a person takes it away.
  expect(status.causes[0]?.reason).toBe('the target is not as the source: 1 not at the source')
  expect(status.transfers[0]?.reconciliation).toMatchObject({
    gone: 1,
    missing: 0,
    different: 0,
    extra: 1,
    samples: [{ key: 'r00004', what: 'extra' }],
  })
  server.target.splice(3, 1)
  const again = await process.resume({ selection: 'failed' })
  expect(outcomeOf(again)).toEqual(['001 done: done'])
  expect(again.transfers[0]?.clean).toBe(true)
})

test('a source that never comes to rest fails the step and says so', async () => {
  const server = await recordServer(records(3))
  let count = 0
  server.fate = ({ path }) => {
    if (path.includes('offset=0')) server.source[0] = { id: 'r00001', name: `${++count}` }
    return 'do'
  }
  const process = await (await migrationWorld(1)).process()
  const status = await process.run(copy(server, '', PUT(server), '    passes: 2\n'))
  expect(status.causes[0]?.reason).toBe('the source changes while it is read: 1 records in pass 3')
})

test('what is no record is set aside with its place', async () => {
  const server = await recordServer([...records(1), { name: 'without a key' }, 7 as never, { id: '' }])
  const process = await (await migrationWorld(1)).process()
  const status = await process.run(copy(server, '', PUT(server), '    tolerate: 3\n'))
  expect(server.target).toEqual(records(1))
  expect(status.transfers[0]?.quarantine.map(({ key, reason }) => `${key}: ${reason}`).sort()).toEqual([
    'page 0, record 1: it has no key',
    'page 0, record 2: it is no JSON object',
    'page 0, record 3: it has no key',
  ])
})

test('a target that writes numbers in another way has them all the same', async () => {
  const numbers = ['1.0', '-0', '2.50e1', '1e2'].map((text) => JSON.rawJSON(text))
  const server = await recordServer([{ id: 'a', numbers }])
  const process = await (await migrationWorld(1)).process()
  const status = await process.run(copy(server, '', PUT(server)))
  expect(server.target).toEqual([{ id: 'a', numbers: [1, -0, 25, 100] }])
  expect(status.transfers[0]?.clean).toBe(true)
})

test('names that JavaScript has a meaning for are names', async () => {
  const record = JSON.parse('{"id":"a","__proto__":{"b":1},"constructor":"c"}') as JsonObject
  const server = await recordServer([record])
  const process = await (await migrationWorld(1)).process()
  const names = '    fields: { id: id, __proto__: __proto__, d: constructor, e: toString }\n'
  const status = await process.run(copy(server, '', PUT(server), names))
  expect(JSON.stringify(server.target)).toBe('[{"id":"a","__proto__":{"b":1},"d":"c"}]')
  expect(status.transfers[0]?.clean).toBe(true)
})

test.each(['76543210987654321098', '0.30000000000000000001', '1e-400'])(
  'a target that makes another number of %s is not as the source',
  async (text) => {
    const server = await recordServer([{ id: 'a', number: JSON.rawJSON(text) }])
    const process = await (await migrationWorld(1)).process()
    const status = await process.run(copy(server, '', PUT(server)))
    expect(status.causes[0]?.reason).toBe('the target is not as the source: 1 different')
  },
)

describe('a target that does not know a record again', () => {
  test('is refused', async () => {
    const server = await recordServer(records(3))
    const process = await (await migrationWorld(1)).process()
    const status = await process.run(copy(server, '', POST))
    expect(status.causes[0]?.reason).toMatch(
      /^the target knows no record again: name item or idempotencyHeader/,
    )
    expect(server.target).toEqual([])
  })

  test('is written to with --at-least-once, and the report says so', async () => {
    const server = await recordServer(records(3))
    const process = await (await migrationWorld(1)).process()
    const status = await process.run(copy(server, '', POST), { atLeastOnce: true })
    expect(server.target).toHaveLength(3)
    expect(status.options.atLeastOnce).toBe(true)
    expect(outcomeOf(status)).toEqual(['001 done: done'])
  })
})

describe.each([
  ['PUT by key', PUT],
  ['POST with an idempotency key', () => IDEMPOTENT],
  ['POST after a look by key', LOOK_UP],
])('%s', (_name, target) => {
  test.each<Fate>(['drop-before', 'drop-after', 503, 429])(
    'a write that ends with %s is there once',
    async (fate) => {
      const server = await recordServer(records(9))
      const struck = new Set<string>()
      server.fate = ({ method, path }) => {
        if ((method !== 'PUT' && method !== 'POST') || struck.size > 20) return 'do'
        const key = `${path} ${struck.size}`
        struck.add(key)
        return struck.size % 2 === 1 ? fate : 'do'
      }
      const process = await (await migrationWorld(1)).process()
      const status = await process.run(copy(server, '', target(server), '    concurrency: 1\n'))
      expect(server.target).toEqual(records(9))
      expect(outcomeOf(status)).toEqual(['001 done: done'])
    },
  )

  test('killed at every durable write and at every request, the end is the same', async () => {
    const whole = await recordServer(records(10))
    const first = await (await migrationWorld(1)).process()
    await first.run(copy(whole, '', target(whole), ORDERED))
    const writes = first.store.writes()
    const requests = whole.requests.length
    expect(whole.target).toEqual(records(10))
    const deaths = [
      ...Array.from({ length: writes }, (_, at) => ({ write: at + 1, moment: 'before' as const })),
      ...Array.from({ length: writes }, (_, at) => ({ write: at + 1, moment: 'after' as const })),
      ...Array.from({ length: requests }, (_, at) => ({ request: at + 1, fate: 'drop-before' as const })),
      ...Array.from({ length: requests }, (_, at) => ({ request: at + 1, fate: 'drop-after' as const })),
    ]
    for (const death of deaths) {
      const server = await recordServer(records(10))
      const world = await migrationWorld(1)
      const victim = await world.process()
      if ('write' in death) victim.store.dieAt(death.write, death.moment)
      else
        server.fate = ({ number }) => {
          if (number !== death.request) return 'do'
          victim.store.kill()
          return death.fate
        }
      const definition = copy(server, '', target(server), ORDERED)
      await victim.run(definition).catch((error: unknown) => {
        if (!(error instanceof Death)) throw error
      })
      victim.end()
      server.fate = () => 'do'
      const heir = await world.process()
      const runs = await heir.status().catch(() => undefined)
      const status =
        runs === undefined
          ? await heir.run(definition)
          : runs.run.state === 'done'
            ? runs
            : await heir.resume()
      expect(server.target, JSON.stringify(death)).toEqual(records(10))
      expect(outcomeOf(status), JSON.stringify(death)).toEqual(['001 done: done'])
      expect(status.transfers[0]?.clean, JSON.stringify(death)).toBe(true)
      heir.end()
    }
  })
})
