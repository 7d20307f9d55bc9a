import type { Context } from '../context.ts'
import type { Effect, Run, RunItem } from '../journal/model.ts'
import { runNow } from '../journal/now.ts'
import { readEffects, readItems } from '../journal/read.ts'
import type { Store } from '../store/sqlite.ts'
import { type Approval, approvalsOf } from './approvals.ts'
import type { UndoInput } from './executor.ts'
import { type ItemInput, waveOfJournal } from './items.ts'
import { type MigrationRunOptions, optionsOf, rollbacksOf, undoneItems } from './read.ts'
import { type TransferReport, transferReports } from './records/report.ts'

/**
 * How far a tenant is: `open` is not begun or on its way, `done` has had all of its steps, `undone` has had them taken
 * back, `left` was cancelled before its end.
 */
export type TenantState = 'open' | 'done' | 'failed' | 'undone' | 'left'

export interface StepStatus {
  readonly step: string
  readonly ordinal: number
  readonly state: RunItem['state'] | 'undone'
  readonly attempts: number
  readonly reason: string | null
  /** ISO 8601, UTC; null where it has not begun, or not ended. */
  readonly startedAt: string | null
  readonly endedAt: string | null
}

export interface TenantStatus {
  /** As it was when the run began. */
  readonly ars: string
  readonly name: string
  /** Counted from 1. */
  readonly wave: number
  readonly state: TenantState
  readonly steps: readonly StepStatus[]
}

export interface MigrationStatus {
  readonly run: Run
  readonly holder: string | undefined
  readonly options: MigrationRunOptions
  readonly tenants: readonly TenantStatus[]
  /** What lies between waves. */
  readonly between: readonly {
    readonly wave: number
    readonly part: string
    readonly state: RunItem['state']
    readonly reason: string | null
  }[]
  /** Why tenants failed, the most frequent first. */
  readonly causes: readonly {
    readonly step: string
    readonly reason: string
    readonly tenants: readonly string[]
  }[]
  readonly approvals: readonly Approval[]
  readonly transfers: readonly TransferReport[]
  /** Rollbacks of this run. */
  readonly rollbacks: readonly Run[]
}

/** How far a run of a migration is, tenant by tenant. */
export async function statusOf(store: Store, context: Context, id: string): Promise<MigrationStatus> {
  const { run, holder } = await runNow(store, context, id)
  const effects = Map.groupBy(readEffects(store, run.number), ({ ordinal }) => ordinal)
  const undone = await undoneItems(store, run.number)
  const items = [...readItems(store, run.number)]
  const isBetween = ({ input }: RunItem): boolean => (input as ItemInput | UndoInput).kind === 'between'
  const steps = items.filter((item) => !isBetween(item))
  const tenants = [...Map.groupBy(steps, ({ key, wave }) => `${wave} ${key}`).values()].map((own) =>
    tenantStatus(own, effects, undone),
  )
  return {
    run,
    holder,
    options: optionsOf(run),
    tenants,
    between: items.filter(isBetween).map(({ wave, action, state, reason }) => ({
      wave: waveOfJournal(wave) + 1,
      part: action,
      state,
      reason,
    })),
    causes: causesOf(tenants),
    approvals: approvalsOf(store, run.number),
    transfers: transferReports(store, run.number, items),
    rollbacks: await rollbacksOf(store, run.number),
  }
}

function tenantStatus(
  items: readonly RunItem[],
  effects: ReadonlyMap<number, readonly Effect[]>,
  undone: ReadonlySet<number>,
): TenantStatus {
  const [first] = items
  const steps = items.map(({ action, ordinal, state, attempts, reason }): StepStatus => {
    const own = effects.get(ordinal) ?? []
    return {
      step: action,
      ordinal,
      state: undone.has(ordinal) ? 'undone' : state,
      attempts,
      reason,
      startedAt: own[0]?.intentAt ?? null,
      endedAt: own.at(-1)?.outcomeAt ?? null,
    }
  })
  return {
    ars: first?.key ?? '',
    name: first?.name ?? '',
    wave: waveOfJournal(first?.wave ?? 0) + 1,
    state: stateOf(steps),
    steps,
  }
}

function stateOf(steps: readonly StepStatus[]): TenantState {
  const has = (...states: readonly StepStatus['state'][]): boolean =>
    steps.some(({ state }) => states.includes(state))
  if (has('failed')) return 'failed'
  if (has('undone')) return 'undone'
  if (has('pending', 'running', 'unknown')) return 'open'
  return has('cancelled') ? 'left' : 'done'
}

function causesOf(tenants: readonly TenantStatus[]): MigrationStatus['causes'] {
  const failed = tenants.flatMap(({ name, steps }) =>
    steps
      .filter(({ state }) => state === 'failed')
      .map(({ step, reason }) => ({ step, reason: reason ?? '', name })),
  )
  return [...Map.groupBy(failed, ({ step, reason }) => `${step}\n${reason}`).values()]
    .map((all) => ({
      step: all[0]?.step ?? '',
      reason: all[0]?.reason ?? '',
      tenants: all.map(({ name }) => name),
    }))
    .sort((a, b) => b.tenants.length - a.tenants.length)
}
