import { isAbsolute, join } from 'node:path'

/** Where settings come from: the environment and the home folder of the operator. */
export interface ConfigSource {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
  /** Ends what has to be waited for, such as a program that is asked. */
  readonly signal?: AbortSignal | undefined
}

/** XDG Base Directory Specification: the home of settings; a relative path in the variable is to be ignored. */
export function configFolder({ env, home }: ConfigSource): string {
  const { XDG_CONFIG_HOME = '' } = env
  return join(isAbsolute(XDG_CONFIG_HOME) ? XDG_CONFIG_HOME : join(home, '.config'), 'ozgctl')
}

/** `OZGCTL_TEST_NORD_URL` for the field `URL` of the profile `test-nord`. */
export const variableOf = (profile: string, field: string): string =>
  `OZGCTL_${profile.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_${field}`
