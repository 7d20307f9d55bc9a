import { Args, Flags } from '@oclif/core'
import { usageError } from './lib/errors.ts'
import { ENCODINGS } from './lib/input/decode.ts'
import type { Defect } from './lib/input/defects.ts'
import { AtomicFile } from './lib/output/atomic-file.ts'
import type { ImportOptions } from './lib/snapshot/importing.ts'
import { type Amount, parseAmount } from './lib/text.ts'
import { REJECTS_HEADER, rejectsLine } from './lib/view/import.ts'

const DELIMITERS = { semicolon: ';', comma: ',', tab: '\t', pipe: '|' } as const

/** How many rows may be left out of an import: a number or a share of all. */
const maxRejectsFlag = Flags.custom<Amount>({
  helpValue: 'N|P%',
  parse: async (input) => {
    const amount = parseAmount(input)
    if (amount !== undefined) return amount
    throw usageError('MAX_REJECTS_INVALID', `"${input}" is no number of rows`, ['Write it as 10 or as 25%.'])
  },
})

/** Flags of every `import`. */
export const importFlags = {
  'dry-run': Flags.boolean({
    env: 'OZGCTL_DRY_RUN',
    description: 'read and check everything, write nothing into the store',
  }),
  strict: Flags.boolean({
    env: 'OZGCTL_STRICT',
    description: 'refuse the import (exit 65) when a single row cannot be used',
  }),
  'max-rejects': maxRejectsFlag({
    description:
      'accept an import of which so many rows, or this share of them, cannot be used [default: 10%]',
  }),
  rejects: Flags.string({
    helpValue: 'FILE',
    description: 'write every faulty row to this CSV file',
  }),
  'allow-shrink': Flags.boolean({
    description: 'accept less than a tenth of what the former snapshot holds',
  }),
  encoding: Flags.option({
    options: ENCODINGS,
    env: 'OZGCTL_ENCODING',
    description: 'encoding of the text [default: seen from the bytes]',
  })(),
  delimiter: Flags.option({
    options: ['semicolon', 'comma', 'tab', 'pipe'] as const,
    env: 'OZGCTL_DELIMITER',
    description: 'column delimiter of CSV [default: seen from the header]',
  })(),
}

export const filesArg = {
  files: Args.string({
    multiple: true,
    required: true,
    description: 'file, folder, .gz, .zip, index.txt of a transfer, or - for stdin',
  }),
}

interface ParsedImport {
  readonly files: readonly string[]
  readonly 'dry-run': boolean
  readonly strict: boolean
  readonly rejects?: string | undefined
  readonly 'max-rejects'?: Amount | undefined
  readonly 'allow-shrink': boolean
  readonly encoding?: ImportOptions['encoding']
  readonly delimiter?: keyof typeof DELIMITERS | undefined
}

/**
 * Runs an import with the options of its flags. The file of rejects is there before the snapshot becomes active, so
 * that a full disk stops both; when the import fails it appears as far as it goes, unless not one row was faulty.
 */
export async function withImportOptions<T>(
  flags: ParsedImport,
  work: (options: ImportOptions) => Promise<T>,
): Promise<T> {
  const options: ImportOptions = {
    files: flags.files,
    encoding: flags.encoding,
    delimiter: flags.delimiter === undefined ? undefined : DELIMITERS[flags.delimiter],
    dryRun: flags['dry-run'],
    strict: flags.strict,
    maxRejects: flags['max-rejects'],
    allowShrink: flags['allow-shrink'],
  }
  if (flags.rejects === undefined) return work(options)
  const file = new AtomicFile(flags.rejects)
  let faulty = false
  file.write(REJECTS_HEADER)
  const onDefect = (defect: Defect): void => {
    faulty = true
    file.write(rejectsLine(defect))
  }
  try {
    return await work({ ...options, onDefect, onChecked: () => file.commit() })
  } catch (error) {
    if (faulty) commitIfPossible(file)
    file.abort()
    throw error
  }
}

function commitIfPossible(file: AtomicFile): void {
  try {
    file.commit()
  } catch {
    // The failure of the import is the one to tell.
  }
}
