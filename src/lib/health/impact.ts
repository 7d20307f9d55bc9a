import { readOzgLeistungen } from '../catalog/store.ts'
import type { Context } from '../context.ts'
import { activeSnapshot } from '../snapshot/snapshots.ts'
import type { Store } from '../store/sqlite.ts'
import { despiteStore } from './despite-store.ts'
import { type HealthResult, statusOfPart, type TenantRef } from './model.ts'

/** What a connector takes down that does not serve. */
export interface Impact {
  readonly connector: string
  /** Those that were asked for. */
  readonly tenants: readonly TenantRef[]
  readonly services: ServicesDown
}

/** Every online service of these tenants, or some of them; `none` where people notice nothing. */
export type ServicesDown =
  | { readonly which: 'all' | 'none' }
  | {
      readonly which: 'some'
      /** By id. The title is missing where no catalogue has it. */
      readonly ozg: readonly { readonly id: string; readonly title: string | null }[]
      /** LeiKa keys. */
      readonly leistungen: readonly string[]
    }

/** A result with what is down with it. */
export interface HealthImpact {
  readonly result: HealthResult
  /** By connector, in the order of the result. */
  readonly impact: readonly Impact[]
}

/** Works out what broken connectors take down, with titles from the active catalogue where there is one. */
export async function withImpact(
  context: Pick<Context, 'warn'>,
  store: Store,
  result: HealthResult,
): Promise<HealthImpact> {
  const broken = result.endpoints.filter((health) => statusOfPart(health, 'service') === 'critical')
  if (broken.length === 0) return { result, impact: [] }
  const titles = await despiteStore(
    context,
    store,
    'titles of services are missing',
    () => titlesIn(store),
    new Map<string, string>(),
  )
  const groups = Map.groupBy(broken, ({ endpoint }) => endpoint.connector)
  const impact = [...groups].map(([connector, found]) => ({
    connector,
    tenants: unique(found.flatMap(({ endpoint }) => endpoint.tenants)),
    services: servicesOf(found[0]?.endpoint.affects ?? 'none', titles),
  }))
  return { result, impact }
}

function servicesOf(
  affects: HealthResult['endpoints'][number]['endpoint']['affects'],
  titles: ReadonlyMap<string, string>,
): ServicesDown {
  if (affects === 'all' || affects === 'none') return { which: affects }
  const ozg = affects.ozg.map((id) => ({ id, title: titles.get(id) ?? null }))
  return { which: 'some', ozg, leistungen: affects.leistungen }
}

async function titlesIn(store: Store): Promise<ReadonlyMap<string, string>> {
  const active = await activeSnapshot(store, 'catalog')
  if (active === undefined) return new Map()
  return new Map((await readOzgLeistungen(store, active.rowId)).map(({ id, name }) => [id, name]))
}

const unique = (tenants: readonly TenantRef[]): readonly TenantRef[] => [
  ...new Map(tenants.map((tenant) => [tenant.ars, tenant])).values(),
]
