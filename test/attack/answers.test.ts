import { describe, expect, test } from 'vitest'
import { findMigrationRun } from '../../src/lib/migration/list.ts'
import { planRollback, rollback } from '../../src/lib/migration/rollback.ts'
import type { MigrationStatus } from '../../src/lib/migration/status.ts'
import { migrationWorld, type Process } from '../support/migration.ts'
import { type EffectsServer, effectsServer, FAULTS, type Meeting } from './support/effects-server.ts'
import { drawn, pairs, upTo } from './support/points.ts'

/**
 * One request of a migration gets an answer that is none. Whatever it is, the run comes to an end, nobody has anything
 * twice, a step that says it is done is done, and what it certifies is so. Then the server is well again and the run
 * goes on, for as long as it says that something is left.
 */
const RECORDS = upTo(5).map((number) => ({ id: `r0${number}`, name: `Möhre ${number}` }))

const list = (url: string, name: string) =>
  `{ url: "${url}/${name}", records: $, paging: { style: offset, size: 3 } }`
const source = (url: string) =>
  `from: { kind: json-http, url: "${url}/source", records: $, paging: { style: offset, size: 3 } }`

/** Migrations by what they do, each with the requests that it makes when nothing disturbs it. */
const MIGRATIONS: Readonly<Record<string, (url: string) => string>> = {
  'records by PUT': (url) =>
    `budget: "100%"\nsteps:\n  - { id: s, kind: records.transfer, ${source(url)}, to: { kind: json-http, url: "${url}/put", item: "${url}/put/\${record.key}", list: ${list(url, 'put')} } }\n`,
  'records by POST that can be looked up': (url) =>
    `budget: "100%"\nsteps:\n  - { id: s, kind: records.transfer, ${source(url)}, to: { kind: json-http, url: "${url}/post", method: POST, item: "${url}/post/\${record.key}", list: ${list(url, 'post')} } }\n`,
  'a call that may come once': (url) =>
    `budget: "100%"\nsteps:\n  - { id: s, kind: http, do: { method: POST, url: "${url}/call/\${tenant.slug}", expect: [{ status: 200 }, { json: $.ok, equals: true }] }, undo: none }\n`,
  'a call that may come once and can be looked up': (url) =>
    `budget: "100%"\nsteps:\n  - { id: s, kind: http, check: { method: GET, url: "${url}/call/\${tenant.slug}", expect: [{ status: 200 }, { json: $.done, equals: true }] }, do: { method: POST, url: "${url}/call/\${tenant.slug}", expect: [{ status: 200 }, { json: $.ok, equals: true }] }, undo: none }\n`,
}

/** Goes on with what is open and tries again what failed, as an operator would; what needs a person stays. */
async function finish(process: Process, status: MigrationStatus): Promise<MigrationStatus> {
  let now = status
  for (let tries = 0; tries < 4 && !isDone(now); tries++)
    now = await process.resume({ selection: now.run.state === 'stopped' ? 'open' : 'failed' })
  return now
}

const isDone = ({ run, tenants }: MigrationStatus): boolean =>
  run.state === 'done' && tenants.every(({ state }) => state === 'done')

/** Effects by key, the same for whoever did all once. */
const effectsOf = ({ content, effects }: EffectsServer) => ({
  content: Object.fromEntries([...content].sort()),
  effects: Object.fromEntries([...effects].sort()),
})

/** More than once is never right, whatever was said. */
function expectNothingTwice({ content, effects }: EffectsServer): void {
  expect([...content].filter(([, items]) => items.length > 1)).toEqual([])
  expect([...effects].filter(([, times]) => times > 1)).toEqual([])
}

async function attacked(text: (url: string) => string, meeting: Meeting | undefined) {
  const server = await effectsServer(RECORDS)
  const process = await (await migrationWorld(1)).process()
  server.meet(meeting)
  const first = await process.run(text(server.url))
  const { met } = server
  const count = server.requests.length
  server.meet(undefined)
  return { server, process, met, count, status: await finish(process, first) }
}

describe.each(Object.entries(MIGRATIONS))('%s', (name, text) => {
  test('an answer that is none', async () => {
    const calm = await attacked(text, undefined)
    expect(isDone(calm.status)).toBe(true)
    const points = drawn(name, pairs(upTo(calm.count), FAULTS), 40)
    for (const [request, fault] of points) {
      const point = `request ${request}: ${fault.name}`
      const { server, status, met } = await attacked(text, { request, fault })
      expect(met, point).toBe(true)
      expectNothingTwice(server)
      if (isDone(status)) expect(effectsOf(server), point).toEqual(effectsOf(calm.server))
      else expect(status.causes.length, point).toBeGreaterThan(0)
      for (const { clean } of status.transfers)
        if (clean) expect(effectsOf(server), point).toEqual(effectsOf(calm.server))
    }
  }, 600_000)
})

describe('the look at what became of it gets none either', () => {
  /** After these a request may have been done, and after the others nobody can be asked about it. */
  const UNCLEAR = FAULTS.filter(({ name }) => /^(reset|half|502 page|504 page), done$/.test(name))
  const BLIND = FAULTS.filter(({ when, name }) => when === 'before' && !name.startsWith('come back'))
  const LOOKS = Object.entries(MIGRATIONS).filter(([name]) => name.endsWith('looked up'))

  test.each(LOOKS)(
    '%s',
    async (name, text) => {
      const calm = await attacked(text, undefined)
      const { requests } = calm.server
      const writes = upTo(calm.count).filter((number) => requests[number - 1]?.startsWith('POST'))
      const points = drawn(`${name}, twice`, pairs(pairs(writes, UNCLEAR), BLIND), 24)
      for (const [[request, fault], next] of points) {
        const point = `request ${request}: ${fault.name}, then ${next.name}`
        const { server, status, met } = await attacked(text, { request, fault, next })
        expect(met, point).toBe(true)
        expectNothingTwice(server)
        if (isDone(status)) expect(effectsOf(server), point).toEqual(effectsOf(calm.server))
        else expect(status.causes.length, point).toBeGreaterThan(0)
      }
    },
    600_000,
  )
})

describe('taken back', () => {
  const text = MIGRATIONS['records by PUT'] ?? String

  async function takenBack(meeting: Meeting | undefined) {
    const { server, process } = await attacked(text, undefined)
    const run = await findMigrationRun(process.store, 'run-1')
    const plan = await planRollback(process.store, run, { wave: undefined, keys: [] })
    const before = server.requests.length
    server.meet(meeting)
    await rollback(process.context, process.store, plan, { leaseMs: 60_000, waitMs: 0 })
    const { met } = server
    const count = server.requests.length - before
    server.meet(undefined)
    return { server, met, count, status: await finish(process, await process.status()) }
  }

  test('an answer that is none', async () => {
    const calm = await takenBack(undefined)
    expect(effectsOf(calm.server)).toEqual({ content: {}, effects: {} })
    const points = drawn('taken back', pairs(upTo(calm.count), FAULTS), 40)
    for (const [request, fault] of points) {
      const point = `request ${request}: ${fault.name}`
      const { server, status, met } = await takenBack({ request, fault })
      expect(met, point).toBe(true)
      if (isDone(status)) expect(effectsOf(server), point).toEqual({ content: {}, effects: {} })
      else expect(status.causes.length, point).toBeGreaterThan(0)
    }
  }, 600_000)
})
