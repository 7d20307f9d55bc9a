import { usageError } from '../errors.ts'
import { MODULES, TENANT_STATES, type Tenant } from '../portal/model.ts'
import { canonical } from '../region/key.ts'
import { closest } from '../text.ts'

/** Which tenants a command is about; empty means all. */
export interface Selection {
  /** Key of a region; tenants in it. */
  readonly prefix: string
  readonly selectors: readonly Selector[]
  /** Canonical register keys from a file. */
  readonly keys: ReadonlySet<string> | undefined
  /** Only the first so many, in the order of their keys. */
  readonly limit: number | undefined
}

export interface Selector {
  readonly field: SelectorField
  readonly value: string
}

export const SELECTOR_FIELDS = ['account', 'connector', 'module', 'name', 'slug', 'state'] as const
export type SelectorField = (typeof SELECTOR_FIELDS)[number]

export const EVERYTHING: Selection = { prefix: '', selectors: [], keys: undefined, limit: undefined }

export const isPartial = ({ prefix, selectors, keys, limit }: Selection): boolean =>
  prefix !== '' || selectors.length > 0 || keys !== undefined || limit !== undefined

/** Reads `state=active`. @throws OzgctlError 64 SELECTOR_INVALID with what there is */
export function parseSelector(text: string): Selector {
  const [, name = '', value = ''] = /^([^=]*)=(.*)$/.exec(text) ?? []
  const field = SELECTOR_FIELDS.find((one) => one === name)
  if (field === undefined || value === '') {
    const near = closest(name === '' ? text : name, SELECTOR_FIELDS)[0]
    throw usageError('SELECTOR_INVALID', `"${text}" is no selector`, [
      ...(near === undefined ? [] : [`Did you mean ${near}=${value || '…'}?`]),
      `A selector is FIELD=VALUE with one of the fields ${SELECTOR_FIELDS.join(', ')}.`,
    ])
  }
  const words = field === 'state' ? TENANT_STATES : field === 'module' ? MODULES : undefined
  const near =
    words === undefined || words.some((word) => word === value) ? undefined : closest(value, words)[0]
  if (near !== undefined || (field === 'state' && !TENANT_STATES.some((state) => state === value)))
    throw usageError('SELECTOR_INVALID', `no tenant has ${field}=${value}`, [
      near === undefined ? `There are: ${(words ?? []).join(', ')}.` : `Did you mean ${field}=${near}?`,
    ])
  return { field, value }
}

/** Whether a tenant is meant, but for the limit. */
export function isSelected(tenant: Tenant, { prefix, selectors, keys }: Selection): boolean {
  return (
    tenant.ars.startsWith(prefix) &&
    (keys === undefined || keys.has(canonical(tenant.ars))) &&
    selectors.every(({ field, value }) => valuesOf(tenant, field).includes(value))
  )
}

/** What a tenant has in a field that selectors ask for. */
export function valuesOf(tenant: Tenant, field: SelectorField): readonly string[] {
  switch (field) {
    case 'connector':
      return tenant.connectors
    case 'module':
      return tenant.modules
    case 'account':
    case 'name':
    case 'slug':
    case 'state':
      return [tenant[field]]
  }
}

/** Of the keys that a selection names those of no tenant. */
export function unknownKeys({ keys }: Selection, tenants: readonly Tenant[]): readonly string[] {
  const known = new Set<string>(tenants.map(({ ars }) => canonical(ars)))
  return [...(keys ?? [])].filter((key) => !known.has(key))
}
