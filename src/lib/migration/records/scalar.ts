import { canonicalNumber, hasControls } from '../../text.ts'
import type { Scalar } from './model.ts'

export const isScalar = (value: unknown): value is Scalar =>
  typeof value === 'string' ||
  typeof value === 'boolean' ||
  typeof value === 'number' ||
  JSON.isRawJSON(value)

/** A value as a text, numbers as they are written. */
export const scalarText = (value: Scalar): string => (JSON.isRawJSON(value) ? value.rawJSON : String(value))

const MAX_KEY = 500

/** A key is a short text or a number; undefined for what cannot be one, or could not be kept as it is. */
export function keyOf(value: unknown): string | undefined {
  const key = JSON.isRawJSON(value)
    ? numericKey(value.rawJSON)
    : typeof value === 'number'
      ? String(value)
      : value
  return typeof key === 'string' && key !== '' && key.length <= MAX_KEY && isKept(key) ? key : undefined
}

const isKept = (key: string): boolean => !hasControls(key) && key.isWellFormed()

/** The same for `1.0` and `1`, which are one number; a whole number stays as it is written, of any length. */
const numericKey = (text: string): string => (/^-?[1-9]\d*$/.test(text) ? text : canonicalNumber(text))
