import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Death, type MigrationWorld, migrationWorld, outcomeOf } from '../support/migration.ts'
import { records } from '../support/record-server.ts'

const ndjson = (count: number): string =>
  records(count)
    .map((record) => `${JSON.stringify(record)}\n`)
    .join('')

const steps = (from: string, to: string, more = ''): string =>
  `steps:\n  - { id: copy, kind: records.transfer, from: ${from}, to: ${to}${more} }\n`

async function world(): Promise<MigrationWorld> {
  const made = await migrationWorld(1)
  writeFileSync(join(made.folder, 'in.ndjson'), ndjson(9))
  return made
}

const COPY = steps('{ kind: file, path: in.ndjson, size: 2 }', '{ kind: file, path: out.ndjson }')

test('a file is copied line by line, in its order', async () => {
  const place = await world()
  const status = await (await place.process()).run(COPY)
  expect(outcomeOf(status)).toEqual(['001 done: done'])
  expect(readFileSync(join(place.folder, 'out.ndjson'), 'utf8')).toBe(ndjson(9))
})

test('killed at every durable write, the file has each line once and in its order', async () => {
  const first = await world()
  const whole = await first.process()
  await whole.run(COPY)
  for (let write = 1; write <= whole.store.writes(); write++)
    for (const moment of ['before', 'after'] as const) {
      const place = await world()
      const victim = await place.process()
      victim.store.dieAt(write, moment)
      await victim.run(COPY).catch((error: unknown) => {
        if (!(error instanceof Death)) throw error
      })
      victim.end()
      const heir = await place.process()
      const begun = await heir.status().catch(() => undefined)
      const status =
        begun === undefined ? await heir.run(COPY) : begun.run.state === 'done' ? begun : await heir.resume()
      expect(outcomeOf(status), `${moment} write ${write}`).toEqual(['001 done: done'])
      expect(readFileSync(join(place.folder, 'out.ndjson'), 'utf8'), `${moment} write ${write}`).toBe(
        ndjson(9),
      )
      heir.end()
    }
})

test('a target file that is there already is left alone', async () => {
  const place = await world()
  writeFileSync(join(place.folder, 'out.ndjson'), 'somebody else wrote this\n')
  const status = await (await place.process()).run(COPY)
  expect(status.causes[0]?.reason).toBe('the target file is there already; name another, or move it away')
  expect(readFileSync(join(place.folder, 'out.ndjson'), 'utf8')).toBe('somebody else wrote this\n')
})

test('columns are written by RFC 4180 and read back as they were', async () => {
  const place = await migrationWorld(1)
  const rows = [
    { id: '1', text: 'plain' },
    { id: '2', text: 'semi;colon, "quotes"\nand two lines' },
    { id: '3', text: '' },
  ]
  writeFileSync(join(place.folder, 'in.ndjson'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  const process = await place.process()
  await process.run(
    `id: there\n${steps('{ kind: file, path: in.ndjson }', '{ kind: file, path: mid.csv, format: csv }')}`,
  )
  expect(readFileSync(join(place.folder, 'mid.csv'), 'utf8')).toBe(
    'id;text\n1;plain\n2;"semi;colon, ""quotes""\nand two lines"\n3;\n',
  )
  await process.run(
    `id: back\n${steps('{ kind: file, path: mid.csv, format: csv, size: 1 }', '{ kind: file, path: out.ndjson }')}`,
  )
  expect(readFileSync(join(place.folder, 'out.ndjson'), 'utf8')).toBe(
    readFileSync(join(place.folder, 'in.ndjson'), 'utf8'),
  )
})

test('a last line without its end is half a record, and is set aside unless it is whole', async () => {
  const place = await migrationWorld(1)
  writeFileSync(join(place.folder, 'in.ndjson'), '{"id":1}\n{"id":2}\n{"id":')
  const status = await (await place.process()).run(COPY)
  expect(status.causes[0]?.reason).toBe('1 records were set aside')
  expect(status.transfers[0]?.quarantine).toEqual([{ key: 'byte 18', reason: 'it is no JSON object' }])
})

describe('a folder', () => {
  test('is copied file by file, and taken away again by a rollback', async () => {
    const place = await migrationWorld(1)
    mkdirSync(join(place.folder, 'in/b'), { recursive: true })
    writeFileSync(join(place.folder, 'in/a.pdf'), Buffer.from([0, 1, 255]))
    writeFileSync(join(place.folder, 'in/b/ü "x".txt'), '')
    const process = await place.process()
    const status = await process.run(
      steps('{ kind: folder, path: in, size: 1 }', '{ kind: folder, path: out }'),
    )
    expect(outcomeOf(status)).toEqual(['001 done: done'])
    expect(readdirSync(join(place.folder, 'out'), { recursive: true }).sort()).toEqual([
      'a.pdf',
      'b',
      'b/ü "x".txt',
    ])
    expect(readFileSync(join(place.folder, 'out/a.pdf'))).toEqual(Buffer.from([0, 1, 255]))
    expect(status.transfers[0]).toMatchObject({ clean: true, records: { created: 2 } })
  })
})

test.each(['../out.ndjson', '/tmp/out.ndjson'])('%s is out of bounds', async (path) => {
  const place = await world()
  await expect(
    (await place.process()).run(COPY.replace('path: out.ndjson', `path: ${path}`)),
  ).rejects.toMatchObject({
    code: 'PATH_OUTSIDE',
  })
})
