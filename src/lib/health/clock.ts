import type { Store } from '../store/sqlite.ts'

/**
 * Clocks of machines step: one that was ahead before it was set back has dated checks in the future, and one that was
 * behind has dated them long ago. Nobody can tell afterwards which of them was right. So what was recorded later goes
 * before, whatever its date; an _era_ ends when the clock is found set back; and how old something is is told by the time
 * that was seen to pass, and not by its date.
 */

/** A leap of the clock, or a pause of the checks, counts for no more time than this: what is kept goes by it. */
const LONGEST_STEP_MS = 86_400_000
/** Smaller steps than this are not worth a word. */
const WORTH_TELLING_MS = 1000

/** When something is recorded. */
export interface Moment {
  /** By the clock, in milliseconds since 1970. */
  readonly now: number
  /** How often the clock had been set back before. */
  readonly era: number
  /** Milliseconds that were seen to pass; it never steps back, and only differences mean something. */
  readonly passed: number
}

/** The clock was set back between two recordings. Both by the clock of their time. */
export interface SetBack {
  readonly from: number
  readonly to: number
}

/** Notes that something is recorded now. To be called within the transaction that records it, with the time in it. */
export function momentOf(store: Store, now: number): Moment {
  const { db } = store
  const last = db.prepare('SELECT * FROM health_clock ORDER BY era DESC LIMIT 1').get()
  if (last === undefined) return begun(store, { now, era: 0, passed: 0 })
  const [era, lastAt, passed] = [Number(last.era), Number(last.last_at), Number(last.passed)]
  if (now < lastAt) return begun(store, { now, era: era + 1, passed })
  const moment = { now, era, passed: passed + Math.min(now - lastAt, LONGEST_STEP_MS) }
  db.prepare('UPDATE health_clock SET last_at = ?, passed = ? WHERE era = ?').run(now, moment.passed, era)
  return moment
}

function begun(store: Store, moment: Moment): Moment {
  const { now, era, passed } = moment
  store.db
    .prepare('INSERT INTO health_clock (era, started_at, last_at, passed) VALUES (?, ?, ?, ?)')
    .run(era, now, now, passed)
  return moment
}

/** Forgets eras of which nothing is kept any more. @param before what had passed then */
export function forgetEras(store: Store, { era }: Moment, before: number): void {
  store.db.prepare('DELETE FROM health_clock WHERE era < ? AND passed < ?').run(era, before)
}

/** When the clock was set back since a time, the latest last; also when nothing was recorded since it was. */
export function readSetBacks(store: Store, since: number, now: number): readonly SetBack[] {
  const eras = store.db.prepare('SELECT started_at, last_at FROM health_clock ORDER BY era').all()
  return eras
    .map((row, at) => ({ from: Number(row.last_at), to: Number(eras[at + 1]?.started_at ?? now) }))
    .filter(({ from, to }) => from >= since && from - to >= WORTH_TELLING_MS)
}
