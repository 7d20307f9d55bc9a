import { Args, Flags } from '@oclif/core'
import type { Context } from './lib/context.ts'
import { usageError } from './lib/errors.ts'
import type { MigrationPlace } from './lib/migration/runs.ts'
import { type Amount, parseAmount } from './lib/text.ts'
import { runFlags } from './run-flags.ts'
import { portalFlags, type SelectionFlags, selectionFlags, selectionOf } from './tenant-flags.ts'

/** The argument that names a file with a migration. */
export const migrationArgs = {
  file: Args.string({
    required: true,
    ignoreStdin: true,
    description: 'file with the migration; - is stdin',
  }),
}

/** Flags that say where, and for whom, a migration is planned or run. */
export const migrationPlaceFlags = {
  ...portalFlags,
  ...selectionFlags,
  data: Flags.string({
    helpValue: 'FOLDER',
    multiple: true,
    multipleNonGreedy: true,
    description: 'also let it read and write files in this folder; by itself only in its own',
  }),
}

const { 'max-failures': _maxFailures, ...others } = runFlags
/** How to work on a run; how many failures are borne the migration says itself. */
export const migrationRunFlags = others

/** How many tenants may fail: a number or a share. */
export const budgetFlag = Flags.custom<Amount>({
  helpValue: 'N|P%',
  parse: async (input) => {
    const amount = parseAmount(input)
    if (amount !== undefined) return amount
    throw usageError('BUDGET_INVALID', `"${input}" is no budget`, ['Write it as 10 or as 5%.'])
  },
})

/** A step and what is known of it, e.g. `order=done`. */
export const settleFlag = Flags.custom<readonly [string, 'done' | 'again']>({
  helpValue: 'STEP=done|again',
  parse: async (input) => {
    const [, step = '', word] = /^([^=]+)=(done|again)$/.exec(input.trim()) ?? []
    if (word === 'done' || word === 'again') return [step, word]
    throw usageError('SETTLE_INVALID', `"${input}" says nothing of a step`, [
      'Write STEP=done when it was done, STEP=again when it was not.',
    ])
  },
})

/** Reads the migration, and what the flags say. */
export async function migrationPlace(
  context: Context,
  file: string,
  flags: SelectionFlags & {
    readonly portal?: string | undefined
    readonly data?: readonly string[] | undefined
  },
): Promise<MigrationPlace> {
  const { loadDefinition } = await import('./lib/migration/load.ts')
  const { definition, folder } = await loadDefinition(context, file)
  return {
    definition,
    folder,
    portal: flags.portal ?? definition.portal ?? 'local',
    data: [flags.data ?? []].flat(),
    selection: await selectionOf(flags),
  }
}
