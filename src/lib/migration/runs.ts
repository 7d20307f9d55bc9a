import type { Context } from '../context.ts'
import { OzgctlError, usageError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { type DriveResult, driveRun } from '../journal/drive.ts'
import type { DriveOptions } from '../journal/executor.ts'
import { beginRun, type ResumeSelection, reopenRun } from '../journal/journal.ts'
import { acquireLease, type Lease, type LeaseOptions } from '../journal/lease.ts'
import { type ClaimedItem, type ItemOutcome, type NewItem, type Run, runId } from '../journal/model.ts'
import { listRuns } from '../journal/read.ts'
import type { PortalDriver } from '../portal/driver.ts'
import { mirrorPortal } from '../portal/mirror.ts'
import type { Store } from '../store/sqlite.ts'
import { withPortal } from '../tenant/open-portal.ts'
import type { Selection } from '../tenant/select.ts'
import { approve } from './approvals.ts'
import { type Definition, definitionOf } from './definition.ts'
import { MigrationExecutor, type Settlements } from './executor.ts'
import { freeze, refuseChanged } from './freeze.ts'
import { itemsOf } from './items.ts'
import { loadManifest } from './load.ts'
import { busyTenant, type MigrationRunOptions, optionsOf } from './read.ts'
import { selectTenants } from './select.ts'
import { failuresBorne, wavesOf } from './waves.ts'
import { REQUEST_DEADLINE_MS, Work } from './work.ts'

/** How to work on a run of a migration. */
export interface MigrationWork
  extends Omit<DriveOptions, 'maxFailures' | 'onSettled'>,
    Omit<LeaseOptions, 'operation'> {
  /** Is told the run before anything is sent. */
  readonly onRun?: ((run: Run) => void) | undefined
  readonly onTenants?: ((progress: TenantProgress) => void) | undefined
}

/** How far a run is. */
export interface TenantProgress {
  /** Tenants that are finished, one way or the other, of all. */
  readonly finished: number
  readonly tenants: number
  readonly failed: number
  /** Records of all transfers of this process. */
  readonly records: number
  /** How many tenants failed, by cause. */
  readonly causes: ReadonlyMap<string, number>
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
 * @throws OzgctlError 65 MIGRATION_FROZEN, 64 MIGRATION_EMPTY, 5 TENANT_BUSY
 */
export async function runMigration(
  context: Context,
  store: Store,
  place: MigrationPlace,
  work: MigrationWork & { readonly atLeastOnce: boolean },
): Promise<DriveResult> {
  const { definition, portal: name, folder, data } = place
  refuseChanged(store, definition)
  const scope = await newScope(store, `migration/${definition.id}`)
  return underLease(context, store, scope, 'migration run', work, (lease) =>
    withPortal(name, access(context, store, work), async (portal) => {
      const tools = await toolsFor(context, store, place, undefined, work)
      const tenants = await selectTenants(definition, portal, tools, place.selection)
      await tools.close()
      if (tenants.length === 0)
        throw usageError('MIGRATION_EMPTY', 'there is no tenant that this migration is about', [
          'See whom it selects: ozgctl migration plan FILE',
        ])
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
      const run = await beginRun(store, context, lease, {
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
      work.onRun?.(run)
      return drive({ context, store, lease, run, portal, definition, options }, work, new Map())
    }),
  )
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
  const scope = await newScope(store, `rollback/${former.migration}`)
  // Nobody may go on with the run while it is taken back.
  return underLease(context, store, of.scope, `migration rollback ${of.id}`, work, () =>
    underLease(context, store, scope, `migration rollback ${of.id}`, work, (lease) =>
      withPortal(former.portal, access(context, store, work), async (portal) => {
        const run = await beginRun(store, context, lease, {
          kind: 'rollback',
          options,
          items,
          before: (number) => {
            before(number)
            refuseBusy(store, number, former.portal, keys)
          },
        })
        work.onRun?.(run)
        const lenient: Definition = { ...definition, budget: { percent: 100 } }
        return drive({ context, store, lease, run, portal, definition: lenient, options }, work, new Map())
      }),
    ),
  )
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
    deadlineMs: deadlineFor(work),
    settlements,
    source: options.of ?? run.number,
    onRecords: (ordinal, done) => progress.records(ordinal, done),
  })
  try {
    const borne = failuresBorne(definition.budget, options.tenants)
    const result = await driveRun(store, context, lease, run, executor, {
      ...work,
      concurrency: work.concurrency ?? DEFAULT_CONCURRENCY,
      maxFailures: () => (borne >= options.tenants ? undefined : borne + 1),
      onSettled: (item, outcome) => progress.settled(item, outcome),
    })
    if (result.stopped === undefined) await mirrorPortal(store, portal)
    return result
  } finally {
    await tools.close()
  }
}

async function toolsFor(
  context: Context,
  store: Store,
  { definition, folder, data }: Pick<MigrationPlace, 'definition' | 'folder' | 'data'>,
  run: number | undefined,
  work: Pick<MigrationWork, 'leaseMs'>,
): Promise<Work> {
  const manifest = await loadManifest(store, definition, folder, data)
  return new Work({ context, store, run, manifest, folder, data, deadlineMs: deadlineFor(work) })
}

/** A request that is sent must be over before the lease is. */
const deadlineFor = ({ leaseMs }: Pick<MigrationWork, 'leaseMs'>): number =>
  Math.min(REQUEST_DEADLINE_MS, Math.floor(leaseMs / 3))

const access = (context: Context, store: Store, { leaseMs, concurrency }: MigrationWork) => ({
  store,
  context,
  deadlineMs: deadlineFor({ leaseMs }),
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

/** Each run has a scope of its own: runs on other tenants do not wait for it, and none is superseded. */
async function newScope(store: Store, prefix: string): Promise<string> {
  const before = (await listRuns(store)).filter(({ scope }) => scope.startsWith(`${prefix}#`)).length
  return `${prefix}#${before + 1}`
}

function refuseBusy(store: Store, run: number, portal: string, keys: readonly string[]): void {
  const busy = busyTenant(store, run, portal, keys)
  if (busy === undefined) return
  const id = runId(busy.run)
  throw new OzgctlError(
    'TENANT_BUSY',
    `${id} has not finished with tenant ${busy.key}; nothing was changed`,
    {
      exit: EXIT.locked,
      suggestions: [
        `See how far it is: ozgctl migration status ${id}`,
        `Let it go on: ozgctl migration resume ${id}`,
        `Or end it for good: ozgctl run cancel ${id}`,
      ],
    },
  )
}

function openKeys(store: Store, run: Run, selection: ResumeSelection): readonly string[] {
  const states = selection === 'failed' ? "('failed')" : "('pending', 'running', 'unknown')"
  return store.db
    .prepare(`SELECT DISTINCT item_key FROM run_item WHERE run = ? AND state IN ${states}`)
    .all(run.number)
    .map(({ item_key }) => String(item_key))
}

function refuseEnded(run: Run, selection: ResumeSelection): void {
  const { pending, running, unknown, failed } = run.counts
  const left = selection === 'failed' ? failed : pending + running + unknown
  if (left > 0 && run.state !== 'cancelled' && run.state !== 'superseded') return
  throw usageError(
    'RUN_ENDED',
    selection === 'failed'
      ? `nothing has failed in ${run.id} (${run.state})`
      : `${run.id} has ended (${run.state}); there is nothing left to do`,
    failed > 0 ? [`Try what failed again: ozgctl migration retry ${run.id}`] : [],
  )
}

/** A budget holds for the whole run: it is not new with each resume. */
function refuseSpent(
  run: Run,
  { budget }: Definition,
  { tenants, of }: MigrationRunOptions,
  resume: ResumeOptions,
): void {
  const borne = failuresBorne(resume.budget ?? budget, tenants)
  const { failed } = run.counts
  if (of !== null || resume.selection === 'failed' || failed <= borne) return
  throw new OzgctlError('BUDGET_SPENT', `${failed} tenants of ${run.id} have failed, ${borne} are borne`, {
    exit: EXIT.unmet,
    suggestions: [
      `Mend the cause, then: ozgctl migration retry ${run.id}`,
      `Or bear more: ozgctl migration resume ${run.id} --budget ${failed}`,
    ],
  })
}

function approvalStep({ steps }: Definition, id: string) {
  const step = steps.find((one) => one.id === id && one.kind === 'approve')
  if (step !== undefined) return { id, byAnother: step.written.by === 'another' }
  const known = steps.filter(({ kind }) => kind === 'approve').map((one) => one.id)
  throw usageError('STEP_UNKNOWN', `there is no step "${id}" to approve`, [
    known.length === 0 ? 'This migration asks nobody.' : `There are: ${known.join(', ')}.`,
  ])
}

/** Counts tenants as their items are settled. */
class ProgressOf {
  readonly #tell: ((progress: TenantProgress) => void) | undefined
  readonly #tenants: number
  /** Open items by tenant. */
  readonly #open: Map<string, number>
  readonly #records = new Map<number, number>()
  readonly #causes = new Map<string, number>()
  #failed: number

  constructor(
    store: Store,
    run: Run,
    tenants: number,
    tell: ((progress: TenantProgress) => void) | undefined,
  ) {
    this.#tell = tell
    this.#tenants = tenants
    this.#failed = run.counts.failed
    const rows = tell === undefined ? [] : openByTenant(store, run.number)
    this.#open = new Map(rows)
  }

  settled({ key, input }: ClaimedItem, outcome: ItemOutcome): void {
    if (this.#tell === undefined || (input as { kind: string }).kind === 'between') return
    if (outcome.kind === 'later' || outcome.kind === 'unknown') return
    const left = (this.#open.get(key) ?? 1) - 1
    if (outcome.kind === 'failed') {
      this.#failed++
      this.#causes.set(outcome.reason, (this.#causes.get(outcome.reason) ?? 0) + 1)
    }
    if (outcome.kind === 'failed' || left === 0) this.#open.delete(key)
    else this.#open.set(key, left)
    this.#now()
  }

  records(ordinal: number, done: number): void {
    this.#records.set(ordinal, done)
    this.#now()
  }

  #now(): void {
    this.#tell?.({
      finished: this.#tenants - this.#open.size,
      tenants: this.#tenants,
      failed: this.#failed,
      records: [...this.#records.values()].reduce((sum, done) => sum + done, 0),
      causes: this.#causes,
    })
  }
}

function openByTenant(store: Store, run: number): readonly (readonly [string, number])[] {
  return store.db
    .prepare(
      `SELECT item_key, count(*) AS n FROM run_item
       WHERE run = ? AND wave % 2 = 0 AND state IN ('pending', 'running', 'unknown') GROUP BY item_key`,
    )
    .all(run)
    .map(({ item_key, n }) => [String(item_key), Number(n)] as const)
}
