import type { Ags } from '../../src/lib/region/key.ts'
import { levelOf } from '../../src/lib/region/key.ts'
import type { Region } from '../../src/lib/region/model.ts'

/** A region as a code list knows it: key and name; a Gemeinde also has its AGS. */
export function region(key: string, name: string, more: Partial<Region> = {}): Region {
  const level = levelOf(key)
  return {
    key,
    level: level === 'bund' ? 'land' : level,
    ags: key.length === 12 ? ((key.slice(0, 5) + key.slice(9)) as Ags) : null,
    name,
    type: null,
    inhabitants: null,
    areaHa: null,
    postcode: null,
    seat: null,
    gemeindefrei: false,
    carriedOver: [],
    ...more,
  }
}
