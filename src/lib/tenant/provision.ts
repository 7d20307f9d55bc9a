import type { Context } from '../context.ts'
import { unreachable } from '../errors.ts'
import { readDocument } from '../input/document.ts'
import type { PortalDriver } from '../portal/driver.ts'
import { LocalPortal } from '../portal/local.ts'
import type { Store } from '../store/sqlite.ts'
import { type ApplyResult, applyPlan, dryRun } from './apply.ts'
import { MAX_MANIFEST_BYTES, type Manifest, readManifests } from './manifest.ts'
import { type Plan, type PortalState, planTenants } from './plan.ts'
import { loadTenantRegions, type TenantRegions } from './regions.ts'

export interface ProvisionOptions {
  readonly files: readonly string[]
  /** How many tenants that no file names may be deleted. */
  readonly maxDelete: number
}

/**
 * Compares the portal with manifests; writes nothing.
 * @throws OzgctlError 65 for what is wrong with the manifests, 64 when there is no register
 */
export async function planFiles(context: Context, store: Store, options: ProvisionOptions): Promise<Plan> {
  return (await prepare(context, store, options)).plan
}

/** Makes the portal what the manifests say. @param onDone see `applyPlan` */
export async function applyFiles(
  context: Context,
  store: Store,
  options: ProvisionOptions & { readonly dryRun: boolean },
  onDone: (done: number, total: number) => void,
): Promise<ApplyResult> {
  const { plan, driver } = await prepare(context, store, options)
  if (options.dryRun) return dryRun(plan)
  const total = plan.networks.length + plan.tenants.length
  onDone(0, total)
  return applyPlan(driver, plan, (done) => onDone(done, total))
}

async function prepare(context: Context, store: Store, options: ProvisionOptions) {
  const regions = await loadTenantRegions(store)
  const documents = []
  for (const file of options.files)
    documents.push(await readDocument(file, context.stdin, MAX_MANIFEST_BYTES))
  const manifest = await readManifests(documents, regions)
  const driver = openPortal(manifest.portal, store, context)
  const portal = await readPortal(driver)
  const formerKeys = await regions.newKeys(vanished(portal, regions))
  return { driver, plan: planTenants(manifest, portal, { maxDelete: options.maxDelete, formerKeys }) }
}

/**
 * What the local portal has in one region, and the networks of that.
 * @param prefix key of the region; empty for all
 */
export async function listTenants(context: Context, store: Store, prefix: string) {
  const driver = openPortal('local', store, context)
  const portal = await readPortal(driver)
  const tenants = portal.tenants.filter((tenant) => tenant.value.ars.startsWith(prefix))
  const accounts = new Set(tenants.map((tenant) => tenant.value.account))
  const networks = portal.networks.map((network) => network.value)
  return { portal: driver.portal, networks: networks.filter(({ account }) => accounts.has(account)), tenants }
}

/** The driver of the portal that a manifest names. */
function openPortal(portal: Manifest['portal'], store: Store, context: Context): PortalDriver {
  switch (portal) {
    case 'local':
      return new LocalPortal(store, portal, context)
    default:
      return unreachable(portal)
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
