import pLimit from 'p-limit'
import { redacted } from '../config/secret.ts'
import type { Context } from '../context.ts'
import type { PortalDriver } from '../portal/driver.ts'
import type { Tenant } from '../portal/model.ts'
import type { Store } from '../store/sqlite.ts'
import { withPortal } from '../tenant/open-portal.ts'
import { bindStep } from './bind-step.ts'
import type { Definition, StepDefinition } from './definition.ts'
import { refuseChanged } from './freeze.ts'
import { loadManifest, refuseOutside } from './load.ts'
import { busyTenant } from './read.ts'
import type { MigrationPlace } from './runs.ts'
import { selectTenants } from './select.ts'
import type { Check, Undoable } from './steps/step.ts'
import { pathsIn } from './template.ts'
import { wavesOf } from './waves.ts'
import { isOutage, Work } from './work.ts'

/** What a step would do for a tenant. */
export interface PlannedStep {
  readonly wave: number
  readonly tenant: Pick<Tenant, 'ars' | 'name'>
  readonly step: string
  readonly kind: string
  /**
   * `so`: nothing to do. `todo`: it would do something. `never`: it cannot. `unclear`: it could not be found out now.
   * `later`: it uses what an earlier step has yet to find out.
   */
  readonly outcome: Check['kind'] | 'later'
  /** For people, a line each. */
  readonly what: readonly string[]
  /** Whether it could be taken back. */
  readonly undo: Undoable
}

export interface MigrationPlan {
  readonly definition: Definition
  readonly portal: string
  /** Keys of each wave. */
  readonly waves: readonly (readonly string[])[]
  readonly steps: readonly PlannedStep[]
  /** A tenant that another run has not finished with. */
  readonly busy: { readonly run: number; readonly key: string } | undefined
}

/** Checks at once. */
const CONCURRENCY = 16

/**
 * Finds out what a migration would do, and writes nothing.
 * @throws OzgctlError 65 MIGRATION_FROZEN, what the manifest and the portal throw
 */
export async function planMigration(
  context: Context,
  store: Store,
  place: MigrationPlace,
  options: { readonly concurrency?: number | undefined; readonly signal: AbortSignal },
): Promise<MigrationPlan> {
  const { definition, folder, data } = place
  refuseChanged(store, definition)
  refuseOutside(definition, folder, data)
  const manifest = await loadManifest(store, definition, folder, data)
  const work = new Work({ context, store, run: undefined, manifest, folder, data })
  try {
    return await withPortal(place.portal, { store, context }, async (portal) => {
      const tenants = await selectTenants(definition, portal, work, place.selection)
      const { canary = 0, sizes = [] } = definition.waves ?? {}
      const waves = wavesOf(tenants, { canary, sizes })
      const limit = pLimit(options.concurrency ?? CONCURRENCY)
      context.progress.start('migration plan', tenants.length, 'items')
      let done = 0
      const planned = await Promise.all(
        waves.flatMap((wave, at) =>
          wave.map((tenant) =>
            limit(async () => {
              if (options.signal.aborted) return []
              const steps = await planTenant({ definition, portal, work, signal: options.signal }, tenant, at)
              context.progress.update(++done)
              return steps
            }),
          ),
        ),
      )
      context.progress.stop()
      const keys = tenants.map(({ ars }) => ars)
      return {
        definition,
        portal: place.portal,
        waves: waves.map((wave) => wave.map(({ ars }) => ars)),
        steps: planned.flat(),
        busy: busyTenant(store, 0, place.portal, keys),
      }
    })
  } finally {
    await work.close()
  }
}

interface Planning {
  readonly definition: Definition
  readonly portal: PortalDriver
  readonly work: Work
  readonly signal: AbortSignal
}

async function planTenant(
  { definition, portal, work, signal }: Planning,
  { ars, name }: Tenant,
  wave: number,
): Promise<readonly PlannedStep[]> {
  const planned: PlannedStep[] = []
  for (const step of definition.steps) {
    const row = { wave, tenant: { ars, name }, step: step.id, kind: step.kind }
    const undo = step.behaviour.undoable(step.written)
    if (needsOutputs(step)) {
      planned.push({ ...row, outcome: 'later', what: ['uses what an earlier step finds out'], undo })
      continue
    }
    try {
      const kept = await portal.get(ars)
      if (kept === undefined) throw new Error(`the portal lists ${ars} and does not have it`)
      const bound = await bindStep(step, { kept, portal, work, outputs: {}, ordinal: undefined })
      const found: Check = bound.ok
        ? await bound.value.check(signal)
        : { kind: 'never', reason: bound.reason }
      planned.push({ ...row, outcome: found.kind, what: whatOf(found).map(redacted), undo })
    } catch (error) {
      if (!isOutage(error)) throw error
      planned.push({ ...row, outcome: 'unclear', what: [redacted(error.message)], undo })
    }
  }
  return planned
}

const whatOf = (found: Check): readonly string[] =>
  found.kind === 'so' ? [] : found.kind === 'todo' ? found.what : [found.reason]

const needsOutputs = ({ written }: StepDefinition): boolean =>
  pathsIn(written).some((path) => path.startsWith('steps.'))
