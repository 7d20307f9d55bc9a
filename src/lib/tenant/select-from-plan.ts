import type { Tenant } from '../portal/model.ts'
import { emptySelection } from './empty-selection.ts'
import type { Plan } from './plan.ts'
import { isPartial, isSelected, type Selection } from './select.ts'

/**
 * The part of a plan that is about the selected tenants, with the networks that these need.
 * @param wanted the tenants of the manifests
 * @throws OzgctlError 64 SELECTION_EMPTY
 */
export function selectFromPlan(plan: Plan, wanted: readonly Tenant[], selection: Selection): Plan {
  if (!isPartial(selection)) return plan
  const all = [...wanted, ...plan.leftAlone]
  if (!all.some((tenant) => isSelected(tenant, selection))) throw emptySelection([selection], all)
  const tenants = plan.tenants
    .filter(({ tenant }) => isSelected(tenant, selection))
    .slice(0, selection.limit ?? plan.tenants.length)
  const accounts = new Set(tenants.map(({ tenant }) => tenant.account))
  const networks = plan.networks.filter(({ network }) => accounts.has(network.account))
  const different = new Set(
    [...plan.tenants.map(({ tenant }) => tenant), ...plan.unmanaged.map(({ value }) => value)].map(
      ({ ars }) => ars,
    ),
  )
  return {
    ...plan,
    tenants,
    networks,
    leftAlone: plan.leftAlone.filter((tenant) => isSelected(tenant, selection)),
    unmanaged: plan.unmanaged.filter(({ value }) => isSelected(value, selection)),
    notSelected: plan.tenants.length - tenants.length + plan.networks.length - networks.length,
    unchanged: wanted.filter((tenant) => !different.has(tenant.ars) && isSelected(tenant, selection)).length,
  }
}
