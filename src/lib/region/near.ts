import { closest } from '../text.ts'

const SHOWN = 8

/**
 * Of what there is the parts as long as a mistyped prefix that were probably meant; where none is like it, the first of
 * all.
 * @param keys of regions that are there, in whole
 */
export function nearestPrefixes(prefix: string, keys: readonly string[]): readonly string[] {
  const parts = [...new Set(keys.map((key) => key.slice(0, prefix.length)))].sort()
  const near = closest(prefix, parts)
  return near.length > 0 ? near : parts.slice(0, SHOWN)
}
