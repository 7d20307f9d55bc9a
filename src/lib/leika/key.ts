import { accept, isSpreadsheetNumber, type Parsed, refuse } from '../result.ts'

/**
 * LeiKa key: 14 digits `99 GGG KKK VVV DDD` (Leistungsgruppierung, Leistungskennung, Verrichtung,
 * Verrichtungsdetail). FIM Baustein Leistungen, Leistungskatalog.
 */
export type LeikaKey = string & { readonly __brand: 'LeikaKey' }

export type LeikaKeyProblem = 'leika-key-missing' | 'nicht-im-leika' | 'excel-number' | 'leika-key-invalid'

/** Leistungsobjekt, Leistungsobjekt mit Verrichtung, the same with Verrichtungsdetail. */
export type LeikaLevel = 'lo' | 'lov' | 'lovd'

const URN = 'urn:de:fim:leika:leistung:'
// What editors of real tables write instead of a key, misspellings included.
const NOT_A_KEY = /nicht|nciht|unbekannt|^neu$|^keine/i

/**
 * Reads a LeiKa key as it occurs in the wild: plain, in groups (`99 102 013 104 000`) or as URN.
 * Keys are text: nothing is ever padded or computed.
 */
export function parseLeikaKey(text: string): Parsed<LeikaKey, LeikaKeyProblem> {
  let digits = text.trim()
  if (digits === '') return refuse('leika-key-missing')
  if (digits.startsWith(URN)) digits = digits.slice(URN.length)
  if (/^99 \d{3} \d{3} \d{3} \d{3}$/.test(digits)) digits = digits.replaceAll(' ', '')
  if (/^99\d{12}$/.test(digits)) return accept(digits as LeikaKey)
  if (NOT_A_KEY.test(digits)) return refuse('nicht-im-leika')
  return refuse(isSpreadsheetNumber(digits) ? 'excel-number' : 'leika-key-invalid')
}

/** `99 102 013 104 000`, the grouped form people compare by eye. */
export function formatLeikaKey(key: LeikaKey): string {
  return `${key.slice(0, 2)} ${key.slice(2, 5)} ${key.slice(5, 8)} ${key.slice(8, 11)} ${key.slice(11)}`
}

export function leikaLevel(key: LeikaKey): LeikaLevel {
  if (key.endsWith('000000')) return 'lo'
  return key.endsWith('000') ? 'lov' : 'lovd'
}

/** The key one level up (LOVD to LOV to LO), or undefined for a Leistungsobjekt. */
export function parentLeikaKey(key: LeikaKey): LeikaKey | undefined {
  switch (leikaLevel(key)) {
    case 'lovd':
      return `${key.slice(0, 11)}000` as LeikaKey
    case 'lov':
      return `${key.slice(0, 8)}000000` as LeikaKey
    case 'lo':
      return undefined
  }
}
