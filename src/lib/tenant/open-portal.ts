import { resolveCredentials, resolveProfile } from '../config/environment.ts'
import type { Context } from '../context.ts'
import type { PortalDriver } from '../portal/driver.ts'
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

export const REQUEST_DEADLINE_MS = 20_000
export const DEFAULT_CONNECTIONS = 32

/**
 * The driver of a portal by the name of its profile.
 * @throws OzgctlError 64 PROFILE_UNKNOWN
 */
export async function openPortal(portal: string, access: PortalAccess): Promise<PortalDriver> {
  const { store, context } = access
  if (portal === LOCAL_PORTAL) return new LocalPortal(store, portal, context)
  return openLiferay(portal, access)
}

/** Loads what speaks to a server only when there is one. */
async function openLiferay(
  portal: string,
  { store, context, deadlineMs = REQUEST_DEADLINE_MS, connections = DEFAULT_CONNECTIONS }: PortalAccess,
): Promise<PortalDriver> {
  const profile = await resolveProfile(portal, context.env)
  const { HttpClient } = await import('../http/client.ts')
  const { LiferaySession } = await import('../portal/liferay/session.ts')
  const { LiferayPortal } = await import('../portal/liferay/driver.ts')
  const { url, layout, siteTemplate, batchImport, ca } = profile
  const { now, sleep, random, uptime, actor, host } = context
  const client = new HttpClient({
    origin: url,
    connections,
    deadlineMs,
    ca,
    userAgent: 'ozgctl',
    now,
    sleep,
    random,
  })
  const credentials = () => resolveCredentials(portal, context.env)
  const session = new LiferaySession({ portal, client, credentials, uptime, now })
  return new LiferayPortal({
    session,
    layout,
    siteTemplate,
    batchImport,
    deadlineMs,
    regionName: regionNames(store),
    by: `${actor}@${host}`,
  })
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
