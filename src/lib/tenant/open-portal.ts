import type { Context } from '../context.ts'
import { usageError } from '../errors.ts'
import type { PortalDriver } from '../portal/driver.ts'
import { LocalPortal } from '../portal/local.ts'
import { LOCAL_PORTAL } from '../portal/model.ts'
import type { Store } from '../store/sqlite.ts'

/** What a process has of the world when it opens a portal. */
export interface PortalAccess {
  readonly store: Store
  readonly context: Context
}

/** The driver of a portal by the name of its profile. @throws OzgctlError 64 PROFILE_UNKNOWN */
export async function openPortal(portal: string, { store, context }: PortalAccess): Promise<PortalDriver> {
  if (portal === LOCAL_PORTAL) return new LocalPortal(store, portal, context)
  throw usageError('PROFILE_UNKNOWN', `there is no profile "${portal}"`)
}
