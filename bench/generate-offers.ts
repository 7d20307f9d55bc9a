import { closeSync, openSync, writeSync } from 'node:fs'
import { randomFrom } from './random.ts'

export interface OfferNetwork {
  readonly count: number
  readonly regions: readonly string[]
  readonly keys: readonly string[]
  readonly seed: number
}

/** Writes that many distinct offers as our own table: region, key and Reifegrad (0 to 4) are drawn evenly. */
export function generateOffers(path: string, { count, regions, keys, seed }: OfferNetwork): void {
  const random = randomFrom(seed)
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)] ?? ''
  const file = openSync(path, 'w')
  writeSync(file, 'region;leika_key;reifegrad;url;authority\n')
  let lines = ''
  for (let number = 0; number < count; number++) {
    const region = pick(regions)
    lines += `${region};${pick(keys)};${Math.floor(random() * 5)};https://portal.example/${number};Behörde ${region}\n`
    if (lines.length > 1 << 20) {
      writeSync(file, lines)
      lines = ''
    }
  }
  writeSync(file, lines)
  closeSync(file)
}
