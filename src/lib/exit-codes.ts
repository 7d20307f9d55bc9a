/**
 * Exit codes of every command, with and without `--json`. Shells, cron and CI decide by them, so a code never
 * changes its meaning. 64 to 74 follow sysexits(3).
 */
export const EXIT = {
  ok: 0,
  failed: 1,
  changes: 2,
  partial: 3,
  unmet: 4,
  locked: 5,
  unauthorised: 6,
  usage: 64,
  badInput: 65,
  unavailable: 69,
  output: 74,
  hangup: 129,
  interrupted: 130,
  terminated: 143,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Exit codes of `health check` alone: those of the monitoring plugin interface. */
export const HEALTH_EXIT = { ok: 0, warning: 1, critical: 2, unknown: 3 } as const
