import { isOwnVerband } from '../region/key.ts'
import { LAENDER, type Region } from '../region/model.ts'
import { diffRegions } from './diff.ts'

/**
 * Makes a register of a list of Gemeinden: the levels above follow from the keys; names, kinds, figures and post codes
 * come from the former register, by key or, where the key changed, from the Gemeinde that `diffRegions` pairs with it.
 * What came from there is marked.
 */
export function completeFromFormer(
  gemeinden: readonly Region[],
  former: readonly Region[],
): readonly Region[] {
  const byKey = new Map(former.map((region) => [region.key, region]))
  const formerKey = new Map(
    diffRegions(former, gemeinden).keyChanged.map((change) => [change.to.key, change.from.key]),
  )
  const found = new Map<string, Region>()
  for (const region of gemeinden) {
    const known = byKey.get(region.key) ?? byKey.get(formerKey.get(region.key) ?? '')
    found.set(region.key, carryOver(region, known, ['type', 'inhabitants', 'areaHa', 'postcode', 'seat']))
    for (const level of ABOVE) {
      const key = region.key.slice(0, level.length)
      if (found.has(key) || !level.exists(region.key)) continue
      found.set(key, carryOver(deriveAbove(region, key, level.level), byKey.get(key), ['type', 'seat']))
    }
  }
  return [...found.values()]
}

// Coastal waters and the like (Verband 9999) hang on a Land alone: their Kreis digits name no Kreis.
const isLandOnly = (ars: string): boolean => ars.slice(5, 9) === '9999'

const ABOVE = [
  { level: 'land', length: 2, exists: () => true },
  { level: 'bezirk', length: 3, exists: (ars: string) => ars[2] !== '0' && !isLandOnly(ars) },
  { level: 'kreis', length: 5, exists: (ars: string) => !isLandOnly(ars) },
  { level: 'verband', length: 9, exists: () => true },
] as const

/**
 * A region above a Gemeinde whose source names Gemeinden only. Where both are one authority it bears the Gemeinde's
 * name; otherwise it has none of its own.
 */
function deriveAbove(gemeinde: Region, key: string, level: Region['level']): Region {
  const same =
    level === 'verband' ? isOwnVerband(gemeinde.key) : level === 'kreis' && gemeinde.key.endsWith('0000000')
  const name = level === 'land' ? LAENDER[key] : same ? gemeinde.name : undefined
  return {
    key,
    level,
    ags: null,
    name: name ?? '',
    type: null,
    inhabitants: null,
    areaHa: null,
    postcode: null,
    seat: null,
    gemeindefrei: false,
    carriedOver: [],
  }
}

type Field = 'type' | 'inhabitants' | 'areaHa' | 'postcode' | 'seat'

function carryOver(region: Region, former: Region | undefined, wanted: readonly Field[]): Region {
  const named = region.name !== '' || former === undefined
  const fields = wanted.filter((field) => region[field] === null && (former?.[field] ?? null) !== null)
  return {
    ...region,
    name: region.name || former?.name || `(${region.key})`,
    ...Object.fromEntries(fields.map((field) => [field, former?.[field]])),
    carriedOver: [...(named ? [] : ['name']), ...fields],
  }
}
