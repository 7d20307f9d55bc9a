import type { Catalog } from '../../src/lib/catalog/model.ts'
import { Matrix, type Rule } from '../../src/lib/coverage/matrix.ts'
import type { ScopedOzg } from '../../src/lib/coverage/scope.ts'
import type { LeikaKey } from '../../src/lib/leika/key.ts'
import { CellPacker, cellsOn } from '../../src/lib/offer/cells.ts'
import type { RegionKey } from '../../src/lib/region/key.ts'
import type { Region } from '../../src/lib/region/model.ts'

/** LeiKa key number n, for networks that tests make up. */
export const leika = (n: number): LeikaKey => `99${String(n).padStart(12, '0')}` as LeikaKey

/** An OZG-Leistung with the keys of these numbers. */
export function ozg(id: number, keys: readonly number[], themenfeld: string | null = 'Umwelt'): ScopedOzg {
  return { id: String(10_000 + id), name: `OZG ${id}`, themenfeld, lage: null, keys: keys.map(leika) }
}

export interface TestOffer {
  readonly region: string
  readonly key: number
  readonly reifegrad: number
  readonly validFrom?: string
  readonly validTo?: string
}

/** A matrix of offers as a store would give them. @param day YYYYMMDD */
export function matrixOf(
  scope: readonly ScopedOzg[],
  offers: readonly TestOffer[],
  thresholds: readonly number[],
  rule: Rule = 'any',
  day = 20261123,
): Matrix {
  const keys = [...new Set(offers.map(({ key }) => key))]
  const packers = new Map<string, CellPacker>()
  for (const { region, key, reifegrad, validFrom = null, validTo = null } of offers) {
    const packer = packers.get(region) ?? new CellPacker()
    packer.add(keys.indexOf(key), reifegrad, validFrom, validTo)
    packers.set(region, packer)
  }
  const cells = [...packers].map(([region, packer]) => {
    const { cells, dated } = packer.pack()
    return { region: region as RegionKey, cells: cellsOn(cells, dated, day) }
  })
  return new Matrix(scope, keys.map(leika), cells, thresholds, rule)
}

/** A Gemeinde of the register. */
export function gemeinde(key: string, more: Partial<Region> = {}): Region {
  return {
    key,
    level: 'gemeinde',
    ags: null,
    name: `Gemeinde ${key}`,
    type: null,
    inhabitants: 100,
    areaHa: null,
    postcode: null,
    seat: null,
    gemeindefrei: false,
    carriedOver: [],
    ...more,
  }
}

/** A catalogue of these OZG-Leistungen. */
export function catalogOf(scope: readonly ScopedOzg[]): Catalog {
  return {
    ozgLeistungen: scope.map(({ keys: _, ...rest }) => rest),
    leistungen: [],
    bundles: scope.flatMap(({ id, keys }) => keys.map((key) => ({ ozgId: id, key }))),
  }
}
