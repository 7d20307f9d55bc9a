import type { Kept, PortalDriver } from '../portal/driver.ts'
import type { Tenant } from '../portal/model.ts'
import type { Definition } from './definition.ts'

/** New keys by former ones, of all steps that give tenants new keys. */
export function rekeysOf({ steps }: Pick<Definition, 'steps'>): ReadonlyMap<string, string> {
  return new Map(
    steps
      .filter(({ kind }) => kind === 'tenant.rekey')
      .flatMap(({ written }) => Object.entries(written.keys ?? {}))
      .flatMap(([from, to]) => (typeof to === 'string' ? [[from, to] as const] : [])),
  )
}

/** A tenant by the key that it had when the run began: it may have got another one since. */
export async function tenantOf(
  portal: PortalDriver,
  rekeys: ReadonlyMap<string, string>,
  key: string,
): Promise<Kept<Tenant> | undefined> {
  const moved = rekeys.get(key)
  return (await portal.get(key)) ?? (moved === undefined ? undefined : portal.get(moved))
}
