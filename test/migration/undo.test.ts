import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findMigrationRun } from '../../src/lib/migration/list.ts'
import type { JsonObject } from '../../src/lib/migration/records/model.ts'
import { planRollback, rollback } from '../../src/lib/migration/rollback.ts'
import type { MigrationStatus } from '../../src/lib/migration/status.ts'
import { Death, type MigrationWorld, migrationWorld, outcomeOf, type Process } from '../support/migration.ts'
import { type Fate, type RecordServer, recordServer, records } from '../support/record-server.ts'

/** Takes a run back. @returns the run that does it */
async function takeBack(process: Process): Promise<MigrationStatus> {
  const run = await findMigrationRun(process.store, 'run-1')
  const plan = await planRollback(process.store, run, { wave: undefined, keys: [] })
  await rollback(process.context, process.store, plan, { leaseMs: 60_000, waitMs: 0 })
  return process.status()
}

const copy = (server: RecordServer, more = ''): string => `
steps:
  - id: copy
    kind: records.transfer
    from: { kind: json-http, url: "${server.url}/source/none", records: $.items }
    to: { kind: json-http, url: "${server.url}/target", item: "${server.url}/target/\${record.key}", list: { url: "${server.url}/listed/none", records: $.items } }
${more}`

describe('a rollback of records', () => {
  test.each(['created', 'all'])(
    'of those %s leaves what somebody has changed since, and names it',
    async (what) => {
      const server = await recordServer(records(30))
      const process = await (await migrationWorld(1)).process()
      expect(outcomeOf(await process.run(copy(server, `    takesBack: ${what}\n`)))).toEqual([
        '001 done: done',
      ])
      const edited: JsonObject = { ...server.target[1], name: 'changed by a clerk' }
      server.target[1] = edited
      server.target.splice(4, 1)
      const key = String(edited.id)
      const back = await takeBack(process)
      expect(server.target).toEqual([edited])
      expect(outcomeOf(back)).toEqual(['001 failed: failed'])
      expect(back.causes[0]?.reason).toBe(`changed since it was written, and left as it is: ${key}`)
      // A retry looks again: still changed, still there.
      const again = await process.resume({ selection: 'failed' })
      expect(outcomeOf(again)).toEqual(['001 failed: failed'])
      expect(server.target).toEqual([edited])
      // Once a person has put it back, or taken it away, there is nothing left to ask.
      server.target[0] = records(30).find(({ id }) => id === key) ?? {}
      expect(outcomeOf(await process.resume({ selection: 'failed' }))).toEqual(['001 done: done'])
      expect(server.target).toEqual([])
      expect((await process.status('run-1')).tenants[0]?.state).toBe('undone')
    },
  )

  test('may leave fields alone that the target has of its own', async () => {
    const server = await recordServer(records(3))
    const process = await (await migrationWorld(1)).process()
    await process.run(copy(server))
    server.target.splice(0, 3, ...server.target.map((record) => ({ ...record, version: 7 })))
    expect(outcomeOf(await takeBack(process))).toEqual(['001 done: done'])
    expect(server.target).toEqual([])
  })

  test('names twenty of many, and counts the rest', async () => {
    const server = await recordServer(records(30))
    const process = await (await migrationWorld(1)).process()
    await process.run(copy(server, '    ordered: true\n'))
    server.target.splice(0, 30, ...server.target.map((record) => ({ ...record, name: 'other' })))
    const back = await takeBack(process)
    const named = records(30)
      .reverse()
      .slice(0, 20)
      .map(({ id }) => String(id))
    expect(back.causes[0]?.reason).toBe(
      `changed since it was written, and left as it is: ${named.join(', ')}, and 10 more`,
    )
    expect(server.target).toHaveLength(30)
  })

  test.each<[string, Fate]>([
    ['a page of a proxy says 404 to the look', { status: 404, text: '<html>no route</html>' }],
    ['the look is not answered', 'drop-before'],
  ])('takes nothing for gone when %s', async (_name, fate) => {
    const server = await recordServer(records(3))
    const process = await (await migrationWorld(1)).process()
    await process.run(copy(server))
    server.fate = ({ method, path }) => (method === 'GET' && path === '/target/r00002' ? fate : 'do')
    const back = await takeBack(process)
    expect(back.tenants[0]?.state).not.toBe('done')
    server.fate = () => 'do'
    await process.resume({ selection: 'failed' }).catch(() => process.resume())
    expect(server.target).toEqual([])
  })

  test('takes nothing for taken away when a page of a proxy says 404 to that', async () => {
    const server = await recordServer(records(3))
    const process = await (await migrationWorld(1)).process()
    await process.run(copy(server))
    let count = 0
    server.fate = ({ method }) =>
      method === 'DELETE' && ++count === 1 ? { status: 404, text: '<html>no route</html>' } : 'do'
    expect(outcomeOf(await takeBack(process))).toEqual(['001 done: done'])
    expect(server.target).toEqual([])
  })
})

const ndjson = (count: number): string =>
  records(count)
    .map((record) => `${JSON.stringify(record)}\n`)
    .join('')

describe('a rollback of a file', () => {
  const COPY =
    'steps:\n  - { id: copy, kind: records.transfer, from: { kind: file, path: in.ndjson, size: 2 }, to: { kind: file, path: out.ndjson } }\n'

  async function copied(): Promise<{
    readonly place: MigrationWorld
    readonly process: Process
    readonly out: string
  }> {
    const place = await migrationWorld(1)
    writeFileSync(join(place.folder, 'in.ndjson'), ndjson(9))
    const process = await place.process()
    expect(outcomeOf(await process.run(COPY))).toEqual(['001 done: done'])
    return { place, process, out: join(place.folder, 'out.ndjson') }
  }

  /** A copy whose process died when a part of the file was written. */
  async function killedInTheMiddle() {
    for (let write = 1; ; write++) {
      const place = await migrationWorld(1)
      writeFileSync(join(place.folder, 'in.ndjson'), ndjson(9))
      const victim = await place.process()
      victim.store.dieAt(write, 'after')
      await expect(victim.run(COPY)).rejects.toThrow(Death)
      victim.end()
      const out = join(place.folder, 'out.ndjson')
      const before = existsSync(out) ? readFileSync(out, 'utf8') : ''
      if (before.split('\n').length > 4) return { place, out, before }
    }
  }

  test('empties it as long as it is what was written', async () => {
    const { process, out } = await copied()
    expect(outcomeOf(await takeBack(process))).toEqual(['001 done: done'])
    expect(readFileSync(out, 'utf8')).toBe('')
  })

  test.each<[string, (text: string) => string, string]>([
    [
      'a line was appended to',
      (text) => `${text}{"id":"x"}\n`,
      'the target is not as the source: 1 not at the source',
    ],
    [
      'a line was changed in',
      (text) => text.replace('Müller', 'Mueller'),
      'the target is not as the source: 1 different',
    ],
    [
      'a line was taken out of',
      (text) => text.replace(/.*\n/, ''),
      'the target is not as the source: 1 missing',
    ],
    [
      'half a line was appended to',
      (text) => `${text}{"id"`,
      'the target is not as the source: 1 not at the source',
    ],
    ['blank lines were appended to', (text) => `${text}\n\n`, 'it is longer or shorter than it was'],
  ])('leaves one that %s, and says why', async (_name, change, why) => {
    const { process, out } = await copied()
    const changed = change(readFileSync(out, 'utf8'))
    writeFileSync(out, changed)
    const back = await takeBack(process)
    expect(back.causes[0]?.reason).toBe(`changed since it was written, and left as it is: ${why}`)
    expect(readFileSync(out, 'utf8')).toBe(changed)
    writeFileSync(out, ndjson(9))
    expect(outcomeOf(await process.resume({ selection: 'failed' }))).toEqual(['001 done: done'])
    expect(readFileSync(out, 'utf8')).toBe('')
  })

  test('does not make one anew that is gone', async () => {
    const { process, out } = await copied()
    rmSync(out)
    expect(outcomeOf(await takeBack(process))).toEqual(['001 done: done'])
    expect(existsSync(out)).toBe(false)
  })

  test.each<[string, string]>([
    ['a record', '{"id":"mine"}\n'],
    ['one of ours, otherwise', '{"id":"r00001","name":"mine"}\n'],
    ['lines that are no records', 'mine\nmine too\n'],
  ])('a resume does not cut off what somebody has appended meanwhile: %s', async (_name, appended) => {
    const { place, out, before } = await killedInTheMiddle()
    appendFileSync(out, appended)
    const heir = await place.process()
    const stopped = await heir.resume()
    expect(stopped.causes[0]?.reason).toMatch(/^somebody else has changed the target meanwhile/)
    expect(readFileSync(out, 'utf8')).toBe(`${before}${appended}`)
    writeFileSync(out, before)
    expect(outcomeOf(await heir.resume({ selection: 'failed' }))).toEqual(['001 done: done'])
    expect(readFileSync(out, 'utf8')).toBe(ndjson(9))
  })

  test('a source that changed does not take away what somebody has appended to the target', async () => {
    const place = await migrationWorld(1)
    const [source, out] = ['in.ndjson', 'out.ndjson'].map((name) => join(place.folder, name)) as [
      string,
      string,
    ]
    writeFileSync(source, `${ndjson(3)}no record\n`)
    const process = await place.process()
    expect((await process.run(COPY)).causes[0]?.reason).toBe('1 records were set aside')
    writeFileSync(source, ndjson(4))
    appendFileSync(out, '{"id":"mine"}\n')
    const retried = await process.resume({ selection: 'failed' })
    expect(retried.causes[0]?.reason).toMatch(/^somebody else has changed the target meanwhile/)
    expect(readFileSync(out, 'utf8')).toBe(`${ndjson(3)}{"id":"mine"}\n`)
    writeFileSync(out, ndjson(3))
    expect(outcomeOf(await process.resume({ selection: 'failed' }))).toEqual(['001 done: done'])
    expect(readFileSync(out, 'utf8')).toBe(ndjson(4))
  })
})

test('a rollback of a folder leaves files whose bytes somebody has changed, also when they are as long', async () => {
  const place = await migrationWorld(1)
  mkdirSync(join(place.folder, 'in'))
  for (const name of ['a', 'b', 'c']) writeFileSync(join(place.folder, 'in', `${name}.txt`), `file ${name}`)
  const process = await place.process()
  await process.run(
    'steps:\n  - { id: copy, kind: records.transfer, from: { kind: folder, path: in }, to: { kind: folder, path: out } }\n',
  )
  writeFileSync(join(place.folder, 'out/b.txt'), 'FILE b')
  const back = await takeBack(process)
  expect(back.causes[0]?.reason).toBe('changed since it was written, and left as it is: b.txt')
  expect(['a', 'b', 'c'].filter((name) => existsSync(join(place.folder, `out/${name}.txt`)))).toEqual(['b'])
  expect(readFileSync(join(place.folder, 'out/b.txt'), 'utf8')).toBe('FILE b')
})

describe('a rollback of a run that was killed', () => {
  /** A process that dies at a write to the store. */
  const killed = async (text: string, place: MigrationWorld, write: number): Promise<void> => {
    const victim = await place.process()
    victim.store.dieAt(write, 'before')
    await victim.run(text).catch((error: unknown) => {
      if (!(error instanceof Death)) throw error
    })
    victim.end()
  }

  test('names what was perhaps written, until a person has looked', async () => {
    let named = 0
    for (let write = 1; write <= 12; write++) {
      const server = await recordServer(records(3))
      const place = await migrationWorld(1)
      await killed(copy(server), place, write)
      const left = server.target.map(({ id }) => String(id)).sort()
      const process = await place.process()
      if ((await process.status().catch(() => undefined))?.transfers[0]?.phase !== 'copy') continue
      const back = await takeBack(process)
      expect(server.target.map(({ id }) => String(id)).sort(), `write ${write}`).toEqual(left)
      if (left.length === 0) {
        expect(outcomeOf(back)).toEqual(['001 done: done'])
        continue
      }
      named++
      expect(back.causes[0]?.reason).toBe(
        `perhaps written when the run was interrupted, and left as it is: ${left.join(', ')}`,
      )
      server.target.length = 0
      expect(outcomeOf(await process.resume({ selection: 'failed' }))).toEqual(['001 done: done'])
    }
    expect(named).toBeGreaterThan(0)
  })

  test('cuts off a file what was appended to it', async () => {
    let cut = 0
    for (let write = 1; write <= 12; write++) {
      const place = await migrationWorld(1)
      const out = join(place.folder, 'out.ndjson')
      writeFileSync(join(place.folder, 'in.ndjson'), '{"id":"a"}\n{"id":"b"}\n')
      const text =
        'steps:\n  - { id: copy, kind: records.transfer, from: { kind: file, path: in.ndjson }, to: { kind: file, path: out.ndjson } }\n'
      await killed(text, place, write)
      const process = await place.process()
      if ((await process.status().catch(() => undefined))?.transfers[0]?.phase !== 'copy') continue
      if (existsSync(out) && readFileSync(out, 'utf8') !== '') cut++
      expect(outcomeOf(await takeBack(process)), `write ${write}`).toEqual(['001 done: done'])
      expect(existsSync(out) ? readFileSync(out, 'utf8') : '', `write ${write}`).toBe('')
    }
    expect(cut).toBeGreaterThan(0)
  })
})

test('a target that says yes to taking away and does not do it is looked at', async () => {
  const server = await recordServer(records(2))
  const process = await (await migrationWorld(1)).process()
  await process.run(copy(server, '    ordered: true\n'))
  server.fate = ({ method }) => (method === 'DELETE' ? { status: 200, text: '{"error":"locked"}' } : 'do')
  const back = await takeBack(process)
  expect(back.causes[0]?.reason).toBe(
    'still there although the target says that it has taken it away: r00002, r00001',
  )
  server.fate = () => 'do'
  expect(outcomeOf(await process.resume({ selection: 'failed' }))).toEqual(['001 done: done'])
  expect(server.target).toEqual([])
})
