import { resolveCredentials } from '../config/credentials.ts'
import { type Profile, resolveProfile } from '../config/profiles.ts'
import type { Context } from '../context.ts'
import type { HttpOptions } from '../http/client.ts'
import { readSmallFile } from '../input/reader.ts'
import type { PortalDriver } from '../portal/driver.ts'
import type { ClientCredentials, LiferaySession } from '../portal/liferay/session.ts'
import { LocalPortal } from '../portal/local.ts'
import { LOCAL_PORTAL } from '../portal/model.ts'
import { readRegions } from '../register/store.ts'
import { requireActive } from '../snapshot/snapshots.ts'
import type { Store } from '../store/sqlite.ts'

/** What a process has of the world when it opens a portal. */
export interface PortalAccess {
  readonly store: Store
  readonly context: Context
  /** How long a request can take, in milliseconds. */
  readonly deadlineMs?: number | undefined
  /** At most so many connections. */
  readonly connections?: number | undefined
}

const REQUEST_DEADLINE_MS = 20_000
const DEFAULT_CONNECTIONS = 32

/**
 * The driver of a portal by the name of its profile.
 * @throws OzgctlError 64 PROFILE_UNKNOWN; 6 for credentials that are missing or exposed
 */
async function openPortal(portal: string, access: PortalAccess): Promise<PortalDriver> {
  const { store, context } = access
  if (portal === LOCAL_PORTAL) return new LocalPortal(store, portal, context)
  const profile = await resolveProfile(portal, context)
  // Before the first request: whoever is not logged in is told at once.
  const { clientId, clientSecret } = await resolveCredentials(profile, context, context.uid)
  const credentials = { clientId, clientSecret: clientSecret.reveal() }
  const session = await openSession(profile, credentials, context, {
    deadlineMs: access.deadlineMs,
    connections: access.connections,
    beforeChange: () => store.db.requireInPlace(),
  })
  const { LiferayPortal } = await import('../portal/liferay/driver.ts')
  return new LiferayPortal({
    session,
    layout: profile.layout,
    siteTemplate: profile.siteTemplate,
    batchImport: profile.batchImport,
    deadlineMs: access.deadlineMs ?? REQUEST_DEADLINE_MS,
    sleep: (milliseconds) => context.sleep(milliseconds),
    regionName: regionNames(store),
    by: `${context.actor}@${context.host}`,
  })
}

/** Works with a portal and gives its connections back. */
export async function withPortal<T>(
  portal: string,
  access: PortalAccess,
  work: (driver: PortalDriver) => Promise<T>,
): Promise<T> {
  const driver = await openPortal(portal, access)
  try {
    return await work(driver)
  } finally {
    await driver.close()
  }
}

/** Requests to the portal of a profile. What speaks to a server is loaded only when there is one. */
export async function openSession(
  { name, url, caFile }: Profile,
  credentials: ClientCredentials,
  { now, sleep, random, uptime }: Context,
  limits: Pick<PortalAccess, 'deadlineMs' | 'connections'> & Pick<HttpOptions, 'beforeChange'> = {},
): Promise<LiferaySession> {
  const { HttpClient } = await import('../http/client.ts')
  const { LiferaySession } = await import('../portal/liferay/session.ts')
  const { deadlineMs = REQUEST_DEADLINE_MS, connections = DEFAULT_CONNECTIONS, beforeChange } = limits
  const ca = caFile === undefined ? undefined : readSmallFile(caFile)
  const limited = { connections, deadlineMs, beforeChange }
  const client = new HttpClient({ ...limited, origin: url, ca, userAgent: 'ozgctl', now, sleep, random })
  return new LiferaySession({ portal: name, client, credentials: async () => credentials, uptime, now })
}

/** Names of the active register, read when the first is asked for. */
function regionNames(store: Store): (ars: string) => Promise<string> {
  let names: Promise<ReadonlyMap<string, string>> | undefined
  const read = async () => {
    const { rowId } = await requireActive(store, 'region')
    return new Map((await readRegions(store, rowId)).map(({ key, name }) => [key, name]))
  }
  return async (ars) => {
    names ??= read()
    return (await names).get(ars) ?? ars
  }
}
