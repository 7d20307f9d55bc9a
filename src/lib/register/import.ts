import type { Context } from '../context.ts'
import { badInput, unreachable } from '../errors.ts'
import type { DefectLog } from '../input/defects.ts'
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
    read: async (input, defects) => {
      parts.push(await readPart(input, defects, (ags) => arsByAgs.get(ags)))
    },
    finish: async (defects) => {
      const found = parts.flatMap((part) =>
        part.complete ? part.regions : completeFromFormer(part.regions, former),
      )
      const regions = withInhabitants(uniqueRegions(found, defects))
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
  arsOf: (ags: Ags) => Ars | undefined,
): Promise<RegisterPart> {
  const { source, kind, text } = input
  switch (kind) {
    case 'xml':
      source.facts.format = 'genericode'
      return readRegionCodeList(source, text, defects, arsOf)
    case 'text':
      if (!isGv100ad(source.head.subarray(0, 40).toString('utf8'))) break
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

/** Two rows of one key: the second is rejected, whether equal or not; a key stands for one region. */
function uniqueRegions(found: readonly Region[], defects: DefectLog): readonly Region[] {
  const regions = new Map<string, Region>()
  for (const region of found) {
    const known = regions.get(region.key)
    if (known === undefined) regions.set(region.key, region)
    else if (region.level === 'gemeinde')
      defects.add({
        action: 'rejected',
        reason: 'duplicate-key',
        place: {},
        field: region.key,
        value: `${known.name} / ${region.name}`,
      })
  }
  return [...regions.values()]
}

/** Inhabitants of the levels above: the sum over their Gemeinden, which is all that the register gives. */
function withInhabitants(regions: readonly Region[]): readonly Region[] {
  const sums = new Map<string, number>()
  for (const { level, key, inhabitants } of regions) {
    if (level !== 'gemeinde' || inhabitants === null) continue
    for (const length of [2, 3, 5, 9])
      sums.set(key.slice(0, length), (sums.get(key.slice(0, length)) ?? 0) + inhabitants)
  }
  return regions.map((region) =>
    region.level === 'gemeinde' ? region : { ...region, inhabitants: sums.get(region.key) ?? null },
  )
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
