import { describe, expect, test } from 'vitest'
import { cancelRun } from '../../src/lib/journal/cancel.ts'
import { findMigrationRun } from '../../src/lib/migration/list.ts'
import { planRollback, rollback } from '../../src/lib/migration/rollback.ts'
import { migrationWorld, outcomeOf, type Process } from '../support/migration.ts'
import { recordServer } from '../support/record-server.ts'

/** A request that may not come twice, and of which nothing says whether it came. */
const order = (url: string, undo = 'none'): string =>
  `steps:\n  - { id: order, kind: http, do: { method: POST, url: "${url}/target", body: { id: one } }, undo: ${undo} }\n`

/** Records for a target that knows a request again by its key, and nothing else. */
const copy = (url: string): string => `
steps:
  - id: copy
    kind: records.transfer
    from: { kind: json-http, url: "${url}/source/offset", records: $.items, key: id, paging: { style: offset, size: 2 } }
    to: { kind: json-http, url: "${url}/target", method: POST, item: "${url}/target/\${record.key}", idempotencyHeader: Idempotency-Key }
    verify: false
    takesBack: all
`

async function cancel(process: Process, id: string): Promise<void> {
  await cancelRun(process.store, process.context, await findMigrationRun(process.store, id))
}

async function back(process: Process, id: string) {
  const run = await findMigrationRun(process.store, id)
  const plan = await planRollback(process.store, run, { wave: undefined, keys: [] })
  const { run: made } = await rollback(process.context, process.store, plan, { leaseMs: 60_000, waitMs: 0 })
  return process.status(made.id)
}

/** Lets a process die at the first request of a kind that a server gets. */
function dieAt(process: Process, server: Awaited<ReturnType<typeof recordServer>>, method: string): void {
  let isAlive = true
  server.fate = (request) => {
    if (request.method !== method || !isAlive) return 'do'
    isAlive = false
    process.store.kill()
    return 'drop-after'
  }
}

/** A run of which a process that died has sent what nobody answered, cancelled by the operator afterwards. */
async function leftInDoubt(
  text: (url: string) => string,
  records: readonly { id: string }[] = [],
  method = 'POST',
) {
  const server = await recordServer(records)
  const world = await migrationWorld(1)
  const victim = await world.process()
  dieAt(victim, server, method)
  await expect(victim.run(text(server.url))).rejects.toThrow('dead')
  victim.end()
  const heir = await world.process()
  await cancel(heir, 'run-1')
  return { server, world, process: heir, text: text(server.url) }
}

const SETTLED = (word: 'done' | 'again') => ({
  selection: 'failed' as const,
  settlements: new Map([['order', word]]),
})

describe('a request that a run which was cancelled may have sent', () => {
  test('is not sent by another run: a person says whether it was done', async () => {
    const { server, process, text } = await leftInDoubt(order)
    expect(server.target).toHaveLength(1)
    expect((await process.status('run-1')).run.reason).toBe(
      'cancelled by tester; of 1 items nobody knows whether they were done',
    )
    const again = await process.run(text)
    expect(again.causes[0]?.reason).toBe('whether run-1 did it cannot be found out: look, and say so')
    // Nor by a third one, whose former has not sent it.
    expect((await process.run(text)).causes[0]?.reason).toMatch(/^whether run-1 did it/)
    expect((await process.resume({ id: 'run-3', selection: 'failed' })).run.counts.failed).toBe(1)
    expect(server.target).toHaveLength(1)
    const done = await process.resume({ id: 'run-3', ...SETTLED('done') })
    expect(outcomeOf(done)).toEqual(['001 done: done'])
    expect(server.target).toHaveLength(1)
  })

  test('is sent again by one whose person says that it was not done', async () => {
    const { server, process, text } = await leftInDoubt(order)
    await process.run(text)
    expect(outcomeOf(await process.resume(SETTLED('again')))).toEqual(['001 done: done'])
    expect(server.target).toHaveLength(2)
  })

  test('is in no doubt any more when a later run has done it', async () => {
    const { server, process, text } = await leftInDoubt(order)
    await process.run(text)
    await process.resume(SETTLED('done'))
    expect(outcomeOf(await process.run(text))).toEqual(['001 done: done'])
    expect(server.target).toHaveLength(2)
  })

  test('nor when it was not handed over, or another migration sent it', async () => {
    const { server, process, text } = await leftInDoubt(order)
    expect(outcomeOf(await process.run(`id: other\n${text}`))).toEqual(['001 done: done'])
    expect(server.target).toHaveLength(2)
    const one = await (await migrationWorld(1)).process()
    const asking = text.replace('steps:\n', 'steps:\n  - { id: look, kind: approve, question: "Well?" }\n')
    await one.run(asking)
    // Claimed by a process that died before it noted that it would send anything.
    one.store.db.exec(
      "INSERT INTO effect (run, ordinal, epoch, intent_at, intent_by) VALUES (1, 1, 1, '', '')",
    )
    await cancel(one, 'run-1')
    expect((await one.run(asking)).run.state).toBe('stopped')
    expect(outcomeOf(await one.resume({ approvals: ['look'] }))).toEqual(['001 done: already done'])
    expect(server.target).toHaveLength(3)
  })

  test('is asked about once: what a person has let be sent again is gone on with', async () => {
    const { server, process, text } = await leftInDoubt(order)
    await process.run(text)
    const operator = new AbortController()
    server.fate = () => {
      operator.abort()
      return 429
    }
    const refused = await process.resume({ ...SETTLED('again'), work: { signal: operator.signal } })
    expect(refused.run).toMatchObject({ state: 'stopped', counts: { pending: 1 } })
    server.fate = () => 'do'
    expect(outcomeOf(await process.resume())).toEqual(['001 done: done'])
    expect(server.target).toHaveLength(2)
  })

  test('is sent without a question where it may come twice', async () => {
    const put = (url: string): string =>
      order(url).replace('method: POST', 'method: PUT').replace('/target"', '/target/one"')
    const { server, process, text } = await leftInDoubt(put, [], 'PUT')
    expect(outcomeOf(await process.run(text))).toEqual(['001 done: done'])
    expect(server.requests).toEqual(['PUT /target/one', 'PUT /target/one'])
  })

  test('and that takes a step back, is not sent by another rollback either', async () => {
    const server = await recordServer()
    const world = await migrationWorld(1)
    const victim = await world.process()
    const undo = `{ method: POST, url: "${server.url}/target", body: { id: back } }`
    await victim.run(order(server.url, undo))
    dieAt(victim, server, 'POST')
    await expect(back(victim, 'run-1')).rejects.toThrow('dead')
    victim.end()
    const heir = await world.process()
    await cancel(heir, 'run-2')
    expect((await back(heir, 'run-1')).causes[0]?.reason).toMatch(/^whether run-2 did it cannot be found out/)
    expect(server.target.map(({ id }) => id)).toEqual(['one', 'back'])
  })
})

describe('records that a run which was cancelled may have written', () => {
  const RECORDS = [{ id: 'r1' }, { id: 'r2' }, { id: 'r3' }]
  const ids = ({ target }: Awaited<ReturnType<typeof recordServer>>): readonly unknown[] =>
    target.map(({ id }) => id)

  test('are sent by the next run with the same idempotency keys: each is there once', async () => {
    const { server, process, text } = await leftInDoubt(copy, RECORDS)
    expect(ids(server).length).toBeGreaterThan(0)
    await process.run(text)
    expect(ids(server).toSorted()).toEqual(['r1', 'r2', 'r3'])
  })

  test('also by one after two that came to no end', async () => {
    const { server, world, process, text } = await leftInDoubt(copy, RECORDS)
    dieAt(process, server, 'POST')
    await expect(process.run(text)).rejects.toThrow('dead')
    process.end()
    const heir = await world.process()
    await cancel(heir, 'run-2')
    await heir.run(text)
    expect(ids(server).toSorted()).toEqual(['r1', 'r2', 'r3'])
  })

  test('with other keys when they were taken away from the run that was cancelled', async () => {
    const { server, process, text } = await leftInDoubt(copy, RECORDS)
    server.target.length = 0
    await back(process, 'run-1')
    await process.run(text)
    expect(ids(server).toSorted()).toEqual(['r1', 'r2', 'r3'])
  })

  test('with other keys once a run has finished them, or they were taken away', async () => {
    const { server, process, text } = await leftInDoubt(copy, RECORDS)
    await process.run(text)
    await back(process, 'run-2')
    expect(ids(server)).toEqual([])
    await process.run(text)
    // What the target knows of the former keys does not keep it from taking them anew.
    expect(ids(server).toSorted()).toEqual(['r1', 'r2', 'r3'])
  })
})
