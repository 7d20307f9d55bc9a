import type { Context } from '../context.ts'
import { badInput, unreachable, usageError } from '../errors.ts'
import type { DefectLog } from '../input/defects.ts'
import { headText } from '../input/recognise.ts'
import { type Ags, type Ars, LEVELS } from '../region/key.ts'
import type { Region } from '../region/model.ts'
import { type ImportOptions, type ImportResult, type InputText, runImport } from '../snapshot/importing.ts'
import { activeSnapshot } from '../snapshot/snapshots.ts'
import type { Store } from '../store/sqlite.ts'
import { completeFromFormer } from './complete.ts'
import { readRegionCodeList } from './readers/genericode.ts'
import { isGv100ad, readGv100ad } from './readers/gv100ad.ts'
import type { RegisterPart } from './readers/register-part.ts'
import { insertRegions, readRegions } from './store.ts'
import { uniqueRegions } from './unique.ts'

/** Imports the register of municipalities: GV100AD, or a genericode list of ARS or AGS. */
export async function importRegions(
  context: Context,
  store: Store,
  options: ImportOptions,
): Promise<ImportResult> {
  const active = await activeSnapshot(store, 'region')
  const former = active === undefined ? [] : await readRegions(store, active.rowId)
  const arsByAgs = new Map(
    former.flatMap((region) => (region.ags === null ? [] : [[region.ags, region.key as Ars] as const])),
  )
  const parts: RegisterPart[] = []
  return runImport(context, store, options, {
    kind: 'region',
    mainCount: 'gemeinde',
    // Germany has some 17,000 regions of all levels.
    limits: { of: 'a register of municipalities', records: 100_000, bytes: 256 << 20 },
    read: async (input, defects) => {
      parts.push(await readPart(input, defects, arsByAgs))
    },
    finish: async (defects) => {
      const found = uniqueRegions(
        parts.flatMap((part) => part.rows),
        defects,
      )
      const complete = isComplete(parts)
      const regions = withInhabitants(complete ? found : completeFromFormer(found, former))
      return {
        counts: countLevels(regions),
        ignored: Object.assign({}, ...parts.map((part) => part.ignored)) as Record<string, number>,
        write: (snapshot) => insertRegions(store, snapshot, regions),
      }
    },
  })
}

async function readPart(
  input: InputText,
  defects: DefectLog,
  arsByAgs: ReadonlyMap<Ags, Ars>,
): Promise<RegisterPart> {
  const { source, kind, text } = input
  switch (kind) {
    case 'xml':
      source.facts.format = 'genericode'
      return readRegionCodeList(source, text, defects, arsByAgs)
    case 'text':
      if (!isGv100ad(headText(source))) break
      source.facts.format = 'gv100ad'
      return readGv100ad(source, text, defects)
    case 'json':
      break
    default:
      return unreachable(kind)
  }
  throw badInput(
    'REGION_FORMAT',
    'this is neither a GV100AD nor a genericode list',
    { file: source.name, line: 1 },
    [
      'Take GV100AD_….txt from the Gemeindeverzeichnis of Destatis, or the code list Regionalschlüssel from the XRepository.',
    ],
  )
}

/** @throws OzgctlError 64 for both kinds in one call: a Gemeinde of the one may be dissolved in the other */
function isComplete(parts: readonly RegisterPart[]): boolean {
  const complete = parts.filter((part) => part.complete).length
  if (complete > 0 && complete < parts.length)
    throw usageError('REGISTER_MIXED', 'a Gemeindeverzeichnis and a code list do not make one register', [
      'Import the Gemeindeverzeichnis first, then the code list: names and inhabitants carry over.',
    ])
  return complete > 0
}

/**
 * Inhabitants of the levels above: the sum over their Gemeinden, which is all that the register gives; carried over
 * when those of a single Gemeinde are.
 */
function withInhabitants(regions: readonly Region[]): readonly Region[] {
  const sums = new Map<string, { sum: number; carriedOver: boolean }>()
  for (const { level, key, inhabitants, carriedOver } of regions) {
    if (level !== 'gemeinde' || inhabitants === null) continue
    for (const length of [2, 3, 5, 9]) {
      const total = sums.get(key.slice(0, length)) ?? { sum: 0, carriedOver: false }
      total.sum += inhabitants
      total.carriedOver ||= carriedOver.includes('inhabitants')
      sums.set(key.slice(0, length), total)
    }
  }
  return regions.map((region) => {
    const total = region.level === 'gemeinde' ? undefined : sums.get(region.key)
    if (total === undefined) return region
    const carriedOver = total.carriedOver ? [...region.carriedOver, 'inhabitants'] : region.carriedOver
    return { ...region, inhabitants: total.sum, carriedOver }
  })
}

function countLevels(regions: readonly Region[]): Readonly<Record<string, number>> {
  const counts = Map.groupBy(regions, (region) => region.level)
  return {
    ...Object.fromEntries(
      LEVELS.filter((level) => level !== 'bund').map((level) => [level, counts.get(level)?.length ?? 0]),
    ),
    gemeindefrei: regions.filter((region) => region.gemeindefrei).length,
    inhabitants: regions.reduce(
      (sum, region) => sum + (region.level === 'gemeinde' ? (region.inhabitants ?? 0) : 0),
      0,
    ),
  }
}
