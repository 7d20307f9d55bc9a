import { usageError } from '../errors.ts'
import { BUND, isOwnVerband, levelOf, parseAgs, parseRegionKey, type RegionKey } from '../region/key.ts'
import type { Region } from '../region/model.ts'
import { activeSnapshot } from '../snapshot/snapshots.ts'
import type { Store } from '../store/sqlite.ts'
import { closest, foldText } from '../text.ts'
import { hasRegion, readRegions } from './store.ts'

/**
 * Finds one region by ARS or prefix, AGS or name. A name must be meant for one region only: authorities that are
 * several levels at once (kreisfreie Stadt, verbandsfreie Gemeinde) count as their Gemeinde.
 * @throws OzgctlError 64 when nothing fits, or listing the candidates when several do
 */
export function findRegion(regions: readonly Region[], wanted: string): Region {
  const found = fitting(regions, wanted)
  const [first, second] = found
  if (first === undefined)
    throw usageError('REGION_NOT_FOUND', `no region of the register fits "${wanted}"`, hints(regions, wanted))
  if (second !== undefined) {
    throw usageError(
      'REGION_AMBIGUOUS',
      `"${wanted}" can mean ${found.length} regions`,
      found.slice(0, 20).map((region) => describe(region, regions)),
    )
  }
  return first
}

/**
 * Looks whether the active register has a region: a mistyped key must not pass for an empty list, or for nothing wrong.
 * Without a register nobody can tell.
 * @throws OzgctlError 64 REGION_NOT_FOUND with what comes nearest
 */
export async function requireRegion(store: Store, prefix: RegionKey): Promise<void> {
  const register = await activeSnapshot(store, 'region')
  if (prefix === BUND || register === undefined) return
  if (await hasRegion(store, register.rowId, prefix)) return
  const regions = await readRegions(store, register.rowId)
  throw usageError('REGION_NOT_FOUND', `the register has no region ${prefix}`, [
    ...nearest(regions, prefix).map((region) => `Nearest: ${describe(region, regions)}`),
    'List what there is: ozgctl region list',
  ])
}

/** Those of its level that are like it, else what it would lie in. */
function nearest(regions: readonly Region[], prefix: string): readonly Region[] {
  const level = regions.filter(({ key }) => key.length === prefix.length)
  const like = closest(
    prefix,
    level.map(({ key }) => key),
  )
  const above = regions.findLast(({ key }) => prefix.startsWith(key))
  if (like.length === 0) return above === undefined ? [] : [above]
  return like.flatMap((near) => level.filter(({ key }) => key === near))
}

function fitting(regions: readonly Region[], wanted: string): readonly Region[] {
  const ags = parseAgs(wanted)
  if (ags.ok) return regions.filter((region) => region.ags === ags.value)
  const digits = wanted.trim()
  if (!/^\d+$/.test(digits)) return byName(regions, wanted)
  const key = parseRegionKey(digits)
  return byKey(regions, digits, key.ok ? key.value : digits)
}

/** `034040000000` is a Gemeinde of the register; `034590000000` is none and means the county. */
function byKey(regions: readonly Region[], digits: string, canonical: string): readonly Region[] {
  const exact = regions.filter((region) => region.key === digits)
  return exact.length > 0 ? exact : regions.filter((region) => region.key === canonical)
}

/**
 * `Bramsche` means "Bramsche, Stadt". Of what no name is, names that go on count too: `Dissen` means "Dissen am
 * Teutoburger Wald, Stadt", but `Frankfurt` two towns. `Oldenburg` is a county, and a Stadt as "Oldenburg (Oldb)".
 */
function byName(regions: readonly Region[], wanted: string): readonly Region[] {
  const name = foldText(wanted)
  if (name === '') return []
  const forms = regions.map((region) => ({
    region,
    full: [region.name, region.name.replace(/,.*/, '')].map(foldText),
    short: foldText(region.name.replace(/[,(].*/, '')),
  }))
  const exact = forms.some(({ full }) => full.includes(name))
  const found = forms
    .filter(
      ({ full, short }) => full.includes(name) || short === name || (!exact && short.startsWith(`${name} `)),
    )
    .map(({ region }) => region)
  return found.filter((region) => !isShadow(region, found))
}

/** A Verband or county that is nothing but one of the Gemeinden found. */
function isShadow(region: Region, found: readonly Region[]): boolean {
  if (region.level === 'gemeinde') return false
  return found.some(
    (other) =>
      other.level === 'gemeinde' &&
      other.key.startsWith(region.key) &&
      (other.key.endsWith('0000000') || (region.level === 'verband' && isOwnVerband(other.key))),
  )
}

function hints(regions: readonly Region[], wanted: string): readonly string[] {
  const padded = `0${wanted.trim()}`
  if (/^\d+$/.test(padded) && fitting(regions, padded).length > 0)
    return [`Did a spreadsheet drop the leading zero? Try ${padded}.`]
  const name = foldText(wanted)
  const near =
    name === ''
      ? []
      : regions.filter((region) => region.level === 'gemeinde' && foldText(region.name).includes(name))
  const meant = near.length > 0 || /\d/.test(name) ? near : similar(regions, name)
  return meant.length > 0
    ? meant.slice(0, 8).map((region) => describe(region, regions))
    : ['List what there is: ozgctl region list']
}

/** Gemeinden and counties whose name was probably mistyped. */
function similar(regions: readonly Region[], name: string): readonly Region[] {
  const byName = Map.groupBy(
    regions.filter(({ level }) => level === 'gemeinde' || level === 'kreis'),
    (region) => foldText(region.name.replace(/[,(].*/, '')),
  )
  const found = closest(name, [...byName.keys()]).flatMap((near) => byName.get(near) ?? [])
  return found.filter((region) => !isShadow(region, found))
}

/** Key, name, kind, and where it lies: names alone do not tell a dozen Gemeinden apart. */
function describe(region: Region, regions: readonly Region[]): string {
  const above = regions.findLast(
    ({ key, level, name }) =>
      (level === 'kreis' || level === 'land') &&
      key.length < region.key.length &&
      region.key.startsWith(key) &&
      name !== region.name,
  )
  const where = above === undefined ? '' : `, ${above.name}`
  return `${region.key}  ${region.name} (${region.type ?? levelOf(region.key)})${where}`
}
