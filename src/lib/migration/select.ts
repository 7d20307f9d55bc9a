import type { PortalDriver } from '../portal/driver.ts'
import type { Tenant } from '../portal/model.ts'
import { canonical } from '../region/key.ts'
import { emptySelection } from '../tenant/empty-selection.ts'
import { readKeyFile } from '../tenant/key-file.ts'
import { EVERYTHING, isSelected, type Selection } from '../tenant/select.ts'
import type { Definition, SelectValues } from './definition.ts'
import type { Work } from './work.ts'

/**
 * The tenants that a migration is about, by key: those that ozgctl manages in the portal and all of `select` holds for.
 * @param further what the operator narrows it to besides
 * @throws OzgctlError 64 SELECTION_EMPTY, 65 for a file of keys, 6 and 69 of the portal
 */
export async function selectTenants(
  { select }: Pick<Definition, 'select'>,
  portal: PortalDriver,
  work: Work,
  further: Selection = EVERYTHING,
): Promise<readonly Tenant[]> {
  const selection = await selectionOf(select, work)
  const all: Tenant[] = []
  for await (const page of portal.list())
    all.push(...page.filter(({ managed }) => managed).map(({ value }) => value))
  const found: Tenant[] = []
  for (const tenant of all)
    if (
      isSelected(tenant, selection) &&
      isSelected(tenant, further) &&
      (await hasConnector(tenant, select, work))
    )
      found.push(tenant)
  if (found.length === 0) throw nobody(selection, further, select ?? {}, all)
  found.sort((a, b) => (a.ars < b.ars ? -1 : 1))
  return found.slice(0, Math.min(select?.limit ?? found.length, further.limit ?? found.length))
}

/** The error for a selection that nobody fits. A connector that is asked for is as good as a selector of it. */
function nobody(
  selection: Selection,
  further: Selection,
  { connector, system, version }: Partial<SelectValues>,
  all: readonly Tenant[],
) {
  const selectors = connector === undefined ? [] : [{ field: 'connector', value: connector } as const]
  const parts = [{ ...selection, selectors: [...selection.selectors, ...selectors] }, further]
  const words = Object.entries({ system, version }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} ${value}`],
  )
  return emptySelection(parts, all, words)
}

async function selectionOf(select: SelectValues | undefined, work: Work): Promise<Selection> {
  const named = select?.keys?.map((key) => canonical(key))
  const listed = select?.file === undefined ? undefined : await readKeyFile(work.path(select.file))
  const both = named === undefined ? listed : new Set(named.filter((key) => listed?.has(key) !== false))
  return { ...EVERYTHING, prefix: select?.in ?? '', selectors: select?.selector ?? [], keys: both }
}

async function hasConnector(tenant: Tenant, select: SelectValues | undefined, work: Work): Promise<boolean> {
  const { connector, system, version } = select ?? {}
  if (connector === undefined && system === undefined && version === undefined) return true
  const connectors = await work.connectorsOf(tenant)
  return [...connectors].some(
    ([name, definition]) =>
      (connector === undefined || name === connector) &&
      (system === undefined || definition.system?.id === system) &&
      (version === undefined || String(definition.written.installed ?? '') === version),
  )
}
