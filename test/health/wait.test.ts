import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { bindFiles } from '../../src/lib/health/health.ts'
import type { HealthResult } from '../../src/lib/health/model.ts'
import { waitUntilHealthy, watchHealth } from '../../src/lib/health/wait.ts'
import { EVERYTHING } from '../../src/lib/tenant/select.ts'
import { answer, faultServer, type Step, silence } from '../support/fault-server.ts'
import { temporaryFile } from '../support/folder.ts'
import { temporaryStore, testContext } from '../support/store.ts'

const PATIENCE = 1_000_000
const LIMITS = { concurrency: 1, perHost: 1, timeoutMs: undefined, deadlineMs: undefined }

/** A connector of one tenant, whose server does this, one step a check. */
async function boundTo(...script: readonly Step[]) {
  const { origin } = await faultServer(script)
  const file = temporaryFile(
    'network.yaml',
    `network: { account: lkos, name: Landkreis Osnabrück, anchor: "03459" }
connectors: [{ name: dms, kind: http, url: "${origin.href}", timeout: 100s, conditions: [{ status: 200 }] }]
defaults: { connectors: [dms] }
tenants: [{ ars: "034590014014", slug: bramsche, name: Stadt Bramsche }]
`,
  )
  const store = await temporaryStore()
  const scope = { files: [file], connectors: [], selection: EVERYTHING }
  return { store, bound: await bindFiles(testContext(), store, scope) }
}

/** The uptime of the machine, by how many rounds are over. */
function timedBy(...uptimes: readonly number[]) {
  const rounds: HealthResult[] = []
  const { signal } = new AbortController()
  return {
    rounds,
    context: { ...testContext(), uptime: () => uptimes[rounds.length] ?? Number.NaN },
    repetition: { everyMs: 1, signal, onRound: (result: HealthResult) => void rounds.push(result) },
  }
}

const summaries = (result: HealthResult) =>
  result.endpoints.flatMap(({ report }) => report?.verdicts.map(({ summary }) => summary))
const CUT = 'cut short: the time was over before its answer was whole'

test('when the time is over in the middle of a round, the one before says more', async () => {
  const { bound } = await boundTo(answer(503), silence)
  const { rounds, context, repetition } = timedBy(0, PATIENCE - 10, PATIENCE)
  const result = await waitUntilHealthy(context, bound, LIMITS, PATIENCE, repetition)
  expect(rounds.map(summaries)).toEqual([['status: expected HTTP 200, saw HTTP 503'], [CUT]])
  expect(result).toBe(rounds[0])
})

test('a round that was cut is not kept in place of a whole one', async () => {
  const { bound } = await boundTo(answer(503), silence)
  const { rounds, context, repetition } = timedBy(0, 10, PATIENCE - 10, PATIENCE)
  const limits = { ...LIMITS, deadlineMs: PATIENCE }
  const result = await waitUntilHealthy(context, bound, limits, PATIENCE, {
    ...repetition,
    onRound: (round) => {
      repetition.onRound(round)
      limits.deadlineMs = 5
    },
  })
  expect(rounds.map(({ status }) => status)).toEqual(['critical', 'unknown', 'unknown'])
  expect(result).toBe(rounds[0])
})

test('when there is none before, nobody knows', async () => {
  const { bound } = await boundTo(silence)
  const { rounds, context, repetition } = timedBy(PATIENCE - 10, PATIENCE * 2)
  const result = await waitUntilHealthy(context, bound, LIMITS, 10, repetition)
  expect([result.status, rounds.map(summaries)]).toEqual(['unknown', [[CUT]]])
})

test('a round that was cut by a deadline of its own is not the last', async () => {
  const { rounds, context, repetition } = timedBy(0, 10, 20)
  // By the round: a check that is cut may never have come so far as to ask.
  const { bound } = await boundTo((socket) => (rounds.length === 0 ? silence : answer(200))(socket))
  const limits = { ...LIMITS, deadlineMs: 5 }
  const first = waitUntilHealthy(context, bound, limits, PATIENCE, {
    ...repetition,
    onRound: (result) => {
      repetition.onRound(result)
      limits.deadlineMs = PATIENCE
    },
  })
  expect((await first).status).toBe('ok')
  expect(rounds.map(({ status }) => status)).toEqual(['unknown', 'ok'])
})

test('a store that is in the way is told once, and once more when it was free meanwhile', async () => {
  const { store, bound } = await boundTo(answer(200))
  const other = new DatabaseSync(store.path)
  onTestFinished(() => other.close())
  const end = new AbortController()
  let uptime = 0
  const context = { ...testContext(), uptime: () => (uptime += PATIENCE) }
  const known: boolean[] = []
  const told: number[] = []
  other.exec('BEGIN IMMEDIATE')
  const limits = { ...LIMITS, deadlineMs: PATIENCE }
  await watchHealth(context, store, bound, limits, {
    everyMs: 1,
    signal: end.signal,
    onRound: ({ endpoints }) => {
      known.push(endpoints.every(({ since }) => since.service !== undefined))
      told.push(context.warnings.length)
      if (known.length === 2) other.exec('ROLLBACK')
      if (known.length === 3) other.exec('BEGIN IMMEDIATE')
      if (known.length === 5) end.abort()
    },
  })
  expect([known, told]).toEqual([
    [false, false, true, false, false],
    [1, 1, 1, 2, 2],
  ])
})
