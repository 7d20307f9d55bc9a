import { diffCatalogs } from '../catalog/diff.ts'
import { readCatalog } from '../catalog/store.ts'
import type { Context } from '../context.ts'
import { usageError } from '../errors.ts'
import { diffRegions, type RegionChange } from '../register/diff.ts'
import { readRegions } from '../register/store.ts'
import { snapshotPair } from '../snapshot/snapshots.ts'
import type { Store } from '../store/sqlite.ts'
import { withPortal } from '../tenant/open-portal.ts'
import { type Superseded, supersededKeys } from './superseded.ts'

/** A migration that is yet to be reviewed. */
export interface Draft {
  readonly id: string
  readonly portal: string
  /** Who had it written. */
  readonly author: string
  readonly regions: RegionDraft | undefined
  readonly leistungen: (Superseded & { readonly from: string; readonly to: string }) | undefined
}

interface RegionDraft {
  /** Names of the snapshots. */
  readonly from: string
  readonly to: string
  /** Key changes of tenants of the portal. */
  readonly tenants: readonly RegionChange[]
  /** Key changes of others. */
  readonly others: number
  /** Tenants whose regions are gone, and have no successor that can be told. */
  readonly dissolved: readonly { readonly key: string; readonly name: string }[]
}

export interface DraftOptions {
  readonly portal: string
  readonly catalog: boolean
  readonly region: boolean
  /** Snapshots; the last two where none are named. */
  readonly from: string | undefined
  readonly to: string | undefined
}

/**
 * Finds out what two snapshots mean for the tenants of a portal.
 * @throws OzgctlError 64 DRAFT_EMPTY where it means nothing for them, DRAFT_SNAPSHOTS
 */
export async function draftMigration(context: Context, store: Store, options: DraftOptions): Promise<Draft> {
  const { portal, from, to } = options
  if (options.catalog && options.region && from !== undefined)
    throw usageError('DRAFT_SNAPSHOTS', 'snapshots are of one kind: name them with one of the two flags', [
      'With both flags the last two snapshots of each kind are compared.',
    ])
  const regions = options.region ? await draftRegions(context, store, portal, from, to) : undefined
  const leistungen = options.catalog ? await draftLeistungen(store, from, to) : undefined
  const changes =
    (regions?.tenants.length ?? 0) + (leistungen?.certain.length ?? 0) + (leistungen?.undecided.length ?? 0)
  if (changes === 0)
    throw usageError('DRAFT_EMPTY', `nothing that changed concerns a tenant of the portal ${portal}`, [
      'See what changed: ozgctl region diff, ozgctl catalog diff',
    ])
  const names = [
    regions === undefined ? [] : `region-${regions.to.replace('region-', '')}`,
    leistungen === undefined ? [] : leistungen.to,
  ].flat()
  return { id: `${names.join('-')}-keys`, portal, author: context.actor, regions, leistungen }
}

async function draftRegions(
  context: Context,
  store: Store,
  portal: string,
  first: string | undefined,
  second: string | undefined,
): Promise<RegionDraft> {
  const [from, to] = await snapshotPair(store, 'region', first, second)
  const diff = diffRegions(await readRegions(store, from.rowId), await readRegions(store, to.rowId))
  const keys = new Set<string>()
  await withPortal(portal, { store, context }, async (driver) => {
    for await (const page of driver.list()) for (const { value } of page) keys.add(value.ars)
  })
  const tenants = diff.keyChanged.filter((change) => keys.has(change.from.key))
  return {
    from: from.id,
    to: to.id,
    tenants,
    others: diff.keyChanged.length - tenants.length,
    dissolved: diff.dissolved.filter(({ key }) => keys.has(key)),
  }
}

async function draftLeistungen(store: Store, first: string | undefined, second: string | undefined) {
  const [from, to] = await snapshotPair(store, 'catalog', first, second)
  const diff = diffCatalogs(await readCatalog(store, from.rowId), await readCatalog(store, to.rowId))
  return { ...supersededKeys(diff), from: from.id, to: to.id }
}
