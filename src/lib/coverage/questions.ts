import { usageError } from '../errors.ts'
import { parseLeikaKey } from '../leika/key.ts'
import { ONLINE } from '../offer/model.ts'
import { readOffersOf } from '../offer/store.ts'
import type { RegionKey, Source } from '../region/key.ts'
import type { Region } from '../region/model.ts'
import { findRegion } from '../register/lookup.ts'
import { readRegions } from '../register/store.ts'
import type { Store } from '../store/sqlite.ts'
import { type Explanation, explain } from './explain.ts'
import { flaechendeckung, type OzgFlaechendeckung } from './flaechendeckung.ts'
import { type Gap, gapsOf } from './gaps.ts'
import { type CoverageData, loadCoverage, type Question } from './load.ts'
import { ALL_REIFEGRADE, type RegionCoverage } from './report.ts'
import { counted, coverageReport, gemeindenIn } from './report-run.ts'
import type { ScopedOzg } from './scope.ts'
import { candidatesInView } from './view.ts'

/** What is missing in one region. */
export interface CoverageGaps {
  readonly data: CoverageData
  readonly region: Region
  readonly gaps: readonly Gap[]
}

/**
 * @param wanted ARS, AGS or name
 * @throws OzgctlError 64 when no single region fits, or something has not been imported
 */
export async function coverageGaps(store: Store, question: Question, wanted: string): Promise<CoverageGaps> {
  const data = await loadCoverage(store, question, ALL_REIFEGRADE)
  const regions = await readRegions(store, data.snapshots.region.rowId)
  const region = findRegion(regions, wanted)
  const gaps = gapsOf(data.matrix, region, counted(data, region), question.minReifegrad ?? ONLINE, regions)
  return { data, region, gaps }
}

/** Why one OZG-Leistung counts in one region, or does not. */
export interface CoverageExplanation {
  readonly data: CoverageData
  readonly region: Region
  readonly ozg: ScopedOzg
  readonly explanation: Explanation
}

/** @throws OzgctlError 64 when the region or the OZG-Leistung is not known or not in scope */
export async function coverageExplain(
  store: Store,
  question: Question,
  wanted: string,
  ozgId: string,
): Promise<CoverageExplanation> {
  const data = await loadCoverage(store, question, [ONLINE])
  const regions = await readRegions(store, data.snapshots.region.rowId)
  const region = findRegion(regions, wanted)
  const ozg = findOzg(data, ozgId)
  const keys = new Set(data.keysOf(ozg.id))
  const names = new Map(regions.map(({ key, name }) => [key, name]))
  const candidates = await Promise.all(
    candidatesInView(region.key, question.view, data.portals).map(async (candidate) => ({
      ...candidate,
      name: nameOf(candidate.key, candidate.source, region, names),
      offers: (await readOffersOf(store, data.snapshots.offer.rowId, candidate.key)).filter(({ key }) =>
        keys.has(key),
      ),
    })),
  )
  const explanation = explain({
    // Of other members only those that offer something of it: a network can have thousands.
    candidates: candidates.filter(({ source, offers }) => source !== 'member' || offers.length > 0),
    keysInScope: ozg.keys,
    minReifegrad: question.minReifegrad ?? ONLINE,
    asOf: question.asOf,
    all: question.rule === 'all',
  })
  return { data, region, ozg, explanation }
}

function nameOf(key: RegionKey, source: Source, region: Region, names: ReadonlyMap<string, string>): string {
  if (key === '') return 'Bund'
  return source === 'own' ? region.name : (names.get(key) ?? `(${key})`)
}

function findOzg({ scope, snapshots }: CoverageData, id: string): ScopedOzg {
  const found = scope.find((ozg) => ozg.id === id)
  if (found !== undefined) return found
  const key = parseLeikaKey(id)
  const of = key.ok ? scope.filter(({ keys }) => keys.includes(key.value)) : []
  throw usageError(
    'OZG_UNKNOWN',
    `${snapshots.catalog.id} has no OZG-Leistung "${id}" in this scope`,
    of.length > 0
      ? of.map((ozg) => `That key belongs to ${ozg.id}  ${ozg.name}`)
      : ['Look for it: ozgctl catalog search TEXT, or ask with --scope all.'],
  )
}

/** Whether the regions reach a percentage. */
export interface CoverageCheck {
  readonly data: CoverageData
  readonly min: number
  readonly passed: readonly RegionCoverage[]
  /** Those that fall short, the worst last. */
  readonly failed: readonly RegionCoverage[]
}

/**
 * @param min per cent of the OZG-Leistungen in scope that must be covered in every Gemeinde; gemeindefreie Gebiete are
 * not asked
 * @throws OzgctlError 64 SELECTION_EMPTY when there is no Gemeinde or no OZG-Leistung to ask about
 */
export async function coverageCheck(
  store: Store,
  question: Question,
  prefix: RegionKey,
  min: number,
): Promise<CoverageCheck> {
  const options = { prefix, level: 'gemeinde', tenants: false, by: undefined } as const
  const { data, rows } = await coverageReport(store, question, options)
  if (data.scope.length === 0)
    throw usageError('SELECTION_EMPTY', 'no OZG-Leistung of the catalogue is in scope: nothing was checked', [
      'Look at --scope, and whether the catalogue has the Leistungen it counts: ozgctl catalog history',
    ])
  const asked = rows.filter(({ region }) => !region.gemeindefrei)
  if (asked.length === 0)
    throw usageError(
      'SELECTION_EMPTY',
      `the register has no Gemeinde in ${prefix || 'it'}: nothing was checked`,
      ['List what there is: ozgctl region list --level gemeinde'],
    )
  const passes = ({ covered, total }: RegionCoverage): boolean => covered * 100 >= min * total
  return {
    data,
    min,
    passed: asked.filter(passes),
    failed: asked.filter((row) => !passes(row)).sort((a, b) => b.covered - a.covered),
  }
}

/** How far each OZG-Leistung reaches. */
export interface CoverageFlaechendeckung {
  readonly data: CoverageData
  /** Gemeinden in the region asked for. */
  readonly gemeinden: number
  /** Länder of the register; classes are relative to it. */
  readonly laender: number
  readonly rows: readonly OzgFlaechendeckung[]
}

export async function coverageFlaechendeckung(
  store: Store,
  question: Question,
  prefix: RegionKey,
): Promise<CoverageFlaechendeckung> {
  const minReifegrad = question.minReifegrad ?? ONLINE
  const data = await loadCoverage(store, question, [minReifegrad])
  const regions = await readRegions(store, data.snapshots.region.rowId)
  const all = gemeindenIn(regions, '').map((region) => ({ region, candidates: counted(data, region) }))
  return {
    data,
    gemeinden: gemeindenIn(regions, prefix).length,
    laender: regions.filter(({ level }) => level === 'land').length,
    rows: flaechendeckung(data.matrix, all, minReifegrad, prefix),
  }
}
