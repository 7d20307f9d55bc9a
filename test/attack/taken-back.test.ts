import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findMigrationRun } from '../../src/lib/migration/list.ts'
import { planRollback, rollback } from '../../src/lib/migration/rollback.ts'
import { type MigrationWorld, migrationWorld, type Process } from '../support/migration.ts'
import { type EffectsServer, effectsServer } from './support/effects-server.ts'
import { drawn, pairs, upTo } from './support/points.ts'

/**
 * Between a transfer and its rollback somebody works in the target. What they have touched is theirs: it stays to the
 * byte, the rollback does not say that it is done, and it names it. All the rest is gone.
 */
const RECORDS = upTo(5).map((number) => ({ id: `r0${number}`, name: `Rüben ${number}`, amount: number }))
type Item = Readonly<Record<string, unknown>>

async function takeBack(process: Process) {
  const run = await findMigrationRun(process.store, 'run-1')
  const plan = await planRollback(process.store, run, { wave: undefined, keys: [] })
  await rollback(process.context, process.store, plan, { leaseMs: 60_000, waitMs: 0 })
  const { causes, tenants } = await process.status()
  return { isDone: tenants.every(({ state }) => state === 'done'), said: causes.map(({ reason }) => reason) }
}

describe('records of a server', () => {
  const TARGETS: Readonly<Record<string, (url: string) => string>> = {
    'by PUT': (url) => `url: "${url}/put"`,
    'by POST': (url) => `url: "${url}/post", method: POST`,
  }
  const HANDS: Readonly<Record<string, (item: Item) => Item>> = {
    'writes another text': (item) => ({ ...item, name: 'Möhren' }),
    'writes the number as text': (item) => ({ ...item, amount: String(item.amount) }),
    'leaves a field empty': (item) => ({ ...item, name: null }),
    'takes a field away': ({ id, amount }) => ({ id, amount }),
  }

  async function copied(target: (url: string) => string) {
    const server = await effectsServer(RECORDS)
    const process = await (await migrationWorld(1)).process()
    const { url } = server
    await process.run(`steps:
  - id: s
    kind: records.transfer
    from: { kind: json-http, url: "${url}/source", records: $, paging: { style: offset, size: 3 } }
    to: { kind: json-http, ${target(url)}, item: "${url}/put/\${record.key}", list: { url: "${url}/put", records: $, paging: { style: offset, size: 3 } } }
`)
    expect([...server.content.keys()].sort()).toEqual(RECORDS.map(({ id }) => id))
    return { server, process }
  }

  async function write({ url }: EffectsServer, item: Item): Promise<void> {
    const answer = await fetch(`${url}/put/${item.id}`, { method: 'PUT', body: JSON.stringify(item) })
    expect(answer.ok).toBe(true)
  }

  test('what somebody has changed stays', async () => {
    for (const target of Object.values(TARGETS)) {
      const { server, process } = await copied(target)
      expect(await takeBack(process)).toEqual({ isDone: true, said: [] })
      expect([...server.content]).toEqual([])
    }
    const who = [[0], [2], [4], [0, 4], [1, 2, 3]]
    const all = pairs(pairs(Object.entries(TARGETS), Object.entries(HANDS)), who)
    for (const [[[how, target], [hand, change]], numbers] of drawn('taken back after somebody', all, 16)) {
      const point = `${how}: somebody ${hand}, records ${numbers.join(', ')}`
      const { server, process } = await copied(target)
      const changed = RECORDS.filter((_, at) => numbers.includes(at)).map(change)
      for (const item of changed) await write(server, item)
      const { isDone, said } = await takeBack(process)
      const left = [...server.content.values()].flat()
      expect(
        left.toSorted((a, b) => (String(a.id) < String(b.id) ? -1 : 1)),
        point,
      ).toEqual(changed)
      expect(isDone, point).toBe(false)
      for (const { id } of changed) expect(said.join('\n'), point).toContain(id)
    }
  }, 300_000)
})

describe('a file', () => {
  const lines = RECORDS.map((record) => `${JSON.stringify(record)}\n`)
  const HANDS: Readonly<Record<string, (at: number) => string>> = {
    'changes a line': (at) =>
      lines.map((line, one) => (one === at ? line.replace('Rü', 'Ru') : line)).join(''),
    'takes a line out': (at) => lines.toSpliced(at, 1).join(''),
    'puts a line in': (at) => lines.toSpliced(at, 0, '{"id":"new"}\n').join(''),
    'has a line twice': (at) => lines.toSpliced(at, 0, lines[at] ?? '').join(''),
    'cuts it in the middle of a line': (at) =>
      lines
        .slice(0, at + 1)
        .join('')
        .slice(0, -5),
    'writes something else': () => 'Mittagessen: Rüben\n',
  }

  async function copied() {
    const place: MigrationWorld = await migrationWorld(1)
    writeFileSync(join(place.folder, 'in.ndjson'), lines.join(''))
    const process = await place.process()
    await process.run(
      'steps:\n  - { id: s, kind: records.transfer, from: { kind: file, path: in.ndjson }, to: { kind: file, path: out.ndjson } }\n',
    )
    const out = join(place.folder, 'out.ndjson')
    expect(readFileSync(out, 'utf8')).toBe(lines.join(''))
    return { process, out }
  }

  test('that somebody has changed stays', async () => {
    const { process, out } = await copied()
    expect(await takeBack(process)).toEqual({ isDone: true, said: [] })
    expect(existsSync(out) ? readFileSync(out, 'utf8') : '').toBe('')
    for (const [[hand, change], at] of drawn(
      'a file after somebody',
      pairs(Object.entries(HANDS), [0, 2, 4]),
      9,
    )) {
      const point = `somebody ${hand}, ${at}`
      const one = await copied()
      writeFileSync(one.out, change(at))
      const { isDone, said } = await takeBack(one.process)
      expect(readFileSync(one.out, 'utf8'), point).toBe(change(at))
      expect(isDone, point).toBe(false)
      expect(said.length, point).toBeGreaterThan(0)
    }
  }, 300_000)
})
