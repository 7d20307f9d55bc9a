import { fateOf, type Holder, type Sighting } from './holder.ts'

/** Who holds a scope, and for how long. */
export interface Tenure {
  readonly holder: Holder
  /** When the lease ends, on the clock of the store. */
  readonly until: number
  /** How long it lasts and when it was renewed, on the uptime of the holder's machine; undefined for a former version. */
  readonly kept: { readonly leaseMs: number; readonly renewedAt: number } | undefined
}

/** What time it is, in milliseconds: on the clock of the store, and since this machine was started. */
export interface Clocks {
  readonly store: number
  readonly uptime: number
}

/** `anew`: it was written by another clock than today's; nobody knows how much of it is left, so all of it is. */
export type Standing = 'held' | 'over' | 'anew'

/**
 * Whether somebody still holds a scope. A neighbour, whose process is seen, is measured by the uptime that both share:
 * whatever happens to the calendar, it holds as long as it renews. Everybody else is measured by the clock of the store.
 * @param look into the table of processes of `here`
 */
export function standingOf(
  tenure: Tenure,
  here: Holder,
  now: Clocks,
  look?: (pid: number) => Sighting,
): Standing {
  const { holder, until, kept } = tenure
  const fate = fateOf(holder, here, look)
  if (fate === 'gone') return 'over'
  // Versions with schema 4 and before knew no other clock than the uptime of their machine.
  if (kept === undefined) return holder.boot !== here.boot ? 'anew' : now.uptime < until ? 'held' : 'over'
  if (fate === 'alive') return now.uptime < kept.renewedAt + kept.leaseMs ? 'held' : 'over'
  // More is left of it than it ever had: the clock was set back.
  if (now.store + kept.leaseMs < until) return 'anew'
  return now.store < until ? 'held' : 'over'
}

/** A row of the table `lock`. */
export const tenureOf = (row: Readonly<Record<string, unknown>>): Tenure => ({
  holder: {
    host: String(row.host),
    machine: String(row.machine),
    boot: String(row.boot),
    namespace: String(row.namespace),
    pid: Number(row.pid),
    processStart: String(row.process_start),
  },
  until: Number(row.lease_until),
  kept:
    row.lease_ms === null || row.renewed_at === null
      ? undefined
      : { leaseMs: Number(row.lease_ms), renewedAt: Number(row.renewed_at) },
})
