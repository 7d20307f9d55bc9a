import { expect, test } from 'vitest'
import { OzgctlError } from '../../src/lib/errors.ts'
import type { PortalDriver, WriteOutcome } from '../../src/lib/portal/driver.ts'
import type { Tenant } from '../../src/lib/portal/model.ts'
import { versionOf } from '../../src/lib/portal/version.ts'
import { tenantExecutor } from '../../src/lib/tenant/executor.ts'
import { BRAMSCHE, MELLE } from '../support/tenant.ts'

type Executor = ReturnType<typeof tenantExecutor>
type Item = Parameters<Executor['isDone']>[0]

const itemOf = (change: object): Item => ({ input: change }) as unknown as Item
const creates = [BRAMSCHE, MELLE].map((tenant) => itemOf({ kind: 'create', tenant }))
const desk = { stop: new AbortController().signal, note: async () => undefined }

/** A portal that answers writes so, and reads with what it has or with an error. */
function portalWith(
  outcomes: readonly WriteOutcome[],
  read: (ars: string) => Tenant | undefined,
  places: PortalDriver['places'] = async () => new Map(),
): PortalDriver {
  return {
    portal: 'test',
    capabilities: { batch: 2, concurrency: 1, move: true, parentsFirst: true },
    networks: async () => [],
    list: async function* () {
      yield []
    },
    get: async (ars) => {
      const value = read(ars)
      if (value === undefined) return undefined
      const version = versionOf(value)
      return { value, version, changedAt: null, changedBy: null, managed: true, changedOutside: false }
    },
    places,
    write: async () => outcomes,
    close: async () => undefined,
  }
}

const execute = (portal: PortalDriver) =>
  tenantExecutor(portal, 1000).execute(creates, new AbortController().signal, desk)

const CONFLICT: WriteOutcome = { kind: 'conflict' }
const DONE: WriteOutcome = { kind: 'done', repeated: false }

test('a conflict fails in the words of the portal, where it has some', async () => {
  const portal = portalWith([{ kind: 'conflict', reason: 'CONFLICT: taken' }, CONFLICT], () => undefined)
  expect(await execute(portal)).toEqual([
    { kind: 'failed', reason: 'CONFLICT: taken' },
    { kind: 'failed', reason: 'somebody else changed it at the same time: plan again' },
  ])
})

test('a conflict about what is as wanted is none', async () => {
  const portal = portalWith([{ kind: 'conflict', reason: 'CONFLICT: taken' }, DONE], () => BRAMSCHE)
  expect(await execute(portal)).toEqual([{ kind: 'already' }, { kind: 'done' }])
})

test.each([6, 69] as const)(
  'a conflict that cannot be read back (exit %i) is unknown, and hides nothing of the others',
  async (exit) => {
    const portal = portalWith([CONFLICT, DONE], () => {
      throw new OzgctlError('TEST', 'no', { exit })
    })
    expect(await execute(portal)).toEqual([
      {
        kind: 'unknown',
        reason: 'a conflict that cannot be read back: somebody else changed it at the same time: plan again',
      },
      { kind: 'done' },
    ])
  },
)

const gap = { field: 'site', present: null, wanted: 'bramsche' }
const lost = async () => new Map([[BRAMSCHE.ars, { exists: false, differences: [gap] }]])
const there = async () => new Map([[BRAMSCHE.ars, { exists: true, differences: [] }]])
const change = { kind: 'change', former: BRAMSCHE, expected: 'v', tenant: BRAMSCHE, fields: [] }
const removal = { kind: 'delete', tenant: BRAMSCHE, expected: 'v' }

test.each([
  ['a change whose place is lost', change, BRAMSCHE, lost, 'no'],
  ['a change whose place is there', change, BRAMSCHE, there, 'yes'],
  ['a change of something else', change, { ...BRAMSCHE, name: 'B' }, there, 'no'],
  [
    'a tenant that is made, and its place is lost',
    { kind: 'create', tenant: BRAMSCHE },
    BRAMSCHE,
    lost,
    'no',
  ],
  ['a delete that left the place', removal, undefined, there, 'no'],
  ['a delete that left nothing', removal, undefined, lost, 'yes'],
  ['a delete that left the tenant', removal, BRAMSCHE, lost, 'no'],
] as const)('read back: %s', async (_, input, found, places, answer) => {
  const executor = tenantExecutor(
    portalWith([], () => found, places),
    1000,
  )
  expect(await executor.isDone(itemOf(input))).toBe(answer)
})

test('read back: a place that cannot be looked at leaves it open', async () => {
  const portal = portalWith(
    [],
    () => BRAMSCHE,
    async () => {
      throw new OzgctlError('PORTAL_ANSWER', 'no', { exit: 69 })
    },
  )
  expect(await tenantExecutor(portal, 1000).isDone(itemOf(change))).toBe('unclear')
})
