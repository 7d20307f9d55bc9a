import type { Context } from '../context.ts'
import type { JsonObject } from './records/model.ts'

/** When a time began, on both clocks: the one of the machine's start does not jump, the other one survives a restart. */
export const beginning = ({ now, uptime }: Pick<Context, 'now' | 'uptime'>): JsonObject => ({
  wall: now().getTime(),
  uptime: uptime(),
})

/**
 * How much of a time is left, in milliseconds. By the clock that does not jump, as long as the machine has not been
 * started anew since; otherwise by the calendar. A calendar that went back lets the time begin again, and no more than
 * that.
 */
export function stillToWait(
  since: JsonObject,
  milliseconds: number,
  { now, uptime }: Pick<Context, 'now' | 'uptime'>,
): number {
  const passed = uptime() - Number(since.uptime)
  const byCalendar = now().getTime() - Number(since.wall)
  // After a restart the machine's clock began anew, mostly below what was noted.
  const elapsed = passed >= 0 ? passed : byCalendar
  return Math.max(0, milliseconds - Math.max(0, elapsed))
}
