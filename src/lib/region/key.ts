import { accept, isSpreadsheetNumber, type Parsed, refuse } from '../result.ts'

/** Amtlicher Regionalschlüssel of a Gemeinde: 12 digits, Land 2, Regierungsbezirk 1, Kreis 2, Verband 4, Gemeinde 3. */
export type Ars = string & { readonly __brand: 'Ars' }
/** Amtlicher Gemeindeschlüssel: 8 digits, the ARS without the Verband. */
export type Ags = string & { readonly __brand: 'Ags' }
/**
 * A region: an ARS prefix of 2, 3, 5, 9 or 12 digits without a tail of empty levels; the empty text is the Bund.
 * `034040000000` (kreisfreie Stadt Osnabrück) and `03404` are the same region and so the same key.
 */
export type RegionKey = string & { readonly __brand: 'RegionKey' }

export const LEVELS = ['bund', 'land', 'bezirk', 'kreis', 'verband', 'gemeinde'] as const
export type Level = (typeof LEVELS)[number]

export const BUND = '' as RegionKey

export type RegionKeyProblem =
  | 'region-missing'
  | 'leading-zero-lost'
  | 'excel-number'
  | 'ags-instead-of-ars'
  | 'land-unknown'
  | 'region-invalid'

/** Ends of the five levels in an ARS; a region key ends at one of them. Gemeindeverzeichnis, record description EF3/EF4. */
const ENDS = [2, 3, 5, 9, 12] as const
const LEVEL_OF_LENGTH: Readonly<Record<number, Level>> = {
  0: 'bund',
  2: 'land',
  3: 'bezirk',
  5: 'kreis',
  9: 'verband',
  12: 'gemeinde',
}
const URN = /^urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:rs:/

/**
 * Reads a region as offers and operators write it: prefix, 12 digits with zeros for the levels below
 * (`034590000000` is the county 03459), `DE` or zeros for the Bund, FIT-Connect's URN or `DE03459`.
 * A number that lost its leading zero is named as such and never padded.
 */
export function parseRegionKey(text: string): Parsed<RegionKey, RegionKeyProblem> {
  const trimmed = text
    .trim()
    .replace(URN, '')
    .replace(/^DE(?=\d|$)/, '')
  if (text.trim() === '') return refuse('region-missing')
  if (trimmed === '') return accept(BUND)
  if (isSpreadsheetNumber(trimmed)) return refuse('excel-number')
  if (!/^\d+$/.test(trimmed)) return refuse('region-invalid')
  if (LEVEL_OF_LENGTH[trimmed.length] === undefined) return refuse(lengthProblem(trimmed))
  if (/^0+$/.test(trimmed)) return accept(BUND)
  if (!isLand(trimmed.slice(0, 2))) {
    return refuse(
      LEVEL_OF_LENGTH[trimmed.length + 1] !== undefined && isLand(`0${trimmed[0]}`)
        ? 'leading-zero-lost'
        : 'land-unknown',
    )
  }
  return accept(canonical(trimmed))
}

function lengthProblem(digits: string): RegionKeyProblem {
  if (digits.length === 8 && isLand(digits.slice(0, 2))) return 'ags-instead-of-ars'
  const wouldFit = LEVEL_OF_LENGTH[digits.length + 1] !== undefined || digits.length === 7
  return wouldFit && isLand(`0${digits[0]}`) ? 'leading-zero-lost' : 'region-invalid'
}

function isLand(two: string): boolean {
  return two >= '01' && two <= '16'
}

/** The key of a register row or of any well-formed prefix: empty levels at the end are dropped. */
export function canonical(prefix: string): RegionKey {
  let key = prefix
  for (let level = ENDS.length - 1; level >= 0; level--) {
    const start = ENDS[level - 1] ?? 0
    if (key.length > start && /^0+$/.test(key.slice(start))) key = key.slice(0, start)
  }
  return key as RegionKey
}

/** Twelve digits for a region: zeros stand for the levels below. */
export function printRegionKey(key: RegionKey): string {
  return key.padEnd(12, '0')
}

/** Level of a key as written; a kreisfreie Stadt shows as its county. */
export function levelOf(key: string): Level {
  return LEVEL_OF_LENGTH[key.length] ?? 'gemeinde'
}

export function parseArs(text: string): Parsed<Ars, RegionKeyProblem> {
  const digits = text.trim()
  if (digits.length !== 12) {
    const parsed = parseRegionKey(text)
    return refuse(parsed.ok ? 'region-invalid' : parsed.reason)
  }
  const parsed = parseRegionKey(digits)
  return parsed.ok ? accept(digits as Ars) : parsed
}

export function parseAgs(text: string): Parsed<Ags, RegionKeyProblem> {
  const digits = text.trim()
  if (digits === '') return refuse('region-missing')
  if (isSpreadsheetNumber(digits)) return refuse('excel-number')
  if (/^\d{7}$/.test(digits) && isLand(`0${digits[0]}`)) return refuse('leading-zero-lost')
  if (!/^\d{8}$/.test(digits)) return refuse('region-invalid')
  return isLand(digits.slice(0, 2)) ? accept(digits as Ags) : refuse('land-unknown')
}

export function agsOf(ars: Ars): Ags {
  return (ars.slice(0, 5) + ars.slice(9)) as Ags
}

/**
 * From whom a service comes, seen from a Gemeinde; the most specific first. `member`: another member of its network
 * that is no authority above it. It comes last: it counts where nobody who is responsible offers anything.
 */
export const SOURCES = ['own', 'verband', 'kreis', 'bezirk', 'land', 'bund', 'member'] as const
export type Source = (typeof SOURCES)[number]

export interface Candidate {
  readonly key: RegionKey
  readonly source: Source
}

/**
 * The regions whose offers reach someone who lives in this region, the most specific first, each once.
 *
 * A Gemeinde that is its own Verband (Verband number 0xxx), its own county (kreisfreie Stadt) or its own Land
 * (Berlin, Hamburg) is one authority: offers under any of these keys are its own.
 *
 * @param region raw register key: 12 digits for a Gemeinde, shorter for a Verband, county, Bezirk or Land
 */
export function candidatesOf(region: string): readonly Candidate[] {
  const self = canonical(region)
  const found: Candidate[] = [{ key: self, source: self === BUND ? 'bund' : 'own' }]
  for (let level = ENDS.length - 1; level >= 0; level--) {
    const end = ENDS[level] ?? 0
    if (end >= region.length) continue
    const key = canonical(region.slice(0, end))
    if (found.some((candidate) => candidate.key === key)) continue
    found.push({ key, source: end === 9 && isOwnVerband(region) ? 'own' : SOURCE_OF_LEVEL[levelOf(key)] })
  }
  if (self !== BUND) found.push({ key: BUND, source: 'bund' })
  return found
}

const SOURCE_OF_LEVEL: Readonly<Record<Level, Source>> = {
  bund: 'bund',
  land: 'land',
  bezirk: 'bezirk',
  kreis: 'kreis',
  verband: 'verband',
  gemeinde: 'own',
}

/** Verband numbers 5xxx have several members; 0xxx (verbandsfrei) and 9xxx (gemeindefrei) are the Gemeinde itself. */
export function isOwnVerband(ars: string): boolean {
  return ars[5] !== '5'
}

/** Gemeindefreies Gebiet: Verband number 9xxx. No municipality, but part of the register. */
export function isGemeindefrei(ars: string): boolean {
  return ars[5] === '9'
}
