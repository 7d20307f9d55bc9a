/** How many tenants a wave takes: so many, or a share of all. */
export type WaveSize = { readonly count: number } | { readonly percent: number }

export interface WaveSizes {
  /** Tenants that go first and alone; 0 for none. */
  readonly canary: number
  /** Of the waves after it; the last is repeated until all have had their turn. */
  readonly sizes: readonly WaveSize[]
}

/**
 * Cuts tenants into waves, in their order; every tenant is in exactly one, and no wave is empty.
 * A share is of all tenants, rounded up, so that it is at least one.
 */
export function wavesOf<T>(tenants: readonly T[], { canary, sizes }: WaveSizes): readonly (readonly T[])[] {
  const waves: (readonly T[])[] = []
  let from = 0
  const take = (count: number): void => {
    waves.push(tenants.slice(from, from + count))
    from += count
  }
  if (canary > 0 && tenants.length > 0) take(canary)
  for (let wave = 0; from < tenants.length; wave++)
    take(countOf(sizes[Math.min(wave, sizes.length - 1)] ?? { percent: 100 }, tenants.length))
  return waves
}

const countOf = (size: WaveSize, all: number): number =>
  Math.max(1, 'count' in size ? size.count : Math.ceil((all * size.percent) / 100))

/** How many tenants may fail, over the whole run. */
export type Budget = WaveSize

/**
 * How many failed tenants a run bears: the next one after these stops it. A share is of all its tenants, rounded down: 0 %
 * bears none, 100 % bears all, and 5 % of 30 tenants bear one.
 */
export const failuresBorne = (budget: Budget, tenants: number): number =>
  'count' in budget ? budget.count : Math.floor((tenants * budget.percent) / 100)
