import { usageError } from '../errors.ts'

/** A remote portal: where it is, and how tenants are kept there. */
export interface Profile {
  readonly name: string
  readonly url: URL
  readonly layout: 'organization' | 'site' | 'instance'
  readonly siteTemplate: string | undefined
  readonly batchImport: boolean
  /** PEM of authorities to trust besides the known ones. */
  readonly ca: string | undefined
}

/** `OZGCTL_<PROFILE>_` in front of the names of a profile's settings. */
const prefixOf = (profile: string): string => `OZGCTL_${profile.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_`

/** A profile that is wholly in the environment. */
export async function resolveProfile(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Profile> {
  const setting = (field: string): string | undefined => env[`${prefixOf(name)}${field}`]
  const url = setting('URL')
  if (url === undefined)
    throw usageError('PROFILE_UNKNOWN', `there is no profile "${name}"`, [
      `Make it: ozgctl auth login ${name} --url https://…`,
    ])
  const layout = setting('LAYOUT')
  return {
    name,
    url: new URL(url),
    layout: layout === 'organization' || layout === 'instance' ? layout : 'site',
    siteTemplate: setting('SITE_TEMPLATE'),
    batchImport: setting('BATCH_IMPORT') === 'true',
    ca: undefined,
  }
}

/** Credentials of a profile from the environment. */
export async function resolveCredentials(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly clientId: string; readonly clientSecret: string }> {
  const clientId = env[`${prefixOf(name)}CLIENT_ID`]
  const clientSecret = env[`${prefixOf(name)}CLIENT_SECRET`]
  if (clientId === undefined || clientSecret === undefined)
    throw usageError('NOT_LOGGED_IN', `there are no credentials for ${name}`)
  return { clientId, clientSecret }
}
