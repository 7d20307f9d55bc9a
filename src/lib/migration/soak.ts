import type { Context } from '../context.ts'
import { uptimeClock } from '../journal/holder.ts'
import type { JsonObject } from './records/model.ts'

type Clocks = Pick<Context, 'now' | 'uptime'>

/**
 * When a time began, on both clocks: the one of the machine's start does not jump, the other one is the same everywhere.
 * @param clock which start of which machine that is
 */
export const beginning = ({ now, uptime }: Clocks, clock = uptimeClock()): JsonObject => ({
  wall: now().getTime(),
  uptime: uptime(),
  clock,
})

/**
 * How much of a time is left, in milliseconds. By the clock that does not jump where it is still the same one, otherwise
 * by the calendar: after a restart, and on another machine. A calendar that went back lets the time begin again, and no
 * more than that.
 */
export function stillToWait(
  since: JsonObject,
  milliseconds: number,
  { now, uptime }: Clocks,
  clock = uptimeClock(),
): number {
  const isSame = clock !== '' && since.clock === clock
  const elapsed = isSame ? uptime() - Number(since.uptime) : now().getTime() - Number(since.wall)
  return Math.max(0, milliseconds - Math.max(0, elapsed))
}
