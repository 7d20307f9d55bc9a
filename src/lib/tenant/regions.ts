import { levelOf, parseRegionKey, type RegionKeyProblem } from '../region/key.ts'
import type { Region } from '../region/model.ts'

/** The active register as manifests need it: whoever is one authority is one region here, however its key is written. */
export interface TenantRegions {
  /** Finds the region that a manifest names. @param text as written, e.g. `03459`, `034590000000`, `034590014014` */
  find(text: string): RegionAnswer
}

export type RegionAnswer =
  | { readonly ok: true; readonly region: Region }
  | {
      readonly ok: false
      readonly reason: RegionKeyProblem | 'region-unknown'
      readonly hint: string | undefined
    }

/**
 * @param regions rows of the register. A kreisfreie Stadt has one as county and one as Gemeinde, a verbandsfreie
 * Gemeinde one as Verband: all of them are found as the Gemeinde, so that nobody becomes two tenants
 * @param formerKeys by the former key of a Gemeinde its key in this register
 */
export function tenantRegions(
  regions: readonly Region[],
  formerKeys: ReadonlyMap<string, string> = new Map(),
): TenantRegions {
  const byKey = new Map<string, Region>()
  const byAgs = new Map<string, Region>()
  // Gemeinden come last and so win.
  for (const region of [...regions].sort((a, b) => rank(a) - rank(b))) {
    const key = parseRegionKey(region.key)
    if (key.ok) byKey.set(key.value, region)
    if (region.level === 'gemeinde' && isAlone(region.key)) byKey.set(region.key.slice(0, 9), region)
    if (region.ags !== null) byAgs.set(region.ags, region)
  }
  const known = (text: string): Region | undefined => {
    const key = parseRegionKey(text)
    return key.ok ? byKey.get(key.value) : undefined
  }
  const suggest = (region: Region | undefined, why: string): string | undefined =>
    region === undefined ? undefined : `${why} Write "${region.key}" (${region.name}).`
  return {
    find(text) {
      const parsed = parseRegionKey(text)
      const region = known(text)
      if (region !== undefined) return { ok: true, region }
      const reason = parsed.ok ? 'region-unknown' : parsed.reason
      switch (reason) {
        case 'leading-zero-lost':
          return {
            ok: false,
            reason,
            hint: suggest(known(`0${text}`) ?? byAgs.get(`0${text}`), 'A zero at the front was lost.'),
          }
        case 'ags-instead-of-ars':
          return { ok: false, reason, hint: suggest(byAgs.get(text), 'This is an AGS.') }
        case 'region-unknown':
          return {
            ok: false,
            reason,
            hint: suggest(known(formerKeys.get(text) ?? ''), 'Its key has changed.'),
          }
        default:
          return { ok: false, reason, hint: undefined }
      }
    },
  }
}

const rank = (region: Region): number => (levelOf(region.key) === 'gemeinde' ? 1 : 0)

/** Verband numbers 0xxx name one Gemeinde. Those of gemeindefreie Gebiete (9xxx) can name several. */
const isAlone = (ars: string): boolean => ars[5] === '0'
