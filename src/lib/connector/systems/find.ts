import { usageError } from '../../errors.ts'
import { closest } from '../../text.ts'
import { SYSTEMS, systemOf } from './index.ts'
import type { Category, System } from './model.ts'

/** One system, those of a category, or all. @throws OzgctlError 64 SYSTEM_UNKNOWN */
export function findSystems(id: string | undefined, category: Category | undefined): readonly System[] {
  if (id === undefined)
    return SYSTEMS.filter((system) => category === undefined || system.category === category)
  const found = systemOf(id)
  if (found !== undefined) return [found]
  const near = closest(
    id,
    SYSTEMS.map((system) => system.id),
  )
  throw usageError('SYSTEM_UNKNOWN', `there is no system "${id}"`, [
    ...near.map((one) => `Did you mean ${one}?`),
    'See: ozgctl connector systems',
  ])
}
