/** Typisierung of a Leistung: who rules and who executes. Code list urn:de:fim:leika:typisierung. */
export const TYPISIERUNGEN = [
  '1',
  '2',
  '2a',
  '2b',
  '3',
  '3a',
  '3b',
  '2/3',
  '2/3a',
  '2/3b',
  '4',
  '4a',
  '4b',
  '5',
  '6',
  '7',
  '8',
  '9',
  '10',
  '11',
  '12',
] as const

export type Typisierung = (typeof TYPISIERUNGEN)[number]

const KNOWN: ReadonlySet<string> = new Set(TYPISIERUNGEN)

/**
 * Types under which a municipality may execute: 5 (its own law), the b variants, and the undivided 2, 3, 2/3 and 4,
 * where the type alone leaves open whether Land or Kommune executes. 2a, 3a, 2/3a and 4a are executed by the Land.
 */
const KOMMUNAL: ReadonlySet<Typisierung> = new Set(['2', '2b', '3', '3b', '2/3', '2/3b', '4', '4b', '5'])

/** Reads a Typ cell: empty, one type, or several separated by `,`, `;` or `|` (`1, 2/3`). */
export function parseTypisierungen(cell: string): {
  readonly typen: readonly Typisierung[]
  readonly unknown: readonly string[]
} {
  const parts = cell
    .split(/[,;|]/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
  return {
    typen: [...new Set(parts.filter(isTypisierung))],
    unknown: parts.filter((part) => !isTypisierung(part)),
  }
}

export function isTypisierung(text: string): text is Typisierung {
  return KNOWN.has(text)
}

/** Whether a Leistung of these types may be executed by a municipality. A Leistung without a type may not. */
export function isKommunal(typen: readonly Typisierung[]): boolean {
  return typen.some((typ) => KOMMUNAL.has(typ))
}
