import { OzgctlError, unreachable } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import type { Attempt, Executor } from '../journal/executor.ts'
import type { ClaimedItem } from '../journal/model.ts'
import type { Place, PortalDriver, PortalWrite, WriteOutcome } from '../portal/driver.ts'
import type { Tenant } from '../portal/model.ts'
import { canonicalJson } from '../text.ts'
import { type Change, writeOf } from './writes.ts'

/** Carries out changes of tenants and networks. @param deadlineMs how long a request of the driver can take */
export function tenantExecutor(driver: PortalDriver, deadlineMs: number): Executor {
  const write = (item: ClaimedItem): PortalWrite => writeOf(driver.portal, item.input as Change)
  return {
    batch: driver.capabilities.batch,
    concurrency: driver.capabilities.concurrency,
    deadlineMs,
    execute: async (items, signal) => {
      const writes = items.map(write)
      const outcomes = await driver.write(writes, signal)
      return Promise.all(writes.map(async (one, at) => attemptOf(driver, one, outcomes[at] ?? SILENT)))
    },
    isDone: (item) => readBack(driver, write(item)),
  }
}

const SILENT: WriteOutcome = { kind: 'unknown', reason: 'the portal said nothing about it' }

/** Does one write and says what became of it. */
export async function attemptWrite(
  driver: PortalDriver,
  write: PortalWrite,
  signal: AbortSignal,
): Promise<Attempt> {
  const [outcome = SILENT] = await driver.write([write], signal)
  return attemptOf(driver, write, outcome)
}

async function attemptOf(driver: PortalDriver, write: PortalWrite, outcome: WriteOutcome): Promise<Attempt> {
  switch (outcome.kind) {
    case 'done':
      return { kind: outcome.repeated ? 'already' : 'done' }
    case 'refused':
      return { kind: 'failed', reason: outcome.reason }
    case 'later':
    case 'unknown':
      return outcome
    case 'conflict': {
      const reason = outcome.reason ?? 'somebody else changed it at the same time: plan again'
      const answer = await lookAgain(driver, write)
      if (answer === 'yes') return { kind: 'already' }
      if (answer === 'no') return { kind: 'failed', reason }
      return { kind: 'unknown', reason: `a conflict that cannot be read back: ${reason}` }
    }
    default:
      return unreachable(outcome)
  }
}

/** The same after something was sent: what the other writes came to must not be lost by it. */
async function lookAgain(driver: PortalDriver, write: PortalWrite): Promise<'yes' | 'no' | 'unclear'> {
  try {
    return await readBack(driver, write)
  } catch (error) {
    if (!(error instanceof OzgctlError)) throw error
    return 'unclear'
  }
}

/** Whether the portal has what a write wants. @throws OzgctlError when nothing else will be read either */
async function readBack(driver: PortalDriver, write: PortalWrite): Promise<'yes' | 'no' | 'unclear'> {
  try {
    return (await isAsWanted(driver, write)) ? 'yes' : 'no'
  } catch (error) {
    // Without valid credentials nothing else will be read either; an outage may end.
    if (error instanceof OzgctlError && error.exit !== EXIT.unavailable) throw error
    return 'unclear'
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
      return (
        (await driver.get(write.tenant.ars)) === undefined && !(await placeOf(driver, write.tenant)).exists
      )
    case 'create':
    case 'update':
    case 'suspend': {
      const found = await driver.get(write.tenant.ars)
      if (found?.managed !== true || !isEqual(found.value, write.tenant)) return false
      return (await placeOf(driver, write.tenant)).differences.length === 0
    }
    default:
      return unreachable(write)
  }
}

async function placeOf(driver: PortalDriver, tenant: Tenant): Promise<Place> {
  const places = await driver.places([tenant])
  return places.get(tenant.ars) ?? NO_PLACE
}

/** Where tenants have none, none is missing. */
const NO_PLACE: Place = { exists: false, differences: [] }

const isEqual = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b)
