import { candidatesOf } from '../../region/key.ts'
import { organizationAt } from './addresses.ts'
import { toStructure } from './mapping.ts'
import { lookUp } from './resources.ts'
import type { LiferaySession } from './session.ts'
import { acceptedBody, part } from './settle.ts'
import type { Organization } from './types.ts'

/** Region above in the portal: Land, county, Verband; Regierungsbezirke and the Bund have no organization there. */
export function parentOf(ars: string): string | undefined {
  return candidatesOf(ars).find(
    ({ source }) => source === 'verband' || source === 'kreis' || source === 'land',
  )?.key
}

/**
 * The regions above tenants. Those that are no tenants themselves become organizations without settings, made once
 * and never changed again.
 */
export class ParentChain {
  readonly #session: LiferaySession
  readonly #regionName: (ars: string) => Promise<string>
  readonly #by: string
  readonly #known = new Map<string, Promise<void>>()

  /** @param regionName name of a region by its key */
  constructor(session: LiferaySession, regionName: (ars: string) => Promise<string>, by: string) {
    this.#session = session
    this.#regionName = regionName
    this.#by = by
  }

  /** Makes sure that all regions above this one are there. @throws Settled */
  async ensureAbove(ars: string, signal: AbortSignal): Promise<void> {
    const parent = parentOf(ars)
    if (parent === undefined) return
    const known = this.#known.get(parent)
    if (known !== undefined) return known
    return this.#remember(parent, this.#ensure(parent, signal))
  }

  /**
   * The same for many, each level in one go.
   * @param importAll makes organizations and says for each whether it is there now; what it does not take is looked at
   * by itself
   */
  async ensureAboveAll(
    all: readonly string[],
    importAll: (organizations: readonly Organization[]) => Promise<readonly boolean[]>,
    signal: AbortSignal,
  ): Promise<void> {
    for (const level of missingLevels(all, this.#known)) {
      const [only] = level
      // One is made faster than a task of one is waited for.
      if (only !== undefined && level.length === 1) {
        await this.#remember(only, this.#ensure(only, signal))
        continue
      }
      const bodies = await Promise.all(
        level.map(async (ars) => toStructure(ars, await this.#regionName(ars), parentOf(ars), this.#by)),
      )
      const made = await importAll(bodies)
      for (const [at, ars] of level.entries()) {
        if (made[at] === true) this.add(ars)
        else await this.#remember(ars, this.#ensure(ars, signal))
      }
    }
  }

  /** Tells that a region is there, because it was just written. */
  add(ars: string): void {
    this.#known.set(ars, Promise.resolve())
  }

  #remember(ars: string, ensured: Promise<void>): Promise<void> {
    this.#known.set(ars, ensured)
    // What failed for one is tried again for the next.
    ensured.catch(() => this.#known.delete(ars))
    return ensured
  }

  async #ensure(ars: string, signal: AbortSignal): Promise<void> {
    await this.ensureAbove(ars, signal)
    const address = organizationAt(ars)
    await part(`the region ${ars} above it`, async () => {
      if ((await lookUp(this.#session, address, signal)) !== undefined) return
      const body = toStructure(ars, await this.#regionName(ars), parentOf(ars), this.#by)
      acceptedBody(await this.#session.send('PUT', address.path, body, signal))
    })
  }
}

/** Regions above these that are not known yet, the highest level first. */
function missingLevels(
  all: readonly string[],
  known: ReadonlyMap<string, unknown>,
): readonly (readonly string[])[] {
  const missing = new Set<string>()
  for (const ars of all)
    for (let parent = parentOf(ars); parent !== undefined && !known.has(parent); parent = parentOf(parent))
      missing.add(parent)
  const byLength = Map.groupBy(missing, ({ length }) => length)
  return [...byLength].sort(([a], [b]) => a - b).map(([, level]) => level)
}
