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
 * means fewer tenants than would then be dealt with.
 * @throws OzgctlError 64 SWITCH_INVALID, NO_VARIABLE
 */
export function refuseMisleadingVariables(
  flags: Readonly<Record<string, NamedFlag>>,
  env: Readonly<Record<string, string | undefined>>,
): void {
  for (const [name, { type, env: variable }] of Object.entries(flags)) {
    if (variable === undefined) refuseUnread(name, env)
    else if (type === 'boolean') refuseVague(variable, env[variable])
  }
}

function refuseVague(variable: string, value = ''): void {
  const word = value.toLowerCase()
  if (value === '' || YES.includes(word) || NO.includes(word)) return
  throw usageError('SWITCH_INVALID', `${variable} is ${JSON.stringify(value)}, which is neither yes nor no`, [
    `For yes write ${YES.join(', ')}; for no ${NO.join(', ')}, or unset it.`,
  ])
}

function refuseUnread(name: string, env: Readonly<Record<string, string | undefined>>): void {
  const variable = variableOf(name)
  if ((env[variable] ?? '') === '') return
  throw usageError('NO_VARIABLE', `${variable} is set, and --${name} is not taken from the environment`, [
    `Write --${name} in the call, and unset ${variable}.`,
    'Flags that select, confirm, delete or write have no variable: one that was forgotten would act for another call.',
  ])
}
