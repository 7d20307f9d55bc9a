import { lostFields } from './mapping.ts'
import type { LiferaySession } from './session.ts'
import { accepted, Settled } from './settle.ts'
import type { Account, Organization } from './types.ts'

/**
 * Writes a resource with its custom fields, in one request.
 * @returns what the portal has now
 * @throws Settled unless it took all of it
 */
export async function sendWrite<Body extends Organization | Account>(
  session: LiferaySession,
  method: 'PUT' | 'PATCH',
  address: string,
  body: Body,
  signal: AbortSignal,
): Promise<Body> {
  const { json } = accepted(await session.send(method, address, body, signal))
  if (json === undefined)
    throw new Settled({ kind: 'unknown', reason: 'the portal did not say what it has now' })
  const answered = (typeof json === 'object' && json !== null ? json : {}) as Body
  const lost = lostFields(body.customFields, answered.customFields)
  if (lost.length === 0) return answered
  const reason = `the portal has no custom fields ${lost.join(', ')}: an administrator defines them for organizations and accounts, as texts`
  throw new Settled({ kind: 'refused', reason })
}
