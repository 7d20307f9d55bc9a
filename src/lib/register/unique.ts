import type { DefectLog } from '../input/defects.ts'
import type { Region } from '../region/model.ts'
import type { RegisterRow } from './readers/register-part.ts'

/**
 * The regions of all files by key. A row that stands twice counts once and is reported as `duplicate-row`. Rows of one
 * key that differ are all rejected as `duplicate-key`: which of them is right cannot be guessed.
 */
export function uniqueRegions(rows: Iterable<RegisterRow>, defects: DefectLog): readonly Region[] {
  const byKey = Map.groupBy(rows, (row) => row.region.key)
  return [...byKey].flatMap(([key, [first, ...others]]) => {
    if (first === undefined) return []
    const content = JSON.stringify(first.region)
    const contradicted = others.some((other) => JSON.stringify(other.region) !== content)
    if (contradicted) reject(first, others[0] ?? first)
    for (const other of others) {
      if (contradicted) reject(other, first)
      else
        defects.add({
          action: 'kept',
          reason: 'duplicate-row',
          place: other.place,
          field: `same as ${whereabouts(first)}`,
          value: key,
        })
    }
    return contradicted ? [] : [first.region]
  })

  function reject(row: RegisterRow, other: RegisterRow): void {
    defects.add({
      action: 'rejected',
      reason: 'duplicate-key',
      place: row.place,
      field: `${row.region.key}, which is ${JSON.stringify(other.region.name)} in ${whereabouts(other)}`,
      value: row.region.name,
    })
  }
}

const whereabouts = ({ place }: RegisterRow): string => `${place.file ?? ''} line ${place.line ?? '?'}`
