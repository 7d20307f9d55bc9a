import { type OzgctlError, usageError } from '../errors.ts'
import type { Tenant } from '../portal/model.ts'
import { nearestPrefixes } from '../region/near.ts'
import { closest } from '../text.ts'
import { EVERYTHING, isSelected, type Selection, type Selector, valuesOf } from './select.ts'

const SHOWN = 8

/**
 * A selection that nothing fits. Its check would find nothing wrong and its change would change nothing: a slip must
 * not pass for that.
 * @param parts all of which have to hold
 * @param all the tenants that it was to choose from
 * @param more what else they were chosen by, in words
 * @returns OzgctlError 64 with the selection, and for each part of it that nobody fits what comes nearest
 */
export function emptySelection(
  parts: readonly Selection[],
  all: readonly Tenant[],
  more: readonly string[] = [],
): OzgctlError {
  const words = [...parts.flatMap(wordsOf), ...more]
  const by = words.length === 0 ? '' : ` with ${words.join(' and ')}`
  const hints =
    all.length === 0 ? ['There is no tenant at all.'] : parts.flatMap((part) => hintsOf(part, all))
  if (hints.length === 0) hints.push(`Of ${all.length} tenants none fits all of it.`)
  return usageError('SELECTION_EMPTY', `there is no tenant${by}: nothing was looked at`, hints)
}

/** A selection as it stands in a call. */
function wordsOf({ prefix, selectors, keys }: Selection): readonly string[] {
  return [
    ...(prefix === '' ? [] : [`--in ${prefix}`]),
    ...selectors.map(({ field, value }) => `--selector ${field}=${value}`),
    ...(keys === undefined ? [] : [`a key of --from-file (${listed([...keys])})`]),
  ]
}

function hintsOf(selection: Selection, all: readonly Tenant[]): readonly string[] {
  const { prefix, selectors, keys } = selection
  const fits = (part: Partial<Selection>): boolean =>
    all.some((tenant) => isSelected(tenant, { ...EVERYTHING, ...part }))
  return [
    ...(fits({ prefix }) ? [] : [nearestRegion(prefix, all)]),
    ...selectors.flatMap((selector) =>
      fits({ selectors: [selector] }) ? [] : [nearestValue(selector, all)],
    ),
    ...(fits({ keys }) ? [] : [nearestKeys([...(keys ?? [])], all)]),
  ]
}

function nearestRegion(prefix: string, all: readonly Tenant[]): string {
  const keys = all.map(({ ars }) => ars)
  return `Nearest that has tenants: ${nearestPrefixes(prefix, keys).join(', ')}`
}

function nearestValue({ field, value }: Selector, all: readonly Tenant[]): string {
  const values = [...new Set(all.flatMap((tenant) => valuesOf(tenant, field)))].sort()
  const near = closest(value, values)
  if (values.length === 0) return `No tenant has any ${field}.`
  const meant = near.length > 0 ? near : values
  return `${near.length > 0 ? 'Nearest' : 'There are'}: ${listed(meant.map((one) => `${field}=${one}`))}.`
}

function nearestKeys(keys: readonly string[], all: readonly Tenant[]): string {
  const known = all.map(({ ars }) => ars).sort()
  const near = [...new Set(keys.slice(0, SHOWN).flatMap((key) => closest(key, known).slice(0, 1)))]
  return near.length > 0 ? `Nearest: ${listed(near)}.` : `Tenants have keys like ${listed(known)}.`
}

const listed = (texts: readonly string[]): string =>
  texts.slice(0, SHOWN).join(', ') + (texts.length > SHOWN ? ` … (${texts.length})` : '')
