import type { Address } from './addresses.ts'
import { lostFields } from './mapping.ts'
import type { LiferaySession } from './session.ts'
import { acceptedBody, Settled } from './settle.ts'
import type { Account, Organization } from './types.ts'

/**
 * Writes a resource with its custom fields, in one request.
 * @returns what the portal has now
 * @throws Settled unless it took all of it
 */
export async function sendWrite<Body extends Organization | Account>(
  session: LiferaySession,
  method: 'PUT' | 'PATCH',
  { path, name, read, nameOf }: Address<Body>,
  body: Body,
  signal: AbortSignal,
): Promise<Body> {
  const answered = read(acceptedBody(await session.send(method, path, body, signal)))
  const called = nameOf(answered)
  if (called !== name && called !== body.externalReferenceCode)
    throw new Settled({ kind: 'unknown', reason: `the portal answered with something else than ${name}` })
  const lost = lostFields(body.customFields, answered.customFields)
  if (lost.length === 0) return answered
  const reason = `the portal has no custom fields ${lost.join(', ')}: an administrator defines them for organizations and accounts, as texts`
  throw new Settled({ kind: 'refused', reason })
}
