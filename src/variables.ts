import { usageError } from './lib/errors.ts'

/** As oclif reads the variable of a switch, and what it takes for `false` without asking. */
const YES = ['1', 'true', 'y', 'yes']
const NO = ['0', 'false', 'n', 'no']

interface NamedFlag {
  readonly type: string
  readonly env?: string | undefined
}

/** The variable that a flag has, or would have. */
const variableOf = (name: string): string => `OZGCTL_${name.toUpperCase().replaceAll('-', '_')}`

/**
 * Looks at the variables of a command's flags before anything is done. oclif takes whatever is no word for yes as no:
 * `OZGCTL_DRY_RUN=ja` would write. A variable of a flag that has none would be passed over: whoever sets `OZGCTL_IN`
 * means fewer tenants than would then be dealt with; and `OZGCTL_DRYRUN`, that nothing is written.
 * @throws OzgctlError 64 SWITCH_INVALID, NO_VARIABLE
 */
export function refuseMisleadingVariables(
  flags: Readonly<Record<string, NamedFlag>>,
  env: Readonly<Record<string, string | undefined>>,
): void {
  const set = Object.keys(env).filter((name) => (env[name] ?? '') !== '')
  for (const [name, { type, env: variable }] of Object.entries(flags)) {
    const meant = set.filter((one) => squashed(one) === squashed(variable ?? variableOf(name)))
    if (variable === undefined) refuseUnread(name, meant)
    else {
      refuseMisspelt(variable, meant)
      if (type === 'boolean') refuseVague(variable, env[variable])
    }
  }
}

/** The same name but for case, and where words are divided. */
const squashed = (variable: string): string => variable.toUpperCase().replaceAll(/[-_]/g, '')

function refuseMisspelt(variable: string, meant: readonly string[]): void {
  const misspelt = meant.find((name) => name !== variable)
  if (misspelt === undefined) return
  throw usageError('NO_VARIABLE', `${misspelt} is set, which is not read; there is ${variable}`, [
    `Unset ${misspelt}, or call it ${variable}.`,
  ])
}

function refuseVague(variable: string, value = ''): void {
  const word = value.toLowerCase()
  if (value === '' || YES.includes(word) || NO.includes(word)) return
  throw usageError('SWITCH_INVALID', `${variable} is ${JSON.stringify(value)}, which is neither yes nor no`, [
    `For yes write ${YES.join(', ')}; for no ${NO.join(', ')}, or unset it.`,
  ])
}

function refuseUnread(name: string, [variable]: readonly string[]): void {
  if (variable === undefined) return
  throw usageError('NO_VARIABLE', `${variable} is set, and --${name} is not taken from the environment`, [
    `Write --${name} in the call, and unset ${variable}.`,
    'Flags that select, confirm, delete or write have no variable: one that was forgotten would act for another call.',
  ])
}
