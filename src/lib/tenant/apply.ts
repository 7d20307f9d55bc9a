import { hash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { OzgctlError, unreachable } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import type { PortalDriver, PortalWrite, WriteOutcome } from '../portal/driver.ts'
import { canonicalJson } from '../text.ts'
import type { NetworkChange, Plan, TenantChange } from './plan.ts'

export interface ApplyResult {
  readonly plan: Plan
  readonly dryRun: boolean
  /** Networks first, then tenants; as in the plan. */
  readonly changes: readonly AppliedChange[]
}

export interface AppliedChange {
  readonly change: NetworkChange | TenantChange
  /** `already`: somebody else did the same at the same time. `planned` with `--dry-run`. */
  readonly outcome: 'done' | 'already' | 'failed' | 'planned'
  /** Why it failed. */
  readonly reason: string | null
}

/**
 * Carries out a plan, batch by batch. Each change is done or not; what fails does not stop the others.
 * Nothing is overwritten that changed after the plan was made: such a change fails, unless the portal has the
 * very thing wanted.
 * @param onDone is told how many changes have been dealt with
 * @throws OzgctlError 3 when the portal gave up half-way, with the number of changes that were done
 */
export async function applyPlan(
  driver: PortalDriver,
  plan: Plan,
  onDone: (count: number) => void = () => undefined,
): Promise<ApplyResult> {
  const changes = [...plan.networks, ...plan.tenants]
  const applied: AppliedChange[] = []
  for (let from = 0; from < changes.length; from += driver.capabilities.batch) {
    const batch = changes.slice(from, from + driver.capabilities.batch)
    applied.push(...(await applyBatch(driver, plan.portal, batch, applied.length, changes.length)))
    onDone(applied.length)
    // Lets a signal through between two batches. Two turns, for signals are looked for between one and the
    // next.
    await setImmediate()
    await setImmediate()
  }
  return { plan, dryRun: false, changes: applied }
}

/** What `applyPlan` would do. */
export function dryRun(plan: Plan): ApplyResult {
  const changes = [...plan.networks, ...plan.tenants]
  return {
    plan,
    dryRun: true,
    changes: changes.map((change) => ({ change, outcome: 'planned', reason: null })),
  }
}

async function applyBatch(
  driver: PortalDriver,
  portal: string,
  batch: readonly (NetworkChange | TenantChange)[],
  done: number,
  total: number,
): Promise<readonly AppliedChange[]> {
  const writes = batch.map((change) => writeOf(portal, change))
  const outcomes = await driver.write(writes).catch((error: unknown) => {
    throw done === 0 ? error : stopped(error, done, total)
  })
  return Promise.all(
    batch.map(async (change, at) => {
      const write = writes[at]
      const outcome = outcomes[at]
      if (write === undefined || outcome === undefined) throw new Error('a write without an outcome')
      return { change, ...(await settle(driver, write, outcome)) }
    }),
  )
}

function stopped(error: unknown, done: number, total: number): OzgctlError {
  const why = error instanceof Error ? error.message : String(error)
  return new OzgctlError('APPLY_STOPPED', `stopped after ${done} of ${total} changes: ${why}`, {
    exit: EXIT.partial,
    suggestions: ['What was done stays. Run the same command again to do the rest.'],
    cause: error,
  })
}

/** What became of a write; where the portal does not say so itself, by reading back. */
async function settle(
  driver: PortalDriver,
  write: PortalWrite,
  outcome: WriteOutcome,
): Promise<Pick<AppliedChange, 'outcome' | 'reason'>> {
  switch (outcome.kind) {
    case 'done':
      return { outcome: outcome.repeated ? 'already' : 'done', reason: null }
    case 'refused':
    case 'later':
      return { outcome: 'failed', reason: outcome.reason }
    case 'conflict':
      return (await isAsWanted(driver, write))
        ? { outcome: 'already', reason: null }
        : { outcome: 'failed', reason: 'somebody else changed it at the same time: plan again' }
    case 'unknown':
      return (await isAsWanted(driver, write))
        ? { outcome: 'done', reason: null }
        : { outcome: 'failed', reason: outcome.reason }
    default:
      return unreachable(outcome)
  }
}

async function isAsWanted(driver: PortalDriver, write: PortalWrite): Promise<boolean> {
  switch (write.kind) {
    case 'network': {
      const networks = await driver.networks()
      return networks.some(({ value }) => isEqual(value, write.network))
    }
    case 'adopt':
      return (await driver.get(write.ars))?.managed === true
    case 'delete':
      return (await driver.get(write.ars)) === undefined
    case 'create':
    case 'update':
    case 'suspend':
      return isEqual((await driver.get(write.tenant.ars))?.value, write.tenant)
    default:
      return unreachable(write)
  }
}

function writeOf(portal: string, change: NetworkChange | TenantChange): PortalWrite {
  switch (change.kind) {
    case 'network-create':
    case 'network-change': {
      const { network, expected } = change
      const key = keyOf(portal, 'network', expected, network)
      return { kind: 'network', network, expected, key }
    }
    case 'create': {
      const { tenant } = change
      return { kind: 'create', tenant, key: keyOf(portal, 'create', null, tenant) }
    }
    case 'change':
    case 'move':
    case 'suspend': {
      const { former, expected, tenant } = change
      const kind = change.kind === 'suspend' ? 'suspend' : 'update'
      return { kind, ars: former.ars, expected, tenant, key: keyOf(portal, former.ars, expected, tenant) }
    }
    case 'delete': {
      const { tenant, expected } = change
      return { kind: 'delete', ars: tenant.ars, expected, key: keyOf(portal, 'delete', expected, tenant.ars) }
    }
    default:
      return unreachable(change)
  }
}

/**
 * From what there was to what is wanted: an apply that is repeated after a crash sends the same key again.
 */
function keyOf(portal: string, what: string, expected: string | null, wanted: unknown): string {
  return hash('sha256', canonicalJson([portal, what, expected, wanted]), 'hex').slice(0, 32)
}

const isEqual = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b)
