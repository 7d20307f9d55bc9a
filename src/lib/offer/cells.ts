/**
 * Offers of one region, packed for reports: for each LeiKa key the best Reifegrad, in one number of 32 bits. A report
 * over five million offers so reads some megabytes instead of five million rows.
 */

/** A LeiKa key (its index in the snapshot's list of keys) with a Reifegrad. */
export const packCell = (keyIndex: number, reifegrad: number): number => (keyIndex << 3) | reifegrad
export const keyIndexOf = (cell: number): number => cell >>> 3
export const reifegradOf = (cell: number): number => cell & 7

/** An offer with a beginning or an end; days as the number YYYYMMDD, 0 and 99999999 where they are open. */
export interface DatedCell {
  readonly cell: number
  readonly from: number
  readonly to: number
}

const OPEN_FROM = 0
const OPEN_TO = 99_999_999

/** @param date `YYYY-MM-DD`, or null or empty where it is open */
export function dayFrom(date: string | null): number {
  return date === null || date === '' ? OPEN_FROM : Number(date.replaceAll('-', ''))
}

/** @param date `YYYY-MM-DD`, or null or empty where it is open */
export function dayTo(date: string | null): number {
  return date === null || date === '' ? OPEN_TO : Number(date.replaceAll('-', ''))
}

/** Collects the offers of one region. */
export class CellPacker {
  readonly #best = new Map<number, number>()
  readonly #dated: DatedCell[] = []

  /** @param validFrom, validTo `YYYY-MM-DD`, or null or empty where they are open */
  add(keyIndex: number, reifegrad: number, validFrom: string | null, validTo: string | null): void {
    const from = dayFrom(validFrom)
    const to = dayTo(validTo)
    if (from !== OPEN_FROM || to !== OPEN_TO)
      this.#dated.push({ cell: packCell(keyIndex, reifegrad), from, to })
    else if (reifegrad > (this.#best.get(keyIndex) ?? -1)) this.#best.set(keyIndex, reifegrad)
  }

  /** Two blobs, little-endian: cells that always hold, and triples of cell, first and last day. */
  pack(): { readonly cells: Uint8Array; readonly dated: Uint8Array } {
    return {
      cells: littleEndian([...this.#best].map(([keyIndex, reifegrad]) => packCell(keyIndex, reifegrad))),
      dated: littleEndian(this.#dated.flatMap(({ cell, from, to }) => [cell, from, to])),
    }
  }
}

function littleEndian(numbers: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(numbers.length * 4)
  numbers.forEach((number, at) => {
    bytes.writeUInt32LE(number, at * 4)
  })
  return bytes
}

/** The numbers of a blob. */
export function unpackCells(bytes: Uint8Array): Uint32Array {
  // Reports run on little-endian machines (x86, ARM); there the bytes are the numbers.
  if (bytes.byteOffset % 4 === 0) return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2)
  return new Uint32Array(bytes.slice().buffer)
}

/** Cells that hold on a day: those without dates, and those whose dates include it. @param day YYYYMMDD */
export function cellsOn(cells: Uint8Array, dated: Uint8Array, day: number): Uint32Array {
  const always = unpackCells(cells)
  if (dated.length === 0) return always
  const numbers = unpackCells(dated)
  const valid: number[] = []
  for (let at = 0; at < numbers.length; at += 3) {
    const from = numbers[at + 1] ?? OPEN_TO
    const to = numbers[at + 2] ?? OPEN_FROM
    if (from <= day && day <= to) valid.push(numbers[at] ?? 0)
  }
  return valid.length === 0 ? always : Uint32Array.from([...always, ...valid])
}
