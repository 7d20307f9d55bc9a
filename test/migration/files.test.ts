import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
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
  expect(status.transfers[0]?.quarantine).toEqual([{ key: 'line 3', reason: 'it is no JSON object' }])
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

  test('tells what it does not copy, and goes on', async () => {
    const place = await migrationWorld(1)
    mkdirSync(join(place.folder, 'in/c'), { recursive: true })
    mkdirSync(join(place.folder, 'out/b'), { recursive: true })
    for (const name of ['a', 'b', 'c/d']) writeFileSync(join(place.folder, 'in', name), name)
    symlinkSync('a', join(place.folder, 'in/link'))
    writeFileSync(join(place.folder, 'out/c'), 'a file')
    const process = await place.process()
    const status = await process.run(
      steps('{ kind: folder, path: in, size: 1 }', '{ kind: folder, path: out }', ', tolerate: 2'),
    )
    // The file that stands in the way is none of the source.
    expect(status.causes[0]?.reason).toBe(
      '3 records were set aside; the target is not as the source: 1 not at the source',
    )
    expect(status.transfers[0]?.quarantine.map(({ key, reason }) => `${key}: ${reason}`).sort()).toEqual([
      'b: something else than this file is there already',
      'c/d: a file is where its folder has to be',
      'link: it is a symbolic link, and these are not followed',
    ])
    expect(readFileSync(join(place.folder, 'out/a'), 'utf8')).toBe('a')
  })
})

test('a target is held against what it can keep: a table has texts, and a folder has no fields', async () => {
  const place = await migrationWorld(1)
  const lines = ['{"id":1,"n":1.50,"list":["ä",-0],"none":null}', '{"id":2,"n":"","none":true}']
  writeFileSync(join(place.folder, 'in.ndjson'), lines.map((line) => `${line}\n`).join(''))
  const process = await place.process()
  const table = await process.run(
    `id: table\n${steps('{ kind: file, path: in.ndjson }', '{ kind: file, path: out.csv, format: csv }')}`,
  )
  expect(outcomeOf(table)).toEqual(['001 done: done'])
  expect(table.transfers[0]).toMatchObject({ clean: true, records: { created: 2, quarantined: 0 } })
  expect(readFileSync(join(place.folder, 'out.csv'), 'utf8')).toBe(
    'id;n;list;none\n1;1.50;"[""ä"",-0]";\n2;;;true\n',
  )
})

test('a file that cannot be read is told for its own town alone', async () => {
  const place = await migrationWorld(3)
  writeFileSync(join(place.folder, 's001.csv'), 'id;n\n1;a\n2;"b\n')
  writeFileSync(join(place.folder, 's003.csv'), 'id;n\n1;a\n')
  const from = '{ kind: file, path: "${tenant.slug}.csv", format: csv }'
  const status = await (await place.process()).run(
    `budget: 5\n${steps(from, '{ kind: file, path: "${tenant.slug}.out" }')}`,
  )
  expect(outcomeOf(status)).toEqual(['001 failed: failed', '002 failed: failed', '003 done: done'])
  const said = status.causes.map(({ reason }) => reason.replaceAll(`${place.folder}/`, '')).sort()
  expect(said).toEqual([
    's001.csv:3: a quotation mark in the row that begins here is never closed',
    's002.csv: there is no such file',
  ])
})

test.each(['../out.ndjson', '/tmp/out.ndjson'])('%s is out of bounds', async (path) => {
  const place = await world()
  await expect(
    (await place.process()).run(COPY.replace('path: out.ndjson', `path: ${path}`)),
  ).rejects.toMatchObject({
    code: 'PATH_OUTSIDE',
  })
})

test('a file that was replaced by another of the same length after it was copied is copied again', async () => {
  const FOLDER = steps('{ kind: folder, path: in }', '{ kind: folder, path: out }')
  const put = (folder: string, text: string): void => writeFileSync(join(folder, 'in', 'b'), text)
  const made = async (): Promise<MigrationWorld> => {
    const place = await migrationWorld(1)
    mkdirSync(join(place.folder, 'in'))
    writeFileSync(join(place.folder, 'in', 'a'), 'aaa')
    put(place.folder, 'old')
    return place
  }
  const whole = await (await made()).process()
  await whole.run(FOLDER)
  let seen = 0
  for (let write = 1; write <= whole.store.writes(); write++) {
    const place = await made()
    const victim = await place.process()
    victim.store.dieAt(write, 'after')
    await victim.run(FOLDER).catch((error: unknown) => {
      if (!(error instanceof Death)) throw error
    })
    victim.end()
    const heir = await place.process()
    const begun = await heir.status().catch(() => undefined)
    if (begun?.transfers[0]?.phase === 'copy' || begun?.transfers[0]?.phase === 'compare') {
      seen++
      put(place.folder, 'new')
      const status = await heir.resume()
      expect(outcomeOf(status), `write ${write}`).toEqual(['001 done: done'])
      expect(status.transfers[0]?.clean).toBe(true)
      expect(readFileSync(join(place.folder, 'out', 'b'), 'utf8'), `write ${write}`).toBe('new')
    }
    heir.end()
  }
  expect(seen).toBeGreaterThan(1)
})
