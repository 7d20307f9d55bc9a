import type { DeleteWrite, Kept, WriteOutcome } from '../driver.ts'
import type { Tenant } from '../model.ts'
import { versionOf } from '../version.ts'
import { organizationAt } from './addresses.ts'
import type { TenantPlace } from './layouts.ts'
import { markOf, toTenant } from './mapping.ts'
import { lookUp } from './resources.ts'
import type { LiferaySession } from './session.ts'
import { acceptedDelete, before, CONFLICT, DONE, part, REPEATED, refused } from './settle.ts'
import type { Organization } from './types.ts'

/** What a delete needs of the portal. */
interface Tools {
  readonly session: LiferaySession
  readonly place: TenantPlace
  readonly list: () => AsyncIterable<readonly Kept<Tenant>[]>
}

/**
 * Deletes a tenant: the organization first, for it is what Liferay refuses to give away, and then nothing is lost. The
 * place, which holds all that people have made, is asked for before and goes last.
 * @throws Settled, HttpFailure
 */
export async function deleteTenant(
  tools: Tools,
  { tenant, expected }: DeleteWrite,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  const { session, place } = tools
  const address = organizationAt(tenant.ars)
  const found = await lookUp(session, address, signal)
  if (found === undefined) return deleteRest(tools, tenant, signal)
  const present = toTenant(found)
  if (markOf(found) !== 'tenant' || versionOf(present) !== expected) return CONFLICT
  const obstacle = obstacleOf(found)
  if (obstacle !== undefined) return refused(obstacle)
  const hasPlace = await place.isThere(present, signal)
  acceptedDelete(await session.send('DELETE', address.path, undefined, signal))
  if (hasPlace) await removePlace(place, present, signal)
  return DONE
}

/**
 * Nothing there is what a delete wants, whoever did it. But one that was cut off has left the place; if no other tenant
 * has it, which may be the same under another key, it goes, too.
 */
async function deleteRest(
  { place, list }: Tools,
  tenant: Tenant,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  if (tenant.slug === '' || !(await place.isThere(tenant, signal))) return REPEATED
  if (await before(() => isOfAnother(list(), tenant))) return REPEATED
  await removePlace(place, tenant, signal)
  return DONE
}

/** Whether another tenant has its place. The list may still have the one that is gone. */
async function isOfAnother(
  pages: AsyncIterable<readonly Kept<Tenant>[]>,
  { ars, slug }: Tenant,
): Promise<boolean> {
  for await (const page of pages)
    if (page.some(({ value }) => value.slug === slug && value.ars !== ars)) return true
  return false
}

const removePlace = (place: TenantPlace, tenant: Tenant, signal: AbortSignal): Promise<void> =>
  part(`its organization is gone, its ${place.what} is not`, () => place.remove(tenant, signal))

/** What Liferay wants gone before it deletes an organization; undefined where nothing is known of any. */
function obstacleOf({ numberOfUsers = 0, numberOfOrganizations = 0 }: Organization): string | undefined {
  const named = [
    ...(numberOfUsers > 0 ? [counted(numberOfUsers, 'user')] : []),
    ...(numberOfOrganizations > 0 ? [`${counted(numberOfOrganizations, 'organization')} below it`] : []),
  ]
  if (named.length === 0) return undefined
  return `its organization has ${named.join(' and ')}, and Liferay deletes none that has: remove them in the portal first`
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
