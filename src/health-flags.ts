import { Args, Flags } from '@oclif/core'
import { regionFlag } from './flags.ts'
import { PARTS } from './lib/connector/model.ts'
import type { HealthScope } from './lib/health/health.ts'
import { durationFlag } from './run-flags.ts'
import { manifestFlags, type SelectionFlags, selectionFlags, selectionOf } from './tenant-flags.ts'

/** Names of connectors; all where there is none. */
export const connectorArgs = {
  connectors: Args.string({
    multiple: true,
    ignoreStdin: true,
    description: 'names of connectors [default: all]',
  }),
}

/** Flags of everything that reads connectors from manifests. */
export const connectorFlags = { file: manifestFlags.file, ...selectionFlags }

/** Flags of what reads the record of former checks. */
export const historyFlags = {
  in: regionFlag({ description: 'only connectors of tenants in this region' }),
  part: Flags.option({
    options: PARTS,
    description: 'only services, or only certificates',
  })(),
}

/** Flags of everything that asks connectors. */
export const checkFlags = {
  ...connectorFlags,
  concurrency: Flags.integer({
    env: 'OZGCTL_CONCURRENCY',
    helpValue: 'N',
    min: 1,
    max: 1000,
    default: 50,
    description: 'at most so many checks at once',
  }),
  'per-host': Flags.integer({
    env: 'OZGCTL_PER_HOST',
    helpValue: 'N',
    min: 1,
    max: 1000,
    default: 4,
    description: 'at most so many of them with one host',
  }),
  timeout: durationFlag({
    env: 'OZGCTL_TIMEOUT',
    description: 'a check takes at most so long, also where its connector allows more',
  }),
  deadline: durationFlag({
    env: 'OZGCTL_DEADLINE',
    description: 'all of it takes at most so long; what has not answered by then is UNKNOWN',
  }),
}

interface ScopeFlags extends SelectionFlags {
  readonly file: readonly string[]
}

/** Which connectors the words of a call mean. */
export async function healthScope(
  flags: ScopeFlags,
  connectors: readonly string[] | undefined,
): Promise<HealthScope> {
  const { expandManifestFiles } = await import('./lib/tenant/manifest-files.ts')
  return {
    // From the environment oclif hands on a text and no list.
    files: await expandManifestFiles([flags.file].flat()),
    connectors: connectors ?? [],
    selection: await selectionOf(flags),
  }
}

interface LimitFlags {
  readonly concurrency: number
  readonly 'per-host': number
  readonly timeout?: number | undefined
  readonly deadline?: number | undefined
}

/** How hard and how long connectors are asked. */
export const runLimits = (flags: LimitFlags) => ({
  concurrency: flags.concurrency,
  perHost: flags['per-host'],
  timeoutMs: flags.timeout,
  deadlineMs: flags.deadline,
})
