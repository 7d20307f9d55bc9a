import { IS_UNKNOWN } from '../journal/unknown.ts'
import type { Store } from '../store/sqlite.ts'
import { undoneItems } from './read.ts'

/** The same step for the same tenant of the same migration in a former run that began it. */
export interface Former {
  readonly run: number
  readonly ordinal: number
  /** `unknown`: nobody knows whether it was done. `left`: it failed, or was not finished. */
  readonly state: 'done' | 'undone' | 'unknown' | 'left'
}

/** What former runs began, by the ordinals of a run, the latest first. */
export type Formers = ReadonlyMap<number, readonly Former[]>

/**
 * What former runs of the same migration on the same portal, or former rollbacks of the same run, began of what this run is
 * to do: a run that was cancelled, and another one for the same, are two runs about one effect.
 */
export async function readFormers(store: Store, run: number): Promise<Formers> {
  const rows = store.db
    .prepare(
      `SELECT own.ordinal AS own, i.run, i.ordinal, i.state IN ('done', 'already') AS done, ${IS_UNKNOWN} AS unknown
       FROM run now JOIN run r ON r.id < now.id
       AND json_extract(r.options, '$.migration') = json_extract(now.options, '$.migration')
       AND json_extract(r.options, '$.portal') = json_extract(now.options, '$.portal')
       AND coalesce(json_extract(r.options, '$.of'), 0) = coalesce(json_extract(now.options, '$.of'), 0)
       JOIN run_item own ON own.run = now.id
       JOIN run_item i ON i.run = r.id AND i.item_key = own.item_key AND i.input = own.input
       AND (i.memo IS NOT NULL OR i.state IN ('done', 'already'))
       WHERE now.id = ? ORDER BY i.run DESC`,
    )
    .all(run)
  const formers = new Map<number, Former[]>()
  const undone = new Map<number, ReadonlySet<number>>()
  for (const row of rows) {
    const former = { run: Number(row.run), ordinal: Number(row.ordinal) }
    const taken = undone.get(former.run) ?? (await undoneItems(store, former.run))
    undone.set(former.run, taken)
    const state = taken.has(former.ordinal)
      ? 'undone'
      : row.done === 1
        ? 'done'
        : row.unknown === 1
          ? 'unknown'
          : 'left'
    const own = Number(row.own)
    formers.set(own, [...(formers.get(own) ?? []), { ...former, state }])
  }
  return formers
}

/** Those since the step was done, or taken back, for the last time; the latest first. */
const unfinished = (formers: readonly Former[]): readonly Former[] => {
  const end = formers.findIndex(({ state }) => state === 'done' || state === 'undone')
  return end === -1 ? formers : formers.slice(0, end)
}

/** The run of which nobody knows whether it did the step; undefined where there is none. */
export const inDoubt = (formers: readonly Former[]): Former | undefined =>
  unfinished(formers).find(({ state }) => state === 'unknown')

/** The first that began what none has finished: what it may have done counts as done by whoever goes on. */
export const firstUnfinished = (formers: readonly Former[]): Former | undefined => unfinished(formers).at(-1)
