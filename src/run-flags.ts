import { Flags } from '@oclif/core'
import { usageError } from './lib/errors.ts'
import { DEFAULT_LEASE_MS } from './lib/journal/lease.ts'
import { type Amount, parseAmount, parseDuration } from './lib/text.ts'

/** A flag that says how long, e.g. `30s` or `10m`; in milliseconds. */
export const durationFlag = Flags.custom<number>({
  helpValue: 'DURATION',
  parse: async (input) => {
    const milliseconds = parseDuration(input)
    if (milliseconds !== undefined) return milliseconds
    throw usageError('DURATION_INVALID', `"${input}" is no duration`, ['Write it as 30s, 10m, 1h or 7d.'])
  },
})

/** How many failures end a run: a number or a share of all items. */
const maxFailuresFlag = Flags.custom<Amount>({
  helpValue: 'N|P%',
  parse: async (input) => {
    const amount = parseAmount(input)
    if (amount !== undefined) return amount
    throw usageError('MAX_FAILURES_INVALID', `"${input}" is no number of failures`, [
      'Write it as 10 or as 5%.',
    ])
  },
})

/** Flags of everything that works on a portal item by item. */
export const runFlags = {
  concurrency: Flags.integer({
    env: 'OZGCTL_CONCURRENCY',
    helpValue: 'N',
    min: 1,
    max: 256,
    description: 'at most so many requests at once; fewer when the portal has too much to do',
  }),
  'max-failures': maxFailuresFlag({
    env: 'OZGCTL_MAX_FAILURES',
    description: 'begin nothing more when so many changes, or this share of all, have failed',
  }),
  wait: durationFlag({
    env: 'OZGCTL_WAIT',
    description: 'wait so long for another run on the same portal [default: do not wait]',
  }),
  lease: durationFlag({
    env: 'OZGCTL_LEASE',
    description: 'others may take over when this process was silent for so long [default: 60s]',
  }),
}

interface ParsedRunFlags {
  readonly concurrency?: number | undefined
  readonly 'max-failures'?: Amount | undefined
  readonly wait?: number | undefined
  readonly lease?: number | undefined
}

const SHORTEST_LEASE_MS = 500

/** What the flags ask for. @throws OzgctlError 64 for a lease that nobody could keep */
export function runOptions(flags: ParsedRunFlags) {
  const leaseMs = flags.lease ?? DEFAULT_LEASE_MS
  if (leaseMs < SHORTEST_LEASE_MS)
    throw usageError('DURATION_INVALID', `a lease of ${leaseMs} ms is too short`, [
      'Use 60s, or at least 500ms.',
    ])
  const limit = flags['max-failures']
  return {
    leaseMs,
    waitMs: flags.wait ?? 0,
    concurrency: flags.concurrency,
    // At least one has to fail before there is a reason to stop.
    maxFailures: (total: number): number | undefined =>
      limit === undefined
        ? undefined
        : Math.max(1, 'count' in limit ? limit.count : Math.ceil((total * limit.percent) / 100)),
  }
}
