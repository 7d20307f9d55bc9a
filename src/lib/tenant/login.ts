import {
  type CredentialSource,
  type Credentials,
  resolveCredentials,
  sourceProblem,
} from '../config/credentials.ts'
import { type Profile, profileNames, resolveProfile } from '../config/profiles.ts'
import type { Context } from '../context.ts'
import { OzgctlError } from '../errors.ts'
import { openSession } from './open-portal.ts'

/** Whether a portal accepts credentials: fetches a token, and nothing else. @throws OzgctlError 6, 69 */
export async function verifyLogin(
  profile: Profile,
  { clientId, clientSecret }: Pick<Credentials, 'clientId' | 'clientSecret'>,
  context: Context,
): Promise<void> {
  const credentials = { clientId, clientSecret: clientSecret.reveal() }
  const session = await openSession(profile, credentials, context, { connections: 1 })
  try {
    await session.login()
  } finally {
    await session.close()
  }
}

/** A profile and where its credentials are. */
export interface LoginStatus {
  readonly profile: Profile
  readonly clientId: string | null
  readonly from: CredentialSource | null
  /** Why they cannot be used; null when they can, as far as is known without asking the portal. */
  readonly problem: string | null
}

/** The state of one profile, or of all that are in the file. */
export async function loginStatus(
  context: Context,
  name: string | undefined,
): Promise<readonly LoginStatus[]> {
  const names = name === undefined ? await profileNames(context) : [name]
  return Promise.all(names.map((one) => statusOf(context, one)))
}

async function statusOf(context: Context, name: string): Promise<LoginStatus> {
  const profile = await resolveProfile(name, context)
  try {
    const { clientId, from } = await resolveCredentials(profile, context, context.uid)
    return { profile, clientId, from, problem: sourceProblem(from, context.uid) ?? null }
  } catch (error) {
    if (!(error instanceof OzgctlError)) throw error
    return { profile, clientId: null, from: null, problem: error.message }
  }
}
