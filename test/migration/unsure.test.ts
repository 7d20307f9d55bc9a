import { describe, expect, test } from 'vitest'
import { migrationWorld, outcomeOf } from '../support/migration.ts'
import { type Fate, type RecordServer, recordServer, records } from '../support/record-server.ts'

/** Answers by which nobody knows whether the request was done: something in between gave them, or the system half-way. */
const UNSURE = [408, 500, 502, 503, 504, 599]

describe('a request of a step that may not come twice', () => {
  const order = (server: RecordServer, more = ''): string =>
    `steps:\n  - { id: order, kind: http, undo: none, do: { method: POST, url: "${server.url}/target", body: { id: one } }${more} }\n`

  test.each(UNSURE)('is sent once when %i comes after it was done, and a person is asked', async (status) => {
    const server = await recordServer()
    server.fate = () => ({ status, done: true })
    const process = await (await migrationWorld(1)).process()
    const run = await process.run(order(server))
    expect(server.target).toEqual([{ id: 'one' }])
    expect(run.causes[0]?.reason).toBe(
      `it answered ${status}; whether it was done cannot be found out: look, and say so`,
    )
    // A retry asks again, until somebody has said what is so.
    server.requests.length = 0
    await process.resume({ selection: 'failed' })
    expect(server.requests).toEqual([])
    const settled = await process.resume({
      selection: 'failed',
      settlements: new Map([['order', 'done']]),
    })
    expect(outcomeOf(settled)).toEqual(['001 done: done'])
    expect(server.target).toEqual([{ id: 'one' }])
  })

  test('is sent once also when the answer names the time to come back: that does not say that nothing was done', async () => {
    const server = await recordServer()
    server.fate = () => ({ status: 503, headers: { 'retry-after': '1' }, done: true })
    const process = await (await migrationWorld(1)).process()
    const run = await process.run(order(server))
    expect(server.target).toEqual([{ id: 'one' }])
    expect(run.causes[0]?.reason).toBe(
      'it answered 503 and asks for a pause of 1s; whether it was done cannot be found out: look, and say so',
    )
  })

  test('is sent again after 429, which was certainly not done', async () => {
    const server = await recordServer()
    let count = 0
    server.fate = () => (++count === 1 ? 429 : 'do')
    const process = await (await migrationWorld(1)).process()
    expect(outcomeOf(await process.run(order(server)))).toEqual(['001 done: done'])
    expect(server.requests).toEqual(['POST /target', 'POST /target'])
  })

  test.each(UNSURE)('is sent again after %i where it may', async (status) => {
    const server = await recordServer()
    let count = 0
    server.fate = () => (++count === 1 ? status : 'do')
    const process = await (await migrationWorld(1)).process()
    expect(outcomeOf(await process.run(order(server, ', repeatable: true')))).toEqual(['001 done: done'])
  })

  test.each([401, 403, 407, 408, 429, 502, 503])(
    'is not sent again because a look at it was answered with %i',
    async (status) => {
      const server = await recordServer()
      server.fate = ({ method, number }) => {
        if (method === 'POST') return 'drop-after'
        // The first look comes before anything was sent.
        return number === 1 ? 'do' : status
      }
      const process = await (await migrationWorld(1)).process()
      const run = await process.run(order(server, `, check: { url: "${server.url}/target/one" }`), {
        work: { signal: AbortSignal.timeout(20_000) },
      })
      expect(server.target).toEqual([{ id: 'one' }])
      expect(run.tenants[0]?.steps[0]?.state).toBe('unknown')
      server.fate = () => 'do'
      expect(outcomeOf(await process.resume())).toEqual(['001 done: done'])
      expect(server.target).toEqual([{ id: 'one' }])
    },
  )

  const LOGIN = '<!doctype html><title>Anmelden</title>'
  const look = (server: RecordServer, more = ''): string =>
    order(server, `, check: { url: "${server.url}/target/one"${more} }`)

  test.each<[string, Fate, string]>([
    ['a proxy that has no way to it', { status: 404, text: '<html>no such page' }, ''],
    ['a server without a word', { status: 410, text: '' }, ''],
    ['a log-in', { status: 200, text: LOGIN }, ''],
    ['a log-in, whatever status is expected', { status: 200, text: LOGIN }, ', expect: [{ status: 200 }]'],
    [
      'a log-in where JSON is expected',
      { status: 200, text: LOGIN },
      ', expect: [{ json: $.id, equals: one }]',
    ],
  ])('is not sent again because %s answered the look at it', async (_name, fate, more) => {
    const server = await recordServer()
    server.fate = ({ method, number }) => (method === 'POST' ? 'drop-after' : number === 1 ? 'do' : fate)
    const process = await (await migrationWorld(1)).process()
    const run = await process.run(look(server, more), { work: { signal: AbortSignal.timeout(20_000) } })
    expect(server.target).toEqual([{ id: 'one' }])
    expect(run.tenants[0]?.steps[0]?.state).toBe('unknown')
    server.fate = () => 'do'
    expect(outcomeOf(await process.resume())).toEqual(['001 done: done'])
    expect(server.target).toEqual([{ id: 'one' }])
  })

  test.each<[string, Fate, string]>([
    ['any 404 is meant', { status: 404, text: '' }, ', notFound: any'],
    ['the page says so', { status: 200, text: '<html>nothing' }, ', expect: [{ text: body, contains: one }]'],
  ])('is sent where %s', async (_name, fate, more) => {
    const server = await recordServer()
    server.fate = ({ method, number }) => (method === 'POST' || number > 1 ? 'do' : fate)
    const process = await (await migrationWorld(1)).process()
    expect(outcomeOf(await process.run(look(server, more)))).toEqual(['001 done: done'])
    expect(server.target).toEqual([{ id: 'one' }])
  })

  test('is not done because a log-in answered it', async () => {
    const server = await recordServer()
    server.fate = () => ({ status: 200, text: LOGIN })
    const process = await (await migrationWorld(1)).process()
    expect((await process.run(order(server))).causes[0]?.reason).toContain(
      'it answered 200 with an HTML page',
    )
  })
})

/** A transfer of three records, one after the other. */
const copy = (server: RecordServer, to: string): string => `
steps:
  - id: copy
    kind: records.transfer
    ordered: true
    from: { kind: json-http, url: "${server.url}/source/none", records: $.items }
    to: { kind: json-http, url: "${server.url}/target", method: POST, list: { url: "${server.url}/listed/none", records: $.items }${to} }
`

describe('a record', () => {
  test.each(UNSURE)(
    'is sent once when %i comes after it was written and the target can be asked',
    async (status) => {
      const server = await recordServer(records(3))
      let count = 0
      server.fate = ({ method }) => (method === 'POST' && ++count === 2 ? { status, done: true } : 'do')
      const process = await (await migrationWorld(1)).process()
      const run = await process.run(copy(server, `, item: "${server.url}/target/\${record.key}"`))
      expect(outcomeOf(run)).toEqual(['001 done: done'])
      expect(server.target).toEqual(records(3))
      expect(run.transfers[0]).toMatchObject({ clean: true, counts: { repeated: 0 } })
    },
  )

  test.each(UNSURE)('that may be there twice after %i is counted, and found twice', async (status) => {
    const server = await recordServer(records(3))
    let count = 0
    server.fate = ({ method }) => (method === 'POST' && ++count === 2 ? { status, done: true } : 'do')
    const process = await (await migrationWorld(1)).process()
    const run = await process.run(copy(server, ''), { atLeastOnce: true })
    expect(server.target.map(({ id }) => id)).toEqual(['r00001', 'r00002', 'r00002', 'r00003'])
    expect(run.transfers[0]).toMatchObject({
      clean: false,
      counts: { repeated: 1 },
      reconciliation: { twice: 1, missing: 0, different: 0, extra: 0 },
    })
    expect(run.causes[0]?.reason).toBe('the target is not as the source: 1 there twice')
  })

  test('that was certainly not written is no repetition', async () => {
    const server = await recordServer(records(3))
    let count = 0
    server.fate = ({ method }) => (method === 'POST' && ++count === 2 ? 429 : 'do')
    const process = await (await migrationWorld(1)).process()
    const run = await process.run(copy(server, ''), { atLeastOnce: true })
    expect(run.transfers[0]).toMatchObject({ clean: true, counts: { repeated: 0 } })
  })

  test('that is new at the source is no repetition', async () => {
    const server = await recordServer(records(3))
    let reads = 0
    server.fate = ({ path }) => {
      if (path.startsWith('/source') && ++reads === 2) server.source.push({ id: 'late' })
      return 'do'
    }
    const process = await (await migrationWorld(1)).process()
    const run = await process.run(copy(server, ''), { atLeastOnce: true })
    expect(run.transfers[0]).toMatchObject({ clean: true, counts: { repeated: 0, changed: 1, read: 3 } })
  })

  test('that is sent again in vain is counted each time, also when the page is not done in the end', async () => {
    const server = await recordServer(records(1))
    server.fate = ({ method }) => (method === 'POST' ? { status: 500, done: true } : 'do')
    const process = await (await migrationWorld(1)).process()
    const run = await process.run(copy(server, ''), { atLeastOnce: true })
    const sent = server.requests.filter((request) => request.startsWith('POST')).length
    expect(sent).toBeGreaterThan(6)
    expect(run.transfers[0]?.counts.repeated).toBe(sent - 1)
  })

  test('for which a page of a log-in says yes is not written', async () => {
    const server = await recordServer(records(1))
    let count = 0
    server.fate = ({ method }) =>
      method === 'POST' && ++count === 1 ? { status: 200, text: '<html><form>Anmelden</form></html>' } : 'do'
    const process = await (await migrationWorld(1)).process()
    const run = await process.run(copy(server, `, idempotencyHeader: Idempotency-Key`))
    expect(server.target).toEqual(records(1))
    expect(run.transfers[0]?.clean).toBe(true)
  })

  test('for which a page of a proxy says 404 is not taken for missing', async () => {
    const server = await recordServer(records(1))
    server.target.push(...records(1))
    let looks = 0
    server.fate = ({ method, path }) =>
      method === 'GET' && path.startsWith('/target') && ++looks === 1
        ? { status: 404, text: '<html>no such route</html>' }
        : 'do'
    const process = await (await migrationWorld(1)).process()
    const run = await process.run(copy(server, `, item: "${server.url}/target/\${record.key}"`))
    expect(outcomeOf(run)).toEqual(['001 done: done'])
    expect(server.target).toEqual(records(1))
    expect(run.transfers[0]?.records).toMatchObject({ same: 1, created: 0 })
  })
})

describe('a pause of a day', () => {
  const DAY: Fate = { status: 429, headers: { 'retry-after': '86400' } }

  test.each<[string, (method: string, path: string) => boolean, string]>([
    ['target', (method) => method === 'POST', 'it answered 429 and asks for a pause of 24h'],
    [
      'source',
      (_method, path) => path.startsWith('/source'),
      'HOST/source/none answered 429 and asks for a pause of 24h',
    ],
    [
      'list of the target',
      (_method, path) => path.startsWith('/listed'),
      'HOST/listed/none answered 429 and asks for a pause of 24h',
    ],
  ])(
    'that the %s asks for stops the run, which says so and does not sleep',
    async (_name, isStruck, reason) => {
      const server = await recordServer(records(3))
      server.fate = ({ method, path }) => (isStruck(method, path) ? DAY : 'do')
      const process = await (await migrationWorld(1)).process()
      const stopped = await process.run(copy(server, ', idempotencyHeader: Idempotency-Key'))
      expect(stopped.run.state).toBe('stopped')
      expect(stopped.tenants[0]?.steps[0]?.reason?.replace(server.url, 'HOST')).toBe(reason)
      expect(process.context.slept.filter((milliseconds) => milliseconds > 300_000)).toEqual([])
      server.fate = () => 'do'
      expect(outcomeOf(await process.resume())).toEqual(['001 done: done'])
      expect(server.target).toEqual(records(3))
    },
  )
})

test('after the first record that cannot be settled no other of its page is begun, and what was written is kept', async () => {
  const server = await recordServer(records(50))
  server.fate = ({ method, path }) => {
    if (method !== 'PUT') return 'do'
    return path.endsWith('r00003') ? { status: 429, headers: { 'retry-after': '86400' } } : 'do'
  }
  const process = await (await migrationWorld(1)).process()
  const definition = `
steps:
  - id: copy
    kind: records.transfer
    concurrency: 2
    from: { kind: json-http, url: "${server.url}/source/none", records: $.items }
    to: { kind: json-http, url: "${server.url}/target", item: "${server.url}/target/\${record.key}", list: { url: "${server.url}/listed/none", records: $.items } }
`
  const stopped = await process.run(definition)
  const written = server.target.length
  expect(written).toBeLessThan(6)
  expect(stopped.transfers[0]).toMatchObject({ records: { created: written }, counts: { read: 0 } })
  server.fate = () => 'do'
  server.requests.length = 0
  const status = await process.resume()
  expect(outcomeOf(status)).toEqual(['001 done: done'])
  expect(server.requests.filter((request) => request.startsWith('PUT'))).toHaveLength(50 - written)
  expect(status.transfers[0]).toMatchObject({ clean: true, records: { created: 50, replaced: 0 } })
})
