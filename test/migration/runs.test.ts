import { describe, expect, test, vi } from 'vitest'
import { OzgctlError } from '../../src/lib/errors.ts'
import { requestPause } from '../../src/lib/journal/journal.ts'
import { listRuns } from '../../src/lib/journal/read.ts'
import { findMigrationRun } from '../../src/lib/migration/list.ts'
import { planMigration } from '../../src/lib/migration/plan.ts'
import { planRollback, rollback } from '../../src/lib/migration/rollback.ts'
import { LocalPortal } from '../../src/lib/portal/local.ts'
import { EVERYTHING } from '../../src/lib/tenant/select.ts'
import {
  definitionFrom,
  migrationWorld,
  outcomeOf,
  type Process,
  tenant,
  writeManifest,
} from '../support/migration.ts'
import { recordServer } from '../support/record-server.ts'

const SET = `
steps:
  - { id: imprint, kind: tenant.set, set: { imprintUrl: "https://\${tenant.host}/" } }
  - { id: privacy, kind: tenant.set, set: { privacyUrl: "https://\${tenant.host}/p" } }
`

/** A request per tenant that the server answers as it is told. */
const call = (url: string, more = ''): string => `
steps:
  - id: call
    kind: http
    do: { method: PUT, url: "${url}/target/\${tenant.slug}", body: { id: "\${tenant.slug}" } }
    undo: { method: DELETE, url: "${url}/target/\${tenant.slug}" }
${more}  - { id: imprint, kind: tenant.set, set: { imprintUrl: "https://\${tenant.host}/" } }
`

const back = async (
  process: Process,
  id: string,
  scope: { wave?: number; keys?: readonly string[] } = {},
) => {
  const run = await findMigrationRun(process.store, id)
  const plan = await planRollback(process.store, run, { wave: scope.wave, keys: scope.keys ?? [] })
  const { run: made } = await rollback(process.context, process.store, plan, { leaseMs: 60_000, waitMs: 0 })
  return process.status(made.id)
}

test('a plan says what each step would do, and writes nothing', async () => {
  const process = await (
    await migrationWorld([tenant(1), tenant(2, { imprintUrl: 'https://s002.example.de/' })])
  ).process()
  const definition = await definitionFrom(SET)
  const writes = process.store.writes()
  const place = { definition, portal: 'local', folder: '.', data: [], selection: EVERYTHING }
  const plan = await planMigration(process.context, process.store, place, {
    signal: new AbortController().signal,
  })
  expect(
    plan.steps.map(({ tenant: { name }, step, outcome, what }) => [name, step, outcome, ...what]),
  ).toEqual([
    ['Gemeinde 1', 'imprint', 'todo', 'imprintUrl: — → https://s001.example.de/'],
    ['Gemeinde 1', 'privacy', 'todo', 'privacyUrl: — → https://s001.example.de/p'],
    ['Gemeinde 2', 'imprint', 'so'],
    ['Gemeinde 2', 'privacy', 'todo', 'privacyUrl: — → https://s002.example.de/p'],
  ])
  expect(process.store.writes()).toBe(writes)
})

test('what is so already counts as such, and a second run finds all of it so', async () => {
  const process = await (await migrationWorld(2)).process()
  expect(outcomeOf(await process.run(SET))).toEqual(['001 done: done done', '002 done: done done'])
  expect(outcomeOf(await process.run(SET))).toEqual([
    '001 done: already already',
    '002 done: already already',
  ])
})

describe('the budget', () => {
  test.each([
    ['0', 1, 'stopped'],
    ['1', 2, 'stopped'],
    ['"0%"', 1, 'stopped'],
    ['"19%"', 2, 'stopped'],
    ['"20%"', 3, 'stopped'],
    // With the last of all there is nothing left to stop.
    ['9', 10, 'partial'],
    ['10', 10, 'partial'],
    ['"100%"', 10, 'partial'],
  ])('of %s bears as many failures, one after the other', async (budget, failed, state) => {
    const server = await recordServer()
    server.fate = () => 422
    const process = await (await migrationWorld(10)).process()
    const status = await process.run(`budget: ${budget}\n${call(server.url)}`, { work: { concurrency: 1 } })
    expect(status.run.counts.failed).toBe(failed)
    expect(status.run.state).toBe(state)
    // What hangs on a step that failed is not done.
    expect((await process.tenants()).every(({ imprintUrl }) => imprintUrl === null)).toBe(true)
  })

  test('reached by several at once, nothing more begins', async () => {
    const server = await recordServer()
    server.fate = () => 422
    const process = await (await migrationWorld(40)).process()
    const status = await process.run(`budget: 2\n${call(server.url)}`, { work: { concurrency: 4 } })
    expect(status.run.state).toBe('stopped')
    // Those under way are finished: the third failure and at most three beside it.
    expect(server.requests.length).toBe(status.run.counts.failed)
    expect(status.run.counts.failed).toBeGreaterThanOrEqual(3)
    expect(status.run.counts.failed).toBeLessThanOrEqual(6)
  })

  test('holds for the whole run: a resume is refused until what failed is mended, or more is borne', async () => {
    const server = await recordServer()
    server.fate = () => 422
    const process = await (await migrationWorld(3)).process()
    await process.run(`budget: 0\n${call(server.url)}`, { work: { concurrency: 1 } })
    await expect(process.resume()).rejects.toMatchObject({ code: 'BUDGET_SPENT', exit: 4 })
    const more = await process.resume({ budget: { count: 1 }, work: { concurrency: 1 } })
    expect(more.run.counts.failed).toBe(2)
    server.fate = () => 'do'
    server.requests.length = 0
    const retried = await process.resume({ selection: 'failed' })
    // Only what failed, and what hung on it.
    expect(server.requests).toEqual(['PUT /target/s001', 'PUT /target/s002'])
    expect(outcomeOf(retried)).toEqual([
      '001 done: done done',
      '002 done: done done',
      '003 open: pending pending',
    ])
    expect(retried.run.state).toBe('stopped')
    expect((await process.resume()).run.state).toBe('done')
  })
})

describe('waves', () => {
  test('come one after the other; a pause waits for a resume', async () => {
    const process = await (await migrationWorld(5)).process()
    const first = await process.run(`waves: { canary: 1, sizes: [2], pause: true }\n${SET}`)
    expect(first.run).toMatchObject({
      state: 'stopped',
      reason: 'wave 1 is done; the next one begins when the run is resumed',
    })
    expect(outcomeOf(first).map((line) => line.split(':')[0])).toEqual([
      '001 done',
      '002 open',
      '003 open',
      '004 open',
      '005 open',
    ])
    expect(outcomeOf(await process.resume()).map((line) => line.split(':')[0])).toEqual([
      '001 done',
      '002 done',
      '003 done',
      '004 open',
      '005 open',
    ])
    expect((await process.resume()).run.state).toBe('done')
  })

  test('the soak time passes between them, and only once, whatever kills the process', async () => {
    const world = await migrationWorld(2)
    const victim = await world.process({ sleep: async () => victim.store.kill() })
    await expect(victim.run(`waves: { canary: 1, soak: 10m }\n${SET}`)).rejects.toThrow('dead')
    victim.end()
    const heir = await world.process()
    heir.context.advance(5 * 60_000 - 60_001)
    await heir.resume()
    expect(heir.context.slept.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(4 * 60_000)
    expect(heir.context.slept.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(5 * 60_000)
  })

  test.each([
    ['goes back', -86_400_000],
    ['goes ahead', 86_400_000],
  ])('a calendar that %s changes nothing while the machine runs', async (_name, jump) => {
    const world = await migrationWorld(2)
    const now = Date.parse('2026-11-24T03:00:00Z')
    let jumps = 0
    const process = await world.process({
      now: () => {
        jumps++
        return new Date(now + jump * jumps)
      },
    })
    await process.run(`waves: { canary: 1, soak: 10m }\n${SET}`)
    expect(process.context.slept.reduce((sum, one) => sum + one, 0)).toBe(600_000)
  })

  test('a gate that flaps does not open; one that is healthy again lets the run go on', async () => {
    const server = await recordServer()
    let look = 0
    server.fate = ({ path }) => (path === '/target/health' && look++ % 2 === 1 ? 500 : 'do')
    server.target.push({ id: 'health' })
    const world = await migrationWorld([
      tenant(1, { connectors: ['dms'] }),
      tenant(2, { connectors: ['dms'] }),
    ])
    writeManifest(
      world.folder,
      `network: { account: lkos, name: Landkreis, anchor: "03459" }\nconnectors: [{ name: dms, kind: http, url: "${server.url}/target/health", conditions: [{ status: 200 }] }]\ntenants: []\n`,
    )
    const process = await world.process()
    const shut = await process.run(
      `manifest: [network.yaml]\nwaves: { canary: 1, gate: { connectors: [dms], passes: 2, every: 1s, within: 10s } }\n${SET}`,
    )
    expect(shut.run.state).toBe('stopped')
    expect(shut.run.reason).toMatch(/^the gate after wave 1 is shut: not healthy: dms: /)
    expect(outcomeOf(shut).map((line) => line.split(':')[0])).toEqual(['001 done', '002 open'])
    server.fate = () => 'do'
    expect((await process.resume()).run.state).toBe('done')
  })
})

describe('a person', () => {
  const ASK = `steps:\n  - { id: look, kind: approve, question: "Is the canary well?", by: another }\n${SET.replace('\nsteps:\n', '')}`

  test('is waited for, must be another one, and is kept', async () => {
    const world = await migrationWorld(2)
    const process = await world.process()
    const asked = await process.run(ASK)
    expect(asked.run.reason).toBe('Is the canary well? (yes: ozgctl migration resume run-1 --approve look)')
    expect((await process.resume()).run.state).toBe('stopped')
    await expect(process.resume({ approvals: ['look'] })).rejects.toMatchObject({ code: 'APPROVAL_OWN' })
    await expect(process.resume({ approvals: ['lok'] })).rejects.toMatchObject({ code: 'STEP_UNKNOWN' })
    process.end()
    const other = await world.process({ actor: 'anna' })
    const done = await other.resume({ approvals: ['look'] })
    expect(done.run.state).toBe('done')
    expect(done.approvals).toMatchObject([{ step: 'look', actor: 'anna' }])
  })

  test('can pause a run from another process', async () => {
    const server = await recordServer()
    const world = await migrationWorld(20)
    const process = await world.process()
    const other = await world.process()
    server.fate = ({ number }) => {
      if (number === 3)
        void findMigrationRun(other.store, 'latest').then((run) =>
          requestPause(other.store, other.context, run),
        )
      return 'do'
    }
    const paused = await process.run(call(server.url), { work: { concurrency: 1 } })
    expect(paused.run).toMatchObject({ state: 'stopped', reason: 'paused' })
    expect(server.requests.length).toBeLessThan(20)
    expect((await process.resume()).run.state).toBe('done')
    expect(server.target).toHaveLength(20)
  })
})

describe('two runs', () => {
  test('on one tenant exclude each other, on different tenants they do not', async () => {
    const process = await (await migrationWorld(3)).process()
    await process.run(
      `id: a\nselect: { keys: ["034595402001", "034595402002"] }\nwaves: { canary: 1, pause: true }\n${SET}`,
    )
    await expect(process.run(`id: b\n${SET}`)).rejects.toMatchObject({
      code: 'TENANT_BUSY',
      exit: 5,
      message: 'run-1 has not finished with tenant 034595402002; nothing was changed',
    })
    const other = await process.run(`id: c\nselect: { keys: ["034595402001", "034595402003"] }\n${SET}`)
    expect(other.run).toMatchObject({ id: 'run-2', state: 'done' })
  })

  test('that begin at the same time exclude each other on one tenant, and neither undoes the other', async () => {
    const world = await migrationWorld(2)
    const [first, second] = [await world.process(), await world.process()]
    const ends = await Promise.allSettled([first.run(`id: m\n${SET}`), second.run(`id: m\n${SET}`)])
    const refused = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []))
    // Whoever comes second is told, or finds all of it done.
    for (const reason of refused) expect(reason).toMatchObject({ code: 'TENANT_BUSY', exit: 5 })
    const runs = await listRuns(first.store)
    expect(runs).toHaveLength(2 - refused.length)
    for (const { state, counts } of runs) expect([state, counts.cancelled]).toEqual(['done', 0])
    expect(new Set(runs.map(({ scope }) => scope)).size).toBe(runs.length)
  })

  test('a short lease makes requests that are over before it is', async () => {
    const process = await (await migrationWorld(1)).process()
    expect((await process.run(SET, { work: { leaseMs: 3000 } })).run.state).toBe('done')
  })

  test('two workers on one run: the second is told who has it', async () => {
    const server = await recordServer()
    const world = await migrationWorld(2)
    const process = await world.process()
    const second = await world.process()
    let refused: unknown
    server.fate = ({ number }) => {
      if (number === 1) void second.resume().catch((error: unknown) => (refused = error))
      return 'do'
    }
    const status = await process.run(call(server.url, `  - { id: breathe, kind: wait, for: 1s }\n`))
    expect(status.run.state).toBe('done')
    expect(refused).toMatchObject({ code: 'SCOPE_LOCKED', exit: 5 })
    expect(server.target).toHaveLength(2)
  })
})

describe('a migration that has run', () => {
  test('is refused when it does something else now, with the differences', async () => {
    const process = await (await migrationWorld(1)).process()
    await process.run(SET)
    await expect(process.run(SET.replace('/p"', '/privacy"'))).rejects.toMatchObject({
      code: 'MIGRATION_FROZEN',
      exit: 65,
      message: expect.stringContaining(
        'steps.privacy.set.privacyUrl: "https://${tenant.host}/p" → "https://${tenant.host}/privacy"',
      ),
    })
  })

  test.each([
    ['comments', `# nothing\n${SET}`],
    ['the order of fields', SET.replace('id: imprint, kind: tenant.set', 'kind: tenant.set, id: imprint')],
    ['words for people', `title: Another\nreason: other\nauthor: B\n${SET}`],
    [
      'formatting',
      SET.replace(
        '{ id: privacy, kind: tenant.set, set: { privacyUrl: "https://${tenant.host}/p" } }',
        '\n    id: privacy\n    kind: "tenant.set"\n    set:\n      privacyUrl: https://${tenant.host}/p',
      ),
    ],
  ])('is the same with other %s', async (_name, text) => {
    const process = await (await migrationWorld(1)).process()
    await process.run(SET)
    expect((await process.run(text)).run.state).toBe('done')
  })

  test('steps in another order are something else', async () => {
    const process = await (await migrationWorld(1)).process()
    const [, head = '', a = '', b = ''] = SET.split('\n')
    await process.run(SET)
    await expect(process.run([head, b, a, ''].join('\n'))).rejects.toMatchObject({ code: 'MIGRATION_FROZEN' })
  })
})

describe('a rollback', () => {
  test('takes back one wave, or one tenant, and the rest later', async () => {
    const process = await (await migrationWorld(3)).process()
    const before = await process.tenants()
    await process.run(`waves: { sizes: [1] }\n${SET}`)
    expect(outcomeOf(await back(process, 'run-1', { wave: 2 }))).toEqual(['002 done: done done'])
    expect(outcomeOf(await back(process, 'run-1', { keys: ['034595402001'] }))).toEqual([
      '001 done: done done',
    ])
    expect(outcomeOf(await process.status('run-1')).map((line) => line.split(':')[0])).toEqual([
      '001 undone',
      '002 undone',
      '003 done',
    ])
    await back(process, 'run-1')
    expect(await process.tenants()).toEqual(before)
    await expect(back(process, 'run-1')).rejects.toMatchObject({ code: 'ROLLBACK_EMPTY' })
  })

  test('that fails half-way is resumed where it stopped', async () => {
    const server = await recordServer()
    const process = await (await migrationWorld(3)).process()
    const before = await process.tenants()
    await process.run(call(server.url))
    server.fate = ({ path }) => (path.endsWith('s002') ? 422 : 'do')
    const half = await back(process, 'run-1')
    expect(half.run.state).toBe('partial')
    expect(server.target).toEqual([{ id: 's002' }])
    server.fate = () => 'do'
    const whole = await process.resume({ selection: 'failed' })
    expect(whole.run.state).toBe('done')
    expect(server.target).toEqual([])
    expect(await process.tenants()).toEqual(before)
  })

  test('leaves alone what somebody else has changed since, and says so', async () => {
    const process = await (await migrationWorld(2)).process()
    await process.run(SET)
    const kept = await process.portal.get('034595402001')
    if (kept === undefined) throw new Error('gone')
    await process.portal.write([
      {
        kind: 'update',
        ars: kept.value.ars,
        expected: kept.version,
        tenant: { ...kept.value, privacyUrl: 'https://other.example.de/' },
        key: 'x',
      },
    ])
    const status = await back(process, 'run-1')
    expect(status.causes).toEqual([
      { step: 'privacy', reason: 'somebody has changed privacyUrl since', tenants: ['Gemeinde 1'] },
    ])
    expect((await process.tenants()).map(({ imprintUrl, privacyUrl }) => [imprintUrl, privacyUrl])).toEqual([
      ['https://s001.example.de/', 'https://other.example.de/'],
      [null, null],
    ])
  })

  test('of what a later run has changed is refused', async () => {
    const process = await (await migrationWorld(1)).process()
    await process.run(SET)
    await process.run(
      `id: later\nsteps: [{ id: p, kind: tenant.set, set: { privacyUrl: "https://later.example.de/" } }]\n`,
    )
    await expect(back(process, 'run-1')).rejects.toMatchObject({
      code: 'CHANGED_SINCE',
      message: 'run-2 has changed 034595402001 (Gemeinde 1) since run-1',
    })
    await back(process, 'run-2')
    await back(process, 'run-1')
    expect((await process.tenants())[0]?.privacyUrl).toBeNull()
  })

  test('of a run that was stopped ends it: what is taken back is not gone on with', async () => {
    const process = await (await migrationWorld(2)).process()
    await process.run(`waves: { canary: 1, pause: true }\n${SET}`)
    await back(process, 'run-1')
    expect((await process.status('run-1')).run).toMatchObject({
      state: 'cancelled',
      reason: 'rolled back by run-2',
    })
    await expect(process.resume({ id: 'run-1' })).rejects.toMatchObject({ code: 'RUN_ENDED' })
  })

  test('says beforehand what cannot be taken back, and leaves that', async () => {
    const server = await recordServer()
    const process = await (await migrationWorld(1)).process()
    const text = `steps:\n  - { id: mail, kind: http, do: { method: PUT, url: "${server.url}/target/x", body: { id: x } }, undo: none }\n${SET.replace('\nsteps:\n', '')}`
    await process.run(text)
    const plan = await planRollback(process.store, await findMigrationRun(process.store, 'run-1'), {
      wave: undefined,
      keys: [],
    })
    expect(plan.steps.map(({ step, undo }) => [step, undo])).toEqual([
      ['privacy', 'yes'],
      ['imprint', 'yes'],
      ['mail', 'never'],
    ])
    await back(process, 'run-1')
    expect(server.target).toEqual([{ id: 'x' }])
    expect((await process.tenants())[0]?.imprintUrl).toBeNull()
  })
})

describe('a request whose outcome nobody knows', () => {
  const order = (url: string): string => `
steps:
  - { id: order, kind: http, do: { method: POST, url: "${url}/target", body: { id: "\${tenant.slug}" } }, undo: none }
`
  test('is not sent again before a person has looked', async () => {
    const server = await recordServer()
    server.fate = () => 'drop-after'
    const process = await (await migrationWorld(1)).process()
    const status = await process.run(order(server.url))
    expect(status.causes[0]?.reason).toMatch(/whether it was done cannot be found out: look, and say so$/)
    expect(server.target).toHaveLength(1)
    server.fate = () => 'do'
    const asked = await process.resume({ selection: 'failed' })
    expect(asked.run.counts.failed).toBe(1)
    const done = await process.resume({ selection: 'failed', settlements: new Map([['order', 'done']]) })
    expect(outcomeOf(done)).toEqual(['001 done: done'])
    expect(server.target).toHaveLength(1)
  })

  test('nor when nothing can be read back at that moment, and nothing has been sent since', async () => {
    const server = await recordServer()
    const denied = new OzgctlError('UNAUTHORISED', 'denied', { exit: 6 })
    server.fate = () => {
      // Sent, done, not answered; and from now on the portal wants other credentials.
      vi.spyOn(LocalPortal.prototype, 'get').mockRejectedValue(denied)
      return 'drop-after'
    }
    const process = await (await migrationWorld(1)).process()
    const left = await process.run(order(server.url))
    vi.restoreAllMocks()
    expect(left.run).toMatchObject({ state: 'stopped', reason: 'denied', counts: { unknown: 1, failed: 0 } })
    expect(left.tenants[0]?.steps[0]?.reason).toMatch(/; it could not be read back: denied$/)
    server.fate = () => 'do'
    const resumed = await process.resume()
    expect(resumed.causes[0]?.reason).toMatch(/whether it was done cannot be found out: look, and say so$/)
    expect(server.target).toHaveLength(1)
    await process.resume({ selection: 'failed', settlements: new Map([['order', 'done']]) })
    expect(server.target).toHaveLength(1)
  })

  test('nor when what comes after the answer fails: it is done', async () => {
    const server = await recordServer()
    const denied = new OzgctlError('UNAUTHORISED', 'denied', { exit: 6 })
    const text = order(server.url).replace(
      'undo: none',
      `check: { url: "${server.url}/target/\${tenant.slug}" }, undo: none`,
    )
    server.fate = ({ method }) => {
      if (method === 'POST') vi.spyOn(LocalPortal.prototype, 'get').mockRejectedValue(denied)
      return 'do'
    }
    const process = await (await migrationWorld(1)).process()
    const left = await process.run(text)
    vi.restoreAllMocks()
    expect(left.run.counts).toMatchObject({ unknown: 1, pending: 0 })
    server.fate = () => 'do'
    expect(outcomeOf(await process.resume())).toEqual(['001 done: done'])
    expect(server.target).toHaveLength(1)
  })

  test('is sent again when the person says that it was not done', async () => {
    const server = await recordServer()
    server.fate = () => 'drop-before'
    const process = await (await migrationWorld(1)).process()
    await process.run(order(server.url))
    server.fate = () => 'do'
    const done = await process.resume({ selection: 'failed', settlements: new Map([['order', 'again']]) })
    expect(outcomeOf(done)).toEqual(['001 done: done'])
    expect(server.target).toHaveLength(1)
  })

  test('is found out where the step says how', async () => {
    const server = await recordServer()
    server.fate = ({ method, number }) => (method === 'POST' && number < 3 ? 'drop-after' : 'do')
    const process = await (await migrationWorld(1)).process()
    const text = order(server.url).replace(
      'undo: none',
      `check: { url: "${server.url}/target/\${tenant.slug}" }, undo: none`,
    )
    expect(outcomeOf(await process.run(text))).toEqual(['001 done: done'])
    expect(server.target).toHaveLength(1)
  })
})

test('a step uses what an earlier one has found out, and never runs it', async () => {
  const server = await recordServer()
  server.target.push({ id: 's001', token: '${tenant.ars}/../x' }, { id: 's002', token: 'plain' })
  const process = await (await migrationWorld(2)).process()
  await process.run(`
steps:
  - { id: ask, kind: http, do: { url: "${server.url}/target/\${tenant.slug}" }, save: { token: $.token }, undo: none }
  - { id: tell, kind: http, do: { method: PUT, url: "${server.url}/target/told-\${steps.ask.token}", body: { id: "told-\${steps.ask.token}", by: "\${tenant.slug}" } }, undo: none }
`)
  expect(server.requests.filter((request) => request.startsWith('PUT')).sort()).toEqual([
    'PUT /target/told-%24%7Btenant.ars%7D%2F..%2Fx',
    'PUT /target/told-plain',
  ])
  expect(
    server.target
      .slice(2)
      .map(({ id, by }) => [id, by])
      .sort(),
  ).toEqual([
    ['told-${tenant.ars}/../x', 's001'],
    ['told-plain', 's002'],
  ])
})
