import { KONFORM, ONLINE } from '../offer/model.ts'
import { readTenants } from '../portal/tenant-store.ts'
import type { Candidate, RegionKey } from '../region/key.ts'
import { canonical } from '../region/key.ts'
import type { Region } from '../region/model.ts'
import { readRegions } from '../register/store.ts'
import type { Store } from '../store/sqlite.ts'
import { type CoverageData, loadCoverage, type Question } from './load.ts'
import {
  ALL_REIFEGRADE,
  type Grouping,
  grouper,
  memberCoverage,
  type RegionCoverage,
  regionCoverage,
} from './report.ts'
import { countedCandidates } from './view.ts'

export const REPORT_LEVELS = ['gemeinde', 'kreis', 'land'] as const
export type ReportLevel = (typeof REPORT_LEVELS)[number]

export interface ReportOptions {
  readonly prefix: RegionKey
  /** Undefined: Gemeinden, or with `tenants` the regions that have a tenant, of whatever level. */
  readonly level: ReportLevel | undefined
  readonly tenants: boolean
  readonly by: Grouping | undefined
}

export interface CoverageReport {
  readonly data: CoverageData
  readonly rows: readonly RegionCoverage[]
}

/**
 * Coverage of every region of a level.
 * @throws OzgctlError 64 when the catalogue, the register or the offers have not been imported
 */
export async function coverageReport(
  store: Store,
  question: Question,
  options: ReportOptions,
): Promise<CoverageReport> {
  const minReifegrad = question.minReifegrad ?? ONLINE
  const thresholds = [ONLINE, KONFORM, minReifegrad, ...(options.by === 'reifegrad' ? ALL_REIFEGRADE : [])]
  const data = await loadCoverage(store, question, [...new Set(thresholds)])
  const regions = await readRegions(store, data.snapshots.region.rowId, options.prefix)
  const wanted = await selectRegions(store, regions, options)
  const grouping = options.by === undefined ? undefined : grouper(data.matrix, options.by)
  const rows = wanted.map((region) => ({
    ...regionCoverage(data.matrix, region, counted(data, region), minReifegrad, grouping),
    members:
      region.level === 'gemeinde'
        ? null
        : memberCoverage(
            data.matrix,
            gemeindenIn(regions, region.key).map((member) => counted(data, member)),
          ),
  }))
  return { data, rows }
}

/** Candidates whose offers count for a region in the view that was asked for. */
export function counted({ question, portals }: CoverageData, region: Region): readonly Candidate[] {
  return countedCandidates(region.key, question.view, portals)
}

/** Municipalities in a region; gemeindefreie Gebiete are none. */
export function gemeindenIn(regions: readonly Region[], prefix: string): readonly Region[] {
  return regions.filter(
    ({ level, gemeindefrei, key }) => level === 'gemeinde' && !gemeindefrei && key.startsWith(prefix),
  )
}

async function selectRegions(
  store: Store,
  regions: readonly Region[],
  { level, tenants }: ReportOptions,
): Promise<readonly Region[]> {
  if (!tenants) return regions.filter((region) => region.level === (level ?? 'gemeinde'))
  const keys = new Set((await readTenants(store)).map(({ ars }) => canonical(ars)))
  // A kreisfreie Stadt stands in the register as county and as Gemeinde; its tenant is the Gemeinde.
  const byKey = new Map<RegionKey, Region>()
  for (const region of regions) if (keys.has(canonical(region.key))) byKey.set(canonical(region.key), region)
  return [...byKey.values()].filter((region) => level === undefined || region.level === level)
}
