import type { Context } from '../context.ts'
import { type DriveResult, driveRun } from '../journal/drive.ts'
import type { DriveOptions } from '../journal/executor.ts'
import { beginOwnRun, type ResumeSelection, reopenRun } from '../journal/journal.ts'
import { acquireLease, deadlineUnder, type Lease, type LeaseOptions } from '../journal/lease.ts'
import type { NewItem, Run } from '../journal/model.ts'
import type { PortalDriver } from '../portal/driver.ts'
import { mirrorPortal } from '../portal/mirror.ts'
import type { Store } from '../store/sqlite.ts'
import { withPortal } from '../tenant/open-portal.ts'
import type { Selection } from '../tenant/select.ts'
import { approve } from './approvals.ts'
import { type Definition, definitionOf } from './definition.ts'
import { MigrationExecutor, type Settlements } from './executor.ts'
import { freeze, refuseChanged } from './freeze.ts'
import { approvalStep, openKeys, refuseBusy, refuseEnded, refuseSpent } from './guards.ts'
import { itemsOf } from './items.ts'
import { loadManifest, refuseOutside } from './load.ts'
import { ProgressOf, type TenantProgress } from './progress.ts'
import { type MigrationRunOptions, optionsOf } from './read.ts'
import { selectTenants } from './select.ts'
import { failuresBorne, wavesOf } from './waves.ts'
import { Work } from './work.ts'

/** How to work on a run of a migration. */
export interface MigrationWork
  extends Omit<DriveOptions, 'maxFailures' | 'onSettled'>,
    Omit<LeaseOptions, 'operation'> {
  /** Is told the run before anything is sent. */
  readonly onRun?: ((run: Run) => void) | undefined
  readonly onTenants?: ((progress: TenantProgress) => void) | undefined
}

/** Where a migration is to be run. */
export interface MigrationPlace {
  readonly definition: Definition
  /** Profile; what the definition names where it is undefined. */
  readonly portal: string
  readonly folder: string
  /** Folders outside of it that it may use. */
  readonly data: readonly string[]
  readonly selection: Selection
}

/** At once, where nobody says otherwise. */
const DEFAULT_CONCURRENCY = 16

/**
 * Begins a run of a migration and works on it.
 * @throws OzgctlError 65 MIGRATION_FROZEN, 64 SELECTION_EMPTY, 5 TENANT_BUSY
 */
export async function runMigration(
  context: Context,
  store: Store,
  place: MigrationPlace,
  work: MigrationWork & { readonly atLeastOnce: boolean },
): Promise<DriveResult> {
  const { definition, portal: name, folder, data } = place
  refuseChanged(store, definition)
  refuseOutside(definition, folder, data)
  return withPortal(name, access(context, store, work), async (portal) => {
    const tools = await toolsFor(context, store, place, undefined, work)
    const tenants = await selectTenants(definition, portal, tools, place.selection).finally(() =>
      tools.close(),
    )
    const options: MigrationRunOptions = {
      migration: definition.id,
      hash: definition.hash,
      document: definition.document,
      portal: name,
      folder,
      data,
      waves: wavesOf(tenants, {
        canary: definition.waves?.canary ?? 0,
        sizes: definition.waves?.sizes ?? [],
      }).length,
      tenants: tenants.length,
      atLeastOnce: work.atLeastOnce,
      of: null,
    }
    const lease = { leaseMs: work.leaseMs, operation: 'migration run' }
    const begun = await beginOwnRun(store, context, `migration/${definition.id}`, lease, {
      kind: 'migration',
      options,
      items: itemsOf(definition, tenants),
      before: (number) => {
        refuseBusy(
          store,
          number,
          name,
          tenants.map(({ ars }) => ars),
        )
        freeze(store, context, definition)
      },
    })
    return driveNew(begun, { context, store, portal, definition, options }, work)
  })
}

/** What the operator says when a run goes on. */
export interface ResumeOptions {
  readonly selection: ResumeSelection
  /** Ids of steps that are approved. */
  readonly approvals: readonly string[]
  readonly settlements: Settlements
  /** How many tenants may fail from here on altogether; undefined for what the migration says. */
  readonly budget: Definition['budget'] | undefined
}

/**
 * Goes on with a run of a migration or of a rollback, at the step and record where it stopped.
 * @throws OzgctlError 64 RUN_ENDED, STEP_UNKNOWN, APPROVAL_OWN; 4 BUDGET_SPENT; 5 SCOPE_LOCKED, TENANT_BUSY
 */
export async function resumeMigration(
  context: Context,
  store: Store,
  run: Run,
  resume: ResumeOptions,
  work: MigrationWork,
): Promise<DriveResult> {
  const options = optionsOf(run)
  const definition = await definitionOf(options.document)
  refuseEnded(run, resume.selection)
  refuseSpent(run, definition, options, resume)
  for (const id of resume.approvals) await approve(store, context, run, approvalStep(definition, id))
  return underLease(context, store, run.scope, `migration resume ${run.id}`, work, (lease) =>
    withPortal(options.portal, access(context, store, work), async (portal) => {
      refuseBusy(store, run.number, options.portal, openKeys(store, run, resume.selection))
      const reopened = await reopenRun(store, context, lease, run.number, resume.selection)
      work.onRun?.(reopened)
      const limited = resume.budget === undefined ? definition : { ...definition, budget: resume.budget }
      return drive(
        { context, store, lease, run: reopened, portal, definition: limited, options },
        work,
        resume.settlements,
      )
    }),
  )
}

/** Begins a run of items that take steps back, and works on it. */
export async function runUndo(
  context: Context,
  store: Store,
  of: Run,
  items: readonly NewItem[],
  keys: readonly string[],
  work: MigrationWork,
  before: (run: number) => void,
): Promise<DriveResult> {
  const former = optionsOf(of)
  const definition = await definitionOf(former.document)
  const options: MigrationRunOptions = { ...former, tenants: keys.length, of: of.number }
  const operation = `migration rollback ${of.id}`
  // Nobody may go on with the run while it is taken back.
  return underLease(context, store, of.scope, operation, work, () =>
    withPortal(former.portal, access(context, store, work), async (portal) => {
      const lease = { leaseMs: work.leaseMs, operation }
      const begun = await beginOwnRun(store, context, `rollback/${former.migration}`, lease, {
        kind: 'rollback',
        options,
        items,
        before: (number) => {
          before(number)
          refuseBusy(store, number, former.portal, keys)
        },
      })
      const lenient: Definition = { ...definition, budget: { percent: 100 } }
      return driveNew(begun, { context, store, portal, definition: lenient, options }, work)
    }),
  )
}

/** Works on a run that has just begun, and gives its scope back. */
async function driveNew(
  { run, lease }: Pick<Drive, 'run' | 'lease'>,
  place: Omit<Drive, 'run' | 'lease'>,
  work: MigrationWork,
): Promise<DriveResult> {
  try {
    work.onRun?.(run)
    return await drive({ ...place, run, lease }, work, new Map())
  } finally {
    await lease.release()
  }
}

interface Drive {
  readonly context: Context
  readonly store: Store
  readonly lease: Lease
  readonly run: Run
  readonly portal: PortalDriver
  readonly definition: Definition
  readonly options: MigrationRunOptions
}

async function drive(
  { context, store, lease, run, portal, definition, options }: Drive,
  work: MigrationWork,
  settlements: Settlements,
): Promise<DriveResult> {
  const place = { ...options, definition, portal: options.portal }
  const tools = await toolsFor(context, store, place, run.number, work)
  const progress = new ProgressOf(store, run, options.tenants, work.onTenants)
  const executor = new MigrationExecutor(definition, portal, tools, run.number, {
    concurrency: work.concurrency ?? DEFAULT_CONCURRENCY,
    deadlineMs: deadlineUnder(work),
    settlements,
    source: options.of ?? run.number,
    onRecords: (ordinal, done) => progress.records(ordinal, done),
    finish: (stop) => mirrorPortal(store, portal, { guard: () => lease.renewNow(), stop }),
  })
  try {
    const borne = failuresBorne(definition.budget, options.tenants)
    return await driveRun(store, context, lease, run, executor, {
      ...work,
      concurrency: work.concurrency ?? DEFAULT_CONCURRENCY,
      maxFailures: () => (borne >= options.tenants ? undefined : borne + 1),
      onSettled: (item, outcome) => progress.settled(item, outcome),
    })
  } finally {
    await tools.close()
  }
}

async function toolsFor(
  context: Context,
  store: Store,
  {
    definition,
    folder,
    data,
    atLeastOnce = false,
  }: Pick<MigrationPlace, 'definition' | 'folder' | 'data'> & { readonly atLeastOnce?: boolean },
  run: number | undefined,
  work: Pick<MigrationWork, 'leaseMs'>,
): Promise<Work> {
  const manifest = await loadManifest(store, definition, folder, data)
  return new Work({
    context,
    store,
    run,
    manifest,
    folder,
    data,
    atLeastOnce,
    deadlineMs: deadlineUnder(work),
  })
}

const access = (context: Context, store: Store, { leaseMs, concurrency }: MigrationWork) => ({
  store,
  context,
  deadlineMs: deadlineUnder({ leaseMs }),
  connections: concurrency ?? DEFAULT_CONCURRENCY,
})

async function underLease<T>(
  context: Context,
  store: Store,
  scope: string,
  operation: string,
  { leaseMs, waitMs }: Pick<MigrationWork, 'leaseMs' | 'waitMs'>,
  work: (lease: Lease) => Promise<T>,
): Promise<T> {
  const lease = await acquireLease(store, context, scope, { leaseMs, waitMs, operation })
  try {
    return await work(lease)
  } finally {
    await lease.release()
  }
}
