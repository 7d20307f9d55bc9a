import type { ClaimedItem, ItemOutcome, Run } from '../journal/model.ts'
import type { Store } from '../store/sqlite.ts'

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

/** Counts tenants as their items are settled. */
export class ProgressOf {
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
    const hasFailed = outcome.kind === 'failed' || outcome.kind === 'asked'
    if (hasFailed) {
      this.#failed++
      this.#causes.set(outcome.reason, (this.#causes.get(outcome.reason) ?? 0) + 1)
    }
    if (hasFailed || left === 0) this.#open.delete(key)
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
