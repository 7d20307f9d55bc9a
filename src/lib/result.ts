/** Outcome of parsing one value: bad values are data here (they are counted and reported), not exceptions. */
export type Parsed<T, Reason extends string> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: Reason }

export const accept = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value })
export const refuse = <Reason extends string>(
  reason: Reason,
): { readonly ok: false; readonly reason: Reason } => ({
  ok: false,
  reason,
})

/** A number that a spreadsheet wrote in scientific notation: digits are lost and cannot be restored. */
export function isSpreadsheetNumber(text: string): boolean {
  return /^\d+(?:[.,]\d+)?E\+?\d+$/i.test(text)
}
