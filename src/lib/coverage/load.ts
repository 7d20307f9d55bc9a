import { readBundles, readOzgLeistungen, readTypen } from '../catalog/store.ts'
import type { BrokenNow } from '../health/read.ts'
import type { LeikaKey } from '../leika/key.ts'
import { ServiceCatalog } from '../network/services.ts'
import { readOverlay, withOverlay } from '../offer/remap.ts'
import { type RegionCells, readOfferKeys, readRegionCells } from '../offer/store.ts'
import { readTenants } from '../portal/tenant-store.ts'
import { readRegionKeys } from '../register/store.ts'
import { requireActive, type Snapshot } from '../snapshot/snapshots.ts'
import type { Store } from '../store/sqlite.ts'
import { Matrix, type Rule } from './matrix.ts'
import { Portals } from './portals.ts'
import { type ScopeChoice, type ScopedOzg, scopeOf, unknownInScope } from './scope.ts'
import type { View } from './view.ts'

/** What the operator asked for; the same for every question about coverage. */
export interface Question {
  readonly view: View
  readonly rule: Rule
  readonly scope: ScopeChoice
  /** Reifegrad from which a Leistung counts as covered; null means 2, online. */
  readonly minReifegrad: number | null
  /** Day for which validity is judged, `YYYY-MM-DD`. */
  readonly asOf: string
  /** Only what works now: the time that is now; undefined counts all offers. */
  readonly healthyAt?: Date | undefined
}

/** Snapshots, scope and offers that a question is answered from. */
export interface CoverageData {
  readonly question: Question
  readonly snapshots: {
    readonly catalog: Snapshot
    readonly region: Snapshot
    readonly offer: Snapshot
  }
  readonly matrix: Matrix
  readonly scope: readonly ScopedOzg[]
  /** What portals show of others; of nobody where the view does not ask for it. */
  readonly portals: Portals
  /** What was left out because it does not work; undefined where all offers count. */
  readonly broken: BrokenNow | undefined
  /** All LeiKa keys of an OZG-Leistung, also those that are not in scope. */
  keysOf(ozgId: string): readonly LeikaKey[]
  readonly unknown: UnknownOffers
}

/** What in the offers counts nowhere, so that it can be told instead of being dropped silently. */
export interface UnknownOffers {
  /** Regions that are not in the register. */
  readonly regions: readonly string[]
  /** LeiKa keys that are not in the catalogue. */
  readonly leistungen: readonly LeikaKey[]
  /** LeiKa keys of the catalogue that belong to no OZG-Leistung. */
  readonly withoutOzg: readonly LeikaKey[]
  /** Lines of a scope file that the catalogue does not have. */
  readonly scope: readonly string[]
}

/**
 * Reads the active snapshots and builds the matrix.
 * @param thresholds Reifegrade that will be asked for
 * @throws OzgctlError 64 when the catalogue, the register or the offers have not been imported
 */
export async function loadCoverage(
  store: Store,
  question: Question,
  thresholds: readonly number[],
): Promise<CoverageData> {
  const snapshots = {
    catalog: await requireActive(store, 'catalog'),
    region: await requireActive(store, 'region'),
    offer: await requireActive(store, 'offer'),
  }
  const catalog = {
    ozgLeistungen: await readOzgLeistungen(store, snapshots.catalog.rowId),
    bundles: await readBundles(store, snapshots.catalog.rowId),
    typen: await readTypen(store, snapshots.catalog.rowId),
  }
  const scope = scopeOf(catalog, question.scope)
  const keysOf = (ozgId: string): readonly LeikaKey[] =>
    catalog.bundles.filter((bundle) => bundle.ozgId === ozgId).map(({ key }) => key)
  const { offers: all, keys: offerKeys } = withOverlay(
    await readRegionCells(store, snapshots.offer.rowId, question.asOf),
    await readOfferKeys(store, snapshots.offer.rowId),
    readOverlay(store),
  )
  const { broken, offers } = await working(store, question, all, offerKeys, keysOf)
  const tenants = question.view === 'portal' ? await readTenants(store) : []
  const portals = new Portals(tenants, new ServiceCatalog(catalog))
  const bundled = new Set(catalog.bundles.map(({ key }) => key))
  const known = await readRegionKeys(store, snapshots.region.rowId)
  return {
    question,
    snapshots,
    scope,
    matrix: new Matrix(
      scope,
      offerKeys,
      [...offers, ...portals.cells(offers, offerKeys)],
      thresholds,
      question.rule,
    ),
    portals,
    broken,
    keysOf,
    unknown: {
      regions: offers.filter(({ region }) => !known.has(region)).map(({ region }) => region),
      leistungen: offerKeys.filter((key) => !catalog.typen.has(key)),
      withoutOzg: offerKeys.filter((key) => catalog.typen.has(key) && !bundled.has(key)),
      scope: unknownInScope(catalog, question.scope),
    },
  }
}

/** Loaded only when asked for: most reports count what is offered. */
async function working(
  store: Store,
  { healthyAt }: Question,
  offers: readonly RegionCells[],
  offerKeys: readonly LeikaKey[],
  keysOf: (ozgId: string) => readonly LeikaKey[],
): Promise<{ readonly broken: BrokenNow | undefined; readonly offers: readonly RegionCells[] }> {
  if (healthyAt === undefined) return { broken: undefined, offers }
  const { brokenNow, withoutBroken } = await import('./healthy.ts')
  const broken = brokenNow(store, healthyAt)
  return { broken, offers: withoutBroken(offers, broken, offerKeys, keysOf) }
}
