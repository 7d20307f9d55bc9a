import type { Context } from '../context.ts'
import { OzgctlError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { type InputDocument, readDocument } from '../input/document.ts'
import type { PortalDriver, PortalState } from '../portal/driver.ts'
import type { Tenant } from '../portal/model.ts'
import type { Store } from '../store/sqlite.ts'
import { MAX_MANIFEST_BYTES, type Manifest, readManifests } from './manifest.ts'
import { withPortal } from './open-portal.ts'
import { type Plan, planTenants } from './plan.ts'
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
import { type Selection, unknownKeys } from './select.ts'
import { selectFromPlan } from './select-from-plan.ts'

/** Manifests and how to compare them with a portal. */
export interface ProvisionOptions {
  readonly files: readonly string[]
  /** Instead of the portal that the manifests name. */
  readonly portal: string | undefined
  /** How many tenants that no file names may be deleted. */
  readonly maxDelete: number
  readonly selection: Selection
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
  return withPortal(
    wanted.portal,
    { store, context },
    async (driver) => (await planWanted(context, wanted, driver, options)).saved,
  )
}

/** Manifests that were read, and the register they were checked against. */
export interface Wanted {
  readonly portal: string
  readonly documents: readonly InputDocument[]
  readonly manifest: Manifest
  readonly regions: TenantRegions
}

/** Reads and checks manifests. */
export async function readWanted(
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

/** A plan, and what the portal had when it was made. */
export interface Planned {
  readonly saved: SavedPlan
  readonly state: PortalState
}

/** Compares them with a portal. */
export async function planWanted(
  context: Context,
  { documents, manifest, regions, portal }: Wanted,
  driver: PortalDriver,
  { files, maxDelete, selection }: ProvisionOptions,
): Promise<Planned> {
  const state = await readPortal(driver)
  const known = [...manifest.tenants.map(({ tenant }) => tenant), ...state.tenants.map(({ value }) => value)]
  warnOfUnknownKeys(context, selection, known)
  const places = await driver.places(managedOf(state, manifest))
  const formerKeys = await regions.newKeys(vanished(state, regions))
  const plan = planTenants({ ...manifest, portal }, { ...state, places }, { maxDelete, formerKeys })
  refuseMoves(plan, driver)
  const saved: SavedPlan = {
    createdAt: context.now().toISOString(),
    createdBy: `${context.actor}@${context.host}`,
    basis: {
      manifests: documents.map(({ text }, at) => ({ file: files[at] ?? '', sha256: sha256(text) })),
      register: regions.snapshot,
      portal: portalDigest(state),
    },
    plan: selectFromPlan(
      plan,
      manifest.tenants.map(({ tenant }) => tenant),
      selection,
    ),
  }
  return { saved, state }
}

/** Of several keys that are mistyped nobody would miss the tenants. */
function warnOfUnknownKeys(context: Context, selection: Selection, known: readonly Tenant[]): void {
  const unknown = unknownKeys(selection, known)
  if (unknown.length > 0)
    context.warn(
      `--from-file: ${unknown.length} keys belong to no tenant: ${unknown.slice(0, 8).join(', ')}${unknown.length > 8 ? ', …' : ''}`,
    )
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

/** @throws OzgctlError 65 PLAN_INVALID */
export async function readPlanFile(context: Context, file: string): Promise<SavedPlan> {
  const document = await readDocument(file, context.stdin, MAX_PLAN_BYTES)
  return parsePlanFile(document.file, document.text)
}

/**
 * Reads the portal for a saved plan.
 * @throws OzgctlError 65 PLAN_STALE when what a plan was made from has moved
 */
export async function refuseMoved(
  context: Context,
  store: Store,
  saved: SavedPlan,
  driver: PortalDriver,
): Promise<PortalState> {
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
  return state
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

/** All that a portal has. */
export async function readPortal(driver: PortalDriver): Promise<PortalState> {
  const tenants = []
  for await (const page of driver.list()) tenants.push(...page)
  return { networks: await driver.networks(), tenants }
}

/** The tenants that ozgctl manages and the manifest names. */
function managedOf({ tenants }: PortalState, manifest: Manifest): readonly Tenant[] {
  const named = new Set(manifest.tenants.map(({ tenant }) => tenant.ars))
  return tenants.flatMap(({ managed, value }) => (managed && named.has(value.ars) ? [value] : []))
}

/** Keys of tenants that the register does not have any more. */
function vanished(portal: PortalState, regions: TenantRegions): readonly string[] {
  return portal.tenants.flatMap(({ value: { ars } }) => (regions.find(ars).ok ? [] : [ars]))
}
