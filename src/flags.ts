import { Flags } from '@oclif/core'
import { usageError } from './lib/errors.ts'
import { type LeikaKey, parseLeikaKey } from './lib/leika/key.ts'
import { parseRegionKey, type RegionKey } from './lib/region/key.ts'

/** A flag that names a region by ARS or prefix. */
export const regionFlag = Flags.custom<RegionKey>({
  helpValue: 'PREFIX',
  parse: async (input) => {
    const parsed = parseRegionKey(input)
    if (parsed.ok) return parsed.value
    const hints = {
      'leading-zero-lost': `Did a spreadsheet drop the leading zero? Look for it with: ozgctl region show 0${input}`,
      'ags-instead-of-ars': `This is an AGS; find the ARS with: ozgctl region show ${input}`,
    }
    throw usageError('REGION_INVALID', `"${input}" is no region (${parsed.reason})`, [
      hints[parsed.reason as keyof typeof hints] ??
        'A region is an ARS or its first 2, 3, 5 or 9 digits; DE is the Bund.',
    ])
  },
})

/** A percentage from 0 to 100, decimals with point or comma. */
export const percentFlag = Flags.custom<number>({
  helpValue: 'PERCENT',
  parse: async (input) => {
    const value = /^\d+([.,]\d+)?\s*%?$/.test(input.trim()) ? Number.parseFloat(input.replace(',', '.')) : NaN
    if (value >= 0 && value <= 100) return value
    throw usageError('PERCENT_INVALID', `"${input}" is no percentage from 0 to 100`, [
      'Write it as 40 or 37.5.',
    ])
  },
})

/** A flag that names a Leistung by its LeiKa key, in any spelling. */
export const leikaKeyFlag = Flags.custom<LeikaKey>({
  helpValue: 'KEY',
  parse: async (input) => {
    const parsed = parseLeikaKey(input)
    if (parsed.ok) return parsed.value
    throw usageError('LEIKA_KEY_INVALID', `"${input}" is no LeiKa key (${parsed.reason})`, [
      'A LeiKa key has 14 digits and begins with 99. Find it: ozgctl catalog search TEXT',
    ])
  },
})
