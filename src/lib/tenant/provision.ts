import type { Context } from '../context.ts'
import { OzgctlError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { type InputDocument, readDocument } from '../input/document.ts'
import type { DriveResult } from '../journal/engine.ts'
import type { DriveOptions } from '../journal/executor.ts'
import type { ResumeSelection } from '../journal/journal.ts'
import { acquireLease, type LeaseOptions } from '../journal/lease.ts'
import type { Run } from '../journal/model.ts'
import type { Kept, PortalDriver } from '../portal/driver.ts'
import type { Network, Tenant } from '../portal/model.ts'
import type { Store } from '../store/sqlite.ts'
import {
  type AppliedChange,
  type ApplyRun,
  appliedChanges,
  applyChanges,
  type PortalWork,
  type RunOptions,
  resumeChanges,
} from './apply.ts'
import { MAX_MANIFEST_BYTES, readManifests } from './manifest.ts'
import { openPortal, REQUEST_DEADLINE_MS } from './open-portal.ts'
import { type Plan, type PortalState, planTenants } from './plan.ts'
import {
  MAX_PLAN_BYTES,
  type PlanBasis,
  parsePlanFile,
  portalDigest,
  refuseStale,
  type SavedPlan,
  sha256,
} from './plan-file.ts'
import { loadTenantRegions, type TenantRegions } from './regions.ts'
import { isSelected, type Selection, selectFromPlan } from './select.ts'
import { type AdoptChange, type Change, changesOf } from './writes.ts'

/** Manifests and how to compare them with a portal. */
export interface ProvisionOptions {
  readonly files: readonly string[]
  /** Instead of the portal that the manifests name. */
  readonly portal: string | undefined
  /** How many tenants that no file names may be deleted. */
  readonly maxDelete: number
  readonly selection: Selection
}

/** How to work on a portal. */
export interface WorkOptions extends DriveOptions, Omit<LeaseOptions, 'operation'> {
  /** Asked before a change that takes something away; throws when the answer is no. */
  readonly confirm: (plan: Plan) => Promise<void>
  readonly onRun: (run: Run) => void
}

export interface ApplyResult {
  readonly plan: Plan
  /** undefined for a dry run, and when there was nothing to do. */
  readonly applied: ApplyRun | undefined
  /** Networks first, then tenants; as in the plan. */
  readonly changes: readonly AppliedChange[]
}

/**
 * Compares the portal with manifests; writes nothing.
 * @throws OzgctlError 65 for what is wrong with the manifests, 64 when there is no register
 */
export async function planFiles(
  context: Context,
  store: Store,
  options: ProvisionOptions,
): Promise<SavedPlan> {
  const wanted = await readWanted(context, store, options)
  const driver = await openPortal(wanted.portal, { store, context })
  try {
    return await planWanted(context, wanted, driver, options)
  } finally {
    await driver.close()
  }
}

/** Makes the portal what the manifests say. */
export async function applyFiles(
  context: Context,
  store: Store,
  options: ProvisionOptions,
  work: WorkOptions,
): Promise<ApplyResult> {
  const wanted = await readWanted(context, store, options)
  return onPortal(context, store, wanted.portal, 'tenant apply', work, async (place) => {
    const { plan } = await planWanted(context, wanted, place.driver, options)
    return applyPlan(place, plan, work)
  })
}

/** Does what a saved plan says, if all that it was made from is still the same. */
export async function applyPlanFile(
  context: Context,
  store: Store,
  file: string,
  work: WorkOptions,
): Promise<ApplyResult> {
  const saved = await readPlanFile(context, file)
  return onPortal(context, store, saved.plan.portal, 'tenant apply', work, async (place) => {
    await refuseMoved(context, store, saved, place.driver)
    return applyPlan(place, saved.plan, work)
  })
}

/** What the same would do: nothing is changed. */
export async function dryRunPlanFile(context: Context, store: Store, file: string): Promise<ApplyResult> {
  const saved = await readPlanFile(context, file)
  const driver = await openPortal(saved.plan.portal, { store, context })
  try {
    await refuseMoved(context, store, saved, driver)
    return dryRun(saved.plan, changesOf(saved.plan))
  } finally {
    await driver.close()
  }
}

/** What applying a plan would do. */
export function dryRun(plan: Plan, changes: readonly Change[]): ApplyResult {
  return {
    plan,
    applied: undefined,
    changes: changes.map((change) => ({ change, outcome: 'planned', reason: null })),
  }
}

/** Takes tenants that the manifests name and the portal has under management. */
export async function adoptFiles(
  context: Context,
  store: Store,
  options: ProvisionOptions,
  work: WorkOptions,
): Promise<ApplyResult> {
  const wanted = await readWanted(context, store, options)
  return onPortal(context, store, wanted.portal, 'tenant adopt', work, async (place) => {
    const { plan } = await planWanted(context, wanted, place.driver, options)
    return runChanges(place, 'adopt', plan, adoptions(plan, options.selection), work)
  })
}

/** The changes of an adoption. */
export function adoptions({ unmanaged }: Plan, { limit }: Selection): readonly AdoptChange[] {
  return unmanaged
    .slice(0, limit ?? unmanaged.length)
    .map(({ value: { ars, name }, version }) => ({ kind: 'adopt', tenant: { ars, name }, expected: version }))
}

/**
 * Goes on with a run of changes.
 * @throws OzgctlError 64 when there is nothing left to do
 */
export async function resumeRun(
  context: Context,
  store: Store,
  run: Run,
  selection: ResumeSelection,
  work: Omit<WorkOptions, 'confirm' | 'onRun'>,
): Promise<DriveResult> {
  const { portal } = run.options as RunOptions
  return onPortal(context, store, portal, `run resume ${run.id}`, work, (place) =>
    resumeChanges(place, run.number, selection, work),
  )
}

/** What a portal has in one region, and the networks of that. */
export async function listTenants(context: Context, store: Store, portal: string, selection: Selection) {
  const driver = await openPortal(portal, { store, context })
  try {
    const state = await readPortal(driver)
    const tenants = state.tenants.filter(({ value }) => isSelected(value, selection))
    const accounts = new Set(tenants.map(({ value }) => value.account))
    const networks = state.networks.map(({ value }) => value)
    return {
      portal: driver.portal,
      networks: networks.filter(({ account }) => accounts.has(account)),
      tenants: tenants.slice(0, selection.limit ?? tenants.length),
    }
  } finally {
    await driver.close()
  }
}

/** A portal's networks and tenants; what a list is made of. */
export interface TenantList {
  readonly portal: string
  readonly networks: readonly Network[]
  readonly tenants: readonly Kept<Tenant>[]
}

/** Does some work as the only one on a portal. */
async function onPortal<T>(
  context: Context,
  store: Store,
  portal: string,
  operation: string,
  options: Pick<WorkOptions, 'leaseMs' | 'waitMs' | 'concurrency'>,
  work: (place: PortalWork) => Promise<T>,
): Promise<T> {
  const { leaseMs, waitMs, concurrency } = options
  const lease = await acquireLease(store, context, `portal/${portal}`, { leaseMs, waitMs, operation })
  try {
    // A request that is sent must be over before the lease is.
    const deadlineMs = Math.min(REQUEST_DEADLINE_MS, Math.floor(leaseMs / 3))
    const driver = await openPortal(portal, { store, context, deadlineMs, connections: concurrency })
    try {
      return await work({ store, context, lease, driver, deadlineMs })
    } finally {
      await driver.close()
    }
  } finally {
    await lease.release()
  }
}

async function applyPlan(place: PortalWork, plan: Plan, work: WorkOptions): Promise<ApplyResult> {
  await work.confirm(plan)
  return runChanges(place, 'apply', plan, changesOf(plan), work)
}

async function runChanges(
  place: PortalWork,
  kind: 'apply' | 'adopt',
  plan: Plan,
  changes: readonly Change[],
  work: WorkOptions,
): Promise<ApplyResult> {
  if (changes.length === 0) return { plan, applied: undefined, changes: [] }
  const applied = await applyChanges(place, kind, changes, work)
  return { plan, applied, changes: [...appliedChanges(place.store, applied.run.number)] }
}

interface Wanted {
  readonly portal: string
  readonly documents: readonly InputDocument[]
  readonly manifest: Awaited<ReturnType<typeof readManifests>>
  readonly regions: TenantRegions
}

async function readWanted(
  context: Context,
  store: Store,
  { files, portal }: ProvisionOptions,
): Promise<Wanted> {
  const regions = await loadTenantRegions(store)
  const documents = []
  for (const file of files) documents.push(await readDocument(file, context.stdin, MAX_MANIFEST_BYTES))
  const manifest = await readManifests(documents, regions)
  return { portal: portal ?? manifest.portal, documents, manifest, regions }
}

async function planWanted(
  context: Context,
  { documents, manifest, regions, portal }: Wanted,
  driver: PortalDriver,
  { files, maxDelete, selection }: ProvisionOptions,
): Promise<SavedPlan> {
  const state = await readPortal(driver)
  const formerKeys = await regions.newKeys(vanished(state, regions))
  const plan = planTenants({ ...manifest, portal }, state, { maxDelete, formerKeys })
  refuseMoves(plan, driver)
  return {
    createdAt: context.now().toISOString(),
    createdBy: `${context.actor}@${context.host}`,
    basis: {
      manifests: documents.map(({ text }, at) => ({ file: files[at] ?? '', sha256: sha256(text) })),
      register: regions.snapshot,
      portal: portalDigest(state),
    },
    plan: selectFromPlan(plan, selection),
  }
}

/** A portal that cannot give a tenant another key gets none that looks like it. */
function refuseMoves({ tenants }: Plan, { capabilities, portal }: PortalDriver): void {
  const moves = tenants.filter(({ kind }) => kind === 'move')
  if (capabilities.move || moves.length === 0) return
  throw new OzgctlError(
    'MOVE_UNSUPPORTED',
    `${moves.length} tenants got another key, and ${portal} cannot change keys; nothing was changed`,
    {
      exit: EXIT.badInput,
      suggestions: [
        ...moves
          .slice(0, 10)
          .map(
            (move) => `${'former' in move ? move.former.ars : ''} → ${move.tenant.ars}  ${move.tenant.name}`,
          ),
        'Create them under the new key and suspend the former ones, or change the external reference code in the portal.',
      ],
    },
  )
}

async function readPlanFile(context: Context, file: string): Promise<SavedPlan> {
  const document = await readDocument(file, context.stdin, MAX_PLAN_BYTES)
  return parsePlanFile(document.file, document.text)
}

async function refuseMoved(
  context: Context,
  store: Store,
  saved: SavedPlan,
  driver: PortalDriver,
): Promise<void> {
  const state = await readPortal(driver)
  const manifests = []
  for (const { file, sha256: former } of saved.basis.manifests)
    manifests.push(...(await digestNow(context, file, former)))
  const now: PlanBasis = {
    manifests,
    register: (await loadTenantRegions(store)).snapshot,
    portal: portalDigest(state),
  }
  refuseStale(saved, now, state)
}

/** Standard input cannot be read again and counts as unchanged. */
async function digestNow(context: Context, file: string, former: string) {
  if (file === '-') return [{ file, sha256: former }]
  try {
    return [{ file, sha256: sha256((await readDocument(file, context.stdin, MAX_MANIFEST_BYTES)).text) }]
  } catch {
    return []
  }
}

async function readPortal(driver: PortalDriver): Promise<PortalState> {
  const tenants = []
  for await (const page of driver.list()) tenants.push(...page)
  return { networks: await driver.networks(), tenants }
}

/** Keys of tenants that the register does not have any more. */
function vanished(portal: PortalState, regions: TenantRegions): readonly string[] {
  return portal.tenants.flatMap(({ value: { ars } }) => (regions.find(ars).ok ? [] : [ars]))
}
