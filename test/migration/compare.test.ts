import { describe, expect, test } from 'vitest'
import { Ledger } from '../../src/lib/migration/records/ledger.ts'
import type { JsonObject, RecordPage, RecordTarget } from '../../src/lib/migration/records/model.ts'
import { reconcile } from '../../src/lib/migration/records/reconcile.ts'
import { migrationWorld, outcomeOf } from '../support/migration.ts'
import { type RecordServer, recordServer, records, type Shown } from '../support/record-server.ts'

/** A transfer of nine records, listed by fours. */
const copy = (
  server: RecordServer,
  { to = '', list = 'offset', more = '' }: { to?: string; list?: string; more?: string } = {},
): string => `
steps:
  - id: copy
    kind: records.transfer
    from: { kind: json-http, url: "${server.url}/source/offset", records: $.items, paging: { style: offset, size: 5 } }
    to:
      kind: json-http
      url: "${server.url}/target"
      item: "${server.url}/target/\${record.key}"
      ${list === '' ? '' : `list: { url: "${server.url}/listed/${list}", records: $.items, paging: { style: ${list}, size: 4${list === 'cursor' ? ', next: $.next' : ''} } }`}
      ${to}
${more}`

/** Lets something happen to the target between the copy and the comparison. */
function once(server: RecordServer, happen: (target: JsonObject[]) => void): void {
  let isDone = false
  server.fate = ({ path }) => {
    if (!isDone && path.startsWith('/listed')) {
      isDone = true
      happen(server.target)
    }
    return 'do'
  }
}

const EQUAL = { missing: 0, different: 0, twice: 0, extra: 0 }

describe('a target that', () => {
  test.each<[string, (target: JsonObject[]) => void, Partial<typeof EQUAL>, string, string[]]>([
    [
      'lost one record and has another twice',
      (target) => target.splice(1, 1, target[0] as JsonObject),
      { missing: 1, twice: 1 },
      '1 missing, 1 there twice',
      ['r00001 twice', 'r00002 missing'],
    ],
    [
      'has one twice',
      (target) => target.push(target[3] as JsonObject),
      { twice: 1 },
      '1 there twice',
      ['r00004 twice'],
    ],
    [
      'has each of them three times',
      (target) => target.push(...target, ...target),
      { twice: 18 },
      '18 there twice',
      [...records(9), ...records(9)].map(({ id }) => `${String(id)} twice`),
    ],
    ['has lost one', (target) => target.splice(8, 1), { missing: 1 }, '1 missing', ['r00009 missing']],
    [
      'has one more',
      (target) => target.push({ id: 'x', name: 'of somebody else' }),
      { extra: 1 },
      '1 not at the source',
      ['x extra'],
    ],
    [
      'has something without a key',
      (target) => target.push({ name: 'of nobody' }),
      { extra: 1 },
      '1 not at the source',
      ['page 8, record 1 extra'],
    ],
    [
      'has one field otherwise',
      (target) => target.splice(4, 1, { ...target[4], amount: 5 / 7 + 1e-9 }),
      { different: 1 },
      '1 different',
      ['r00005 different'],
    ],
    [
      'has two with each other’s contents',
      (target) => {
        target.splice(0, 2, { ...target[0], id: 'r00002' }, { ...target[1], id: 'r00001' })
      },
      { different: 2 },
      '2 different',
      ['r00002 different', 'r00001 different'],
    ],
    [
      'has one twice, the second time otherwise',
      (target) => target.push({ ...target[0], name: 'otherwise' }),
      { twice: 1 },
      '1 there twice',
      ['r00001 twice'],
    ],
    [
      'has lost all',
      (target) => target.splice(0),
      { missing: 9 },
      '9 missing',
      records(9).map(({ id }) => `${String(id)} missing`),
    ],
  ])('%s is not the same, and the reason says so', async (_name, happen, figures, reason, samples) => {
    const server = await recordServer(records(9))
    once(server, happen)
    const process = await (await migrationWorld(1)).process()
    const status = await process.run(copy(server))
    expect(outcomeOf(status)).toEqual(['001 failed: failed'])
    expect(status.causes[0]?.reason).toBe(`the target is not as the source: ${reason}`)
    const [report] = status.transfers
    expect(report).toMatchObject({ clean: false, verdict: figures.extra === 1 ? 'more' : 'different' })
    expect(report?.reconciliation).toMatchObject({ compared: 'whole', ...EQUAL, ...figures })
    expect(report?.reconciliation?.samples.map(({ key, what }) => `${key} ${what}`)).toEqual(samples)
    expect(report?.reconciliation?.target?.digest).not.toBe(report?.reconciliation?.source.digest)
  })

  test('lists only its first page is not the same', async () => {
    const server = await recordServer(records(9))
    server.shown = (root, url) =>
      root === 'listed' && url.searchParams.get('offset') !== '0' ? { items: [] } : undefined
    const process = await (await migrationWorld(1)).process()
    const status = await process.run(copy(server))
    expect(status.causes[0]?.reason).toBe('the target is not as the source: 5 missing')
  })

  test('is the same is clean, with the digests of both sides', async () => {
    const server = await recordServer(records(9))
    const process = await (await migrationWorld(1)).process()
    const status = await process.run(copy(server))
    expect(outcomeOf(status)).toEqual(['001 done: done'])
    const [report] = status.transfers
    expect(report).toMatchObject({ clean: true, verdict: 'same', reconciliation: { ...EQUAL, gone: 0 } })
    expect(report?.reconciliation?.target).toEqual(report?.reconciliation?.source)
    expect(report?.reconciliation?.source).toMatchObject({
      count: 9,
      digest: expect.stringMatching(/^[0-9a-f]{32}$/),
    })
  })
})

describe('what was not read is not compared', () => {
  test.each<[string, { list?: string; to?: string; more?: string }]>([
    ['a target that can neither be listed nor asked', { list: '', to: 'method: POST\n      upsert: true' }],
    ['a step that is not to verify', { more: '    verify: false\n' }],
  ])('%s', async (_name, how) => {
    const server = await recordServer(records(9))
    const process = await (await migrationWorld(1)).process()
    const text = copy(server, how)
    const status = await process.run(how.list === '' ? text.replace(/item: .*/, '') : text)
    expect(outcomeOf(status)).toEqual(['001 done: done'])
    expect(status.transfers[0]).toMatchObject({
      clean: false,
      verdict: 'not-compared',
      reconciliation: {
        compared: 'no',
        source: { count: 9 },
        target: null,
        missing: null,
        different: null,
        twice: null,
        extra: null,
      },
    })
  })

  test('what a target has besides, that can only be asked by key', async () => {
    const server = await recordServer(records(9))
    server.target.push({ id: 'x', name: 'of somebody else' })
    const process = await (await migrationWorld(1)).process()
    const status = await process.run(copy(server, { list: '' }))
    expect(outcomeOf(status)).toEqual(['001 done: done'])
    expect(status.transfers[0]).toMatchObject({
      clean: false,
      verdict: 'by-key',
      reconciliation: { compared: 'by-key', missing: 0, different: 0, twice: null, extra: null },
    })
  })

  test.each<[string, (server: RecordServer) => void, object, string]>([
    [
      'lost',
      ({ target }) => target.splice(2, 1),
      { missing: 1, different: 0, samples: [{ key: 'r00003', what: 'missing' }] },
      '1 missing',
    ],
    [
      'changed',
      ({ target }) => target.splice(2, 1, { id: 'r00003', name: 'other' }),
      { missing: 0, different: 1, samples: [{ key: 'r00003', what: 'different' }] },
      '1 different',
    ],
  ])('a record that was %s is found by its key', async (_name, happen, figures, reason) => {
    const server = await recordServer(records(9))
    let isDone = false
    server.fate = ({ method, path }) => {
      if (!isDone && method === 'GET' && path.startsWith('/target/')) {
        isDone = true
        happen(server)
      }
      return 'do'
    }
    const process = await (await migrationWorld(1)).process()
    const status = await process.run(copy(server, { list: '' }))
    expect(status.causes[0]?.reason).toBe(`the target is not as the source: ${reason}`)
    expect(status.transfers[0]?.reconciliation).toMatchObject(figures)
  })
})

describe('a target of several', () => {
  test('fails a step that is not told of it', async () => {
    const server = await recordServer(records(9))
    server.target.push({ id: 'x', name: 'of somebody else' })
    const process = await (await migrationWorld(1)).process()
    const status = await process.run(copy(server))
    expect(status.causes[0]?.reason).toBe('the target is not as the source: 1 not at the source')
  })

  test('is no fault with shared, and never clean', async () => {
    const server = await recordServer(records(9))
    server.target.push({ id: 'x', name: 'of somebody else' })
    const process = await (await migrationWorld(1)).process()
    const status = await process.run(copy(server, { more: '    shared: true\n' }))
    expect(outcomeOf(status)).toEqual(['001 done: done'])
    expect(status.transfers[0]).toMatchObject({
      clean: false,
      verdict: 'more',
      reconciliation: { ...EQUAL, extra: 1 },
    })
  })

  test('may lack nothing with shared either', async () => {
    const server = await recordServer(records(9))
    once(server, (target) => target.splice(0, 1, { id: 'x' }))
    const process = await (await migrationWorld(1)).process()
    const status = await process.run(copy(server, { more: '    shared: true\n' }))
    expect(status.causes[0]?.reason).toBe('the target is not as the source: 1 missing')
  })
})

test('a retry writes what the target has lost, or has otherwise, and nothing else', async () => {
  const server = await recordServer(records(9))
  once(server, (target) => target.splice(0, 2, { id: 'r00001', name: 'otherwise' }))
  const process = await (await migrationWorld(1)).process()
  const failed = await process.run(copy(server))
  expect(failed.causes[0]?.reason).toBe('the target is not as the source: 1 missing, 1 different')
  server.requests.length = 0
  const status = await process.resume({ selection: 'failed' })
  expect(outcomeOf(status)).toEqual(['001 done: done'])
  expect(server.requests.filter((request) => request.startsWith('PUT')).sort()).toEqual([
    'PUT /target/r00001',
    'PUT /target/r00002',
  ])
  expect(status.transfers[0]).toMatchObject({ clean: true, counts: { changed: 0 } })
})

test('a retry reads the source as often as the first time, however many there were', async () => {
  const server = await recordServer(records(9))
  const process = await (await migrationWorld(1)).process()
  for (let round = 0; round < 4; round++) {
    once(server, (target) => target.pop())
    const failed =
      round === 0 ? await process.run(copy(server)) : await process.resume({ selection: 'failed' })
    expect(failed.causes[0]?.reason).toBe('the target is not as the source: 1 missing')
  }
  server.fate = () => 'do'
  const status = await process.resume({ selection: 'failed' })
  expect(outcomeOf(status)).toEqual(['001 done: done'])
  expect(status.transfers[0]?.clean).toBe(true)
})

test('a target that is mended by hand passes with the next retry', async () => {
  const server = await recordServer(records(9))
  once(server, (target) => target.push({ id: 'x' }))
  const process = await (await migrationWorld(1)).process()
  for (let round = 0; round < 5; round++) {
    const failed =
      round === 0 ? await process.run(copy(server)) : await process.resume({ selection: 'failed' })
    expect(failed.causes[0]?.reason).toBe('the target is not as the source: 1 not at the source')
  }
  server.target.pop()
  expect(outcomeOf(await process.resume({ selection: 'failed' }))).toEqual(['001 done: done'])
})

test('what was set aside and what is not the same are both told', async () => {
  const server = await recordServer([...records(9), ...records(1)])
  once(server, (target) => target.pop())
  const process = await (await migrationWorld(1)).process()
  expect((await process.run(copy(server))).causes[0]?.reason).toBe(
    '1 records were set aside; the target is not as the source: 1 missing',
  )
})

test('what was set aside is no difference besides, where it is tolerated, and never the same', async () => {
  const server = await recordServer(records(9))
  server.target.push({ id: 'r00002', name: 'of the target' })
  const process = await (await migrationWorld(1)).process()
  const status = await process.run(copy(server, { to: 'method: POST', more: '    tolerate: 1\n' }))
  expect(outcomeOf(status)).toEqual(['001 done: done'])
  expect(status.transfers[0]).toMatchObject({
    clean: false,
    verdict: 'different',
    quarantine: [{ key: 'r00002', reason: 'the target has another record under this key' }],
    reconciliation: { ...EQUAL, source: { count: 8 }, target: { count: 9 } },
  })
})

describe('a key that the source has twice', () => {
  const source = [...records(6), ...records(1), { id: 'r00002', name: 'another' }]

  test('is set aside with what its contents are; the first one counts', async () => {
    const server = await recordServer(source)
    const process = await (await migrationWorld(1)).process()
    const status = await process.run(copy(server))
    expect(status.causes[0]?.reason).toBe('2 records were set aside')
    expect(status.transfers[0]?.quarantine.map(({ key, reason }) => `${key}: ${reason}`).sort()).toEqual([
      'r00001#twice: the source has this key twice, with the same contents; the first one counts',
      'r00002#twice: the source has this key twice, with other contents; the first one counts',
    ])
    expect(status.transfers[0]).toMatchObject({ clean: false, counts: { read: 8, changed: 0 } })
    expect([...server.target].sort((a, b) => (String(a.id) < String(b.id) ? -1 : 1))).toEqual(records(6))
  })

  test('is never clean, also where it is tolerated', async () => {
    const server = await recordServer(source)
    const process = await (await migrationWorld(1)).process()
    const status = await process.run(copy(server, { more: '    tolerate: 2\n' }))
    expect(outcomeOf(status)).toEqual(['001 done: done'])
    expect(status.transfers[0]).toMatchObject({ clean: false, verdict: 'same', records: { quarantined: 2 } })
  })

  test('is counted as often as it is there, and is no record that is called so', async () => {
    const called = { id: 'r00001#twice', name: 'of its own' }
    const often = [...records(1), ...records(1), ...records(1), called, ...records(1)]
    const server = await recordServer(often)
    const process = await (await migrationWorld(1)).process()
    const status = await process.run(copy(server, { more: '    tolerate: 2\n' }))
    expect(status.causes[0]?.reason).toBe('3 records were set aside')
    expect(status.transfers[0]).toMatchObject({ verdict: 'same', records: { created: 2, quarantined: 3 } })
    expect(server.target).toEqual([...records(1), called])
  })

  test('is no fault any more when the source has been mended', async () => {
    const server = await recordServer(source)
    const process = await (await migrationWorld(1)).process()
    await process.run(copy(server))
    server.source.splice(6)
    const status = await process.resume({ selection: 'failed' })
    expect(outcomeOf(status)).toEqual(['001 done: done'])
    expect(status.transfers[0]).toMatchObject({ clean: true, quarantine: [] })
  })
})

describe('a list that never ends', () => {
  const offset = (url: URL): number => Number(url.searchParams.get('offset') ?? '0')
  const AGAIN = 'gives the same pages again and again; does it know its paging as it is set?'
  const turned = (by: number): JsonObject[] => {
    const all = records(9)
    return [...all.slice(by % 9), ...all.slice(0, by % 9)]
  }
  const endless: readonly [string, string, (url: URL) => Shown, string][] = [
    ['that does not know its offset', 'offset', () => ({ items: records(4) }), AGAIN],
    ['that does not know its page', 'page', () => ({ items: records(4) }), AGAIN],
    [
      'whose cursors lead in a ring',
      'cursor',
      (url) => {
        const at = Number(url.searchParams.get('cursor') ?? '0')
        return { items: records(3, 1 + 3 * at), next: String((at + 1) % 3) }
      },
      AGAIN,
    ],
    [
      'that has new cursors for nothing',
      'cursor',
      (url) => ({ items: [], next: `${Number(url.searchParams.get('cursor') ?? '0') + 1}` }),
      'gave nothing new on 100 pages in a row',
    ],
    [
      'that shows the same records in ever other order',
      'offset',
      (url) => ({ items: turned(offset(url)).slice(0, 1 + (offset(url) % 7)) }),
      'gave nothing new on 100 pages in a row',
    ],
    [
      'that invents records',
      'offset',
      (url) => ({ items: records(50, 1 + offset(url)) }),
      'has more than 1000 records; if that is meant, name a larger number as most',
    ],
  ]

  test.each(endless)('of a target %s fails the step', async (_name, list, shown, reason) => {
    const server = await recordServer(records(9))
    server.shown = (root, url) => (root === 'listed' ? shown(url) : undefined)
    const process = await (await migrationWorld(1)).process()
    const status = await process.run(copy(server, { list, more: '    most: 1000\n    shared: true\n' }))
    expect(status.causes[0]?.reason).toBe(`the target ${reason}`)
    expect(server.requests.length).toBeLessThan(200)
  })

  test.each(endless)('of a source %s fails the step', async (_name, style, shown, reason) => {
    const server = await recordServer([])
    server.shown = (root, url) => (root === 'source' ? shown(url) : undefined)
    const process = await (await migrationWorld(1)).process()
    const text = copy(server, { more: '    most: 1000\n' }).replace(
      /source\/offset.*/,
      `source/${style}", records: $.items, paging: { style: ${style}, size: 5${style === 'cursor' ? ', next: $.next' : ''} } }`,
    )
    const status = await process.run(text)
    expect(status.causes[0]?.reason).toBe(`the source ${reason}`)
    expect(server.requests.filter((request) => request.startsWith('GET /source')).length).toBeLessThan(200)
    // A page that was seen before is not written again.
    const writes = server.requests.filter((request) => request.startsWith('PUT'))
    expect(writes.length).toBeLessThanOrEqual(2 * new Set(writes).size)
  })
})

test('a source that only loses its way when it is read again fails the step, too', async () => {
  const server = await recordServer(records(9))
  let begun = 0
  server.shown = (root, url) => {
    if (root !== 'source') return undefined
    const isBegin = url.searchParams.get('offset') === '0'
    if (isBegin) begun++
    return begun > 1 && !isBegin ? { items: records(5) } : undefined
  }
  const process = await (await migrationWorld(1)).process()
  const status = await process.run(copy(server))
  expect(status.causes[0]?.reason).toMatch(/^the source gives the same pages again and again/)
})

describe('one wish to stop is enough', () => {
  test('while the target is listed', async () => {
    const server = await recordServer(records(40))
    const stop = new AbortController()
    let listed = 0
    server.fate = ({ path }) => {
      if (path.startsWith('/listed') && ++listed === 3) stop.abort()
      return 'do'
    }
    const process = await (await migrationWorld(1)).process()
    const stopped = await process.run(copy(server), { work: { signal: stop.signal } })
    expect(stopped.run.state).toBe('stopped')
    expect(listed).toBe(3)
    expect(outcomeOf(await process.resume())).toEqual(['001 done: done'])
  })

  test.each(['/listed', '/source/offset?limit=5&offset=5'])('while %s does not answer', async (what) => {
    const server = await recordServer(records(9))
    const stop = new AbortController()
    let isHanging = true
    server.fate = ({ path }) => {
      if (!isHanging || !path.startsWith(what)) return 'do'
      stop.abort()
      return 'hang'
    }
    const process = await (await migrationWorld(1)).process()
    const stopped = await process.run(copy(server), { work: { signal: stop.signal } })
    expect(stopped.run.state).toBe('stopped')
    isHanging = false
    const status = await process.resume()
    expect(outcomeOf(status)).toEqual(['001 done: done'])
    expect(status.transfers[0]?.clean).toBe(true)
  })

  test('while the target is asked by key', async () => {
    const server = await recordServer(records(400))
    const stop = new AbortController()
    let asked = 0
    server.fate = ({ method, path }) => {
      if (method === 'GET' && path.startsWith('/target') && ++asked === 1) stop.abort()
      return 'do'
    }
    const process = await (await migrationWorld(1)).process()
    const stopped = await process.run(copy(server, { list: '' }), { work: { signal: stop.signal } })
    expect(stopped.run.state).toBe('stopped')
    expect(asked).toBeLessThan(200)
    expect(outcomeOf(await process.resume())).toEqual(['001 done: done'])
  })

  test('between two pages of a target that nobody can interrupt', async () => {
    const server = await recordServer(records(9))
    const process = await (await migrationWorld(1)).process()
    await process.run(copy(server))
    const ledger = new Ledger(process.store, 1, 0)
    const row = ledger.read()
    if (row === undefined) throw new Error('there is no transfer')
    const stop = new AbortController()
    let pages = 0
    const page = async (): Promise<RecordPage> => {
      if (++pages === 2) stop.abort()
      return { records: records(1, pages).map((fields) => ({ key: String(fields.id), fields })), next: 'x' }
    }
    const target: RecordTarget = {
      repeatable: 'rewind',
      batch: 1,
      ordered: true,
      write: async () => [],
      page,
      close: async () => undefined,
    }
    const options = { verify: true, shared: false, most: 100 }
    const place = { target, ledger, options, signal: new AbortController().signal, stop: stop.signal }
    await expect(reconcile(place, row)).rejects.toMatchObject({ attempt: { kind: 'unfinished' } })
    expect(pages).toBe(2)
  })
})

test('a field that comes up while the source is read is held against the target like the others', async () => {
  const server = await recordServer(records(3))
  const process = await (await migrationWorld(1)).process()
  server.fate = ({ method }) => {
    if (method === 'PUT') server.source[0] = { ...server.source[0], id: 'r00001', note: 'new' }
    return 'do'
  }
  const status = await process.run(copy(server))
  expect(outcomeOf(status)).toEqual(['001 done: done'])
  expect(status.transfers[0]).toMatchObject({ clean: true, counts: { changed: 1 } })
})

test('records with more fields than can be compared are not called different', async () => {
  const fields = Object.fromEntries(Array.from({ length: 1001 }, (_, at) => [`f${at}`, at]))
  const server = await recordServer([{ id: 'one', ...fields }])
  const process = await (await migrationWorld(1)).process()
  const status = await process.run(copy(server))
  expect(status.causes[0]?.reason).toBe(
    'the records have more than 1000 fields: say with fields which are meant',
  )
  expect(server.target).toEqual([])
})
